"""Intake from the landing zone: archive first, one transaction a file, versions by ruling, nothing lost."""

from __future__ import annotations

import gc
import hashlib
import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import psycopg
import pytest
import sqlalchemy as sa

from sources.intake import ingest, judging, ledger, reading
from sources.intake.archive import Archive
from sources.intake.bounded import BoundedReader
from sources.intake.deliveries import decide, list_deliveries, show_delivery
from sources.intake.ingest import (
    IngestSummary,
    ingest_landing,
    ingest_paths,
    register_intake_rules,
)
from sources.intake.ledger import DeliveryOutcome
from warehouse import schema
from warehouse.engine import engine
from warehouse.errors import UsageError
from warehouse.settings import Settings

Make = Callable[..., bytes]
Drop = Callable[[str, bytes], Path]
RECEIVED = datetime(2023, 3, 16, 2, 0, tzinfo=UTC)
ROW_TABLES = ["task", "target", "dossier", "satisfaction", "feedback", "figure", "assessment"]


def _ingest(settings: Settings, received: datetime = RECEIVED) -> IngestSummary:
    return ingest_landing(settings, "run", received)


def _one(settings: Settings, received: datetime = RECEIVED) -> DeliveryOutcome:
    summary = _ingest(settings, received)
    assert len(summary.deliveries) == 1
    return summary.deliveries[0]


def _rows(settings: Settings, table: sa.Table) -> list[dict[str, Any]]:
    with engine(settings, "loader").connect() as connection:
        return [dict(row) for row in connection.execute(sa.select(table)).mappings()]


def _rules(settings: Settings, delivery_id: int) -> list[str]:
    return [f["rule_id"] for f in show_delivery(settings, delivery_id)["findings"]]


def _archived(settings: Settings, data: bytes) -> Path:
    digest = hashlib.sha256(data).hexdigest()
    return Path(settings.archive_url.removeprefix("file://")) / digest[:2] / digest


def test_a_file_is_archived_read_and_taken_out_of_the_landing_zone(
    small: Settings, filled: Make, drop: Drop
) -> None:
    data = filled()
    path = drop("phuong-a/báo cáo.xlsx", data)
    outcome = _one(small)
    assert (outcome.agency_code, outcome.period_id, outcome.verdict) == ("XX-P-A", "2023-Q1", "accepted")
    assert not path.exists()
    assert _archived(small, data).read_bytes() == data
    delivery = _rows(small, schema.delivery)[0]
    assert (delivery["source_path"], delivery["channel"]) == ("phuong-a/báo cáo.xlsx", "landing")
    assert (delivery["received_at"], delivery["received_stated"]) == (RECEIVED, True)


def test_rows_read_are_loaded_held_or_structure(small: Settings, filled: Make, drop: Drop) -> None:
    drop("a.xlsx", filled(edits={("task", "new"): {"task_code": "XX-2023-1/9", "status": "Hoàn thành"}}))
    outcome = _one(small)
    assert outcome.rows_held == 1
    assert outcome.rows_read == outcome.rows_loaded + outcome.rows_held + outcome.rows_structure
    loaded = sum(len(_rows(small, schema.metadata.tables[f"raw.{code}_row"])) for code in ROW_TABLES)
    assert (loaded, len(_rows(small, schema.held_row))) == (outcome.rows_loaded, outcome.rows_held)


def test_half_written_and_foreign_files_are_left_alone(small: Settings, filled: Make, drop: Drop) -> None:
    names = [
        ".hidden.xlsx",
        "~$a.xlsx",
        "a.xlsx.part",
        "b.tmp",
        "c.xlsx.crdownload",
        ".sync/d.xlsx",
        "Thumbs.db",
    ]
    paths = [drop(name, filled()) for name in names]
    assert _ingest(small).deliveries == []
    assert all(path.exists() for path in paths)


