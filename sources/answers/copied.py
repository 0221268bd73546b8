"""A marked .xlsx copy of a file of another kind: its cells in their places, values as read."""

from __future__ import annotations

import datetime as dt
import re
from io import BytesIO
from math import isfinite
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import OverlappingRange
from xlsxwriter.worksheet import Worksheet

from sources.addresses import Place
from sources.answers.listed import (
    COLUMNS,
    LINK_COLUMN,
    LONGEST_NAME,
    Listed,
    free_name,
    height_of,
    height_of_line,
    list_findings,
)
from sources.answers.look import ACCENT, BOX_PIXELS, FILLS, FONT, INK, LINE, box_height
from sources.answers.marks import MOST_NOTES, Mark, marks_of
from sources.answers.told import Told
from sources.answers.wording import AUTHOR, FORMULA_STARTS
from sources.forms.files.cell_facts import FORMULA
from sources.forms.files.workbook import SheetCells
from sources.forms.values import Cell, plain

_LONGEST = 32_767
_NARROWEST, _USUAL, _WIDE, _LONG_TEXT = 9, 18, 36, 60
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\]")
_FIRST_DAY = dt.date(1900, 3, 1)
"""Before it the days of Excel differ from the calendar's."""
_LARGEST_MERGE = 10_000
_ERRORS = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")


def copy_workbook(sheets: list[SheetCells], told: Told, remarks: tuple[str, ...]) -> bytes:
    """The copy's bytes, with the list of findings as its last sheet and `remarks` above the list.

    What is text stays text, also where it looks like a formula; an error stays an error; a formula without a
    value stays blank.
    """
    buffer = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(buffer, options | {"strings_to_numbers": False})
    book.set_properties({"title": f"{told.delivery_id}", "created": dt.datetime(2000, 1, 1)})  # noqa: DTZ001
    formats, marks = _Formats(book), marks_of(told)
    names, left, opened = _names(sheets), MOST_NOTES, False
    for position, cells in enumerate(sheets):
        page = book.add_worksheet(names[position])
        _print_on_a4(page)
        of_sheet = marks.get(cells.sheet_no, {})
        _write_cells(page, cells, {place: mark.grade for place, mark in of_sheet.items()}, formats)
        for place in sorted(of_sheet)[:left]:
            _note(page, place, of_sheet[place])
        left -= min(len(of_sheet), left)
        if cells.is_hidden:
            page.hide()
        elif not opened:
            opened = True
            page.activate()
            page.set_first_sheet()
    by_number = {cells.sheet_no: names[position] for position, cells in enumerate(sheets)}
    page = book.add_worksheet(free_name(told.answer_sheet, names))
    _write_list(page, list_findings(told, by_number, remarks), book)
    if not opened:
        page.activate()
        page.set_first_sheet()
    book.close()
    return buffer.getvalue()


