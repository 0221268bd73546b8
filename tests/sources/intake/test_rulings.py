"""The rulings of the report form (1–9), clause by clause: what keeps a clause passes, what breaks it is told.

Each test is named by ruling and clause, so that the list can be checked off beside the form. What breaks a
clause is asserted with the verdict and with the finding that the agency gets, at its cell.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from openpyxl.cell import Cell

from sources.forms.definition import load_definition
from sources.forms.report import Report
from sources.intake.deliveries import decide, show_delivery
from sources.intake.ingest import DeliveryOutcome, ingest_landing
from warehouse import schema
from warehouse.engine import engine
from warehouse.settings import Settings

Make = Callable[..., bytes]
Read = Callable[..., Report]
Drop = Callable[[str, bytes], Path]

FORM = load_definition()
RECEIVED = datetime(2023, 3, 16, 2, 0, tzinfo=UTC)
TASK, FIELD = "XX-2023-1/1.2#1", "Hộ tịch"


class Book:
    """A filled workbook whose cells are named by sheet, row and column of the form."""

    def __init__(self, data: bytes) -> None:
        self.book = openpyxl.load_workbook(BytesIO(data))

    def cell(self, sheet_code: str, row_text: str, column_code: str) -> Cell:
        """The cell of a column in the row that holds a text; an unknown text names a new last row."""
        sheet = FORM.sheet(sheet_code)
        page = self.book[sheet.name]
        codes = [column.code for column in sheet.columns]
        found = (c.row for r in page.iter_rows(min_row=4) for c in r if c.value == row_text)
        row = next(found, page.max_row + 1)
        return page.cell(row, codes.index(column_code) + 1)

    def data(self) -> bytes:
        """The workbook's bytes."""
        buffer = BytesIO()
        self.book.save(buffer)
        return buffer.getvalue()


def changed(data: bytes, sheet_code: str, row_text: str, column_code: str, value: Any) -> tuple[bytes, str]:
    """The workbook with one cell changed, and the cell's address."""
    book = Book(data)
    cell = book.cell(sheet_code, row_text, column_code)
    cell.value = value
    return book.data(), cell.coordinate


def without(data: bytes, *sheet_codes: str) -> bytes:
    """The workbook without some sheets."""
    book = Book(data)
    for code in sheet_codes:
        del book.book[FORM.sheet(code).name]
    return book.data()


def rows(report: Report, sheet_code: str) -> list[dict[str, Any]]:
    """The loaded rows of all sheets of a kind."""
    return [row for sheet in report.sheets if sheet.sheet_code == sheet_code for row in sheet.loaded]


def rules(report: Report) -> list[str]:
    """The rules that the findings name."""
    return [item.rule_id for item in report.findings.items]


def verdict(report: Report) -> str:
    """What the findings make of the report."""
    return report.findings.verdict()[0]


def is_conserved(report: Report) -> bool:
    """Whether every row of every sheet is loaded, held or structure."""
    return all(s.rows_read == len(s.lines) + len(s.held) + s.rows_structure for s in report.sheets)


# ---- 1. Cells

CELLS = {
    "a_text_for_a_count": ("dossier", FIELD, "received_online", 60, "sáu mươi", "cell_number"),
    "a_negative_count": ("dossier", FIELD, "resolved_early", 70, -1, "cell_negative"),
    "half_a_dossier": ("dossier", FIELD, "resolved_late", 5, 5.5, "cell_count"),
    "a_date_for_a_count": ("dossier", FIELD, "resolved_late", 5, date(2023, 3, 5), "cell_date_for_number"),
    "progress_above_100": ("task", TASK, "progress_percent", 100, 120, "cell_range"),
    "progress_below_0": ("task", TASK, "progress_percent", 0, -5, "cell_negative"),
    "an_unknown_status": ("task", TASK, "status", "Đã xong", "Gần xong", "cell_status"),
    "an_error_value": ("dossier", FIELD, "resolved_late", 5, "#DIV/0!", "cell_error_value"),
    "a_formula_without_a_cached_value": ("dossier", FIELD, "resolved_late", 5, "=2+3", "cell_formula"),
    "a_bare_fraction_in_a_percent_column": ("task", TASK, "progress_percent", 98.5, 0.985, "cell_fraction"),
    "an_impossible_date": ("task", TASK, "completed_on", "28/2/2023", "31/2/2023", "cell_date"),
}


@pytest.mark.parametrize("clause", CELLS)
def test_ruling_1_a_cell_that_can_be_read_is_loaded(filled: Make, read: Read, clause: str) -> None:
    sheet_code, row_text, column, good, _, rule = CELLS[clause]
    report = read(changed(filled(), sheet_code, row_text, column, good)[0])
    assert verdict(report) == "accepted"
    assert f"intake.{rule}" not in rules(report)
    assert any(row[column] is not None for row in rows(report, sheet_code))


