"""The ledger of deliveries in `raw`: arrivals, readings with their rows, decisions of people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from sources.forms.report import Report
from sources.intake.archive import Archived
from sources.intake.landing import LandedFile
from sources.intake.rulings import Version
from warehouse.engine import copy_rows
from warehouse.schema import (
    delivery,
    delivery_decision,
    held_row,
    hold,
    intake_finding,
    metadata,
    next_delivery_id,
    reading,
    section,
)

COUNTING = ("accepted", "accepted_with_findings")


@dataclass(frozen=True)
class Arrival:
    """One row of raw.delivery, as far as reading it needs."""

    delivery_id: int
    source_name: str
    sha256: str
    size_bytes: int
    archive_path: str
    received_at: datetime


def record_arrival(
    connection: sa.Connection,
    channel: str,
    file: LandedFile,
    archived: Archived,
    received_at: datetime,
    received_stated: bool,
    run_id: str,
) -> Arrival:
    """The delivery of a file: the one that is there for the same path, bytes and time, or a new one."""
    same = (
        (delivery.c.source_path == file.shown_path)
        & (delivery.c.sha256 == archived.sha256)
        & delivery.c.source_modified_at.is_not_distinct_from(file.modified_at)
    )
    values = {
        "channel": channel,
        "source_name": file.shown_name,
        "source_path": file.shown_path,
        "source_modified_at": file.modified_at,
        "sha256": archived.sha256,
        "size_bytes": archived.size_bytes,
        "archive_path": archived.path,
        "received_at": received_at,
        "received_stated": received_stated,
        "run_id": run_id,
    }
    if connection.execute(sa.select(delivery.c.delivery_id).where(same)).first() is None:
        lock_intake(connection)
        connection.execute(
            insert(delivery)
            .values(values | {"delivery_id": next_delivery_id()})
            .on_conflict_do_nothing(constraint="one_arrival")
        )
    return _arrivals(connection, same)[0]


def unread(connection: sa.Connection) -> list[Arrival]:
    """Deliveries whose reading was interrupted, in the order in which they were recorded."""
    known = sa.select(reading.c.delivery_id).where(reading.c.delivery_id == delivery.c.delivery_id)
    return _arrivals(connection, ~known.exists())


def _arrivals(connection: sa.Connection, condition: Any) -> list[Arrival]:
    columns = [delivery.c[name] for name in Arrival.__dataclass_fields__]
    found = connection.execute(sa.select(*columns).where(condition).order_by(delivery.c.delivery_id))
    return [Arrival(*row) for row in found]


def is_read(connection: sa.Connection, delivery_id: int) -> bool:
    """Whether a delivery has its reading."""
    query = sa.select(reading.c.delivery_id).where(reading.c.delivery_id == delivery_id)
    return connection.execute(query).first() is not None


def lock_intake(connection: sa.Connection) -> None:
    """Let readings be written one by one until the transaction ends: each judges those before it."""
    connection.execute(sa.text("select pg_advisory_xact_lock(hashtext('intake'))"))


def counting_versions(connection: sa.Connection, agency_key: int, period_id: str) -> list[Version]:
    """Versions of one agency and period that count: accepted, or held and then accepted by a person."""
    sheets: dict[int, set[str]] = defaultdict(set)
    for row in connection.execute(
        sa.select(section.c.delivery_id, section.c.sheet_code).where(
            section.c.agency_key == agency_key, section.c.period_id == period_id
        )
    ):
        sheets[row.delivery_id].add(row.sheet_code)
    found = connection.execute(
        sa.select(reading, delivery.c.sha256, delivery.c.received_at)
        .join(delivery, delivery.c.delivery_id == reading.c.delivery_id)
        .where(reading.c.agency_key == agency_key, reading.c.period_id == period_id)
        .order_by(reading.c.delivery_id)
    ).all()
    return [
        Version(
            delivery_id=row.delivery_id,
            report_kind=row.report_kind,
            report_date=row.report_date,
            received_at=row.received_at,
            sha256=row.sha256,
            content_sha256=row.content_sha256,
            sheets=frozenset(sheets[row.delivery_id] - {"info"}),
        )
        for row in found
        if _counts(connection, row.delivery_id, row.verdict)
    ]


def _counts(connection: sa.Connection, delivery_id: int, verdict: str) -> bool:
    last = connection.execute(
        sa.select(delivery_decision.c.decision, delivery_decision.c.decided_at)
        .where(delivery_decision.c.delivery_id == delivery_id)
        .order_by(delivery_decision.c.decision_id.desc())
        .limit(1)
    ).one_or_none()
    if last is not None and last.decision == "reject":
        return False
    if verdict not in COUNTING and not (verdict == "held" and last is not None):
        return False
    placed = connection.scalar(
        sa.select(sa.func.max(hold.c.placed_at)).where(hold.c.delivery_id == delivery_id)
    )
    return placed is None or (last is not None and last.decided_at >= placed)


def rows_of(
    connection: sa.Connection, delivery_id: int, agency_key: int, sheet_code: str
) -> list[dict[str, Any]]:
    """The loaded rows of one sheet of a delivery."""
    table = metadata.tables[f"raw.{sheet_code}_row"]
    query = sa.select(table).where(table.c.agency_key == agency_key, table.c.delivery_id == delivery_id)
    return [dict(row) for row in connection.execute(query).mappings()]


def write_reading(
    connection: sa.Connection,
    arrival: Arrival,
    report: Report,
    form_code: str,
    verdict: str,
    reason_vi: str | None,
    duplicate: int | None,
    run_id: str,
) -> None:
    """Write everything that one delivery turned out to be, in the connection's transaction."""
    heading = report.heading
    agency_key = heading.agency_key if heading else 0
    period_id = heading.period["period_id"] if heading else None
    stamp = {"delivery_id": arrival.delivery_id, "agency_key": agency_key, "period_id": period_id}
    more = (
        {**heading.texts, "report_kind": heading.report_kind, "report_date": heading.report_date}
        if heading
        else {}
    )
    connection.execute(
        sa.insert(reading).values(
            **stamp,
            **more,
            form_code=form_code if heading else None,
            content_sha256=report.content_sha256,
            verdict=verdict,
            verdict_reason_vi=reason_vi,
            duplicate_of=duplicate,
            run_id=run_id,
        )
    )
    sections = []
    for sheet in report.sheets:
        place = stamp | {"sheet_no": sheet.sheet_no}
        sections.append(
            place
            | {
                "sheet_code": sheet.sheet_code,
                "sheet_name": sheet.sheet_name,
                "is_hidden": sheet.is_hidden,
                "header_row": sheet.header_row,
                "column_map": sheet.column_map,
                "rows_read": sheet.rows_read,
                "rows_loaded": len(sheet.rows),
                "rows_held": len(sheet.held),
                "rows_structure": sheet.rows_structure,
            }
        )
        if sheet.loaded:
            copy_rows(
                connection, metadata.tables[f"raw.{sheet.sheet_code}_row"], _stamped(sheet.loaded, place)
            )
        copy_rows(connection, held_row, _stamped(sheet.held, place))
    copy_rows(connection, section, sections)
    copy_rows(
        connection,
        intake_finding,
        [
            stamp | {"finding_no": number} | {n: getattr(finding, n) for n in finding.__dataclass_fields__}
            for number, finding in enumerate(report.findings.items, start=1)
        ],
    )


def _stamped(rows: Iterable[dict[str, Any]], stamp: dict[str, Any]) -> list[dict[str, Any]]:
    return [row | stamp for row in rows]
