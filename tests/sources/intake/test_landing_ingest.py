"""Real reports from every kind of landing zone: taken in, taken away, and the same rows wherever they lay."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from time import time
from typing import Any

import pytest
import sqlalchemy as sa

from sources.intake.archive import Archive
from sources.intake.ingest import IngestSummary, ingest_landing
from sources.intake.landing import LandedFile, Landing
from tests.sources.intake.landing_places import S3_SECRET, Place
from warehouse import schema
from warehouse.engine import engine
from warehouse.settings import Settings

RECEIVED = datetime(2023, 3, 16, 2, 0, tzinfo=UTC)


def _deliveries(settings: Settings) -> list[dict[str, Any]]:
    with engine(settings, "loader").connect() as connection:
        query = sa.select(schema.delivery).order_by(schema.delivery.c.delivery_id)
        return [dict(row) for row in connection.execute(query).mappings()]


def test_a_report_is_taken_in_from_every_kind_of_place(
    small: Settings, filled: Callable[..., bytes], place: Place
) -> None:
    settings = place.settings(small, unfinished_wait_seconds=900)
    report = filled()
    place.put("Phường A/báo cáo quý I.xlsx", report)
    place.put("b.xlsx", filled("XX-P-B"))
    place.put("on-its-way.xlsx", report[:-30])
    place.put("on-its-way.csv.part", b"x")
    place.put("junk.xlsx", b"no workbook")
    summary = ingest_landing(settings, "run", RECEIVED)
    verdicts = {o.source_name: o.verdict for o in summary.deliveries}
    assert verdicts == {"báo cáo quý I.xlsx": "accepted", "b.xlsx": "accepted", "junk.xlsx": "refused"}
    assert summary.failed == {}
    assert set(summary.left) == {"on-its-way.xlsx", "on-its-way.csv.part"}
    assert place.names() == {"on-its-way.xlsx", "on-its-way.csv.part"}
    found = {row["source_path"]: row for row in _deliveries(settings)}
    assert set(found) == {"Phường A/báo cáo quý I.xlsx", "b.xlsx", "junk.xlsx"}
    archived = found["Phường A/báo cáo quý I.xlsx"]["archive_path"]
    assert Archive(settings).read(archived) == report
    secrets = (S3_SECRET, "PRIVATE KEY", "user_key")
    assert not [row for row in found.values() for secret in secrets if secret in str(row)]
    place.put("on-its-way.xlsx", report)  # now it is whole: the same report once more
    again = ingest_landing(settings, "again", RECEIVED)
    assert {o.source_name: o.verdict for o in again.deliveries} == {"on-its-way.xlsx": "duplicate"}
    assert place.names() == {"on-its-way.csv.part"}


def test_a_file_of_many_pieces_is_archived_and_read_whole(small: Settings) -> None:
    archive, data = Archive(small), os.urandom((1 << 20) + 1)
    archived = archive.store(BytesIO(data))
    archive.settle()
    assert (archived.sha256, archived.size_bytes) == (hashlib.sha256(data).hexdigest(), len(data))
    assert archive.read(archived.path) == data
    for at_most in (0, 1, 1 << 16, (1 << 16) + 1, len(data) - 1, len(data), len(data) + 1):
        assert archive.read(archived.path, at_most) == data[:at_most]


def test_drafts_of_a_killed_run_are_cleared_away_a_day_later(small: Settings) -> None:
    folder = Path(small.archive_url.removeprefix("file://"), "incoming")
    Archive(small).store(BytesIO(b"killed long ago"))
    (old,) = folder.iterdir()
    os.utime(old, (time() - 86_500, time() - 86_500))
    Archive(small).store(BytesIO(b"of a run that goes on"))
    ingest_landing(small, "run", RECEIVED)
    assert [draft.read_bytes() for draft in folder.iterdir()] == [b"of a run that goes on"]


def test_a_cut_off_report_is_refused_once_nobody_finishes_it(
    small: Settings, filled: Callable[..., bytes], place: Place, tmp_path: Path
) -> None:
    settings = place.settings(small, unfinished_wait_seconds=0.2)
    place.put("cut.xlsx", filled()[:-30])
    verdicts: list[str] = []
    for _ in range(200):  # minutes in the field; here it goes on until the patience is over
        verdicts = [o.verdict for o in ingest_landing(settings, "run", RECEIVED).deliveries]
        if verdicts:
            break
    assert verdicts == ["refused"]
    assert place.names() == set()


def test_a_correction_that_comes_while_its_report_is_read_is_a_delivery_of_its_own(
    small: Settings, filled: Callable[..., bytes], place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = place.settings(small)
    place.put("a.xlsx", filled())
    corrected = filled(info={"report_kind": "Thay thế"})
    honest = Landing.remove

    def correct_first(landing: Landing, file: LandedFile) -> None:
        place.put("a.xlsx", corrected)
        honest(landing, file)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(Landing, "remove", correct_first)
        ingest_landing(settings, "run", RECEIVED)
    assert place.content("a.xlsx") == corrected
    ingest_landing(settings, "again", RECEIVED)
    assert place.names() == set()
    assert len(_deliveries(settings)) == 2


def test_two_workers_on_one_landing_zone_take_everything_in_and_away(
    small: Settings, filled: Callable[..., bytes], place: Place
) -> None:
    settings = place.settings(small)
    sent = {f"{agency}.xlsx": filled(agency) for agency in ("XX-P-A", "XX-P-B", "XX-TCKH")}
    for name, data in sent.items():
        place.put(name, data)
    summaries: list[IngestSummary] = []
    workers = [
        threading.Thread(target=lambda run=run: summaries.append(ingest_landing(settings, run, RECEIVED)))
        for run in ("one", "other")
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=120)
    assert len(summaries) == 2
    assert [summary.failed for summary in summaries] == [{}, {}]
    assert place.names() == set()
    with engine(settings, "loader").connect() as connection:
        read = connection.execute(sa.select(schema.reading.c.agency_key, schema.reading.c.verdict)).all()
    accepted = [agency_key for agency_key, verdict in read if verdict.startswith("accepted")]
    assert len(accepted) == len(set(accepted)) == len(sent)
    assert {verdict for _, verdict in read} <= {"accepted", "accepted_with_findings", "duplicate"}


def test_a_landing_zone_that_goes_away_and_comes_back_loses_nothing(
    small: Settings, filled: Callable[..., bytes], make_place: Callable[[str], Place]
) -> None:
    place = make_place("sftp")
    assert place.server is not None
    settings = place.settings(small)
    place.put("a.xlsx", filled())
    place.server.stop()
    try:
        with pytest.raises(OSError, match="cannot be listed"):
            ingest_landing(settings, "gone", RECEIVED)
    finally:
        place.server.start()
    summary = ingest_landing(settings, "back", RECEIVED)
    assert [o.verdict for o in summary.deliveries] == ["accepted"]
    assert place.names() == set()
