"""Excel workbooks: what is not a value is found, in ordinary sheets and in others (rulings 1 and 2)."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from openpyxl.styles import Font

from sources.forms.files.cell_facts import FORMULA, is_percent_format
from sources.forms.files.workbook import SheetCells
from sources.forms.files.xlsx import _is_ordinary
from sources.packages import RefusedError

Open = Callable[[bytes], list[SheetCells]]


def _openpyxl(fill: Callable[[Any], None]) -> bytes:
    book = openpyxl.Workbook()
    fill(book.active)
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _xlsxwriter(fill: Callable[[Any, Any], None]) -> bytes:
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer)
    fill(book, book.add_worksheet("A"))
    book.close()
    return buffer.getvalue()


def _changed(data: bytes, change: Callable[[bytes], bytes], name: str = "xl/worksheets/sheet1.xml") -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as archive, zipfile.ZipFile(buffer, "w") as other:
        for item in archive.namelist():
            part = archive.read(item)
            other.writestr(item, change(part) if item == name else part)
    return buffer.getvalue()


def _percents(book: Any, page: Any) -> None:
    page.write_number(0, 0, 0.985, book.add_format({"num_format": "0.0%"}))
    page.write_number(0, 1, 0.985, book.add_format({"num_format": '0.0"%"'}))
    page.write_number(0, 2, 0.985)
    page.write_number(1, 27, 0.5, book.add_format({"num_format": 9}))


def test_percent_formats_are_known_cell_by_cell(opened: Open) -> None:
    sheet = opened(_xlsxwriter(_percents))[0]
    found = {(r, c) for r in range(2) for c in range(30) if sheet.is_percent(r, c)}
    assert found == {(0, 0), (1, 27)}


def test_a_sheet_out_of_the_ordinary_knows_the_same_percent_formats(opened: Open) -> None:
    data = _changed(_xlsxwriter(_percents), lambda part: part.replace(b'<row r="1"', b"<row r='1'"))
    sheet = opened(data)[0]
    assert {(r, c) for r in range(2) for c in range(30) if sheet.is_percent(r, c)} == {(0, 0), (1, 27)}


@pytest.mark.parametrize("code", ["0%", "0.00%;[Red]-0.0%", '"x"0%', "[>1]0%"])
def test_formats_that_show_percent(code: str) -> None:
    assert is_percent_format(code)


@pytest.mark.parametrize("code", ["0", '0"%"', r"0\%", "[%]0", "[" * 1_000_000 + "%", '"%'])
def test_formats_that_show_none(code: str) -> None:
    assert not is_percent_format(code)


def test_errors_and_formulas_without_a_value_are_faults_and_other_formulas_none(opened: Open) -> None:
    def fill(book: Any, page: Any) -> None:
        page.write_formula(0, 0, "=1+1", None, 2)
        page.write_formula(0, 1, '=IF(TRUE,"","x")', None, "gives nothing")
        page.write_formula(0, 2, "=1/0", None, "#DIV/0!")
        page.write_string(4, 0, "x")

    # an empty text is what this formula gave, and so not reported
    plain = opened(_changed(_xlsxwriter(fill), lambda part: part.replace(b"gives nothing", b"")))[0]
    assert plain.facts.faults == {(0, 2): "#DIV/0!"}
    assert plain.rows[0][0] == 2

    def uncounted(page: Any) -> None:
        page["A1"], page["B2"] = "x", "=SUM(A1:A2)"

    sheet = opened(_openpyxl(uncounted))[0]
    assert sheet.facts.faults == {(1, 1): FORMULA}
    assert len(sheet.rows) == 2  # the row holds nothing but the formula, and is there all the same


def test_shared_formulas_have_their_values(opened: Open) -> None:
    formulas = (
        b'<c r="B1"><f t="shared" ref="B1:B2" si="0">A1*2</f><v>2</v></c>',
        b'<c r="B2"><f t="shared" si="0"/><v>4</v></c>',
        b'<c r="B3"><f t="shared" si="0"/></c>',
    )
    rows = b"".join(
        b'<row r="%d"><c r="A%d"><v>1</v></c>%s</row>' % (n, n, cell) for n, cell in enumerate(formulas, 1)
    )
    data = _changed(
        _openpyxl(lambda page: None),
        lambda part: re.sub(
            rb"<sheetData ?/>|<sheetData></sheetData>", b"<sheetData>" + rows + b"</sheetData>", part
        ),
    )
    sheet = opened(data)[0]
    assert [row[:2] for row in sheet.rows] == [[1, 2], [1, 4], [1, ""]]
    assert sheet.facts.faults == {(2, 1): FORMULA}


def test_hidden_rows_and_sheets_are_read_and_known(opened: Open) -> None:
    def fill(book: Any, page: Any) -> None:
        page.write_row(0, 0, ["a", "b"])
        page.write_row(1, 0, ["c", "d"])
        page.set_row(1, None, None, {"hidden": True})
        other = book.add_worksheet("B")
        other.write(0, 0, "x")
        other.very_hidden()

    first, second = opened(_xlsxwriter(fill))
    assert (first.facts.hidden_rows, first.rows[1]) == ({1}, ["c", "d"])
    assert (first.is_hidden, second.is_hidden) == (False, True)


def test_libreoffice_marks_rows_that_are_not_hidden(opened: Open) -> None:
    data = _openpyxl(lambda page: page.append(["x"]))
    shown = _changed(data, lambda part: part.replace(b'<row r="1"', b'<row r="1" hidden="false"'))
    assert opened(shown)[0].facts.hidden_rows == set()


def test_merged_cells_are_known(opened: Open) -> None:
    sheet = opened(_openpyxl(lambda page: (page.append(["x"]), page.merge_cells("A1:B3"))))[0]  # type: ignore[func-returns-value]
    assert sheet.merged == [((0, 0), (2, 1))]


def test_text_in_a_legacy_font_is_what_the_page_shows(opened: Open) -> None:
    def fill(page: Any) -> None:
        for place, (text, font) in {
            "A1": ("C«ng", ".VnTime"),
            "B1": ("Céng hßa", ".VnTimeH"),
            "C1": ("Coäng", "VNI-Times"),
            "D1": ("Phòng Nội vụ", ".VnTime"),
            "E1": ("C«ng", "Arial"),
        }.items():
            page[place] = text
            page[place].font = Font(name=font)

    sheet = opened(_openpyxl(fill))[0]
    assert sheet.rows[0] == ["Công", "CỘNG HÒA", "Cộng", "Phòng Nội vụ", "Công"]
    assert sheet.encodings == {(0, 0): "TCVN3", (0, 1): "TCVN3", (0, 2): "VNI", (0, 4): "TCVN3"}


@pytest.mark.parametrize(
    "row",
    [
        b'<x:row r="1048576"><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row>',
        b"<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>",
        b'<row r = "1048576"><c r = "XFD1048576"><v>1</v></c></row>',
        b'<row\tr="1048576"><c\nr="XFD1048576"><v>1</v></c></row>',
        b'<row r="1"><c s="1" r="XFD1048576"><v>1</v></c></row>',
        b'<row r="&#49;048576"><c r="XFD1048576"><v>1</v></c></row>',
        b'<row r="1048575"/><row><c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c></row>',
    ],
)
def test_a_far_cell_in_any_spelling_is_refused(opened: Open, row: bytes) -> None:
    def change(part: bytes) -> bytes:
        part = part.replace(b"<worksheet ", b'<worksheet xmlns:x="x" ')
        return re.sub(rb"</sheetData>", lambda _: row + b"</sheetData>", part)

    data = _changed(_openpyxl(lambda page: page.append(["x"])), change)
    with pytest.raises(RefusedError) as refusal:
        opened(data)
    assert refusal.value.rule_id == "intake.file_too_large"


@pytest.mark.parametrize("place", [b"<sheetData", b"</worksheet>"])
@pytest.mark.parametrize("tag", [b'<c r="XFD1048576">', b'<x:c\nr="A1">', b'<row hidden="1">', b"<f>1</f>"])
def test_no_sheet_is_ordinary_with_such_a_tag_anywhere(place: bytes, tag: bytes) -> None:
    cells = b"".join(b'<c r="%c1" s="1"><v>1</v></c>' % letter for letter in b"ABC")
    part = b'<worksheet><cols/><sheetData><row r="1">' + cells + b"</row></sheetData><cols/></worksheet>"
    assert _is_ordinary(part)
    assert not _is_ordinary(part.replace(place, tag + place))


def test_sheets_within_bounds_are_refused_when_they_are_too_much_together(opened: Open) -> None:
    def fill(book: Any, page: Any) -> None:
        for number in range(4):
            other = book.add_worksheet(f"S{number}")
            other.write(0, 0, 1)
            other.write(9_000, 255, 1)

    with pytest.raises(RefusedError) as refusal:
        opened(_xlsxwriter(fill))
    assert refusal.value.rule_id == "intake.file_too_large"


@pytest.mark.parametrize("encoding", ["utf-32", "utf-7", "cp037", "nonsense"])
def test_a_part_in_an_encoding_of_its_own_is_refused_as_damaged(opened: Open, encoding: str) -> None:
    def change(part: bytes) -> bytes:
        part = re.sub(rb"\A<\?xml[^>]*\?>\s*", b"", part).replace(b"<row ", b"<row  ")
        return f'<?xml version="1.0" encoding="{encoding}"?>'.encode() + part

    with pytest.raises(RefusedError) as refusal:
        opened(_changed(_openpyxl(lambda page: page.append(["x"])), change))
    assert refusal.value.rule_id == "intake.file_damaged"


@pytest.mark.parametrize("number", ["abc", "1e5", "-1", "9" * 5_000])
@pytest.mark.parametrize("attribute", ["r", "s"])
def test_numbers_that_are_none_break_nothing(opened: Open, attribute: str, number: str) -> None:
    def change(part: bytes) -> bytes:
        cell = f'<row {attribute}="{number}"><c {attribute}="{number}"><v>1</v></c></row></sheetData>'
        return part.replace(b"</sheetData>", cell.encode())

    data = _changed(_xlsxwriter(_percents), change)
    with suppress(RefusedError):
        assert not any(sheet.is_percent(5, 5) for sheet in opened(data))


def test_a_name_in_a_legacy_encoding_is_converted_with_a_note(opened: Open) -> None:
    data = _changed(
        _openpyxl(lambda page: page.append(["x"])),
        lambda part: part.replace(b'name="Sheet"', 'name="NhiÖm vô"'.encode()),
        "xl/workbook.xml",
    )
    sheet = opened(data)[0]
    assert sheet.name == "Nhiệm vụ"
    assert sheet.remarks == [("intake.sheet_name_converted", None, "NhiÖm vô", "Nhiệm vụ")]


def test_every_entry_is_unpacked_and_checked_whoever_may_read_it(opened: Open) -> None:
    data = bytearray(_openpyxl(lambda page: page.append(["x"])))
    with zipfile.ZipFile(BytesIO(bytes(data))) as archive:
        entry = archive.getinfo("xl/theme/theme1.xml")  # no part that the sheets are read from
    data[entry.header_offset + 30 + len(entry.filename) + entry.compress_size // 2] ^= 0xFF
    with pytest.raises(RefusedError) as refusal:
        opened(bytes(data))
    assert refusal.value.rule_id == "intake.file_damaged"