@pytest.mark.parametrize("clause", CELLS)
def test_ruling_1_a_cell_that_cannot_be_read_is_absent_its_row_loaded_and_the_cell_named(
    filled: Make, read: Read, clause: str
) -> None:
    sheet_code, row_text, column, _, bad, rule = CELLS[clause]
    data, cell = changed(filled(), sheet_code, row_text, column, bad)
    report = read(data)
    assert verdict(report) == "accepted_with_findings"
    found = next(item for item in report.findings.items if item.rule_id == f"intake.{rule}")
    assert (found.sheet_name, found.cell, found.severity) == (FORM.sheet(sheet_code).name, cell, "error")
    assert found.given
    assert found.expected
    row = next(r for r in rows(report, sheet_code) if f"{r['sheet_row']}" == cell[1:])
    assert row[column] is None
    assert is_conserved(report)


def test_ruling_1_a_fraction_counts_where_its_cell_has_a_percent_format(filled: Make, read: Read) -> None:
    book = Book(filled())
    cell = book.cell("task", TASK, "progress_percent")
    cell.value, cell.number_format = 0.985, "0.0%"
    report = read(book.data())
    assert verdict(report) == "accepted"
    assert [row["progress_percent"] for row in rows(report, "task") if row["progress_percent"]] == [98.5]


@pytest.mark.parametrize(("length", "is_read"), [(32_767, True), (32_768, False)])
def test_ruling_1_a_cell_over_32767_characters_is_not_loaded(
    filled: Make, read: Read, length: int, is_read: bool
) -> None:
    data, cell = changed(filled(), "task", TASK, "difficulty", "LONGTEXT")
    long = _replaced(data, "LONGTEXT", "a" * length)
    report = read(long)
    (row,) = [r for r in rows(report, "task") if f"{r['sheet_row']}" == cell[1:]]
    assert (row["difficulty"] is not None) == is_read
    told = [item.cell for item in report.findings.items if item.rule_id == "intake.cell_too_long"]
    assert told == ([] if is_read else [cell])
    assert verdict(report) == ("accepted" if is_read else "accepted_with_findings")


def _replaced(data: bytes, old: str, new: str) -> bytes:
    """The workbook with a text replaced, as no spreadsheet program would write it."""
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as before, zipfile.ZipFile(buffer, "w") as after:
        parts = {name: before.read(name) for name in before.namelist()}
        assert sum(old.encode() in part for part in parts.values()) == 1
        for name, part in parts.items():
            after.writestr(name, part.replace(old.encode(), new.encode()))
    return buffer.getvalue()


# ---- 2. Rows


@pytest.mark.parametrize(
    ("sheet_code", "row_text", "values", "rule"),
    [
        ("task", "new", {"task_code": "XX-2023-1/9", "status": "Hoàn thành"}, "task_unknown"),
        ("task", "new", {"task_code": "XX-2023-1/1.2#7", "status": "Hoàn thành"}, "milestone_unknown"),
        ("target", "new", {"target_code": "XX-2023-1/CT-IX", "numerator": 1}, "target_unknown"),
        ("dossier", "new", {"received_total": 7}, "row_without_code"),
        ("satisfaction", FIELD, {"survey_content": "thời tiết"}, "row_word_unknown"),
    ],
)
def test_ruling_2_a_row_whose_identity_cannot_be_established_is_held_whole(
    filled: Make, read: Read, sheet_code: str, row_text: str, values: dict[str, Any], rule: str
) -> None:
    whole = read(filled())
    assert verdict(whole) == "accepted"
    assert not any(sheet.held for sheet in whole.sheets)

    book = Book(filled())
    row = book.cell(sheet_code, row_text, next(iter(values))).row
    for column, value in values.items():
        cell = book.cell(sheet_code, row_text, column)
        book.book[FORM.sheet(sheet_code).name].cell(row, cell.column).value = value
    report = read(book.data())
    assert verdict(report) == "accepted_with_findings"
    (held,) = [held for sheet in report.sheets for held in sheet.held]
    assert (held["sheet_row"], held["rule_id"]) == (row, f"intake.{rule}")
    assert {str(value) for value in values.values()} <= {str(text) for text in held["given"].values()}
    found = next(item for item in report.findings.items if item.rule_id == f"intake.{rule}")
    assert (found.cell or "").endswith(str(row))
    assert is_conserved(report)


@pytest.mark.parametrize(
    ("sheet_code", "code", "column", "figure"),
    [
        ("task", "XX-2023-1/1.2#2", "task_code", ("status", "Hoàn thành")),
        ("target", "XX-2023-1/CT-II.2", "target_code", ("numerator", 5)),
    ],
)
@pytest.mark.parametrize(
    ("written", "label", "rule", "is_helped"),
    [
        (None, None, "row_without_code", True),
        ("XX-2023-1/99", None, "unknown", True),
        (None, "Một việc khác", "row_without_code", False),
    ],
)
def test_ruling_2_where_the_label_is_known_the_agency_is_told_the_code(
    filled: Make,
    read: Read,
    sheet_code: str,
    code: str,
    column: str,
    figure: tuple[str, Any],
    written: str | None,
    label: str | None,
    rule: str,
    is_helped: bool,
) -> None:
    book = Book(filled())
    place, filled_in = book.cell(sheet_code, code, column), book.cell(sheet_code, code, figure[0])
    named = book.cell(sheet_code, code, "label")
    place.value, filled_in.value = written, figure[1]
    named.value = label or named.value
    report = read(book.data())
    rule_id = f"intake.{sheet_code}_unknown" if rule == "unknown" else f"intake.{rule}"
    (found,) = [item for item in report.findings.items if item.rule_id == rule_id]
    assert found.cell == place.coordinate
    assert (code in (found.expected or "")) == is_helped
    assert is_conserved(report)


