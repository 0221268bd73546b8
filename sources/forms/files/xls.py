"""Workbooks of Excel 97 to 2003 and before (.xls), read by xlrd, with formats, fonts and hidden rows.

Text in TCVN3 and VNI stands in these files; the font of a cell, or of a part of its text, says so. xlrd
raises whatever it stumbles over in a broken file; the caller turns that into a refusal.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from io import StringIO
from typing import Any

import xlrd
from xlrd.compdoc import CompDoc

from sources.addresses import Place
from sources.encodings import is_legacy_font, mend_by_font
from sources.forms.definition import Limits
from sources.forms.files.cell_facts import FORMULA, Facts, is_percent_format
from sources.forms.files.extent import check_area, check_shape
from sources.forms.files.sheet_cells import SheetCells, trimmed
from sources.forms.values import Cell
from sources.packages import RefusedError

_FORMULA, _BOUNDSHEET, _MACRO_SHEET = (0x0006, 0x0206, 0x0406), 0x0085, 1
_NO_RESULT = b"\x03"
"""A formula's result that is an empty text: what a formula gave, or a program that does not calculate."""


def read_xls(data: bytes, limits: Limits) -> list[SheetCells]:
    """The worksheets. Raises RefusedError, or whatever xlrd raises."""
    is_calculated = _look_through(data)
    try:
        book = xlrd.open_workbook(
            file_contents=data, formatting_info=True, on_demand=True, ragged_rows=True, logfile=StringIO()
        )
    except xlrd.XLRDError as error:
        if "encrypted" in str(error):
            raise RefusedError("intake.file_password") from None
        raise
    if book.nsheets > limits.sheets:
        raise RefusedError("intake.file_too_large", f"{book.nsheets} trang tính", f"≤ {limits.sheets}")
    found: list[SheetCells] = []
    cells = 0
    for index in range(book.nsheets):
        sheet = book.sheet_by_index(index)
        check_shape(sheet.name, sheet.nrows, sheet.ncols, limits)
        cells += sheet.nrows * sheet.ncols
        check_area(sheet.name, cells, 1, limits)
        found.append(_Sheet(book, sheet, is_calculated).read(index + 1))
        book.unload_sheet(index)
    return found


def _look_through(data: bytes) -> bool:
    """Whether any formula of the workbook has a result. Raises RefusedError for sheets of macros."""
    document = CompDoc(data, logfile=StringIO())
    stream = document.get_named_stream("Workbook") or document.get_named_stream("Book") or b""
    has_formula = has_result = False
    for kind, record in _records(stream):
        if kind in _FORMULA:
            has_formula = True
            has_result = has_result or not (record[6:7] == _NO_RESULT and record[12:14] == b"\xff\xff")
        elif kind == _BOUNDSHEET and record[5:6] == bytes([_MACRO_SHEET]):
            raise RefusedError("intake.file_macros", "XLM")
    return has_result or not has_formula


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(stream):
        kind, length = (
            int.from_bytes(stream[at : at + 2], "little"),
            int.from_bytes(stream[at + 2 : at + 4], "little"),
        )
        yield kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


class _Sheet:
    """One worksheet and the formats of its book."""

    def __init__(self, book: Any, sheet: Any, is_calculated: bool) -> None:
        self._book, self._sheet, self._is_calculated = book, sheet, is_calculated
        self._facts = Facts()
        self._mixed: dict[Place, tuple[str, str]] = {}

    def read(self, number: int) -> SheetCells:
        sheet, facts = self._sheet, self._facts
        rows = [self._row(row) for row in range(sheet.nrows)]
        facts.hidden_rows = {row for row, info in sheet.rowinfo_map.items() if info.hidden}
        cells = SheetCells(
            sheet_no=number,
            name=sheet.name,
            is_hidden=sheet.visibility != 0,
            rows=trimmed(rows, facts),
            merged=[((top, left), (end - 1, right - 1)) for top, end, left, right in sheet.merged_cells],
            facts=facts,
        )
        for (row, column), (given, encoding) in self._mixed.items():
            cells.originals[row, column], cells.encodings[row, column] = given, encoding
        return cells

    def _row(self, row: int) -> list[Cell]:
        length = self._sheet.row_len(row)
        cells = [self._cell(row, column) for column in range(length)]
        return cells + [""] * (self._sheet.ncols - length)

    def _cell(self, row: int, column: int) -> Cell:
        cell, place = self._sheet.cell(row, column), (row, column)
        if cell.ctype == xlrd.XL_CELL_TEXT and cell.value:
            return self._text(place, cell)
        if cell.ctype == xlrd.XL_CELL_TEXT:
            if not self._is_calculated:  # an empty text is the result that a formula has before that
                self._facts.faults[place] = FORMULA
        elif cell.ctype == xlrd.XL_CELL_ERROR:
            self._facts.faults[place] = xlrd.error_text_from_code.get(cell.value, "#?")
        elif cell.ctype == xlrd.XL_CELL_BOOLEAN:
            return bool(cell.value)
        elif cell.ctype == xlrd.XL_CELL_DATE:
            return _date(cell.value, self._book.datemode)
        elif cell.ctype == xlrd.XL_CELL_NUMBER:
            style = self._book.xf_list[cell.xf_index]
            if is_percent_format(self._book.format_map[style.format_key].format_str or ""):
                self._facts.percents.add(place)
            return float(cell.value)
        return ""

    def _text(self, place: Place, cell: Any) -> str:
        """The text of a cell. Where parts of it are in different fonts, each is read by its own."""
        text, book = str(cell.value), self._book
        fonts = [(0, book.xf_list[cell.xf_index].font_index)]
        fonts += self._sheet.rich_text_runlist_map.get(place, [])
        names = [(start, book.font_list[font].name) for start, font in fonts]
        shown = {
            name
            for (start, name), (end, _) in zip(names, [*names[1:], (len(text), "")], strict=True)
            if end > start
        }
        if not any(map(is_legacy_font, shown)):
            return text
        if len(shown) == 1:
            self._facts.fonts[place] = shown.pop()
            return text
        ends = [start for start, _ in names[1:]] + [len(text)]
        pieces = [mend_by_font(text[start:end], name) for (start, name), end in zip(names, ends, strict=True)]
        encodings = sorted({piece.encoding for piece in pieces if piece.encoding})
        if encodings:
            self._mixed[place] = text, ", ".join(encodings)
        return "".join(piece.text for piece in pieces)


def _date(value: float, datemode: int) -> Cell:
    """A date, with its time where it has one; the bare number where it is no date."""
    if value < 0:
        return value
    try:
        moment: dt.datetime = xlrd.xldate_as_datetime(value, datemode)
    except (ValueError, OverflowError):
        return value
    if value < 1:
        return moment.time()
    return moment.date() if moment.time() == dt.time(0) else moment