class _Formats:
    """Cell formats of the copy, made as they are needed."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._known: dict[tuple[str, str | None, bool, str], Any] = {}

    def of(self, number: str, grade: str | None, quoted: bool = False, font: str = FONT) -> Any:
        """Format by number format, grade of the mark, whether the text would pass for a formula, and font."""
        key = number, grade, quoted, font
        if key not in self._known:
            look: dict[str, Any] = {"font_name": font, "font_size": 11, "valign": "top", "text_wrap": True}
            look["num_format"] = number
            if grade:
                look["bg_color"] = f"#{FILLS[grade]}"
            if quoted:
                look["quote_prefix"] = True
            self._known[key] = self._book.add_format(look)
        return self._known[key]


def _write_cells(page: Worksheet, cells: SheetCells, grades: dict[Place, str], formats: _Formats) -> None:
    widths: dict[int, int] = {}
    for (top, left), (bottom, right) in cells.merged:
        bottom = min(bottom, len(cells.rows) - 1)
        if (
            bottom < top
            or (bottom - top + 1) * (right - left + 1) > _LARGEST_MERGE
            or (top, left) == (bottom, right)
        ):
            continue
        try:
            page.merge_range(top, left, bottom, right, "", formats.of("General", grades.get((top, left))))
        except OverlappingRange:
            continue
    merged = {
        (row, column)
        for (top, left), (bottom, right) in cells.merged
        if (bottom - top + 1) * (right - left + 1) <= _LARGEST_MERGE
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
    }
    for number, row in enumerate(cells.rows):
        for column, value in enumerate(row):
            place = number, column
            given = cells.originals.get(place, value)
            fault = cells.facts.faults.get(place)
            if given == "" and fault is None and place not in grades:
                continue
            _write_cell(page, place, given, fault, grades.get(place), cells, formats)
            if place not in merged:
                widths[column] = max(widths.get(column, _NARROWEST), _width(plain(given)))
    for place in grades.keys() - {(r, c) for r, row in enumerate(cells.rows) for c in range(len(row))}:
        page.write_blank(*place, None, formats.of("General", grades[place]))
    for column, width in widths.items():
        page.set_column(column, column, width * 1.1 + 1)
    for number, row in enumerate(cells.rows):
        shown = ((c, plain(v)) for c, v in enumerate(row) if (number, c) not in merged and c in widths)
        height = max((height_of(text, widths[c]) for c, text in shown if text), default=None)
        hidden = {"hidden": True} if number in cells.facts.hidden_rows else {}
        page.set_row(number, height, None, hidden)


def _width(text: str) -> int:
    """Characters that a column should have for a text: no word is broken, headings and notes are wrapped."""
    longest = max(map(len, text.split()), default=0)
    return min(max(longest, min(len(text), _USUAL if len(text) <= _LONG_TEXT else _WIDE)), _WIDE)


def _write_cell(
    page: Worksheet,
    place: Place,
    value: Cell,
    fault: str | None,
    grade: str | None,
    cells: SheetCells,
    formats: _Formats,
) -> None:
    plain_format = formats.of("General", grade)
    if fault is not None and fault != FORMULA:
        error = fault if fault in _ERRORS else "#VALUE!"
        page.write_formula(*place, f"={error}", plain_format, error)
    elif isinstance(value, bool):
        page.write_boolean(*place, value, plain_format)
    elif isinstance(value, int | float) and isfinite(value):
        percent = cells.is_percent(*place)
        page.write_number(*place, value, formats.of("0.00%" if percent else "General", grade))
    elif isinstance(value, dt.datetime) and value.date() >= _FIRST_DAY:
        shown = "dd/mm/yyyy" if value.time() == dt.time(0) else "dd/mm/yyyy hh:mm"
        page.write_datetime(*place, value, formats.of(shown, grade))
    elif isinstance(value, dt.date) and not isinstance(value, dt.datetime) and value >= _FIRST_DAY:
        page.write_datetime(*place, value, formats.of("dd/mm/yyyy", grade))
    elif isinstance(value, dt.time):
        page.write_datetime(*place, value, formats.of("hh:mm:ss", grade))
    elif isinstance(value, dt.timedelta):
        page.write_datetime(*place, value, formats.of("[h]:mm:ss", grade))
    else:
        text = plain(value)
        if text:
            quoted = text.startswith(FORMULA_STARTS)
            font = cells.facts.fonts.get(place, FONT)  # of a legacy encoding: text as delivered shows by it
            page.write_string(*place, text[:_LONGEST], formats.of("General", grade, quoted, font))
        else:
            page.write_blank(*place, None, plain_format)


def _note(page: Worksheet, place: Place, mark: Mark) -> None:
    text = f"{AUTHOR}:\n{mark.text}"
    size = {"width": BOX_PIXELS, "height": box_height(text)}
    page.write_comment(*place, text, {"author": AUTHOR, "color": "#FFFBE6", "font_size": 10, **size})


def _write_list(page: Worksheet, listed: Listed, book: xlsxwriter.Workbook) -> None:
    base = {"font_name": FONT, "font_size": 12, "valign": "top", "text_wrap": True, "font_color": "#1F2933"}
    boxed = {**base, "border": 1, "border_color": f"#{LINE}"}
    centred = {**boxed, "align": "center"}
    title = book.add_format(
        {
            **base,
            "bold": True,
            "font_size": 16,
            "font_color": f"#{ACCENT}",
            "text_wrap": False,
            "valign": "vcenter",
        }
    )
    label, value = book.add_format({**base, "bold": True}), book.add_format(base)
    remark = book.add_format({**base, "bold": True, "font_color": f"#{INK['error']}"})
    heading = book.add_format(
        {**centred, "bold": True, "font_color": "#FFFFFF", "bg_color": f"#{ACCENT}", "valign": "vcenter"}
    )
    text, centre = book.add_format(boxed), book.add_format(centred)
    link = book.add_format({**centred, "font_color": "#0B5CAD", "underline": 1})
    small = book.add_format({**boxed, "font_size": 9, "font_color": "#5B6770"})
    grades = {
        grade: book.add_format(
            {**centred, "bold": True, "bg_color": f"#{colour}", "font_color": f"#{INK[grade]}"}
        )
        for grade, colour in FILLS.items()
    }
    last = len(COLUMNS) - 1
    page.hide_gridlines(2)
    page.set_tab_color(f"#{ACCENT}")
    _print_on_a4(page)
    for column, (_, width) in enumerate(COLUMNS):
        page.set_column(column, column, width)
    page.set_row(0, 28)
    page.write_string(0, 0, listed.title, title)
    row = 1
    for name, content in listed.facts:
        page.set_row(row, height_of(content))
        page.merge_range(row, 0, row, 1, "", label)
        page.write_string(row, 0, name, label)
        page.merge_range(row, 2, row, last, "", value)
        page.write_string(row, 2, content, value)
        row += 1
    for content in listed.remarks:
        page.set_row(row, height_of(content))
        page.merge_range(row, 0, row, last, "", remark)
        page.write_string(row, 0, content, remark)
        row += 1
    row += 1
    page.set_row(row, 24)
    for column, (content, _) in enumerate(COLUMNS):
        page.write_string(row, column, content, heading)
    page.freeze_panes(row + 1, 0)
    page.repeat_rows(row)
    for line in listed.lines:
        row += 1
        page.set_row(row, height_of_line(line))
        for column, content in enumerate(line.texts):
            if column == LINK_COLUMN and line.link is not None:
                page.write_url(row, column, f"internal:{line.link}", link, content)
            elif column == 1:
                page.write_string(row, column, content, grades[line.grade])
            else:
                page.write_string(
                    row, column, content, small if column == last else centre if column in (0, 3) else text
                )


def _print_on_a4(page: Worksheet) -> None:
    """Landscape, as wide as one page."""
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_footer("&R&P/&N")


def _names(sheets: list[SheetCells]) -> list[str]:
    """Names that a workbook takes, each once, as near to the delivered ones as may be."""
    found: list[str] = []
    for position, cells in enumerate(sheets, start=1):
        name = _NOT_IN_NAMES.sub(" ", cells.name).strip().strip("'")[:LONGEST_NAME] or f"Bảng {position}"
        found.append(free_name(name, found))
    return found