IDENTITIES = {
    "3_is_4_5_6": ("received_total", 101),
    "7_is_8_9_10": ("resolved_total", 91),
    "11_is_12_13": ("pending_total", 11),
}


@pytest.mark.parametrize("clause", IDENTITIES)
def test_ruling_2_a_row_that_breaks_an_identity_is_loaded_as_delivered_with_an_error(
    filled: Make, read: Read, clause: str
) -> None:
    column, value = IDENTITIES[clause]
    assert "intake.identity_broken" not in rules(read(filled()))
    data, cell = changed(filled(), "dossier", FIELD, column, value)
    report = read(data)
    assert verdict(report) == "accepted_with_findings"
    assert ("intake.identity_broken", cell) in [(i.rule_id, i.cell) for i in report.findings.items]
    assert next(r for r in rows(report, "dossier") if r["field_code"] == "ho-tich")[column] == value


@pytest.mark.parametrize("valid", [48, None])
def test_ruling_2_no_more_are_satisfied_than_came_back(filled: Make, read: Read, valid: int | None) -> None:
    data, _ = changed(filled(), "satisfaction", FIELD, "valid", valid)
    assert verdict(read(data)) == "accepted"
    data, cell = changed(data, "satisfaction", FIELD, "satisfied", 49)
    report = read(data)
    assert verdict(report) == "accepted_with_findings"
    assert ("intake.order_broken", cell) in [(i.rule_id, i.cell) for i in report.findings.items]


@pytest.mark.parametrize(("total", "is_right"), [(100, True), (99, False)])
def test_ruling_2_total_rows_are_checked_and_never_loaded(
    filled: Make, read: Read, total: int, is_right: bool
) -> None:
    plain = read(filled())
    book = Book(filled())
    row = book.cell("dossier", "new", "field_name").row
    page = book.book[FORM.sheet("dossier").name]
    page.cell(row, 2).value, page.cell(row, 3).value = "Tổng cộng", total
    report = read(book.data())
    assert len(rows(report, "dossier")) == len(rows(plain, "dossier"))
    told = [item.cell for item in report.findings.items if item.rule_id == "intake.total_row_differs"]
    assert told == ([] if is_right else [f"C{row}"])
    assert verdict(report) == ("accepted" if is_right else "accepted_with_findings")
    before, after = plain.sheet("dossier"), report.sheet("dossier")
    assert before is not None
    assert after is not None
    assert after.rows_structure - before.rows_structure == after.rows_read - before.rows_read
    assert is_conserved(report)


def test_ruling_2_hidden_rows_are_data_with_a_note(filled: Make, read: Read) -> None:
    plain = read(filled())
    assert "intake.row_hidden" not in rules(plain)
    book = Book(filled())
    cell = book.cell("dossier", FIELD, "received_total")
    book.book[FORM.sheet("dossier").name].row_dimensions[cell.row].hidden = True
    report = read(book.data())
    assert rows(report, "dossier") == rows(plain, "dossier")
    assert verdict(report) == "accepted"
    (note,) = [item for item in report.findings.items if item.rule_id == "intake.row_hidden"]
    assert note.severity == "note"
    assert str(cell.row) in note.message_vi


@pytest.mark.parametrize("is_hidden", [True, False])
def test_ruling_2_a_hidden_sheet_beside_a_visible_one_of_its_kind_is_named_and_not_added(
    filled: Make, read: Read, is_hidden: bool
) -> None:
    plain = read(filled())
    book = Book(filled())
    twin = book.book.copy_worksheet(book.book[FORM.sheet("dossier").name])
    twin.title = "Hồ sơ TTHC (2)"
    if is_hidden:
        twin.sheet_state = "hidden"
    else:
        codes = [column.code for column in FORM.sheet("dossier").columns]
        for line in twin.iter_rows(min_row=4):
            if line[codes.index("field_name")].value == FIELD:
                line[codes.index("field_name")].value = "Nuôi ong"
    report = read(book.data())
    assert ("intake.sheet_hidden_twin" in rules(report)) == is_hidden
    assert (len(rows(report, "dossier")) == len(rows(plain, "dossier"))) == is_hidden
    assert len([s for s in report.sheets if s.sheet_code == "dossier"]) == (1 if is_hidden else 2)
    assert is_conserved(report)


# ---- 3. Absent and zero


@pytest.mark.parametrize("text", ["Không phát sinh", "không phát sinh", "KPS"])
def test_ruling_3_not_arisen_in_a_count_is_zero(filled: Make, read: Read, text: str) -> None:
    data, _ = changed(filled(), "feedback", "1022", "resolved_late", text)
    report = read(data)
    assert verdict(report) == "accepted"
    assert [r["resolved_late"] for r in rows(report, "feedback") if r["channel_code"] == "1022"][:1] == [0]


