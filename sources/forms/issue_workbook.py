"""The look of the issued workbook. The same content gives the same bytes."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from sources.forms.content import FormContent
from sources.forms.definition import Column, FormDefinition, Sheet
from sources.forms.required_text import date_text

FONT = "Times New Roman"
INK, ACCENT, PALE, GREY, LINE, RED = "#1F2933", "#1F4E79", "#DCE6F1", "#EDEFF2", "#9AA5B1", "#C00000"
LINE_HEIGHT = 15.5
TITLE_ROW, SUBTITLE_ROW, GUIDANCE_ROW = 0, 1, 2
_A4, _A3 = 9, 8
_WIDE = 200
"""Width in characters from which a sheet is printed on A3."""


class _Formats:
    """The cell formats of one workbook."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        base = {"font_name": FONT, "font_size": 12, "font_color": INK, "valign": "vcenter"}
        cell = {**base, "border": 1, "border_color": LINE, "text_wrap": True, "valign": "top"}
        free = {**cell, "locked": False}
        fixed = {**cell, "bg_color": GREY}
        indented = {"indent": 1}

        def add(**more: Any) -> Any:
            return book.add_format({**base, **more})

        self.title = add(bold=True, font_size=16, font_color=ACCENT)
        self.subtitle = add(bold=True)
        self.guidance = add(italic=True, text_wrap=True, valign="top", font_color="#44505C")
        self.remark = add(text_wrap=True, valign="top", font_color=RED)
        self.data_label = add(bold=True, font_color=RED)
        self.section = book.add_format(
            {**cell, "bold": True, "bg_color": PALE, "font_color": ACCENT, "text_wrap": False}
        )
        self.heading = book.add_format(
            {
                **cell,
                "bold": True,
                "bg_color": ACCENT,
                "font_color": "#FFFFFF",
                "align": "center",
                "valign": "vcenter",
            }
        )
        self.number_row = book.add_format({**fixed, "italic": True, "align": "center", "font_size": 10})
        self.label = book.add_format({**fixed, **indented, "bold": True, "valign": "vcenter"})
        self.fixed = book.add_format(fixed)
        self.fixed_centre = book.add_format({**fixed, "align": "center"})
        self.fixed_value = book.add_format({**fixed, **indented, "valign": "vcenter"})
        self.free_value = book.add_format({**free, **indented, "valign": "vcenter", "align": "left"})
        self.free_date = book.add_format(
            {**free, **indented, "valign": "vcenter", "align": "left", "num_format": "dd/mm/yyyy"}
        )
        self.wrong = book.add_format({"bg_color": "#FDE2E1", "font_color": RED})
        self.by_type = {
            "count": book.add_format({**free, "num_format": "#,##0", "align": "right"}),
            "number": book.add_format({**free, "num_format": "#,##0.##", "align": "right"}),
            "by_unit": book.add_format({**free, "align": "right"}),
            "percent": book.add_format({**free, "num_format": "0.##", "align": "right"}),
            "date": book.add_format({**free, "num_format": "dd/mm/yyyy", "align": "center"}),
            "code": book.add_format({**free, "num_format": "@"}),
            "text": book.add_format({**free, "num_format": "@"}),
        }
        self.free = book.add_format(free)


