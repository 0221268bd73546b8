"""Files that are no .xlsx come back as a marked copy, which the reader reads as the same content."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from io import BytesIO
from typing import Any

import docx
import openpyxl
import pytest
import xlwt

from sources.answers.copied import copy_workbook
from sources.answers.look import FILLS
from sources.answers.marking import Marked, Marker, mark_file
from sources.answers.told import Told, ToldFinding
from sources.answers.wording import AUTHOR
from sources.answers.xlsx import marked
from sources.forms.definition import FormDefinition
from sources.forms.files.cell_facts import FORMULA, Facts
from sources.forms.files.workbook import SheetCells, open_workbook
from sources.forms.report import Report
from tests.sources.answers.conftest import ANSWER_SHEET, finding
from tests.sources.answers.workbooks import check_package, packed, parts_of, plain_workbook, rich_workbook

Tell = Callable[..., Told]
MORNING, LAST_DAY = dt.datetime(2023, 3, 1, 8, 30), dt.datetime(9999, 12, 31)  # noqa: DTZ001
ROWS: list[list[Any]] = [
    ["Lĩnh vực", "Số", "Tỷ lệ", "Ngày", "Lúc", ""],
    ["Đất đai", 5, 0.985, dt.date(2023, 3, 1), MORNING, ""],
    ["", "", "", "", "", ""],
    ["=1+1", True, -3.25, "31/2/2023", dt.time(8, 30), ""],
    ["+84", "0123", "1.234", "", dt.timedelta(hours=30), "cuối"],
]


def _sheet(rows: list[list[Any]] = ROWS, number: int = 1, name: str = "Bảng", **more: Any) -> SheetCells:
    hidden = more.pop("is_hidden", False)
    return SheetCells(number, name, hidden, [list(row) for row in rows], **more)


def _copy(tell: Tell, *sheets: SheetCells, findings: tuple[ToldFinding, ...] = ()) -> bytes:
    return copy_workbook(list(sheets), tell(*findings), ("Đây là bản sao.",))


def test_values_stand_in_their_places_as_they_were_read(tell: Tell, form: FormDefinition) -> None:
    facts = Facts(percents={(1, 2)}, hidden_rows={2})
    copy = _copy(tell, _sheet(facts=facts, merged=[((0, 3), (0, 4))]))
    check_package(copy)
    (sheet, _) = open_workbook(copy, form)
    width = len(ROWS[0])
    assert [row[:width] for row in sheet.rows] == ROWS
    assert sheet.is_percent(1, 2)
    assert sheet.facts.hidden_rows == {2}
    assert sheet.merged == [((0, 3), (0, 4))]


def test_what_looks_like_a_formula_stays_text(tell: Tell) -> None:
    page = openpyxl.load_workbook(BytesIO(_copy(tell, _sheet())))["Bảng"]
    assert (page["A4"].value, page["A4"].data_type) == ("=1+1", "s")
    assert page["A4"].quotePrefix
    assert page["A5"].data_type == "s"


def test_an_error_stays_an_error_and_a_formula_without_value_blank(tell: Tell, form: FormDefinition) -> None:
    faults = {(1, 1): "#DIV/0!", (1, 2): FORMULA, (3, 0): "lạ"}
    rows = [list(row) for row in ROWS]
    rows[1][1] = rows[1][2] = rows[3][0] = ""
    (sheet, _) = open_workbook(_copy(tell, _sheet(rows, facts=Facts(faults=faults))), form)
    assert sheet.facts.faults == {(1, 1): "#DIV/0!", (3, 0): "#VALUE!"}


def test_marks_hidden_sheets_and_names(tell: Tell) -> None:
    copy = _copy(
        tell,
        _sheet(number=1, name="Ẩn", is_hidden=True),
        _sheet(number=2, name="Tên/dài: " + "x" * 40),
        _sheet(number=3, name="tên dài  " + "x" * 40),
        _sheet(number=5, name="Trống", rows=[]),
        findings=(finding("B2", sheet_no=2), finding("H9", sheet_no=5, severity="warning")),
    )
    check_package(copy)
    book = openpyxl.load_workbook(BytesIO(copy))
    assert len(book.sheetnames) == len({name.lower() for name in book.sheetnames}) == 5
    assert book.sheetnames[-1] == ANSWER_SHEET
    assert [page.sheet_state for page in book] == ["hidden"] + ["visible"] * 4
    second, empty = book.worksheets[1], book.worksheets[3]
    assert book.active is second
    assert second["B2"].fill.fgColor.rgb == f"FF{FILLS['error']}"
    assert second["B2"].comment is not None
    assert AUTHOR in second["B2"].comment.text
    assert empty["H9"].fill.fgColor.rgb == f"FF{FILLS['warning']}"
    listed = book[ANSWER_SHEET]
    assert any(row[0].value == "Đây là bản sao." for row in listed.iter_rows())
    links = [cell.hyperlink.location for row in listed.iter_rows() for cell in row if cell.hyperlink]
    assert links == [f"'{second.title}'!B2", "'Trống'!H9"]


@pytest.mark.parametrize(
    "value",
    ["x" * 40_000, float("1e300"), dt.date(1899, 1, 1), "a\nb", "_x0041_", "\t=1", LAST_DAY, float("inf")],
    ids=["long", "large", "before-excel", "lines", "escape", "tab", "last-day", "infinite"],
)
def test_odd_values_do_not_stop_the_copy(value: Any, tell: Tell, form: FormDefinition) -> None:
    copy = _copy(tell, _sheet([["Số", value], ["", 1]]))
    check_package(copy)
    (sheet, _) = open_workbook(copy, form)
    assert sheet.rows[1][1] == 1
    if isinstance(value, str) and len(value) < 100:
        assert sheet.rows[0][1] == value


def test_merges_that_overlap_are_left_out_and_huge_ones_cut_to_the_rows(tell: Tell) -> None:
    merged = [((0, 0), (1, 1)), ((1, 1), (2, 2)), ((0, 4), (19_000, 250))]
    page = openpyxl.load_workbook(BytesIO(_copy(tell, _sheet(merged=merged))))["Bảng"]
    assert [str(item) for item in page.merged_cells.ranges] == ["A1:B2", "E1:IQ5"]


def test_text_in_a_legacy_encoding_goes_back_as_delivered_in_its_font(tell: Tell) -> None:
    sheet = _sheet(facts=Facts(fonts={(1, 0): ".VnTime"}))
    sheet.originals[1, 0] = "§Êt ®ai"
    page = openpyxl.load_workbook(BytesIO(_copy(tell, sheet)))["Bảng"]
    assert page["A2"].value == "§Êt ®ai"
    assert page["A2"].font.name == ".VnTime"


def _xls(data: bytes) -> bytes:
    """A workbook's values as .xls."""
    book = xlwt.Workbook()
    dates = xlwt.easyxf(num_format_str="dd/mm/yyyy")
    for given in openpyxl.load_workbook(BytesIO(data)):
        page = book.add_sheet(given.title)
        for row in given.iter_rows():
            for cell in row:
                if cell.value is not None and not isinstance(cell, openpyxl.cell.cell.MergedCell):
                    style = dates if cell.is_date else xlwt.Style.default_style
                    page.write(cell.row - 1, cell.column - 1, cell.value, style)
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