@pytest.mark.parametrize("text", ["-", "–", "…", "...", "x", "X", " ", "\u00a0"])
def test_ruling_3_a_mark_or_a_blank_is_not_reported_and_no_fault(filled: Make, read: Read, text: str) -> None:
    data, _ = changed(filled(), "feedback", "1022", "resolved_late", text)
    report = read(data)
    assert verdict(report) == "accepted"
    assert [r["resolved_late"] for r in rows(report, "feedback") if r["channel_code"] == "1022"][:1] == [None]


@pytest.mark.parametrize("text", ["K", "không rõ", "?"])
def test_ruling_3_another_word_is_neither_zero_nor_silence(filled: Make, read: Read, text: str) -> None:
    data, cell = changed(filled(), "feedback", "1022", "resolved_late", text)
    report = read(data)
    assert verdict(report) == "accepted_with_findings"
    assert ("intake.cell_number", cell) in [(i.rule_id, i.cell) for i in report.findings.items]


def test_ruling_3_a_missing_sheet_is_not_reported_with_a_note(filled: Make, read: Read) -> None:
    assert "intake.sheet_missing" not in rules(read(filled()))
    report = read(without(filled(), "satisfaction"))
    assert verdict(report) == "accepted"
    assert report.sheet("satisfaction") is None
    assert [
        (i.severity, i.expected) for i in report.findings.items if i.rule_id == "intake.sheet_missing"
    ] == [("note", "Hài lòng")]


# ---- 4. Dates


@pytest.mark.parametrize(
    ("text", "day", "precision"),
    [
        ("Quý I/2023", date(2023, 3, 31), "quarter"),
        ("tháng 2/2023", date(2023, 2, 28), "month"),
        ("10/3/23", date(2023, 3, 10), "day"),
        ("ngày 10 tháng 3 năm 2023", date(2023, 3, 10), "day"),
    ],
)
def test_ruling_4_a_date_keeps_its_precision_and_stands_for_its_last_day(
    filled: Make, read: Read, text: str, day: date, precision: str
) -> None:
    data, cell = changed(filled(), "task", TASK, "completed_on", text)
    report = read(data)
    assert verdict(report) == "accepted"
    (row,) = [r for r in rows(report, "task") if f"{r['sheet_row']}" == cell[1:]]
    assert (row["completed_on"], row["completed_on_precision"]) == (day, precision)


@pytest.mark.parametrize("text", ["31/2/2023", "13/13/2023", "0/3/2023", "sắp xong"])
def test_ruling_4_an_impossible_date_is_a_finding(filled: Make, read: Read, text: str) -> None:
    data, cell = changed(filled(), "task", TASK, "completed_on", text)
    report = read(data)
    assert verdict(report) == "accepted_with_findings"
    assert ("intake.cell_date", cell, text) in [(i.rule_id, i.cell, i.given) for i in report.findings.items]


# ---- 5. Encodings

LEGACY = {
    "tcvn3": ("KÕ ho¹ch c¶i c¸ch hµnh chÝnh n¨m 2023", "Kế hoạch cải cách hành chính năm 2023"),
    "vni": ("Keá hoaïch caûi caùch haønh chính", "Kế hoạch cải cách hành chính"),
    "mojibake": ("Cộng hòa Việt Nam".encode().decode("latin-1"), "Cộng hòa Việt Nam"),
}
NOT_CERTAIN = ["PhÆ°á»ng", "CỘNG HỊA XÃ HỘI CHỦ NGHĨA", "b\u00b8o \ufffd c\u00b8o"]


@pytest.mark.parametrize("clause", LEGACY)
def test_ruling_5_text_that_then_reads_as_vietnamese_is_converted_with_a_note(
    filled: Make, read: Read, clause: str
) -> None:
    given, text = LEGACY[clause]
    data, cell = changed(filled(), "task", TASK, "product", given)
    report = read(data)
    assert verdict(report) == "accepted"
    (note,) = [item for item in report.findings.items if item.rule_id == "intake.cell_converted"]
    assert (note.cell, note.severity) == (cell, "note")
    assert [row["product"] for row in rows(report, "task") if row["product"]] == [text]


@pytest.mark.parametrize("given", NOT_CERTAIN)
def test_ruling_5_text_that_does_not_is_not_loaded_with_a_finding(
    filled: Make, read: Read, given: str
) -> None:
    data, cell = changed(filled(), "task", TASK, "product", given)
    report = read(data)
    assert verdict(report) == "accepted_with_findings"
    assert ("intake.cell_encoding", cell) in [(i.rule_id, i.cell) for i in report.findings.items]
    assert [row["product"] for row in rows(report, "task") if row["product"]] == []


def test_ruling_5_unicode_is_left_alone(filled: Make, read: Read) -> None:
    data, _ = changed(filled(), "task", TASK, "product", "Kế hoạch số 45/KH-UBND")
    assert not {"intake.cell_converted", "intake.cell_encoding"} & set(rules(read(data)))