def test_a_file_that_changed_just_now_waits(small: Settings, filled: Make, drop: Drop) -> None:
    patient = small.model_copy(update={"settle_seconds": 30.0})
    path = drop("a.xlsx", filled())
    assert ingest_landing(patient, "run", RECEIVED).deliveries == []
    settled = path.stat().st_mtime - 31
    os.utime(path, (settled, settled))
    assert len(ingest_landing(patient, "run", RECEIVED).deliveries) == 1


def test_one_bad_file_costs_no_other(small: Settings, filled: Make, drop: Drop) -> None:
    bad = drop("1.xlsx", b"PK\x03\x04 broken")
    drop("2.xlsx", filled("XX-P-B"))
    drop("3.csv", "Cơ quan;Kỳ".encode())
    verdicts = {o.source_name: o.verdict for o in _ingest(small).deliveries}
    assert verdicts == {"1.xlsx": "refused", "2.xlsx": "accepted", "3.csv": "refused"}
    assert not bad.exists()
    assert _archived(small, b"PK\x03\x04 broken").exists()
    refused = list_deliveries(small, verdict="refused")
    assert [row["source_name"] for row in refused] == ["1.xlsx", "3.csv"]
    assert all(row["verdict_reason_vi"] for row in refused)


def test_a_failure_of_the_reader_costs_only_its_file(
    small: Settings, filled: Make, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = reading.read_report

    def fails_once(data: bytes, *rest: Any) -> Any:
        if data == first:
            raise RuntimeError("defect")
        return honest(data, *rest)

    first = filled()
    monkeypatch.setattr(reading, "read_report", fails_once)  # the reader's child is forked with it
    drop("1.xlsx", first)
    drop("2.xlsx", filled("XX-TCKH", edits={}))
    outcomes = {o.source_name: o.verdict for o in _ingest(small).deliveries}
    assert outcomes == {"1.xlsx": "refused", "2.xlsx": "accepted"}
    assert _rules(small, 1) == ["intake.file_reader_failed"]


@pytest.mark.parametrize("fault", ["no text for a database", "two sheets of one number", "defect in judging"])
def test_what_the_database_refuses_costs_only_its_file(
    small: Settings, filled: Make, drop: Drop, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """The others of the batch are written as if it were not there."""
    honest_report, honest_judge = reading.read_report, judging.judge_version

    def spoilt(data: bytes, *rest: Any) -> Any:
        report = honest_report(data, *rest)
        if data == offender and fault == "no text for a database":
            report.findings.add("intake.sheet_unknown", (1, "x"))
            object.__setattr__(report.findings.items[-1], "message_vi", "\x00")
        elif data == offender and fault == "two sheets of one number":
            report.sheets[-1].sheet_no = report.sheets[0].sheet_no
        return report

    def fails(new: Any, *rest: Any) -> None:
        if fault == "defect in judging" and new.delivery_id == 2:
            raise KeyError("period")
        honest_judge(new, *rest)

    offender = filled("XX-P-B")
    monkeypatch.setattr(reading, "read_report", spoilt)
    monkeypatch.setattr(judging, "judge_version", fails)
    drop("1.xlsx", filled())
    drop("2.xlsx", offender)
    drop("3.xlsx", filled("XX-TCKH", edits={}))
    outcomes = [(o.delivery_id, o.verdict) for o in _ingest(small).deliveries]
    assert outcomes == [(1, "accepted"), (2, "refused"), (3, "accepted")]
    assert _rules(small, 2) == ["intake.file_reader_failed"]
    assert {row["delivery_id"] for row in _rows(small, schema.task_row)} == {1, 3}


def test_a_fault_of_the_database_is_no_files_fault(
    small: Settings, filled: Make, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing table would otherwise have every file refused."""
    drop("1.xlsx", filled())
    monkeypatch.setattr(ledger, "_READING", (*ledger._READING[:-1], "no_such_column"))
    with pytest.raises(psycopg.errors.UndefinedColumn):
        _ingest(small)
    assert _rows(small, schema.reading) == []
    monkeypatch.undo()
    assert [o.verdict for o in _ingest(small).deliveries] == ["accepted"]


def test_files_are_received_when_they_are_recorded(
    small: Settings, filled: Make, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not when the run began: the order of numbers is the order of receipt, whichever run was first."""
    moments = [RECEIVED + timedelta(minutes=minute) for minute in range(3)]
    monkeypatch.setattr(ingest, "BATCH_FILES", 2)
    monkeypatch.setattr(ingest, "now", lambda _: moments.pop(0))
    for number in range(5):
        drop(f"{number}.xlsx", b"junk %d" % number)
    ingest_landing(small, "run")
    found = _rows(small, schema.delivery)
    assert [(row["received_at"] - RECEIVED).seconds // 60 for row in found] == [0, 0, 1, 1, 2]
    assert {row["received_stated"] for row in found} == {False}


def test_progress_is_told_by_the_batch(small: Settings, drop: Drop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "BATCH_FILES", 2)
    for number in range(5):
        drop(f"{number}.xlsx", b"junk %d" % number)
    told: list[tuple[int, int, str]] = []
    ingest_landing(small, "run", RECEIVED, lambda *what: told.append(what))
    assert [(done, total) for done, total, _ in told] == [(2, 5), (4, 5), (5, 5)]
    assert told[-1][2] == "4.xlsx"


def test_rows_in_memory_are_bounded_whatever_the_batch(
    small: Settings, filled: Make, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    honest = ingest.write_readings

    def counted(connection: sa.Connection, judged: Any, *rest: Any) -> None:
        written.append(len(judged))
        honest(connection, judged, *rest)

    monkeypatch.setattr(ingest, "_BATCH_BYTES", 1001)
    monkeypatch.setattr(ingest, "write_readings", counted)
    drop("1.xlsx", filled())
    drop("2.xlsx", b"junk")
    drop("3.xlsx", filled("XX-TCKH", edits={}))
    assert [o.delivery_id for o in _ingest(small).deliveries] == [1, 2, 3]
    assert written == [1, 2]


def test_archived_bytes_in_memory_are_bounded_whatever_the_batch(
    small: Settings, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    fetch, read = Archive.read, BoundedReader.read

    def fetched(archive: Archive, *given: Any) -> bytes:
        seen.append("fetched")
        return fetch(archive, *given)

    def was_read(reader: BoundedReader, delivery_id: int, data: bytes, *rest: Any) -> reading.FileReading:
        seen.append(f"read {data.decode()}")
        return read(reader, delivery_id, data, *rest)

    monkeypatch.setattr(ingest, "_AHEAD_BYTES", len(b"junk 0") * 2)
    monkeypatch.setattr(Archive, "read", fetched)
    monkeypatch.setattr(BoundedReader, "read", was_read)
    for number in range(5):
        drop(f"{number}.xlsx", b"junk %d" % number)
    _ingest(small)
    first, then = ["read junk 0", "read junk 1"], ["read junk 2", "read junk 3"]
    two = ["fetched", "fetched"]
    assert seen == [*two, *first, *two, *then, "fetched", "read junk 4"]


def test_the_collector_is_after_a_run_what_it_was_before(
    small: Settings, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    within: list[tuple[int, bool]] = []
    honest = ingest.record_arrivals

    def looked(*given: Any) -> list[int]:
        within.append((gc.get_threshold()[0], bool(gc.get_freeze_count())))
        return honest(*given)

    def fails(*_: Any) -> None:
        raise OSError("no room")

    before = gc.get_threshold()
    monkeypatch.setattr(ingest, "record_arrivals", looked)
    drop("1.xlsx", b"junk 1")
    _ingest(small)
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)
    with monkeypatch.context() as fault:
        fault.setattr(ingest, "write_readings", fails)
        drop("2.xlsx", b"junk 2")
        with pytest.raises(OSError, match="no room"):
            _ingest(small)
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)
    assert within == [(50_000, True)] * 2
    gc.freeze()  # somebody else's arrangement stays as it is
    try:
        _ingest(small)
        drop("3.xlsx", b"junk 3")
        _ingest(small)
        assert gc.get_freeze_count()
    finally:
        gc.unfreeze()
    assert within[2:] == [(before[0], True)] * len(within[2:])
    assert len(within) > 2


def test_a_path_longer_than_an_index_takes_is_known_again(small: Settings, tmp_path: Path) -> None:
    folder = tmp_path
    for number in range(16):
        folder = folder / (
            f"{number:03}" + "".join(chr(0x4E00 + 97 * (number * 60 + i) % 20000) for i in range(60))
        )
    folder.mkdir(parents=True)
    path = folder / "a.xlsx"
    path.write_bytes(b"junk")
    assert len(str(path).encode()) > 2704
    first = ingest_paths(small, [path], "run", RECEIVED)
    assert ingest_paths(small, [path], "run").deliveries == first.deliveries
    assert len(_rows(small, schema.delivery)[0]["source_path"]) <= 600


def test_the_same_bytes_and_the_same_content_are_duplicates(
    small: Settings, filled: Make, drop: Drop
) -> None:
    first = filled()
    book = openpyxl.load_workbook(BytesIO(first))
    book.properties.title = "lưu lại"
    buffer = BytesIO()
    book.save(buffer)
    again = buffer.getvalue()
    assert first != again
    drop("a.xlsx", first)
    original = _one(small)
    drop("b.xlsx", first)
    drop("c.xlsx", again)
    assert [o.verdict for o in _ingest(small).deliveries] == ["duplicate", "duplicate"]
    readings = {r["delivery_id"]: r for r in _rows(small, schema.reading)}
    assert {r["duplicate_of"] for r in readings.values()} == {None, original.delivery_id}
    assert len(_rows(small, schema.dossier_row)) == 3


def test_a_second_different_first_report_is_held_until_accepted(
    small: Settings, filled: Make, drop: Drop
) -> None:
    drop("a.xlsx", filled())
    first = _one(small)
    drop("b.xlsx", filled(edits={("dossier", "Hộ tịch"): {"received_total": 7}}))
    second = _one(small, RECEIVED + timedelta(hours=1))
    assert second.verdict == "held"
    assert str(first.delivery_id) in (second.verdict_reason_vi or "")
    decide(small, second.delivery_id, "accept", "bản đúng", "người xem", RECEIVED)
    drop("c.xlsx", filled(edits={("dossier", "Hộ tịch"): {"received_total": 7}}))
    assert _one(small).verdict == "duplicate"


def test_a_replacement_becomes_current_and_the_old_version_goes_to_history(
    small: Settings, filled: Make, drop: Drop
) -> None:
    old = filled()
    drop("a.xlsx", old)
    _one(small)
    newer = {"report_kind": "Thay thế", "report_date": date(2023, 3, 20)}
    drop("b.xlsx", filled(info=newer, edits={("dossier", "Hộ tịch"): {"received_total": 7}}))
    assert _one(small, datetime(2023, 3, 21, tzinfo=UTC)).verdict == "accepted"
    drop("c.xlsx", old)
    again = _one(small, datetime(2023, 3, 22, tzinfo=UTC))
    assert again.verdict == "accepted"
    assert _rules(small, again.delivery_id) == ["intake.older_than_current"]


def test_a_replacement_without_a_sheet_is_warned_of(small: Settings, filled: Make, drop: Drop) -> None:
    import openpyxl

    drop("a.xlsx", filled())
    _one(small)
    path = drop("b.xlsx", filled(info={"report_kind": "thay the", "report_date": date(2023, 3, 16)}))
    book = openpyxl.load_workbook(path)
    book.remove(book["Hài lòng"])
    book.save(path)
    outcome = _one(small)
    assert outcome.verdict == "accepted_with_findings"
    assert "intake.replacement_lacks_sheet" in _rules(small, outcome.delivery_id)


def test_a_supplement_replaces_the_sheets_it_fills(small: Settings, filled: Make, drop: Drop) -> None:
    drop("a.xlsx", filled())
    _one(small)
    more = {"report_kind": "Bổ sung", "report_date": date(2023, 3, 16)}
    drop(
        "b.xlsx",
        filled(info=more, edits={("satisfaction", "Hộ tịch"): {"sent": 9, "returned": 9, "satisfied": 9}}),
    )
    outcome = _one(small)
    assert outcome.verdict == "accepted"
    sections = [s["sheet_code"] for s in show_delivery(small, outcome.delivery_id)["sections"]]
    assert sections == ["info", "satisfaction"]


def test_a_supplement_that_would_drop_rows_is_held(small: Settings, filled: Make, drop: Drop) -> None:
    drop("a.xlsx", filled())
    _one(small)
    more = {"report_kind": "Bổ sung", "report_date": date(2023, 3, 16)}
    drop("b.xlsx", filled(info=more, edits={("dossier", "Đất đai"): {"received_total": 2}}))
    outcome = _one(small)
    assert outcome.verdict == "held"
    assert "ho-tich" in (outcome.verdict_reason_vi or "")


def test_a_supplement_without_a_first_report_is_accepted_with_a_warning(
    small: Settings, filled: Make, drop: Drop
) -> None:
    drop("a.xlsx", filled(info={"report_kind": "Bổ sung"}))
    outcome = _one(small)
    assert outcome.verdict == "accepted_with_findings"
    assert "intake.supplement_without_first" in _rules(small, outcome.delivery_id)


def test_only_what_waits_can_be_decided(small: Settings, filled: Make, drop: Drop) -> None:
    drop("a.xlsx", filled())
    accepted = _one(small)
    with pytest.raises(UsageError, match="waits for no such decision"):
        decide(small, accepted.delivery_id, "accept", "r", "b", RECEIVED)
    with pytest.raises(UsageError, match="no delivery 99"):
        decide(small, 99, "accept", "r", "b", RECEIVED)
    drop("b.xlsx", filled(info={"agency_code": "XX-P-B"}))
    held = _one(small)
    with pytest.raises(UsageError, match="reason"):
        decide(small, held.delivery_id, "accept", " ", "b", RECEIVED)
    decide(small, held.delivery_id, "reject", "nhầm", "b", RECEIVED)
    decide(small, held.delivery_id, "accept", "xem lại", "b", RECEIVED)


def test_files_named_by_hand_stay_and_are_known_the_second_time(
    small: Settings, filled: Make, tmp_path: Path
) -> None:
    path = tmp_path / "mine" / "a.xlsx"
    path.parent.mkdir()
    path.write_bytes(filled())
    first = ingest_paths(small, [path], "run", RECEIVED)
    second = ingest_paths(small, [path.parent], "run")
    assert path.exists()
    assert first.deliveries == second.deliveries
    assert len(_rows(small, schema.delivery)) == 1
    (path.parent / "b.xlsx.part").write_bytes(filled())
    third = ingest_paths(small, [path.parent], "run")
    assert [Path(name).name for name in third.left] == ["b.xlsx.part"]
    assert third.deliveries == first.deliveries
    with pytest.raises(UsageError, match="does not exist"):
        ingest_paths(small, [tmp_path / "none.xlsx"], "run")


def test_the_intake_rules_are_reference_data(small: Settings) -> None:
    assert register_intake_rules(small, "run")
    assert not register_intake_rules(small, "run")
    rows = _rows(small, schema.ref_rule)
    assert {r["gate"] for r in rows} == {"intake"}
    assert len({r["rule_id"] for r in rows}) == len(rows)
    assert all(r["message_vi"] and r["message_en"] and r["label_vi"] for r in rows)