CSV = """\
Mẫu biểu;CCHC-Q v1
Cơ quan báo cáo;Ủy ban nhân dân phường Hòa An
Kỳ báo cáo;Quý I năm 2023
Loại báo cáo;Lần đầu
Ngày báo cáo;15/3/2023

Hài lòng
STT;Lĩnh vực;Số phiếu phát ra;Số phiếu thu về;Số phiếu hài lòng;Ghi chú
1;Hộ tịch;50;048;1,5;=1+1
2;Đất đai;=1+1;48;nhiều;-
"""


def _docx() -> bytes:
    """The same tables in a Word document."""
    document = docx.Document()
    for block in CSV.split("\n\n"):
        lines = [line.split(";") for line in block.splitlines()]
        if len(lines[0]) == 1:
            document.add_paragraph(lines.pop(0)[0])
        table = document.add_table(rows=0, cols=len(lines[0]))
        for line in lines:
            for cell, text in zip(table.add_row().cells, line, strict=True):
                cell.text = text
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["xls", "csv", "docx"])
def test_the_copy_is_read_as_the_same_report(
    kind: str,
    filled: Callable[..., bytes],
    read: Callable[..., Report],
    tell: Tell,
    form: FormDefinition,
) -> None:
    wrong = {("dossier", "Hộ tịch"): {"received_total": "nhiều", "resolved_late": -1}}
    given = {"xls": lambda: _xls(filled(edits=wrong)), "csv": CSV.encode, "docx": _docx}[kind]()
    report = read(given)
    assert report.heading is not None
    names = ToldFinding.__dataclass_fields__.keys() - {"label_vi"}
    findings = [ToldFinding(**{n: getattr(item, n) for n in names}) for item in report.findings.items]
    assert any(item.severity == "error" and item.place for item in findings)
    copy = mark_file(given, tell(*findings, source_name=f"báo cáo.{kind}"), form)
    assert copy.kind == "copy"
    assert f"báo cáo.{kind}" in copy.remark_vi
    again = read(copy.data)
    assert again.content_sha256 == report.content_sha256
    assert [(f.rule_id, f.sheet_name, f.cell, f.given) for f in again.findings.items] == [
        (f.rule_id, f.sheet_name, f.cell, f.given) for f in report.findings.items
    ]