# ---- 6. Versions


class Intake:
    """Files taken in one by one, each at its own moment."""

    def __init__(self, settings: Settings, drop: Drop, make: Make) -> None:
        self.settings, self.drop, self.make = settings, drop, make
        self.count = 0

    def send(self, day: int, data: bytes) -> DeliveryOutcome:
        """One file, received on a day of March."""
        self.count += 1
        self.drop(f"{self.count}.xlsx", data)
        (outcome,) = ingest_landing(
            self.settings, "run", datetime(2023, 3, day, 2, self.count, tzinfo=UTC)
        ).deliveries
        return outcome

    def report(
        self, kind: str, on: int | None, received: int, total: int = 100, **more: Any
    ) -> DeliveryOutcome:
        """A report of a kind, dated and received on days of March, which differs by what was received."""
        return self.send(received, self.made(kind, on, total, **more))

    def made(self, kind: str, on: int | None, total: int = 100, **more: Any) -> bytes:
        """The bytes of a report; `online` part of what was received makes the identity hold."""
        info = {"report_kind": kind, "report_date": date(2023, 3, on) if on else None}
        book = Book(self.make(info=info | more.get("info", {})))
        counts = {
            "received_total": total,
            "received_online": total - 40,
            "resolved_total": total - 10,
            "resolved_early": total - 30,
        }
        for column, count in counts.items():
            book.cell("dossier", FIELD, column).value = count
        for code in more.get("lacks", ()):
            del book.book[FORM.sheet(code).name]
        return book.data()

    def rules(self, outcome: DeliveryOutcome, least: str = "warning") -> list[str]:
        """The rules that the delivery was told of; notes only if asked for."""
        found = show_delivery(self.settings, outcome.delivery_id)["findings"]
        return [
            f["rule_id"].removeprefix("intake.") for f in found if least == "note" or f["severity"] != "note"
        ]

    def received_now(self, sheet_code: str = "dossier") -> int | None:
        """What is current of the field's received total, as the ledger of versions has it."""
        from sources.intake.ledger import counting_versions
        from sources.intake.rulings import current

        with engine(self.settings, "loader").connect() as connection:
            versions = counting_versions(connection, {31})[31, "2023-Q1"]
            version = current(versions).section(sheet_code)
            if version is None:
                return None
            return connection.scalar(
                sa.select(schema.dossier_row.c.received_total).where(
                    schema.dossier_row.c.delivery_id == version.delivery_id,
                    schema.dossier_row.c.field_code == "ho-tich",
                )
            )


@pytest.fixture
def intake(small: Settings, drop: Drop, filled: Make) -> Intake:
    """An intake of the small world."""
    return Intake(small, drop, filled)


def test_ruling_6_a_replacement_replaces_the_whole_earlier_report(intake: Intake) -> None:
    assert intake.report("Lần đầu", 15, 16, 100).verdict == "accepted"
    assert intake.report("Thay thế", 17, 17, 110).verdict == "accepted"
    assert intake.received_now() == 110


def test_ruling_6_a_sheet_that_a_replacement_lacks_is_not_reported_any_more_with_a_warning(
    intake: Intake,
) -> None:
    intake.report("Lần đầu", 15, 16)
    outcome = intake.report("Thay thế", 17, 17, lacks=["dossier"])
    assert outcome.verdict == "accepted_with_findings"
    assert intake.rules(outcome) == ["replacement_lacks_sheet"]
    assert intake.received_now() is None


def test_ruling_6_a_sheet_of_a_later_supplement_is_not_missed_in_a_replacement(intake: Intake) -> None:
    intake.report("Lần đầu", 15, 16)
    intake.report("Bổ sung", 20, 20, 120, lacks=["task", "target", "satisfaction", "feedback"])
    outcome = intake.report("Thay thế", 17, 21, 110, lacks=["dossier"])
    assert outcome.verdict == "accepted"
    assert intake.received_now() == 120


def test_ruling_6_a_supplement_replaces_the_sheets_it_carries(intake: Intake) -> None:
    intake.report("Lần đầu", 15, 16)
    only_dossiers = {"lacks": ["task", "target", "satisfaction", "feedback"]}
    outcome = intake.report("Bổ sung", 17, 17, 130, **only_dossiers)
    assert outcome.verdict == "accepted"
    assert intake.received_now() == 130
    assert intake.received_now("feedback") == 100  # that of the first report


def test_ruling_6_a_supplement_that_would_drop_rows_is_held(intake: Intake) -> None:
    intake.report("Lần đầu", 15, 16)
    info = {"report_kind": "Bổ sung", "report_date": date(2023, 3, 17)}
    other_field = intake.make(info=info, edits={("dossier", "Đất đai"): {"received_total": 2}})
    outcome = intake.send(17, other_field)
    assert outcome.verdict == "held"
    assert intake.rules(outcome) == ["supplement_drops_rows"]
    assert "ho-tich" in (outcome.verdict_reason_vi or "")
    assert intake.received_now() == 100
    decide(intake.settings, outcome.delivery_id, "accept", "đã bỏ lĩnh vực", "người xem", RECEIVED)
    assert intake.received_now() is None  # it counts now, and has no such row


