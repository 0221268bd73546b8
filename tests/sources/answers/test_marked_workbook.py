"""The delivered workbook comes back marked, and otherwise as it was sent."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import openpyxl
import pytest
import python_calamine
from lxml import etree
from openpyxl.styles import PatternFill

from sources.answers.look import FILLS
from sources.answers.told import Told
from sources.answers.wording import AUTHOR
from sources.answers.xlsx.marked import mark_workbook
from tests.sources.answers.conftest import ANSWER_SHEET, finding
from tests.sources.answers.workbooks import (
    changed,
    check_package,
    parts_of,
    plain_workbook,
    prefixed,
    rich_workbook,
    strict,
)

Tell = Callable[..., Told]
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
MAY_CHANGE = {
    "[Content_Types].xml",
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/styles.xml",
    "xl/worksheets/sheet1.xml",
    "xl/worksheets/_rels/sheet1.xml.rels",
}


def _values(data: bytes) -> dict[str, list[list[Any]]]:
    book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(data))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def _sheet(data: bytes, name: str = "Bảng") -> Any:
    return openpyxl.load_workbook(BytesIO(data))[name]


def _fill(cell: Any) -> str:
    return str(cell.fill.fgColor.rgb)[2:]


@pytest.mark.parametrize(
    "given",
    [
        rich_workbook(),
        rich_workbook(comments=True),
        plain_workbook(),
        plain_workbook(comment=True),
        prefixed(plain_workbook()),
        prefixed(rich_workbook(comments=True)),
        strict(plain_workbook()),
    ],
    ids=["rich", "comments", "openpyxl", "openpyxl-comment", "prefixed", "prefixed-comments", "strict"],
)
def test_every_dialect_is_marked_and_still_a_whole_package(given: bytes, tell: Tell) -> None:
    marked = mark_workbook(given, tell(finding("B2"), finding("D9", severity="warning")))
    check_package(marked)
    before, after = _values(given), _values(marked)
    assert list(after) == [*before, ANSWER_SHEET]
    for name, rows in before.items():
        assert [row[: len(rows[0])] for row in after[name][: len(rows)]] == rows if rows else True
    if b"purl.oclc.org" not in parts_of(given)["xl/workbook.xml"]:  # openpyxl reads the common dialect alone
        page = _sheet(marked)
        assert (_fill(page["B2"]), _fill(page["D9"])) == (FILLS["error"], FILLS["warning"])
        assert AUTHOR in page["B2"].comment.text


def test_what_is_not_marked_stays_byte_for_byte(tell: Tell) -> None:
    given = rich_workbook()
    before, after = parts_of(given), parts_of(mark_workbook(given, tell(finding())))
    assert {name for name in before if before[name] != after[name]} <= MAY_CHANGE
    assert {name for name in after if name not in before} == {
        "xl/worksheets/sheet4.xml",
        "xl/worksheets/_rels/sheet1.xml.rels",
        "xl/comments1.xml",
        "xl/drawings/vmlDrawing1.vml",
    }
    for name in (
        "xl/charts/chart1.xml",
        "xl/media/image1.png",
        "xl/worksheets/sheet2.xml",
        "xl/sharedStrings.xml",
    ):
        assert before[name] == after[name]


def test_of_the_marked_sheet_only_formats_new_cells_and_the_link_differ(tell: Tell) -> None:
    given = rich_workbook()
    marks = tell(finding("B2"), finding("C2"), finding("B4"), finding("A3"), finding("F30"))
    before, after = (
        etree.fromstring(parts_of(data)["xl/worksheets/sheet1.xml"])
        for data in (given, mark_workbook(given, marks))
    )
    link = after.find(f"{MAIN}legacyDrawing")
    assert etree.QName(link.getprevious()).localname in {"headerFooter", "drawing"}
    after.remove(link)
    new = {"B4", "A3", "F30"}
    for cell in list(after.iter(f"{MAIN}c")):
        if cell.get("r") in new:
            new.remove(cell.get("r"))
            assert len(cell) == 0
            cell.getparent().remove(cell)
        elif cell.get("r") in ("B2", "C2"):
            cell.attrib.pop("s")
    assert not new
    for cell in before.iter(f"{MAIN}c"):
        if cell.get("r") in ("B2", "C2"):
            cell.attrib.pop("s", None)
    for root in (before, after):
        for row in list(root.iter(f"{MAIN}row")):
            row.attrib.pop("spans", None)
            if not len(row) and not row.get("ht"):
                row.getparent().remove(row)
    assert etree.tostring(before, method="c14n") == etree.tostring(after, method="c14n")


def test_formulas_keep_their_cached_values_and_formats_all_but_the_fill(tell: Tell) -> None:
    given = rich_workbook()
    marked = mark_workbook(given, tell(finding("C2"), finding("B2")))
    formula = openpyxl.load_workbook(BytesIO(marked))["Bảng"]
    cached = openpyxl.load_workbook(BytesIO(marked), data_only=True)["Bảng"]
    assert (formula["C2"].value, cached["C2"].value) == ("=B2*2", 10)
    assert formula["B2"].number_format == "#,##0"
    assert formula["B2"].font.b
    assert not formula["B2"].protection.locked
    assert formula.column_dimensions["A"].width == _sheet(given).column_dimensions["A"].width
    assert formula.protection.sheet
    assert (
        formula.data_validations.dataValidation[0].sqref
        == _sheet(given).data_validations.dataValidation[0].sqref
    )
    assert len(formula.conditional_formatting) == 1


def test_a_new_cell_takes_the_format_of_its_column_and_stands_in_order(tell: Tell) -> None:
    marked = mark_workbook(rich_workbook(), tell(finding("B4"), finding("A3"), finding("B3")))
    root = etree.fromstring(parts_of(marked)["xl/worksheets/sheet1.xml"])
    rows = [int(row.get("r")) for row in root.iter(f"{MAIN}row")]
    assert rows == sorted(set(rows))
    for row in root.iter(f"{MAIN}row"):
        cells = [cell.get("r") for cell in row]
        assert cells == sorted(cells, key=lambda ref: (len(ref), ref))
    assert _sheet(marked)["B4"].number_format == "#,##0"
    assert _sheet(marked)["B4"].value is None


def test_findings_of_one_cell_share_a_comment_and_the_gravest_gives_the_colour(tell: Tell) -> None:
    note = finding(severity="note", message_vi="Đã chuyển mã chữ.")
    page = _sheet(mark_workbook(rich_workbook(), tell(note, finding(), finding(severity="warning"))))
    assert _fill(page["B2"]) == FILLS["error"]
    text = page["B2"].comment.text
    assert [line.partition(":")[0] for line in text.splitlines()] == [AUTHOR, "Lỗi", "Cảnh báo", "Ghi chú"]
    assert page["B2"].comment.author == AUTHOR


def test_a_finding_within_merged_cells_shows_on_the_first(tell: Tell) -> None:
    page = _sheet(mark_workbook(rich_workbook(), tell(finding("B6"))))
    assert _fill(page["A6"]) == FILLS["error"]
    assert page["A6"].comment is not None


def test_comments_that_are_there_stay_and_ours_go_below(tell: Tell) -> None:
    marked = mark_workbook(rich_workbook(comments=True), tell(finding("B2"), finding("C4")))
    page = _sheet(marked)
    assert page["A1"].comment.text == "Ghi chú khác"
    assert page["B2"].comment.text.startswith("Lời người lập")
    assert "Không đọc được thành số." in page["B2"].comment.text
    assert page["C4"].comment.author == AUTHOR
    vml = next(part for name, part in parts_of(marked).items() if name.endswith(".vml"))
    ids = re.findall(rb'<v:shape id="(\w+)"', vml)
    assert len(ids) == len(set(ids)) == 3


def test_a_threaded_comment_stays_alone(tell: Tell) -> None:
    def thread(name: str, part: bytes) -> bytes:
        return (
            part.replace("Người lập</author>".encode(), b"tc={0000}</author>") if "comments" in name else part
        )

    given = changed(rich_workbook(comments=True), thread)
    page = _sheet(mark_workbook(given, tell(finding("B2"))))
    assert page["B2"].comment.text == "Lời người lập"
    assert _fill(page["B2"]) == FILLS["error"]


def test_a_workbook_that_comes_back_mended_is_marked_afresh(tell: Tell) -> None:
    given = rich_workbook(comments=True)
    once = mark_workbook(given, tell(finding("B2"), finding("C2"), finding("F30")))
    twice = mark_workbook(once, tell(finding("C2", severity="warning")))
    check_package(twice)
    page, fresh = _sheet(twice), _sheet(given)
    assert openpyxl.load_workbook(BytesIO(twice)).sheetnames.count(ANSWER_SHEET) == 1
    assert _fill(page["C2"]) == FILLS["warning"]
    assert _fill(page["B2"]) == _fill(fresh["B2"])
    assert page["B2"].comment.text == "Lời người lập"
    assert page["F30"].comment is None
    listed = _values(twice)[ANSWER_SHEET]
    assert sum(row[1] == "Cảnh báo" for row in listed) == 1
    assert not any(row[1] == "Lỗi" for row in listed)
    assert mark_workbook(mark_workbook(given, tell(finding("B2"))), tell(finding("B2"))) is not None


def test_a_mended_cell_gets_the_ground_of_its_column_back(tell: Tell) -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    grey = PatternFill("solid", fgColor="FFEDEFF2")
    for row in range(1, 6):
        for column in range(1, 5):
            page.cell(row, column, row)
            if column % 2:
                page.cell(row, column).fill = grey
    buffer = BytesIO()
    book.save(buffer)
    once = mark_workbook(buffer.getvalue(), tell(finding("A2"), finding("B2"), finding("C3"), finding("D3")))
    mended = openpyxl.load_workbook(BytesIO(mark_workbook(once, tell()))).worksheets[0]
    shown = [mended[cell].fill.fgColor.rgb for cell in ("A2", "B2", "C3", "D3")]
    assert shown == ["FFEDEFF2", "00000000"] * 2


def test_comments_of_an_earlier_answer_go_also_when_a_program_rewrote_them(tell: Tell) -> None:
    """LibreOffice leaves authors out and makes one run of several."""

    def rewrite(name: str, part: bytes) -> bytes:
        if "comments" not in name:
            return part
        root = etree.fromstring(part)
        for author in root.iter(f"{MAIN}author"):
            author.text = ""
        for body in root.iter(f"{MAIN}text"):
            text = "".join(body.itertext())
            for child in list(body):
                body.remove(child)
            etree.SubElement(etree.SubElement(body, f"{MAIN}r"), f"{MAIN}t").text = text
        return bytes(etree.tostring(root))

    once = mark_workbook(rich_workbook(comments=True), tell(finding("B2"), finding("C4")))
    page = _sheet(mark_workbook(changed(once, rewrite), tell(finding("C2"))))
    assert page["B2"].comment.text == "Lời người lập"
    assert page["A1"].comment.text == "Ghi chú khác"
    assert page["C4"].comment is None
    assert page["C2"].comment.text.startswith(AUTHOR)


def test_the_list_is_the_last_sheet_and_leads_to_the_cells(tell: Tell) -> None:
    marks = tell(
        finding("B2", severity="note", rule_id="intake.a"),
        finding(None, sheet_no=None, rule_id="intake.b", message_vi="Cả tệp."),
        finding("C4", severity="warning", rule_id="intake.c"),
        data_label="DỮ LIỆU GIẢ LẬP",
    )
    marked = mark_workbook(rich_workbook(), marks)
    book = openpyxl.load_workbook(BytesIO(marked))
    assert book.sheetnames[-1] == ANSWER_SHEET
    assert book.active is not None
    assert book.active.title == "Bảng"
    page = book[ANSWER_SHEET]
    rows = [[cell.value for cell in row] for row in page.iter_rows()]
    head = next(number for number, row in enumerate(rows) if row[0] == "STT")
    assert [row[1] for row in rows[head + 1 :]] == ["Lỗi", "Cảnh báo", "Ghi chú"]
    assert [row[3] for row in rows[head + 1 :]] == ["–", "C4", "B2"]
    assert page.cell(head + 3, 4).hyperlink.location == "'Bảng'!C4"
    assert page.cell(head + 2, 4).hyperlink is None
    assert page.freeze_panes == f"A{head + 2}"
    assert page.page_setup.orientation == "landscape"
    assert any(row[0] == "DỮ LIỆU GIẢ LẬP" for row in rows)
    assert book.defined_names["Tong"].value == "Bảng!$C$4"


def test_a_sheet_of_the_agency_with_the_lists_name_is_not_touched(tell: Tell) -> None:
    def rename(name: str, part: bytes) -> bytes:
        return (
            part.replace("Biểu đồ".encode(), ANSWER_SHEET.upper().encode())
            if name == "xl/workbook.xml"
            else part
        )

    given = changed(rich_workbook(), rename)
    marked = mark_workbook(given, tell(finding()))
    assert openpyxl.load_workbook(BytesIO(marked)).sheetnames[-1] == f"{ANSWER_SHEET} (2)"
    assert parts_of(given)["xl/worksheets/sheet2.xml"] == parts_of(marked)["xl/worksheets/sheet2.xml"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", " ="])
def test_nothing_on_the_list_begins_like_a_formula(start: str, tell: Tell) -> None:
    given = f"{start}cmd|'/c calc'!A0"
    marks = tell(finding(given=given, message_vi=given, expected=given, sheet_name=given), agency_name=given)
    for row in _values(mark_workbook(rich_workbook(), marks))[ANSWER_SHEET]:
        for cell in row:
            assert not (isinstance(cell, str) and cell.lstrip()[:1] in tuple("=+-@＝＋－＠\t\r") and cell)


@pytest.mark.parametrize(
    "text",
    ["<b>&amp;</b> ]]> \"'", "\x00\x01\x0b\ufffe\ud800", "x" * 40_000, "\u202eđảo", "a\r\nb\n\nc", "_x0000_"],
    ids=["markup", "controls", "long", "direction", "lines", "escape"],
)
def test_hostile_text_is_text(text: str, tell: Tell) -> None:
    marked = mark_workbook(rich_workbook(), tell(finding(given=text, message_vi=text), agency_name=text))
    check_package(marked)
    assert _sheet(marked, ANSWER_SHEET)["A1"].value


@pytest.mark.parametrize("cell", ["", "ZZZ1", "A0", "A1048577", "B", "1", "A1:B2", "B2'!A1"])
def test_a_place_that_is_no_cell_is_listed_alone(cell: str, tell: Tell) -> None:
    given = rich_workbook()
    marked = mark_workbook(given, tell(finding(cell)))
    assert parts_of(given)["xl/worksheets/sheet1.xml"] == parts_of(marked)["xl/worksheets/sheet1.xml"]


def test_a_finding_on_a_sheet_that_is_not_there_is_listed_alone(tell: Tell) -> None:
    marked = mark_workbook(rich_workbook(), tell(finding(sheet_no=40)))
    assert any(row[1] == "Lỗi" for row in _values(marked)[ANSWER_SHEET])


def test_the_same_findings_give_the_same_bytes(tell: Tell) -> None:
    given = rich_workbook(comments=True)
    assert mark_workbook(given, tell(finding())) == mark_workbook(given, tell(finding()))


def test_alternate_content_and_extensions_keep_their_places(tell: Tell) -> None:
    extension = (
        b'<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        b'<mc:Choice xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" '
        b'Requires="x14">'
        b'<controls/></mc:Choice></mc:AlternateContent><extLst><ext uri="{78C0D931}"/></extLst></worksheet>'
    )

    def extend(name: str, part: bytes) -> bytes:
        return part.replace(b"</worksheet>", extension) if name == "xl/worksheets/sheet1.xml" else part

    marked = mark_workbook(changed(rich_workbook(), extend), tell(finding()))
    root = etree.fromstring(parts_of(marked)["xl/worksheets/sheet1.xml"])
    names = [etree.QName(child).localname for child in root]
    assert names[-3:] == ["legacyDrawing", "AlternateContent", "extLst"]
    assert b'uri="{78C0D931}"' in etree.tostring(root)
