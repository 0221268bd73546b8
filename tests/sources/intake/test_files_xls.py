"""Workbooks of Excel 97 to 2003: as safe to read, and as much seen in them, as in new ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from typing import Any

import pytest
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sources.forms.definition import FormDefinition
from sources.forms.files.cell_facts import FORMULA
from sources.forms.files.workbook import SheetCells, open_workbook
from sources.forms.report import Report
from sources.packages import RefusedError

Open = Callable[[bytes], list[SheetCells]]
MORNING = dt.datetime(2023, 3, 15, 7, 30)  # noqa: DTZ001 (cells know no zone)


def _saved(book: Any) -> bytes:
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _xls(fill: Callable[[Any], None]) -> bytes:
    book = xlwt.Workbook()
    fill(book.add_sheet("A"))
    return _saved(book)


def _style(**font: Any) -> Any:
    style = xlwt.XFStyle()
    style.font.name = font["name"]
    return style


def test_values_are_what_they_are_in_new_workbooks(opened: Open) -> None:
    def fill(page: Any) -> None:
        day = xlwt.easyxf(num_format_str="dd/mm/yyyy")
        page.write(0, 0, dt.date(2023, 3, 15), day)
        page.write(0, 1, MORNING, day)
        page.write(0, 2, 98.5)
        page.write(0, 3, True)
        page.write(0, 4, "Hoàn thành")
        page.write(0, 6, -1, day)

    sheet = opened(_xls(fill))[0]
    row = [dt.date(2023, 3, 15), MORNING, 98.5, True, "Hoàn thành", "", -1]
    assert sheet.rows == [row]


def test_percent_formats_are_known(opened: Open) -> None:
    def fill(page: Any) -> None:
        page.write(0, 0, 0.985, xlwt.easyxf(num_format_str="0.0%"))
        page.write(0, 1, 0.985)

    sheet = opened(_xls(fill))[0]
    assert [sheet.is_percent(0, 0), sheet.is_percent(0, 1)] == [True, False]


def test_an_error_value_is_a_fault_and_no_blank(opened: Open) -> None:
    def fill(page: Any) -> None:
        page.write(0, 0, "x")
        page.row(1).set_cell_error(2, "#DIV/0!")

    sheet = opened(_xls(fill))[0]
    assert sheet.facts.faults == {(1, 2): "#DIV/0!"}
    assert sheet.rows == [["x", "", ""], ["", "", ""]]


def test_formulas_of_a_file_that_was_never_calculated_are_faults(opened: Open) -> None:
    sheet = opened(_xls(lambda page: (page.write(0, 0, 5), page.write(0, 1, xlwt.Formula("A1*2")))))[0]  # type: ignore[arg-type, return-value]
    assert sheet.facts.faults == {(0, 1): FORMULA}


def test_formulas_that_gave_an_empty_text_are_not_reported(opened: Open) -> None:
    data = bytearray(
        _xls(
            lambda page: (  # type: ignore[arg-type, return-value]
                page.write(0, 0, xlwt.Formula("1+1")),
                page.write(0, 1, xlwt.Formula('IF(TRUE;"";"x")')),
            )
        )
    )
    first = data.index(b"\x03\x00\x00\x00\x00\x00\xff\xff")  # the result of the first formula: none yet
    data[first : first + 8] = b"\x00\x00\x00\x00\x00\x00\x00\x40"  # 2.0: somebody calculated the file
    sheet = opened(bytes(data))[0]
    assert (sheet.rows, sheet.facts.faults) == ([[2.0, ""]], {})


def test_hidden_rows_sheets_and_merged_cells_are_known(opened: Open) -> None:
    book = xlwt.Workbook()
    page = book.add_sheet("A")
    page.write_merge(0, 1, 0, 2, "gộp")
    page.write(2, 0, "ẩn")
    page.row(2).hidden = True
    book.add_sheet("B").visibility = 1
    first, second = opened(_saved(book))
    assert (first.merged, first.facts.hidden_rows) == ([((0, 0), (1, 2))], {2})
    assert (first.is_hidden, second.is_hidden) == (False, True)


@pytest.mark.parametrize(
    ("font", "given", "encoding", "text"),
    [
        (".VnTime", "Céng hßa x· héi chñ nghÜa", "TCVN3", "Cộng hòa xã hội chủ nghĩa"),
        (".VnTimeH", "céng hßa", "TCVN3", "CỘNG HÒA"),
        (".VnArial", "nhiÖm vô ABC Co. Lµm", "TCVN3", "nhiệm vụ ABC Co. Làm"),
        ("VNI-Times", "Coäng hoøa", "VNI", "Cộng hòa"),
        ("Arial", "Céng hßa", "TCVN3", "Cộng hòa"),  # no font, but every word reads as Vietnamese
        (".VnTime", "Phường Hòa An", None, "Phường Hòa An"),  # typed in Unicode: the font does not show it
        (".VnTime", "45/BC-UBND", None, "45/BC-UBND"),
    ],
)
def test_the_font_tells_the_encoding(
    opened: Open, font: str, given: str, encoding: str | None, text: str
) -> None:
    sheet = opened(_xls(lambda page: page.write(0, 0, given, _style(name=font))))[0]
    assert sheet.rows == [[text]]
    assert sheet.encodings == ({(0, 0): encoding} if encoding else {})


def test_without_a_font_what_is_not_certain_is_not_loaded(opened: Open) -> None:
    sheet = opened(_xls(lambda page: page.write(0, 0, "Thµnh phþ Münster", _style(name="Arial"))))[0]
    assert (sheet.rows, sheet.encodings) == ([[""]], {(0, 0): None})
    assert sheet.originals == {(0, 0): "Thµnh phþ Münster"}


def test_parts_of_a_text_are_read_by_their_own_fonts(opened: Open) -> None:
    old, new = _style(name=".VnTime").font, _style(name="Arial").font
    given = [("Céng hßa ", old), ("Việt Nam", new)]
    sheet = opened(_xls(lambda page: page.write_rich_text(0, 0, given)))[0]
    assert sheet.rows == [["Cộng hòa Việt Nam"]]
    assert sheet.originals == {(0, 0): "Céng hßa Việt Nam"}
    assert sheet.encodings == {(0, 0): "TCVN3"}


def test_a_report_in_tcvn3_is_read_whole(read: Callable[..., Report]) -> None:
    book = xlwt.Workbook()
    page = book.add_sheet("Th«ng tin")
    for number, (label, value) in enumerate(
        [
            ("C¬ quan b¸o c¸o", "Ph\u00adêng Hßa An"),
            ("Kú b¸o c¸o", "Quý I n¨m 2023"),
            ("Ngµy b¸o c¸o", "15/3/2023"),
        ]
    ):
        page.write(number, 0, label, _style(name=".VnTime"))
        page.write(number, 1, value, _style(name=".VnTime"))
    page = book.add_sheet("NhiÖm vô")
    for place, heading in enumerate(["STT", "M· nhiÖm vô", "NhiÖm vô", "T×nh tr¹ng", "TiÕn ®é (%)"]):
        page.write(0, place, heading, _style(name=".VnTime"))
    for place, value in enumerate([1, "XX-2023-1/1.2#1", "ViÖc", "Hoµn thµnh", 100]):
        page.write(1, place, value, _style(name=".VnTime"))
    report = read(_saved(book))
    assert report.heading is not None
    sheet = report.sheet("task")
    assert sheet is not None
    assert [(row["task_code"], row["status"]) for row in sheet.loaded] == [("XX-2023-1/1.2", "done")]


def test_a_sheet_of_macros_is_refused(opened: Open) -> None:
    data = bytearray(_xls(lambda page: page.write(0, 0, "x")))
    at = data.index(b"\x85\x00") + 4  # BOUNDSHEET: position of the sheet, visibility, type
    data[at + 5] = 1
    with pytest.raises(RefusedError) as refusal:
        opened(bytes(data))
    assert refusal.value.rule_id == "intake.file_macros"


@pytest.mark.parametrize("kind", [0, 1])
def test_a_password_is_refused_whatever_its_kind(opened: Open, kind: int) -> None:
    data = bytearray(_xls(lambda page: page.write(0, 0, "x")))
    at = data.index(b"\x85\x00")  # a record of the same length takes the place of the sheet's
    length = int.from_bytes(data[at + 2 : at + 4], "little")
    data[at : at + 4 + length] = b"\x2f\x00" + data[at + 2 : at + 4] + bytes([kind]) + bytes(length - 1)
    with pytest.raises(RefusedError) as refusal:
        opened(bytes(data))
    assert refusal.value.rule_id == "intake.file_password"


def test_too_many_rows_or_sheets_are_refused(opened: Open) -> None:
    book = xlwt.Workbook()
    for number in range(65):
        book.add_sheet(f"S{number}")
    for data in (_saved(book), _xls(lambda page: page.write(20_000, 0, 1))):
        with pytest.raises(RefusedError) as refusal:
            opened(data)
        assert refusal.value.rule_id == "intake.file_too_large"


def _sample() -> bytes:
    def fill(page: Any) -> None:
        for row in range(40):
            page.write(row, 0, f"dòng {row}", _style(name=".VnTime"))
            page.write(row, 1, row / 7, xlwt.easyxf(num_format_str="0%"))
        page.write(5, 5, xlwt.Formula("A1"))
        page.write_merge(50, 51, 0, 3, "gộp")

    return _xls(fill)


SAMPLE = _sample()


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.integers(8, len(SAMPLE) - 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_broken_bytes_are_read_or_refused(form: FormDefinition, changes: list[tuple[int, int]]) -> None:
    data = bytearray(SAMPLE)
    for place, value in changes:
        data[place] = value
    with suppress(RefusedError):
        open_workbook(bytes(data), form)


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9])
def test_a_truncated_file_is_refused(opened: Open, keep: float) -> None:
    with pytest.raises(RefusedError):
        opened(SAMPLE[: int(len(SAMPLE) * keep)])