def test_ruling_6_a_supplement_older_than_another_goes_to_history(intake: Intake) -> None:
    only_dossiers = {"lacks": ["task", "target", "satisfaction", "feedback", "figure", "assessment"]}
    intake.report("Lần đầu", 15, 16)
    intake.report("Bổ sung", 20, 20, 120, **only_dossiers)
    late = intake.report("Bổ sung", 18, 21, 110, **only_dossiers)
    assert late.verdict == "accepted"
    assert intake.rules(late, "note") == ["sheet_older"]
    assert intake.received_now() == 120


def test_ruling_6_the_later_report_date_wins_whichever_came_first(intake: Intake) -> None:
    intake.report("Lần đầu", 15, 16)
    intake.report("Thay thế", 20, 20, 120)
    late = intake.report("Thay thế", 18, 22, 110)
    assert late.verdict == "accepted"
    assert intake.rules(late, "note") == ["older_than_current"]
    assert intake.received_now() == 120


@pytest.mark.parametrize("on", [None, 17])
def test_ruling_6_the_later_receipt_wins_where_dates_are_absent_or_equal(
    intake: Intake, on: int | None
) -> None:
    intake.report("Lần đầu", 15, 16)
    intake.report("Thay thế", on, 17, 110)
    assert intake.report("Thay thế", on, 18, 120).verdict == "accepted"
    assert intake.received_now() == 120


def test_ruling_6_a_second_different_first_report_is_held_until_a_person_decides(intake: Intake) -> None:
    first = intake.report("Lần đầu", 15, 16)
    second = intake.report("Lần đầu", 17, 17, 110)
    assert (first.verdict, second.verdict) == ("accepted", "held")
    assert intake.rules(second) == ["second_first"]
    assert f"lượt nộp {first.delivery_id}" in (second.verdict_reason_vi or "")
    assert intake.received_now() == 100
    decide(intake.settings, second.delivery_id, "accept", "bản đúng", "người xem", RECEIVED)
    assert intake.received_now() == 110
    decide(intake.settings, second.delivery_id, "reject", "nhầm", "người xem", RECEIVED)
    assert intake.received_now() == 100


def test_ruling_6_or_the_agency_sends_it_as_a_replacement(intake: Intake) -> None:
    intake.report("Lần đầu", 15, 16)
    assert intake.report("Lần đầu", 17, 17, 110).verdict == "held"
    assert intake.report("Thay thế", 17, 18, 110).verdict == "accepted"
    assert intake.received_now() == 110


def test_ruling_6_a_supplement_without_a_first_report_is_accepted_with_a_warning(intake: Intake) -> None:
    outcome = intake.report("Bổ sung", 15, 16, 110)
    assert outcome.verdict == "accepted_with_findings"
    assert intake.rules(outcome) == ["supplement_without_first"]
    assert intake.received_now() == 110


def test_ruling_6_a_supplement_after_a_first_report_is_accepted_without_one(intake: Intake) -> None:
    intake.report("Lần đầu", 15, 16)
    assert "supplement_without_first" not in intake.rules(intake.report("Bổ sung", 17, 17, 110))


def test_ruling_6_work_done_long_after_the_period_is_flagged_as_a_likely_wrong_period(
    filled: Make, read: Read
) -> None:
    late = date(2023, 6, 20)
    assert "intake.likely_wrong_period" not in rules(read(filled(), late))
    data, _ = changed(filled(info={"report_date": late}), "task", TASK, "completed_on", date(2023, 6, 1))
    report = read(data, late)
    assert verdict(report) == "accepted_with_findings"
    assert "intake.likely_wrong_period" in rules(report)


def test_ruling_6_one_order_of_what_one_run_finds_whichever_is_opened_first(
    small: Settings, drop: Drop, filled: Make
) -> None:
    intake = Intake(small, drop, filled)
    drop("a.xlsx", intake.made("Thay thế", 17, 110))
    drop("b.xlsx", intake.made("Lần đầu", 17, 100))
    ingest_landing(small, "run", RECEIVED)
    assert intake.received_now() == 110


# ---- 7. Verdicts


def test_ruling_7_accepted_has_notes_at_most(intake: Intake) -> None:
    outcome = intake.send(16, without(intake.made("Lần đầu", 15), "satisfaction"))
    assert outcome.verdict == "accepted"
    assert intake.rules(outcome, "note") == ["sheet_missing"]


def test_ruling_7_a_finding_in_the_delivery_itself_is_a_finding(intake: Intake) -> None:
    data, _ = changed(intake.made("Lần đầu", 15), "dossier", FIELD, "resolved_late", -1)
    outcome = intake.send(16, data)
    assert outcome.verdict == "accepted_with_findings"
    assert intake.rules(outcome) == ["cell_negative"]


