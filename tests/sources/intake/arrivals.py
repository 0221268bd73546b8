"""A landing zone in which the order of files matters, and what `raw` holds of it afterwards."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from sources.intake.ledger import counting_versions
from sources.intake.rulings import current
from warehouse import schema
from warehouse.engine import engine
from warehouse.settings import Settings

RECEIVED = datetime(2023, 3, 16, 2, 0, tzinfo=UTC)
CONTENT = [
    schema.delivery, schema.reading, schema.section, schema.task_row, schema.target_row, schema.dossier_row,
    schema.satisfaction_row, schema.feedback_row, schema.figure_row, schema.assessment_row, schema.held_row,
    schema.intake_finding,
]  # fmt: skip
VOLATILE = {"recorded_at", "read_at", "run_id"}
AGENCIES = (14, 31, 32)

_FILES: dict[str, bytes] = {}


def files(filled: Callable[..., bytes]) -> dict[str, bytes]:
    """Files by name, in the order in which they landed: the same bytes at every call.

    Two first reports of one agency that disagree, a replacement and an older one after it, a supplement, the
    same bytes twice, a held row, files that are no report.
    """
    if not _FILES:
        first = filled("XX-P-A")
        more = {"report_kind": "Bổ sung", "report_date": date(2023, 3, 16)}
        newer = {"report_kind": "Thay thế", "report_date": date(2023, 3, 15)}
        one = {("satisfaction", "Hộ tịch"): {"sent": 9, "returned": 9, "satisfied": 9}}
        _FILES.update(
            {
                "a/1.xlsx": first,
                "2.xlsx": filled("XX-TCKH", edits={("task", "new"): {"task_code": "XX-2023-1/9"}}),
                "a/3.xlsx": filled("XX-P-A", edits={("dossier", "Hộ tịch"): {"received_total": 7}}),
                "4.xlsx": b"PK\x03\x04 broken" + bytes(100_000),  # larger than any report here
                "b/5.xlsx": filled(
                    "XX-P-B", info=newer, edits={("dossier", "Đất đai"): {"received_total": 4}}
                ),
                "b/6.xlsx": filled("XX-P-B", edits={}),
                "a/7.xlsx": filled("XX-P-A", info=more, edits=one),
                "a/8.xlsx": first,
                "9.csv": "không phải báo cáo".encode(),
            }
        )
    return _FILES


def landing_folder(settings: Settings) -> Path:
    """The landing zone as a folder."""
    folder = settings.landing_folder
    assert folder is not None
    return folder


def land(settings: Settings, landed: dict[str, bytes]) -> None:
    """Put files into the landing zone, a minute after one another."""
    for number, (name, data) in enumerate(landed.items()):
        path = landing_folder(settings) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (1678950000 + 60 * number,) * 2)


def left_in_landing(settings: Settings) -> list[str]:
    """Names of the files that lie in the landing zone."""
    return sorted(path.name for path in landing_folder(settings).rglob("*") if path.is_file())


def content(settings: Settings) -> dict[str, list[dict[str, Any]]]:
    """Every row of `raw` that intake writes, in order, without run ids and moments of recording."""
    found: dict[str, list[dict[str, Any]]] = {}
    with engine(settings, "loader").connect() as connection:
        for table in CONTENT:
            rows = connection.execute(sa.select(table).order_by(*table.primary_key.columns)).mappings()
            found[table.name] = [{k: v for k, v in row.items() if k not in VOLATILE} for row in rows]
    return found


def current_versions(settings: Settings) -> dict[tuple[int, str], list[int]]:
    """By agency and period, the deliveries in force."""
    with engine(settings, "loader").connect() as connection:
        counting = counting_versions(connection, AGENCIES)
    return {key: [v.delivery_id for v in current(versions).versions] for key, versions in counting.items()}


def archived_bytes(settings: Settings, delivery: dict[str, Any]) -> bytes:
    """What the archive holds of a delivery."""
    return Path(settings.archive_url.removeprefix("file://"), delivery["archive_path"]).read_bytes()


def runs_that_wrote(settings: Settings) -> set[str]:
    """Ids of the runs that recorded or read a delivery."""
    with engine(settings, "loader").connect() as connection:
        return {
            run_id
            for table in (schema.delivery, schema.reading)
            for run_id in connection.scalars(sa.select(table.c.run_id).distinct())
        }
