"""Reading a delivered workbook: every ruling of the form, passing and failing, with the cell it names."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import openpyxl
import pytest
import python_calamine
import xlsxwriter
import yaml

from sources.answers.wording import READER_FAILED
from sources.forms.definition import FormDefinition
from sources.forms.files.workbook import SheetCells
from sources.forms.findings import Findings, load_rules
from sources.forms.layout import locate
from sources.forms.reading import SheetReading
from sources.forms.reference import Reference
from sources.forms.report import Report, read_report
from warehouse.settings import PROJECT_ROOT

Make = Callable[..., bytes]
Read = Callable[..., Report]


def _sheet(report: Report, code: str) -> SheetReading:
    found = report.sheet(code)
    assert found is not None
    return found


def _rows(report: Report, code: str, key: str) -> dict[Any, dict[str, Any]]:
    return {row[key]: row for row in _sheet(report, code).loaded}


def _rules(report: Report) -> list[str]:
    return [finding.rule_id for finding in report.findings.items]


def _finding(report: Report, rule_id: str) -> Any:
    return next(f for f in report.findings.items if f.rule_id == rule_id)


def _edit(data: bytes, change: Callable[[openpyxl.Workbook], None]) -> bytes:
    book = openpyxl.load_workbook(BytesIO(data))
    change(book)
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _assert_conserved(report: Report, data: bytes) -> None:
    """Counts the rows of the file itself: up to the last with content, all of them are accounted for."""
    with python_calamine.CalamineWorkbook.from_filelike(BytesIO(data)) as book:
        for sheet in report.sheets:
            rows = book.get_sheet_by_index(sheet.sheet_no - 1).to_python(skip_empty_area=False)
            filled = [n for n, row in enumerate(rows, start=1) if any(str(cell).strip() for cell in row)]
            assert sheet.rows_read == (filled[-1] if filled else 0)
            assert sheet.rows_read == len(sheet.loaded) + len(sheet.held) + sheet.rows_structure
            numbers = [r["sheet_row"] for r in [*sheet.loaded, *sheet.held]]
            assert len(set(numbers)) == len(numbers)


def test_a_good_report_is_read_whole(filled: Make, read: Read) -> None:
    data = filled()
    report = read(data)
    assert report.findings.verdict() == ("accepted", None)
    assert report.heading is not None
    assert (report.heading.agency_key, report.heading.period["period_id"]) == (31, "2023-Q1")
    assert (report.heading.report_kind, report.heading.report_date) == ("first", date(2023, 3, 15))
    assert report.heading.texts["document_number"] == "12/BC-UBND"
    task = next(r for r in _sheet(report, "task").loaded if r["obligation_no"] == 1)
    assert (task["task_code"], task["status"], task["progress_percent"]) == ("XX-2023-1/1.2", "done", 100)
    assert (task["completed_on"], task["completed_on_precision"]) == (date(2023, 3, 10), "day")
    target = _rows(report, "target", "target_code")["XX-2023-1/CT-II.1"]
    assert (target["numerator"], target["denominator"]) == (98, 100)
    dossier = _rows(report, "dossier", "field_code")["ho-tich"]
    assert (dossier["received_total"], dossier["pending_overdue"], dossier["apology_letters"]) == (100, 1, 5)
    survey = next(r for r in _sheet(report, "satisfaction").loaded if r["satisfied"] is not None)
    assert (survey["field_code"], survey["survey_content"], survey["valid"]) == ("ho-tich", "procedure", None)
    feedback = next(r for r in _sheet(report, "feedback").loaded if r["received"] is not None)
    assert (feedback["channel_code"], feedback["feedback_kind"], feedback["published"]) == (
        "1022",
        "regulation",
        3,
    )
    _assert_conserved(report, data)


def test_every_value_keeps_its_cell_and_its_text(filled: Make, read: Read) -> None:
    data = filled()
    sheet = _sheet(read(data), "dossier")
    page = openpyxl.load_workbook(BytesIO(data))["Hồ sơ TTHC"]
    row = next(r for r in sheet.loaded if r["field_code"] == "ho-tich")
    for code in ("received_total", "resolved_late", "pending_overdue"):
        assert page[f"{sheet.column_map[code]}{row['sheet_row']}"].value == row[code]
        assert row["given"][code] == str(row[code])


@pytest.mark.parametrize(
    ("sheet", "row", "column", "value", "rule"),
    [
        ("task", "XX-2023-1/1.1", "progress_percent", 120, "intake.cell_range"),
        ("task", "XX-2023-1/1.1", "progress_percent", 0.985, "intake.cell_fraction"),
        ("task", "XX-2023-1/1.1", "status", "Sắp xong", "intake.cell_status"),
        ("task", "XX-2023-1/1.1", "completed_on", "31/2/2023", "intake.cell_date"),
        ("task", "XX-2023-1/1.1", "progress_percent", "=1/0", "intake.cell_formula"),
        ("task", "XX-2023-1/1.1", "progress_percent", "#N/A", "intake.cell_error_value"),
        ("dossier", "Chứng thực", "received_total", -3, "intake.cell_negative"),
        ("dossier", "Chứng thực", "received_total", "nhiều", "intake.cell_number"),
        ("dossier", "Chứng thực", "received_total", 1.234, "intake.cell_count"),
        ("target", "XX-2023-1/CT-II.1", "reported_value", "0,985", "intake.cell_fraction"),
    ],
)
def test_a_cell_that_cannot_be_read_leaves_its_row_loaded(
    filled: Make, read: Read, sheet: str, row: str, column: str, value: Any, rule: str
) -> None:
    report = read(filled(edits={(sheet, row): {column: value}}))
    reading = _sheet(report, sheet)
    finding = _finding(report, rule)
    assert (finding.severity, finding.sheet_name) == ("error", reading.sheet_name)
    assert finding.cell.startswith(reading.column_map[column])
    assert finding.expected
    assert finding.cell in finding.message_vi
    loaded = next(
        r for r in reading.loaded if f"{reading.column_map[column]}{r['sheet_row']}" == finding.cell
    )
    assert loaded.get(column) is None
    assert loaded["given"][column]
    assert not reading.held
    assert report.findings.verdict()[0] == "accepted_with_findings"


def test_a_last_row_that_holds_only_an_error_is_not_lost(filled: Make, read: Read) -> None:
    data = filled(edits={("satisfaction", "new row"): {"satisfied": "=1/0"}})
    sheet = _sheet(read(data), "satisfaction")
    assert [(h["rule_id"], h["given"]) for h in sheet.held] == [
        ("intake.row_without_code", {"satisfied": "công thức không có giá trị"})
    ]
    assert sheet.rows_read == len(sheet.loaded) + len(sheet.held) + sheet.rows_structure


def test_a_fraction_counts_only_with_a_percent_format(filled: Make, read: Read, form: Any) -> None:
    data = filled(edits={("task", "XX-2023-1/1.1"): {"progress_percent": 0.985}})

    def format_percent(book: openpyxl.Workbook) -> None:
        for row in book["Nhiệm vụ"].iter_rows():
            for cell in row:
                if cell.value == 0.985:
                    cell.number_format = "0.0%"

    report = read(_edit(data, format_percent))
    row = next(r for r in _sheet(report, "task").loaded if r["progress_percent"] is not None)
    assert row["progress_percent"] == Decimal("98.5")
    assert row["given"]["progress_percent"] == "98.5%"
    assert report.findings.verdict()[0] == "accepted"


def test_silence_and_zero_differ(filled: Make, read: Read) -> None:
    report = read(
        filled(
            edits={
                ("dossier", "Hộ tịch"): {"received_total": "-", "received_online": "Không phát sinh"},
                ("dossier", "Chứng thực"): {"received_total": 0},
            }
        )
    )
    rows = _rows(report, "dossier", "field_code")
    assert (rows["ho-tich"]["received_total"], rows["ho-tich"]["received_online"]) == (None, 0)
    assert rows["chung-thuc"]["received_total"] == 0
    assert rows["dat-dai"]["received_total"] is None
    assert report.findings.verdict()[0] == "accepted"


@pytest.mark.parametrize(
    ("sheet", "code", "rule"),
    [
        ("task", "XX-2023-1/9.9", "intake.task_unknown"),
        ("task", "XX-2023-1/1.2#7", "intake.milestone_unknown"),
        ("task", "XX-2023-1/1.2#x", "intake.milestone_unknown"),
        ("target", "XX-2023-1/CT-IX", "intake.target_unknown"),
    ],
)
def test_a_row_of_an_unknown_code_is_held_whole(
    filled: Make, read: Read, sheet: str, code: str, rule: str
) -> None:
    data = filled(edits={(sheet, "new row"): {f"{sheet}_code": code, "note": "giữ nguyên"}})
    report = read(data)
    held = _sheet(report, sheet).held
    assert [h["rule_id"] for h in held] == [rule]
    assert held[0]["given"]["note"] == "giữ nguyên"
    assert _finding(report, rule).given == code
    _assert_conserved(report, data)


def test_figures_without_a_field_are_held(filled: Make, read: Read) -> None:
    data = filled(edits={("dossier", "new row"): {"received_total": 5}})
    report = read(data)
    assert [h["rule_id"] for h in _sheet(report, "dossier").held] == ["intake.row_without_code"]
    _assert_conserved(report, data)


def test_rows_of_one_identity_are_held_unless_they_say_the_same(filled: Make, read: Read) -> None:
    different = read(filled(edits={("dossier", "new row"): {"field_name": "HỘ TỊCH", "received_total": 5}}))
    sheet = _sheet(different, "dossier")
    assert [h["rule_id"] for h in sheet.held] == ["intake.row_repeated"] * 2
    assert "ho-tich" not in {r["field_code"] for r in sheet.loaded}
    same = read(filled(edits={("dossier", "new row"): {"field_name": "Hộ tịch"}}))
    assert len(_sheet(same, "dossier").held) == 1
    assert "ho-tich" in {r["field_code"] for r in _sheet(same, "dossier").loaded}


def test_an_unknown_field_counts_under_its_own_name(filled: Make, read: Read) -> None:
    report = read(filled(edits={("dossier", "new row"): {"field_name": "Đăng kiểm", "received_total": 2}}))
    row = _rows(report, "dossier", "field_name")["Đăng kiểm"]
    assert (row["field_code"], row["received_total"]) == (None, 2)
    assert _finding(report, "intake.field_unknown").severity == "warning"


def test_a_task_without_a_role_is_loaded_with_a_warning(filled: Make, read: Read) -> None:
    report = read(filled(edits={("task", "new row"): {"task_code": "xx-2023-1/2 ", "status": "Hoàn thành"}}))
    assert "XX-2023-1/2" in _rows(report, "task", "task_code")
    assert _finding(report, "intake.task_without_role").severity == "warning"


def test_totals_are_checked_and_never_loaded(filled: Make, read: Read) -> None:
    rows = {("dossier", "Hộ tịch"): {"received_total": 10}, ("dossier", "Đất đai"): {"received_total": 5}}
    good = filled(edits=rows | {("dossier", "new row"): {"field_name": "Tổng cộng", "received_total": 15}})
    report = read(good)
    assert "intake.total_row_differs" not in _rules(report)
    assert len(_sheet(report, "dossier").loaded) == 3
    _assert_conserved(report, good)
    bad = filled(edits=rows | {("dossier", "new row"): {"stt": "Tổng số", "received_total": 16}})
    report = read(bad)
    finding = _finding(report, "intake.total_row_differs")
    assert (finding.given, finding.expected, finding.severity) == ("16", "15", "warning")
    assert len(_sheet(report, "dossier").loaded) == 3


def test_a_field_that_sounds_like_a_total_is_a_field(filled: Make, read: Read) -> None:
    report = read(filled(edits={("dossier", "new row"): {"field_name": "Công chứng", "received_total": 2}}))
    assert "Công chứng" in _rows(report, "dossier", "field_name")


def test_a_broken_identity_is_loaded_as_delivered_with_an_error(filled: Make, read: Read) -> None:
    broken = {"received_total": 9_999, "received_online": 60, "received_direct": 9_930, "carried_over": 10}
    report = read(filled(edits={("dossier", "Hộ tịch"): broken}))
    assert _rows(report, "dossier", "field_code")["ho-tich"]["received_total"] == 9_999
    finding = _finding(report, "intake.identity_broken")
    assert (finding.severity, finding.given, finding.expected) == (
        "error",
        "9.999 ≠ 10.000",
        "(3) = (4) + (5) + (6)",
    )


def test_whatever_is_no_mere_note_says_what_to_do() -> None:
    silent = [
        rule.rule_id
        for rule in load_rules().rules
        if rule.severity != "note" and "hãy " not in rule.message_vi.lower()
    ]
    assert silent == [READER_FAILED]  # which is the operators' to mend


def test_more_satisfied_than_returned_is_an_error(filled: Make, read: Read) -> None:
    report = read(filled(edits={("satisfaction", "Hộ tịch"): {"returned": 10, "valid": 9, "satisfied": 12}}))
    assert _rules(report).count("intake.order_broken") == 1


def test_hidden_rows_and_sheets_are_data_with_a_note(filled: Make, read: Read) -> None:
    def hide(book: openpyxl.Workbook) -> None:
        book["Nhiệm vụ"].row_dimensions[6].hidden = True
        book["Hài lòng"].sheet_state = "hidden"
        twin = book.copy_worksheet(book["Hồ sơ TTHC"])
        twin.title, twin.sheet_state = "Hồ sơ", "hidden"

    report = read(_edit(filled(), hide))
    assert _finding(report, "intake.row_hidden").given == "6"
    assert _finding(report, "intake.sheet_hidden").sheet_name == "Hài lòng"
    assert _finding(report, "intake.sheet_hidden_twin").sheet_name == "Hồ sơ"
    assert [s.sheet_code for s in report.sheets].count("dossier") == 1
    assert report.findings.verdict()[0] == "accepted"


def test_every_visible_sheet_of_one_kind_is_read_as_one_table(filled: Make, read: Read) -> None:
    def split(book: openpyxl.Workbook) -> None:
        page = book["Hồ sơ TTHC"]
        twin = book.copy_worksheet(page)
        twin.title = "2. Hồ sơ"
        rows = {row[1].value: row[1].row for row in page.iter_rows()}
        page.delete_rows(rows["Đất đai"])
        for name in ("Hộ tịch", "Chứng thực"):
            for place in range(1, 15):
                twin.cell(rows[name], place).value = None

    data = _edit(filled(), split)
    report = read(data)
    pages = [sheet for sheet in report.sheets if sheet.sheet_code == "dossier"]
    assert [[row["field_code"] for row in page.loaded] for page in pages] == [
        ["ho-tich", "chung-thuc"],
        ["dat-dai"],
    ]
    assert _finding(report, "intake.sheet_repeated").expected == "Hồ sơ TTHC"
    assert report.findings.verdict()[0] == "accepted"
    _assert_conserved(report, data)


def test_rows_of_one_identity_on_two_sheets_are_held_unless_they_say_the_same(
    filled: Make, read: Read
) -> None:
    def repeat(book: openpyxl.Workbook) -> None:
        twin = book.copy_worksheet(book["Hồ sơ TTHC"])
        twin.title = "2. Hồ sơ"
        row = next(row for row in twin.iter_rows() if row[1].value == "Hộ tịch")
        row[2].value = 77

    data = _edit(filled(), repeat)
    report = read(data)
    first, second = (sheet for sheet in report.sheets if sheet.sheet_code == "dossier")
    assert [row["field_code"] for row in first.loaded] == ["chung-thuc", "dat-dai"]
    assert (len(first.held), second.loaded, len(second.held)) == (1, [], 3)
    told = [f.expected or "" for f in report.findings.items if f.rule_id == "intake.row_repeated"]
    assert all("2. Hồ sơ: " in listed for listed in told)
    _assert_conserved(report, data)


def test_a_missing_sheet_is_not_reported_with_a_note(filled: Make, read: Read) -> None:
    report = read(_edit(filled(), lambda book: book.remove(book["Hài lòng"])))
    assert report.sheet("satisfaction") is None
    assert _finding(report, "intake.sheet_missing").expected == "Hài lòng"
    assert report.findings.verdict()[0] == "accepted"


def test_unknown_columns_are_kept_as_notes(filled: Make, read: Read) -> None:
    def add(book: openpyxl.Workbook) -> None:
        page = book["Hài lòng"]
        heading = next(c for r in page.iter_rows() for c in r if c.value == "Ghi chú")
        page.cell(heading.row, heading.column + 1).value = "Đơn vị khảo sát"
        page.cell(heading.row + 2, heading.column + 1).value = "Trung tâm"

    report = read(_edit(filled(), add))
    assert any(
        r["given"].get("+Đơn vị khảo sát") == "Trung tâm" for r in _sheet(report, "satisfaction").loaded
    )
    assert _finding(report, "intake.column_unknown").severity == "note"


@pytest.mark.parametrize(
    ("info", "rule"),
    [
        ({"agency": "Phường Không Có", "agency_code": None}, "intake.agency_unknown"),
        ({"agency": None, "agency_code": None}, "intake.agency_unknown"),
        ({"agency": "Văn phòng chung", "agency_code": None}, "intake.agency_ambiguous"),
        ({"period": "Quý V năm 2023"}, "intake.period_unknown"),
        ({"period": "Quý I năm 2031"}, "intake.period_unknown"),
        ({"period": "Quý II năm 2023"}, "intake.period_unknown"),
        ({"period": None}, "intake.period_unknown"),
    ],
)
def test_unknown_agency_or_period_is_refused(
    filled: Make, read: Read, info: dict[str, Any], rule: str
) -> None:
    report = read(filled(info=info))
    assert report.findings.verdict()[0] == "refused"
    assert rule in _rules(report)
    assert not report.sheets


@pytest.mark.parametrize(
    ("info", "verdict", "agency_key"),
    [
        ({"agency": "UBND P. Hoà An", "agency_code": None}, "accepted", 31),
        ({"agency": "phuong hoa an", "agency_code": None}, "accepted", 31),
        ({"agency": "Văn phòng chung", "agency_code": "XX-P-B"}, "accepted", 32),
        ({"agency": None}, "accepted", 31),
        ({"agency_code": "XX-P-B"}, "held", 31),
        ({"agency_code": "BT-AI-DO"}, "held", 31),
        ({"agency": "Phường Không Có"}, "held", 31),
        ({"agency": "UBND quận Thử", "agency_code": "XX"}, "held", 10),
    ],
)
def test_the_agency_is_established_by_name_and_code(
    filled: Make, read: Read, info: dict[str, Any], verdict: str, agency_key: int
) -> None:
    report = read(filled(info=info, edits={}))
    assert report.findings.verdict()[0] == verdict
    assert report.heading is not None
    assert report.heading.agency_key == agency_key


@pytest.mark.parametrize(
    ("text", "period_id"),
    [
        ("Quý I năm 2023", "2023-Q1"),
        ("quý 1/2023", "2023-Q1"),
        ("QUÍ I - 2023", "2023-Q1"),
        ("2023-Q1", "2023-Q1"),
        ("6 tháng đầu năm 2023", "2023-H1"),
        ("06 tháng năm 2023", "2023-H1"),
        ("Năm 2023", "2023-Y"),
        ("Cả năm 2023", "2023-Y"),
    ],
)
def test_periods_are_recognised_by_meaning(filled: Make, read: Read, text: str, period_id: str) -> None:
    report = read(filled(info={"period": text}, edits={}), date(2024, 1, 5))
    assert report.heading is not None
    assert report.heading.period["period_id"] == period_id


def test_a_report_long_after_its_period_with_later_work_is_a_likely_wrong_period(
    filled: Make, read: Read
) -> None:
    later = {("task", "XX-2023-1/1.1"): {"status": "Hoàn thành", "completed_on": date(2023, 5, 2)}}
    assert "intake.likely_wrong_period" in _rules(read(filled(edits=later), date(2023, 6, 20)))
    assert "intake.likely_wrong_period" not in _rules(read(filled(), date(2023, 6, 20)))
    assert "intake.likely_wrong_period" not in _rules(read(filled(edits=later), date(2023, 3, 16)))


def test_dates_of_report_and_receipt_are_compared(filled: Make, read: Read) -> None:
    assert "intake.report_date_future" in _rules(read(filled(info={"report_date": date(2023, 3, 20)})))
    assert "intake.period_not_over" in _rules(read(filled(), date(2023, 3, 14)))
    assert "intake.cell_date" in _rules(read(filled(info={"report_date": "hôm qua"})))


def test_a_workbook_of_other_things_is_refused(read: Read) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Danh sách", "lớp"])
    buffer = BytesIO()
    book.save(buffer)
    report = read(buffer.getvalue())
    assert report.findings.verdict()[0] == "refused"
    assert _rules(report)[-1] == "intake.no_known_sheet"


def test_a_table_without_headings_is_held_row_by_row(filled: Make, read: Read) -> None:
    def scrub(book: openpyxl.Workbook) -> None:
        page = book["Hồ sơ TTHC"]
        heading = next(c for r in page.iter_rows() for c in r if c.value == "Lĩnh vực")
        heading.value = "Chả biết"

    data = _edit(filled(), scrub)
    report = read(data)
    sheet = _sheet(report, "dossier")
    assert not sheet.loaded
    assert any("Hộ tịch" in h["given"].values() for h in sheet.held)
    assert "intake.headings_not_found" in _rules(report)
    _assert_conserved(report, data)


def test_the_content_hash_is_that_of_the_content(filled: Make, read: Read) -> None:
    data = filled()
    again = _edit(data, lambda book: None)
    assert again != data
    other = filled(edits={("dossier", "Hộ tịch"): {"received_total": 101}})
    assert read(data).content_sha256 == read(again).content_sha256
    assert read(data).content_sha256 != read(other).content_sha256


def test_a_formula_with_a_cached_value_is_its_value(read: Read) -> None:
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer)
    info = book.add_worksheet("Thông tin")
    for n, (label, value) in enumerate(
        [("Cơ quan báo cáo", "Phường Hòa An"), ("Kỳ báo cáo", "Quý I năm 2023"), ("Loại báo cáo", "Lần đầu")]
    ):
        info.write(n, 0, label)
        info.write(n, 1, value)
    page = book.add_worksheet("Hài lòng")
    page.write_row(0, 0, ["Lĩnh vực", "Số phiếu phát ra", "Số phiếu thu về", "Số phiếu hài lòng", "Ghi chú"])
    page.write(1, 0, "Hộ tịch")
    page.write_formula(1, 1, "=40+10", None, 50)
    page.write_formula(1, 2, '=IF(1=1,"","x")', None, "")
    page.write_formula(1, 3, "=1/0", None, "#DIV/0!")
    book.close()
    with zipfile.ZipFile(BytesIO(buffer.getvalue())) as written:
        parts = {name: written.read(name) for name in written.namelist()}
    # as Excel writes it: an empty text is a value of type str
    table = parts["xl/worksheets/sheet2.xml"]
    parts["xl/worksheets/sheet2.xml"] = table.replace(b'<c r="C2"><f>', b'<c r="C2" t="str"><f>')
    again = BytesIO()
    with zipfile.ZipFile(again, "w") as rewritten:
        for name, part in parts.items():
            rewritten.writestr(name, part)
    report = read(again.getvalue())
    row = _sheet(report, "satisfaction").loaded[0]
    assert (row["sent"], row["returned"], row.get("satisfied")) == (50, None, None)
    assert [f.cell for f in report.findings.items if f.rule_id == "intake.cell_error_value"] == ["D2"]
    assert "intake.cell_formula" not in _rules(report)


def test_rows_that_repeat_a_name_merged_over_them_are_held(filled: Make, read: Read) -> None:
    book = openpyxl.load_workbook(BytesIO(filled()))
    page = book["Hồ sơ TTHC"]
    top = next(row[1].row for row in page.iter_rows() if row[1].value == "Hộ tịch")
    page.cell(top + 1, 2).value = None
    for place in range(3, 14):
        page.cell(top + 1, place).value = 7
    page.merge_cells(start_row=top, end_row=top + 1, start_column=2, end_column=2)
    buffer = BytesIO()
    book.save(buffer)
    report = read(buffer.getvalue())
    assert report.findings.verdict()[0] == "accepted_with_findings"
    assert [row["sheet_row"] for row in _sheet(report, "dossier").held] == [top, top + 1]
    assert _finding(report, "intake.row_repeated").given == "Hộ tịch"


def test_control_characters_are_taken_out_of_texts_headings_and_sheet_names(filled: Make, read: Read) -> None:
    book = openpyxl.load_workbook(BytesIO(filled()))
    page = book["Hồ sơ TTHC"]
    page["P5"], page["P8"] = "_x0000_Cột lạ", "a_x001B_b"
    book.create_sheet("_x0000_Lạ")["A1"] = "x"
    buffer = BytesIO()
    book.save(buffer)
    report = read(buffer.getvalue())
    assert _sheet(report, "dossier").loaded[0]["given"]["+Cột lạ"] == "a b"
    said = " ".join(f"{f.message_vi} {f.sheet_name}" for f in report.findings.items)
    assert "Lạ" in said
    assert "\x00" not in said


def test_an_unread_sheet_is_named_with_what_it_holds(filled: Make, read: Read) -> None:
    def add(book: openpyxl.Workbook) -> None:
        page = book.create_sheet("Phụ lục riêng")
        page["B2"], page["D5"], page["C3"] = "một", 2, " "
        book.create_sheet("Trống")
        twin = book.copy_worksheet(book["Hài lòng"])
        twin.title, twin.sheet_state = "Khảo sát", "hidden"

    report = read(_edit(filled(), add))
    unknown = [f for f in report.findings.items if f.rule_id == "intake.sheet_unknown"]
    assert [(f.sheet_name, f.given) for f in unknown] == [("Phụ lục riêng", "B2:D5, 2 ô")]
    assert "B2:D5, 2 ô" in unknown[0].message_vi
    hidden = _finding(report, "intake.sheet_hidden_twin")
    assert re.fullmatch(r"A1:H\d+, \d+ ô", hidden.given)


@pytest.mark.parametrize("name", ["Kết quả kiểm tra", "KẾT QUẢ KIỂM TRA (2)"])
def test_the_answers_own_sheet_is_nobodys_report(filled: Make, read: Read, name: str) -> None:
    def add(book: openpyxl.Workbook) -> None:
        page = book.create_sheet(name, 0)
        for text in ("Cơ quan báo cáo", "Phường Hòa Bình", "Kỳ báo cáo", "Năm 2023"):
            page.append([text, text])

    data = filled()
    plain, answered = read(data), read(_edit(data, add))
    assert answered.findings.verdict() == plain.findings.verdict()
    assert _rules(answered) == _rules(plain)
    assert answered.content_sha256 == plain.content_sha256


def test_a_second_sheet_of_labels_is_not_read_and_said(filled: Make, read: Read) -> None:
    def add(book: openpyxl.Workbook) -> None:
        twin = book.copy_worksheet(book["Thông tin"])
        twin.title = "Thông tin chung"

    report = read(_edit(filled(), add))
    finding = _finding(report, "intake.info_repeated")
    assert (finding.sheet_name, finding.expected, finding.severity) == (
        "Thông tin chung",
        "Thông tin",
        "warning",
    )
    assert finding.given.startswith("A1:") or finding.given.startswith("B1:")


def test_a_label_that_stands_twice_counts_once_and_a_difference_is_said(filled: Make, read: Read) -> None:
    def repeat(period: str) -> bytes:
        def add(book: openpyxl.Workbook) -> None:
            page = book["Thông tin"]
            page.cell(page.max_row + 2, 2).value = f"Kỳ báo cáo: {period}"

        return _edit(filled(), add)

    assert "intake.label_repeated" not in _rules(read(repeat("QUÝ I NĂM 2023")))
    report = read(repeat("Quý II năm 2023"))
    finding = _finding(report, "intake.label_repeated")
    assert (finding.given, finding.expected) == ("Quý II năm 2023", "Quý I năm 2023")
    assert report.heading is not None
    assert report.heading.period["period_id"] == "2023-Q1"


def test_a_period_that_nobody_asks_for_and_an_unknown_agency_are_said_at_once(
    filled: Make, read: Read
) -> None:
    info = {"agency": "Phường Không Có", "agency_code": None, "period": "9 tháng năm 2023"}
    report = read(filled(info=info))
    assert _rules(report) == ["intake.agency_unknown", "intake.period_unknown"]
    assert "9 tháng" not in (_finding(report, "intake.period_unknown").expected or "")
    assert _rules(read(filled(info={"period": "9 tháng năm 2023"}))) == ["intake.period_unknown"]


def test_labels_in_a_legacy_encoding_are_read_and_said_and_unreadable_ones_explain_a_refusal(
    filled: Make, read: Read
) -> None:
    good = read(filled(info={"signed_by": "Céng hßa x· héi"}))
    assert _finding(good, "intake.cell_converted").given == "Céng hßa x· héi"
    bad = read(filled(info={"agency": "PhÆ°á»ng", "agency_code": None}))
    assert bad.findings.verdict()[0] == "refused"
    assert (_finding(bad, "intake.cell_encoding").cell, _rules(bad)[-1]) == ("C5", "intake.agency_unknown")


def test_a_name_of_a_megabyte_is_no_agency(filled: Make, read: Read) -> None:
    for name in ("Phường Hòa An quận Thử " * 1400, "Phường Hòa An" + " " * 600 + "x"):
        report = read(filled(info={"agency": name, "agency_code": None}))
        assert _rules(report)[-1] == "intake.agency_unknown"


def test_what_is_said_of_a_sheet_as_a_whole_becomes_a_finding(filled: Make, read: Read) -> None:
    def rename(book: openpyxl.Workbook) -> None:
        book["Nhiệm vụ"].title = "NhiÖm vô"

    report = read(_edit(filled(), rename))
    finding = _finding(report, "intake.sheet_name_converted")
    assert (finding.sheet_name, finding.given, finding.expected) == ("Nhiệm vụ", "NhiÖm vô", "Nhiệm vụ")
    assert len(_sheet(report, "task").lines) == 3


DOSSIERS = {
    "received_total": 200, "received_online": 150, "received_direct": 40, "carried_over": 10,
    "resolved_total": 100, "resolved_early": 70, "resolved_on_time": 20, "resolved_late": 10,
    "pending_total": 100, "pending_in_time": 100, "pending_overdue": 0, "apology_letters": 10,
}  # fmt: skip


@pytest.mark.parametrize(
    ("target", "rule", "column"),
    [
        ({"reported_value": 45}, "intake.rate_over_received", "I"),
        ({"numerator": 90, "denominator": 200}, "intake.rate_over_received", "H"),
        ({"reported_value": 90}, None, ""),
        ({"reported_value": 45.2}, None, ""),
        ({"numerator": 90, "denominator": 100, "reported_value": 90.05}, None, ""),
        ({"numerator": 90, "denominator": 100, "reported_value": 91}, "intake.rate_differs", "I"),
        ({"numerator": 90, "denominator": 0, "reported_value": 91}, None, ""),
    ],
)
def test_rates_are_held_against_their_parts_and_the_dossiers(
    filled: Make, read: Read, target: dict[str, Any], rule: str | None, column: str
) -> None:
    row = {"target_code": "XX-2023-1/CT-II.3", **target}
    report = read(filled(edits={("dossier", "Hộ tịch"): DOSSIERS, ("target", "new row"): row}))
    said = [f for f in report.findings.items if f.rule_id.startswith("intake.rate_")]
    assert [f.rule_id for f in said] == ([rule] if rule else [])
    for finding in said:
        assert (finding.severity, finding.cell) == (
            "warning",
            f"{column}{_sheet(report, 'target').sheet_rows[-1]}",
        )
        assert finding.expected is not None
        assert finding.expected.startswith("90 % (90 / 100)")


@pytest.mark.parametrize(("part", "told"), [(25, []), (26, [("warning", "G", "26", "25")])])
def test_a_part_is_not_larger_than_its_whole(
    filled: Make, read: Read, part: int, told: list[tuple[str, ...]]
) -> None:
    row = {"target_code": "XX-2023-1/CT-II.3", "numerator": part, "denominator": 25}
    report = read(filled(edits={("target", "new row"): row}))
    said = [f for f in report.findings.items if f.rule_id == "intake.part_over_whole"]
    assert [(f.severity, str(f.cell)[0], f.given, f.expected) for f in said] == told


@pytest.mark.parametrize(
    ("completed", "told"), [("16/3/2023", []), ("tháng 3/2023", []), ("17/3/2023", ["17/3/2023"])]
)
def test_a_task_is_completed_before_the_report_comes(
    filled: Make, read: Read, completed: str, told: list[str]
) -> None:
    task = {"status": "Hoàn thành", "completed_on": completed, "product": "Kế hoạch"}
    report = read(filled(edits={("task", "XX-2023-1/1.1"): task}))
    said = [f for f in report.findings.items if f.rule_id == "intake.completed_after_receipt"]
    assert [f.given for f in said] == told


def test_a_rate_that_is_the_same_over_received_and_resolved_is_no_fault(filled: Make, read: Read) -> None:
    all_resolved = DOSSIERS | {"received_online": 100, "received_direct": 0, "carried_over": 0}
    row = {"target_code": "XX-2023-1/CT-II.3", "reported_value": 90}
    edits = {("dossier", "Hộ tịch"): all_resolved, ("target", "new row"): row}
    assert "intake.rate_over_received" not in _rules(read(filled(edits=edits)))


@pytest.mark.parametrize(
    ("groups", "is_found"),
    [
        ({}, True),
        ({"excluded_field_groups": ["land"]}, True),
        ({"excluded_field_groups": ["people"]}, False),
        ({"field_groups": ["people"]}, True),
        ({"field_groups": ["land"]}, False),
    ],
)
def test_a_rate_is_held_against_the_fields_of_its_target(
    filled: Make, form: FormDefinition, reference: Reference, groups: dict[str, Any], is_found: bool
) -> None:
    fields = [field | {"field_group": "people"} for field in reference.fields]
    targets = {key: target | groups for key, target in reference.targets.items()}
    changed = replace(reference, fields=fields, targets=targets)
    row = {"target_code": "XX-2023-1/CT-II.3", "reported_value": 45}
    data = filled(edits={("dossier", "Hộ tịch"): DOSSIERS, ("target", "new row"): row})
    report = read_report(data, form, changed, Findings(load_rules()), date(2023, 3, 16))
    assert ("intake.rate_over_received" in _rules(report)) == is_found


@pytest.mark.parametrize(("code", "number"), [("#1", 1), ("#02", 2), (" # 1", 1)])
def test_milestones_are_read_however_their_number_is_written(
    filled: Make, read: Read, code: str, number: int
) -> None:
    report = read(filled("XX-TCKH", edits={("task", "new row"): {"task_code": f"XX-2023-1/1.2{code}"}}))
    assert number in _rows(report, "task", "obligation_no")


def test_a_rate_of_one_field_is_held_against_that_field(filled: Make, read: Read) -> None:
    edits = {
        ("dossier", "Hộ tịch"): DOSSIERS,
        ("dossier", "Đất đai"): dict.fromkeys(DOSSIERS, 0) | {"received_total": 9, "received_online": 9},
        ("target", "new row"): {
            "target_code": "XX-2023-1/CT-II.3",
            "field_name": "Hộ tịch",
            "reported_value": 45,
        },
    }
    assert "intake.rate_over_received" in _rules(read(filled(edits=edits)))
    edits["target", "new row"]["field_name"] = "Đất đai"
    assert "intake.rate_over_received" not in _rules(read(filled(edits=edits)))


def test_how_far_a_rate_may_be_off_is_what_the_gates_say(form: FormDefinition) -> None:
    tolerances = yaml.safe_load((PROJECT_ROOT / "expectations/tolerances.yml").read_text(encoding="utf-8"))
    of_rates = next(t for t in tolerances["tolerances"] if t["code"] == "rate_difference_points")
    assert form.limits.rate_difference_points == of_rates["value"]


def test_a_blank_count_of_valid_sheets_stands_for_those_returned(filled: Make, read: Read) -> None:
    report = read(filled(edits={("satisfaction", "Hộ tịch"): {"sent": 60, "returned": 48, "satisfied": 49}}))
    finding = _finding(report, "intake.order_broken")
    assert (finding.given, finding.expected) == ("49", "Số phiếu thu về: 48")
    assert (finding.cell or "")[0] == "G"


@pytest.mark.parametrize(("cell", "value"), [("１２", 12), ("１．２３４", 1234), ("5,0", 5), ("1 234", 1234)])
def test_counts_in_the_styles_of_other_systems(filled: Make, read: Read, cell: str, value: int) -> None:
    report = read(filled(edits={("dossier", "Hộ tịch"): {"received_total": cell}}))
    assert _rows(report, "dossier", "field_code")["ho-tich"]["received_total"] == value


def test_a_word_document_or_csv_may_begin_far_below(form: FormDefinition, reference: Reference) -> None:
    headings = [column.heading for column in form.sheet("feedback").columns]
    page = SheetCells(1, "Phản ánh", False, [[] for _ in range(90)] + [[*headings], ["", "1022"]])
    layout = locate(form.sheet("feedback"), page)
    assert layout is not None
    assert layout.header_row == 90