@pytest.mark.parametrize(("total", "said"), [(110, []), (90, ["neighbour_falls"] * 2)])
def test_ruling_7_a_finding_against_the_versions_that_were_current_is_one_too(
    intake: Intake, total: int, said: list[str]
) -> None:
    intake.report("Lần đầu", 15, 16, 100)
    half = intake.report("Lần đầu", 15, 20, total, info={"period": "6 tháng đầu năm 2023"})
    told = [rule for rule in intake.rules(half) if rule.startswith("neighbour")]
    assert told == said
    found = show_delivery(intake.settings, half.delivery_id)["findings"]
    for item in found:
        if item["rule_id"] == "intake.neighbour_falls":
            assert "Quý I năm 2023, lượt nộp 1" in item["expected"]
            assert item["cell"]


def test_ruling_7_what_later_deliveries_bring_leaves_the_verdict(intake: Intake) -> None:
    half = intake.report("Lần đầu", 15, 16, 100, info={"period": "6 tháng đầu năm 2023"})
    before = show_delivery(intake.settings, half.delivery_id)["verdict"]
    quarter = intake.report("Lần đầu", 15, 17, 110)
    assert "neighbour_exceeds" in intake.rules(quarter)
    assert quarter.verdict == "accepted_with_findings"
    assert show_delivery(intake.settings, half.delivery_id)["verdict"] == before


def test_ruling_7_held_waits_for_a_person(intake: Intake) -> None:
    outcome = intake.send(16, intake.make(info={"agency_code": "XX-P-B"}))
    assert outcome.verdict == "held"
    assert intake.received_now() is None
    assert outcome.verdict_reason_vi


REFUSED = {
    "unknown_agency": ({"agency": "Sở Không Có", "agency_code": None}, "agency_unknown"),
    "ambiguous_agency": ({"agency": "Văn phòng chung", "agency_code": None}, "agency_ambiguous"),
    "unknown_period": ({"period": "Quý V năm 2023"}, "period_unknown"),
    "no_period": ({"period": None}, "period_unknown"),
}


@pytest.mark.parametrize("clause", REFUSED)
def test_ruling_7_an_unknown_or_ambiguous_agency_or_period_is_refused(
    filled: Make, read: Read, clause: str
) -> None:
    info, rule = REFUSED[clause]
    report = read(filled(info=info))
    assert verdict(report) == "refused"
    assert rules(report)[-1] == f"intake.{rule}"
    assert report.sheets == []