def test_an_xlsx_that_cannot_be_marked_comes_back_as_a_copy_that_says_so(
    tell: Tell, form: FormDefinition, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = parts_of(rich_workbook(comments=True))
    for name in list(parts):
        if name.endswith(".vml"):
            parts[name] = b"\xff\xfe<\x00x\x00m\x00l\x00/\x00>\x00"
    copy = mark_file(packed(parts), tell(finding("C4")), form)
    assert copy.kind == "fallback"
    book = openpyxl.load_workbook(BytesIO(copy.data))
    assert any("Không đánh dấu được" in str(row[0].value) for row in book[ANSWER_SHEET].iter_rows())
    assert book["Bảng"]["C4"].value == 5


def test_a_stylesheet_of_another_namespace_is_not_given_a_second_table_of_formats(
    tell: Tell, form: FormDefinition
) -> None:
    parts = parts_of(rich_workbook())
    other = parts["xl/styles.xml"].replace(b"spreadsheetml/2006/main", b"spreadsheetml/2009/x")
    parts["xl/styles.xml"] = other
    assert mark_file(packed(parts), tell(finding("C4")), form).kind == "fallback"


def test_a_fault_of_ours_costs_the_marks_and_no_more(
    tell: Tell, form: FormDefinition, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> bytes:
        raise KeyError("a bug of ours")

    monkeypatch.setattr("sources.answers.marking.mark_workbook", fail)
    assert mark_file(plain_workbook(), tell(finding()), form).kind == "fallback"
    monkeypatch.setattr("sources.answers.marking.copy_workbook", fail)
    lost = mark_file(plain_workbook(), tell(finding()), form)
    assert (lost.kind, lost.data) == ("none", b"")
    assert "KeyError" in lost.remark_vi
    assert marked.mark_workbook is not fail


def test_a_file_that_exceeds_its_bounds_costs_the_workbook_and_not_the_run(
    tell: Tell, form: FormDefinition, monkeypatch: pytest.MonkeyPatch
) -> None:
    def burn(data: bytes, told: Told) -> bytes:
        while b"burn" in data:
            pass
        return b"marked"

    monkeypatch.setattr("sources.answers.marking.mark_workbook", burn)
    tight = form.model_copy(update={"limits": form.limits.model_copy(update={"reader_cpu_seconds": 1})})
    hot = packed(parts_of(plain_workbook()) | {"burn.txt": b"burn"})
    with Marker(tight) as marker:
        ended = marker.mark(hot, tell(finding()))
        assert (ended.kind, ended.data) == ("none", b"")
        assert "Không lập được sổ đánh dấu" in ended.remark_vi
        assert marker.mark(plain_workbook(), tell(finding())) == Marked("own", b"marked", "")


def test_what_was_refused_as_a_file_is_never_opened_again(tell: Tell, form: FormDefinition) -> None:
    told = tell(finding(None, None, rule_id="intake.file_bomb", severity="fatal"))
    with Marker(form) as marker:
        assert marker.mark(plain_workbook(), told) == Marked("none", b"", "")
        assert marker._worker._child is None