def write_workbook(form: FormDefinition, content: FormContent, data_label: str | None = None) -> bytes:
    """One agency's form as .xlsx bytes; `data_label` (synthetic data, for instance) is on every sheet."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties(
        {
            "title": f"{form.form_code} {content.agency['agency_code']} {content.period['period_id']}",
            "created": datetime.combine(content.period["closes_on"], datetime.min.time()),
        }
    )
    formats = _Formats(book)
    _info_sheet(book, formats, form, content, data_label)
    for sheet in form.sheets:
        _table_sheet(book, formats, form, sheet, content, data_label)
    book.close()
    return buffer.getvalue()


def _page(page: Worksheet, form: FormDefinition, content: FormContent, data_label: str | None) -> None:
    page.hide_gridlines(2)
    page.set_paper(_A4)
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.fit_to_pages(1, 0)
    label = f'&C&"{FONT},Bold"{data_label}' if data_label else ""
    font = f'&"{FONT},Regular"'
    page.set_footer(f"&L{font}{form.form_code} · {content.agency['agency_code']}{label}&R{font}&P/&N")
    page.protect(
        "",
        {
            "insert_rows": True,
            "delete_rows": True,
            "format_columns": True,
            "format_rows": True,
            "format_cells": True,
            "sort": True,
            "autofilter": True,
        },
    )


def _info_sheet(
    book: xlsxwriter.Workbook,
    formats: _Formats,
    form: FormDefinition,
    content: FormContent,
    data_label: str | None,
) -> None:
    page = book.add_worksheet(form.info.name)
    _page(page, form, content, data_label)
    page.set_portrait()
    page.set_column(0, 0, 2)
    page.set_column(1, 1, 30)
    page.set_column(2, 2, 62)
    page.set_row(0, 30)
    page.write_string(0, 1, form.title_vi, formats.title)
    page.write_string(
        1, 1, f"{content.agency['agency_name']} · {content.period['label_vi']}", formats.subtitle
    )
    if data_label:
        page.write_string(2, 1, data_label, formats.data_label)
    row = 3
    for code, word in form.info.labels.items():
        page.set_row(row, 21)
        page.write_string(row, 1, word.label, formats.label)
        if word.type == "date":
            page.write_blank(row, 2, None, formats.free_date)
            page.data_validation(row, 2, row, 2, _date_validation(content))
        elif word.prefilled and code != "report_kind":
            page.write_string(row, 2, content.info[code], formats.fixed_value)
        elif code == "report_kind":
            page.write_string(row, 2, content.info[code], formats.free_value)
            page.data_validation(row, 2, row, 2, _list([kind.label for kind in form.report_kinds.values()]))
        else:
            page.write_blank(row, 2, None, formats.free_value)
        row += 1
    row += 1
    for line in _guidance(form, content):
        page.merge_range(row, 1, row, 2, line, formats.guidance)
        page.set_row(row, LINE_HEIGHT * _lines(line, 100))
        row += 1


def _guidance(form: FormDefinition, content: FormContent) -> list[str]:
    texts, period = form.texts, content.period
    window = texts.window_not_set_vi
    if period["window_start"] is not None:
        start, end = date_text(period["window_start"]), date_text(period["window_end"])
        window = texts.window_vi.format(start=start, end=end)
    lines = [f"{window}."]
    if due := content.due:
        notes = [texts.assumed_vi] if due["assumed"] else []
        if due["stated_date"] != due["due_date"]:
            notes.append(texts.due_moved_vi.format(stated=date_text(due["stated_date"])))
        note = f" ({'; '.join(notes)})" if notes else ""
        lines.insert(0, f"{texts.due_vi}: {date_text(due['due_date'])}{note}.")
    return [
        f"• {line}" for line in [*lines, texts.fill_white_vi, texts.blank_vi, texts.resend_vi, form.basis_vi]
    ]


def _table_sheet(
    book: xlsxwriter.Workbook,
    formats: _Formats,
    form: FormDefinition,
    sheet: Sheet,
    content: FormContent,
    data_label: str | None,
) -> None:
    rows = content.sheets[sheet.code]
    page = book.add_worksheet(sheet.name)
    _page(page, form, content, data_label)
    page.set_landscape()
    width = sum(column.width for column in sheet.columns)
    if width > _WIDE:
        page.set_paper(_A3)
    for position, column in enumerate(sheet.columns):
        page.set_column(position, position, column.width)
    page.set_row(TITLE_ROW, 26)
    page.write_string(TITLE_ROW, 0, sheet.name, formats.title)
    label = f" · {data_label}" if data_label else ""
    page.write_string(
        SUBTITLE_ROW,
        0,
        f"{content.agency['agency_name']} · {content.period['label_vi']}{label}",
        formats.subtitle,
    )
    last = len(sheet.columns) - 1
    page_columns = _columns_within(sheet, 150)
    row = GUIDANCE_ROW
    for line, style in [(sheet.guidance_vi, formats.guidance), *((r, formats.remark) for r in rows.remarks)]:
        page.merge_range(row, 0, row, page_columns, line, style)
        page.set_row(row, LINE_HEIGHT * _lines(line, min(width, 150) * 1.05))
        row += 1
    first_heading = row
    row = _headings(page, formats, sheet, row)
    page.repeat_rows(first_heading, row - 1)
    page.freeze_panes(row, _frozen_columns(sheet))
    first_data = row
    for values in rows.rows:
        _row(page, formats, sheet, row, values, last)
        row += 1
    for _ in range(rows.blank_rows):
        for position, column in enumerate(sheet.columns):
            page.write_blank(row, position, None, _free(formats, column))
        row += 1
    if row > first_data:
        _validations(page, form, sheet, first_data, row - 1, content)
        _marks(page, formats, sheet, first_data, row - 1)


def _headings(page: Worksheet, formats: _Formats, sheet: Sheet, row: int) -> int:
    """Write the heading rows; returns the first row below them."""
    if not sheet.groups:
        page.set_row(row, LINE_HEIGHT * max(_lines(c.heading, c.width) for c in sheet.columns) + 6)
        for position, column in enumerate(sheet.columns):
            page.write_string(row, position, column.heading, formats.heading)
        return row + 1
    page.set_row(row, 22)
    page.set_row(row + 1, LINE_HEIGHT * 3)
    for position, column in enumerate(sheet.columns):
        if column.group is None:
            page.merge_range(row, position, row + 1, position, column.heading, formats.heading)
        else:
            page.write_string(row + 1, position, column.heading, formats.heading)
    for code, group in sheet.groups.items():
        places = [position for position, column in enumerate(sheet.columns) if column.group == code]
        page.merge_range(row, places[0], row, places[-1], group.label, formats.heading)
    for position, column in enumerate(sheet.columns):
        page.write_string(
            row + 2, position, f"({column.number})" if column.number else "", formats.number_row
        )
    return row + 3


def _row(
    page: Worksheet, formats: _Formats, sheet: Sheet, row: int, values: dict[str, Any], last: int
) -> None:
    if "section" in values:
        page.write_string(row, 0, values["section"], formats.section)
        for position in range(1, last + 1):
            page.write_blank(row, position, None, formats.section)
        page.set_row(row, 20)
        return
    lines = max(_lines(str(values.get(c.code) or ""), c.width) for c in sheet.columns)
    page.set_row(row, LINE_HEIGHT * max(lines, sheet.row_lines) + 4)
    for position, column in enumerate(sheet.columns):
        value = values.get(column.code)
        if value is None and (not column.prefilled or column.type in ("field", "content")):
            page.write_blank(
                row, position, None, formats.fixed if column.prefilled else _free(formats, column)
            )
        elif not column.prefilled:
            page.write(row, position, value, _free(formats, column))
        else:
            page.write(row, position, value, formats.fixed_centre if column.width < 13 else formats.fixed)


def _free(formats: _Formats, column: Column) -> Any:
    return formats.by_type.get(column.type, formats.free)


def _validations(
    page: Worksheet, form: FormDefinition, sheet: Sheet, first: int, last: int, content: FormContent
) -> None:
    for position, column in enumerate(sheet.columns):
        rule: dict[str, Any] | None = None
        if column.type in ("status", "content", "feedback_kind"):
            rule = _list([word.label for word in form.words(column.type).values()])
        elif column.type == "count":
            rule = _at_least_zero("integer")
        elif column.type == "percent":
            rule = _between(column)
        elif column.type == "date":
            rule = _date_validation(content)
        if rule:
            page.data_validation(first, position, last, position, rule)


def _marks(page: Worksheet, formats: _Formats, sheet: Sheet, first: int, last: int) -> None:
    """Colour totals that are not the sum of their parts while the form is being filled."""
    places = {column.code: xl_col_to_name(position) for position, column in enumerate(sheet.columns)}
    for rule in sheet.identities:
        cells = [f"{places[code]}{first + 1}" for code in [rule.total, *rule.parts]]
        filled = ",".join(f"ISNUMBER({cell})" for cell in cells)
        page.conditional_format(
            f"{places[rule.total]}{first + 1}:{places[rule.total]}{last + 1}",
            {
                "type": "formula",
                "criteria": f"=AND({filled},{cells[0]}<>{'+'.join(cells[1:])})",
                "format": formats.wrong,
            },
        )


def _list(words: list[str]) -> dict[str, Any]:
    return {
        "validate": "list",
        "source": words,
        "error_type": "warning",
        "error_title": "Ngoài danh sách",
        "error_message": "Hãy chọn một mục trong danh sách.",
    }


def _at_least_zero(kind: str) -> dict[str, Any]:
    return {
        "validate": kind,
        "criteria": ">=",
        "value": 0,
        "error_type": "warning",
        "error_title": "Không phải số đếm",
        "error_message": 'Ghi số nguyên từ 0, hoặc "Không phát sinh"; để trống khi chưa có số liệu.',
    }


def _between(column: Column) -> dict[str, Any]:
    return {
        "validate": "decimal",
        "criteria": "between",
        "minimum": column.low or 0,
        "maximum": column.high or 100,
        "error_type": "warning",
        "error_title": "Ngoài khoảng",
        "error_message": "Ghi số phần trăm từ 0 đến 100, không kèm dấu %.",
    }


def _date_validation(content: FormContent) -> dict[str, Any]:
    year = content.period["year"]
    return {
        "validate": "date",
        "criteria": "between",
        "minimum": datetime(year - 1, 1, 1),  # noqa: DTZ001  (a day in a sheet has no zone)
        "maximum": datetime(year + 1, 12, 31),  # noqa: DTZ001
        "error_type": "warning",
        "error_title": "Ngày chưa hợp lệ",
        "error_message": "Ghi ngày/tháng/năm, ví dụ 17/3/2023.",
    }


def _lines(text: str, width: float) -> int:
    """Lines that a text takes in a column of a width in characters."""
    per_line = max(width * 1.12, 1)
    return sum(max(1, -int(-len(part) // per_line)) for part in text.split("\n")) or 1


def _columns_within(sheet: Sheet, width: float) -> int:
    """Last column whose right edge lies within a width: guidance is merged up to there."""
    total = 0.0
    for position, column in enumerate(sheet.columns):
        total += column.width
        if total >= width:
            return max(position, 1)
    return len(sheet.columns) - 1


def _frozen_columns(sheet: Sheet) -> int:
    """How many leading columns stay in sight: those that say what the row is about."""
    total = 0.0
    for position, column in enumerate(sheet.columns):
        total += column.width
        if not column.prefilled or column.type == "shown" or total > 75:
            return position
    return 0