def _with_part(data: bytes, name: str, content: bytes) -> bytes:
    buffer = BytesIO(data)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BAD_FILES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "a_password": (lambda _: OLE + "EncryptedPackage".encode("utf-16-le"), "file_password"),
    "macros": (lambda good: _with_part(good, "xl/vbaProject.bin", b"x"), "file_macros"),
    "a_compression_bomb": (lambda good: _with_part(good, "xl/media/a", b" " * 2**26), "file_bomb"),
    "a_dtd": (lambda good: _with_part(good, "xl/x.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><x/>'), "file_dtd"),
    "an_external_entity": (
        lambda good: _with_part(good, "xl/x.xml", b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>'),
        "file_dtd",
    ),
    "a_name_that_climbs": (lambda good: _with_part(good, "../x.xml", b"<x/>"), "file_entry_name"),
    "an_absolute_name": (lambda good: _with_part(good, "/etc/x.xml", b"<x/>"), "file_entry_name"),
    "a_truncated_file": (lambda good: good[: len(good) // 2], "file_damaged"),
    "an_empty_file": (lambda _: b"", "file_empty"),
    "a_foreign_file": (lambda _: b"%PDF-1.7 ...", "file_kind"),
    "a_renamed_program": (lambda _: b"MZ\x90\x00" + bytes(200), "file_kind"),
}


@pytest.mark.parametrize("clause", BAD_FILES)
def test_ruling_7_a_hostile_or_foreign_file_is_refused(filled: Make, read: Read, clause: str) -> None:
    make, rule = BAD_FILES[clause]
    report = read(make(filled()))
    assert verdict(report) == "refused"
    assert rules(report) == [f"intake.{rule}"]
    assert report.sheets == []


def test_ruling_7_whatever_the_verdict_the_bytes_are_archived_first(
    small: Settings, drop: Drop, filled: Make
) -> None:
    files = {clause: make(filled()) for clause, (make, _) in BAD_FILES.items()}
    files |= {"good": filled(), "same": filled(), "held": filled(info={"agency_code": "XX-P-B"})}
    for name, data in files.items():
        drop(name, data)
    outcomes = {o.source_name: o for o in ingest_landing(small, "run", RECEIVED).deliveries}
    verdicts = dict.fromkeys(BAD_FILES, "refused") | {"good": "accepted", "held": "held"}
    assert {name: o.verdict for name, o in outcomes.items() if name != "same"} == verdicts
    assert outcomes["same"].verdict == "duplicate"
    folder = Path(small.archive_url.removeprefix("file://"))
    for name, data in files.items():
        kept = show_delivery(small, outcomes[name].delivery_id)
        assert (folder / kept["archive_path"]).read_bytes() == data


def test_ruling_7_no_known_sheet_is_refused(filled: Make, read: Read) -> None:
    names = Book(filled()).book.sheetnames
    codes = [sheet.code for sheet in FORM.sheets if sheet.name in names]
    assert verdict(read(without(filled(), *codes[1:]))) == "accepted"
    report = read(without(filled(), *codes))
    assert verdict(report) == "refused"
    assert rules(report)[-1] == "intake.no_known_sheet"


def test_ruling_7_the_bytes_or_the_resaved_content_of_what_is_current_is_a_duplicate(intake: Intake) -> None:
    data = intake.made("Lần đầu", 15)
    first = intake.send(16, data)
    book = Book(data)
    book.book.properties.title = "lưu lại"
    for again in (data, book.data()):
        outcome = intake.send(17, again)
        assert (outcome.verdict, outcome.rows_loaded) == ("duplicate", 0)
        assert show_delivery(intake.settings, outcome.delivery_id)["duplicate_of"] == first.delivery_id
    assert intake.received_now() == 100


def test_ruling_7_one_changed_figure_is_no_duplicate(intake: Intake) -> None:
    intake.report("Lần đầu", 15, 16, 100)
    assert intake.report("Lần đầu", 15, 17, 101).verdict == "held"


@pytest.mark.parametrize(("first_on", "now"), [(15, 110), (None, 100)])
def test_ruling_7_an_old_version_sent_again_is_a_new_arrival_under_ruling_6(
    intake: Intake, first_on: int | None, now: int
) -> None:
    old = intake.made("Lần đầu", first_on)
    intake.send(16, old)
    intake.report("Thay thế", 17, 17, 110)
    again = intake.send(18, old)
    assert again.verdict == "accepted"
    assert ("older_than_current" in intake.rules(again, "note")) == (first_on is not None)
    assert intake.received_now() == now


# ---- 8. CSV

CSV = """Mẫu biểu;CCHC-Q v1
Cơ quan báo cáo;UBND P. Hoà An
Kỳ báo cáo;Quý I năm 2023
Loại báo cáo;Lần đầu
Ngày báo cáo;15/03/2023

Nhiệm vụ
STT;Mã nhiệm vụ;Nhiệm vụ;Tình trạng;Tiến độ (%);Sản phẩm
1;XX-2023-1/1.2#1;Việc thử;Hoàn thành;100;Kế hoạch

Phản ánh, kiến nghị
STT;Kênh tiếp nhận;Tiếp nhận;Đã xử lý đúng hạn;Đã xử lý quá hạn;Đang xử lý;Đã công khai
1;1022;3;3;0;0;3
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_ruling_8_csv_in_utf8_with_or_without_bom_is_read_block_by_block(
    read: Read, encoding: str, separator: str
) -> None:
    report = read(CSV.replace(";", separator).encode(encoding))
    assert verdict(report).startswith("accepted")
    assert [s.sheet_code for s in report.sheets if s.sheet_code != "info"] == ["task", "feedback"]
    assert [(r["channel_code"], r["received"]) for r in rows(report, "feedback")] == [("1022", 3)]
    assert is_conserved(report)


@pytest.mark.parametrize(
    ("label", "rule"), [("Cơ quan báo cáo", "agency_unknown"), ("Kỳ báo cáo", "period_unknown")]
)
def test_ruling_8_csv_without_agency_or_period_is_refused(read: Read, label: str, rule: str) -> None:
    lines = [line for line in CSV.splitlines() if not line.startswith(label)]
    report = read("\n".join(lines).encode())
    assert verdict(report) == "refused"
    assert rules(report)[-1] == f"intake.{rule}"
    assert report.sheets == []


def test_ruling_8_a_cell_of_a_csv_that_cannot_be_read_is_named_as_a_spreadsheet_names_it(read: Read) -> None:
    report = read(CSV.replace("1022;3;3;0", "1022;3;ba;0").encode())
    assert verdict(report) == "accepted_with_findings"
    (found,) = [item for item in report.findings.items if item.rule_id == "intake.cell_number"]
    assert (found.sheet_name, found.cell, found.given) == ("Phản ánh, kiến nghị", "D13", "ba")


# ---- 9. Findings


def test_ruling_9_every_finding_says_where_what_was_given_what_is_expected_in_vietnamese(
    filled: Make, read: Read
) -> None:
    data = filled()
    for clause in CELLS.values():
        sheet_code, row_text, column, _, bad, _ = clause
        if sheet_code == "dossier":
            data, _ = changed(data, sheet_code, row_text, column, bad)
    report = read(data)
    told = [item for item in report.findings.items if item.severity != "note"]
    assert told
    for item in told:
        assert item.severity in ("warning", "error", "fatal")
        assert item.sheet_name == FORM.sheet("dossier").name
        assert item.cell
        assert item.given
        assert item.expected
        assert item.cell in item.message_vi
        assert any(ord(letter) > 127 for letter in item.message_vi)


def test_ruling_9_a_report_without_fault_has_no_finding(filled: Make, read: Read) -> None:
    assert [item for item in read(filled()).findings.items if item.severity != "note"] == []
