"""Writing into a workbook: cells that stay text, numbers that stay numbers, a table as a sheet."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

from review import wording
from review.display import NOTHING, Measured, Ratio, counts, harmless_cell
from review.evidence import Evidence
from review.heading import Heading
from review.tables import Column, Table
from warehouse.clock import TIME_ZONE

SUMMARY, CHARTS, SOURCES, GUIDE = "Tổng hợp", "Biểu đồ", "Nguồn số liệu", "Cách đọc"
HEADING_ROW = 3
"""Row (from 0) of a sheet's headings; above it stand title, labels and a way back."""
_LONGEST_TEXT = 32_000

TONES = {
    "good": ("#DCEBF8", "#0A4275"),
    "soft": ("#EDF5FC", "#23506F"),
    "warn": ("#FDF1D3", "#5F4300"),
    "bad": ("#FBE3D8", "#7A2605"),
    "idle": ("#EEF0F3", "#3D4753"),
    "none": ("#FFFFFF", "#3D4753"),
}


class Book:
    """A workbook being written. Text always goes out as text, never as a formula or an outside link."""

    def __init__(self, path: Path, created: datetime, heading: Heading, evidence: Evidence) -> None:
        self.file = xlsxwriter.Workbook(
            path,
            {
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "default_date_format": "dd/mm/yyyy",
            },
        )
        # The moment the figures are of, not of the writing: equal marts give an equal file.
        self.file.set_properties(
            {
                "title": harmless_cell(f"{heading.title} – {heading.period_label}"),
                "subject": harmless_cell(heading.unit_name),
                "comments": harmless_cell(" · ".join(filter(None, (heading.draft, heading.data_label)))),
                "created": created.astimezone(UTC).replace(tzinfo=None),
            }
        )
        self.heading = heading
        self.evidence = evidence
        self.evidence_rows: dict[str, int] = {}
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def style(self, **options: Any) -> Any:
        """The cell format with these options, made once."""
        options = {"font_name": "Times New Roman", "font_size": 11, "valign": "top", **options}
        key = tuple(sorted(options.items()))
        if key not in self._formats:
            self._formats[key] = self.file.add_format(options)
        return self._formats[key]

    def text(self, sheet: Any, row: int, column: int, value: object, **options: Any) -> None:
        """Write text as text."""
        sheet.write_string(row, column, harmless_cell(value)[:_LONGEST_TEXT], self.style(**options))

    def number(self, sheet: Any, row: int, column: int, value: Any, pattern: str, **options: Any) -> None:
        """Write a number as a number, or the dash that stands for none."""
        if value is None:
            self.text(sheet, row, column, NOTHING, **{"align": "right", "font_color": "#55606D", **options})
        else:
            sheet.write_number(row, column, float(value), self.style(num_format=pattern, **options))

    def sheet(self, name: str, title: str) -> Any:
        """A new sheet with its title, the draft mark and the data label, ready to print."""
        sheet = self.file.add_worksheet(name)
        self.text(
            sheet,
            0,
            0,
            f"{title} – {self.heading.period_label}",
            bold=True,
            font_size=14,
            font_color="#123F6D",
        )
        self.text(
            sheet,
            1,
            0,
            " · ".join(filter(None, (self.heading.draft, self.heading.data_label))),
            bold=True,
            font_color="#7A2605",
        )
        if name != SUMMARY:
            sheet.write_url(
                2, 0, f"internal:'{SUMMARY}'!A1", self.style(font_color="#0B56A0", underline=1), "← Tổng hợp"
            )
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        sheet.set_footer("&L" + self.heading.draft + "&R&P/&N")
        return sheet


def _headings(column: Column) -> list[tuple[str, int]]:
    """Heading and width of the workbook columns that one column becomes: a rate brings its counts along."""
    if column.kind in ("ratio", "measured"):
        return [(column.label, column.width), (f"{column.label}: tử số", 11), (f"{column.label}: mẫu số", 11)]
    return [(column.label, column.width)]


def _evidence_url(book: Book, key: str) -> str:
    return f"internal:'{SOURCES}'!A{book.evidence_rows[key] + 1}" if key in book.evidence_rows else ""


def _linked_number(
    book: Book, sheet: Any, row: int, column: int, value: Any, pattern: str, key: str, **options: Any
) -> None:
    url = _evidence_url(book, key)
    if url and value is not None:
        options |= {"font_color": "#0B56A0", "underline": 1}
        # The link first, the number over it: the cell stays a number that can be summed and sorted.
        sheet.write_url(row, column, url, book.style(num_format=pattern, **options), "")
    book.number(sheet, row, column, value, pattern, **options)


def _write_cell(
    book: Book, sheet: Any, at: tuple[int, int], column: Column, row: dict[str, Any], **options: Any
) -> int:
    """Write one value; returns how many workbook columns it took."""
    held = row.get(column.key)
    key = row.get(column.link, "") if column.link else ""
    line, place = at
    if column.kind in ("ratio", "measured"):
        ratio = held or Ratio(None, None)
        percent = not isinstance(ratio, Measured) or ratio.unit == "percent"
        value = ratio.value
        if isinstance(ratio, Measured) and percent and value is not None:
            value = Decimal(value) / 100
        _linked_number(book, sheet, line, place, value, "0.0##%" if percent else "#,##0.##", key, **options)
        book.number(
            sheet,
            line,
            place + 1,
            ratio.numerator,
            "#,##0.##" if not _whole(ratio.numerator) else "#,##0",
            **options,
        )
        book.number(
            sheet,
            line,
            place + 2,
            ratio.denominator,
            "#,##0.##" if not _whole(ratio.denominator) else "#,##0",
            **options,
        )
        return 3
    if column.kind == "state":
        item = wording.state(column.vocabulary, held)
        fill, ink = TONES[item.tone]
        book.text(
            sheet,
            line,
            place,
            item.label,
            bg_color=fill,
            font_color=ink,
            border=1,
            border_color="#D5DBE2",
            **options,
        )
    elif column.kind == "marks":
        book.text(sheet, line, place, "; ".join(text for _, text in held or ()), text_wrap=True, **options)
    elif held is None or held == "":
        book.text(
            sheet,
            line,
            place,
            NOTHING,
            font_color="#55606D",
            align="right" if column.kind == "count" else "left",
            **options,
        )
    elif column.kind in ("count", "file"):
        _linked_number(
            book, sheet, line, place, held, "#,##0" if column.kind == "count" else "0", key, **options
        )
    elif column.kind == "share":
        book.text(sheet, line, place, counts(held), align="right", **options)
    elif column.kind == "day":
        sheet.write_datetime(
            line, place, _naive(held), book.style(num_format="dd/mm/yyyy", align="left", **options)
        )
    elif column.kind == "moment":
        sheet.write_datetime(
            line, place, _naive(held), book.style(num_format="dd/mm/yyyy hh:mm", align="left", **options)
        )
    else:
        book.text(sheet, line, place, held, text_wrap=True, **options)
    return 1


def _whole(value: Any) -> bool:
    return value is None or value == int(value)


def _naive(value: date | datetime) -> datetime:
    """A cell's date and time: a spreadsheet knows no zones, so it is Vietnamese time."""
    if isinstance(value, datetime):
        return value.astimezone(TIME_ZONE).replace(tzinfo=None)
    return datetime(value.year, value.month, value.day)  # noqa: DTZ001


def write_table(book: Book, table: Table) -> None:
    """One table as one sheet: frozen headings, a filter over every column, totals below."""
    sheet = book.sheet(table.sheet, table.title)
    columns = table.book_columns()
    place = 0
    for column in columns:
        for label, width in _headings(column):
            book.text(
                sheet,
                HEADING_ROW,
                place,
                label,
                bold=True,
                text_wrap=True,
                bg_color="#E6ECF3",
                border=1,
                border_color="#B9C3CE",
                valign="vcenter",
            )
            sheet.set_column(place, place, width)
            place += 1
    line = HEADING_ROW
    for line, row in enumerate(table.rows, HEADING_ROW + 1):
        _write_row(book, sheet, line, columns, row)
    sheet.autofilter(HEADING_ROW, 0, max(line, HEADING_ROW + 1), place - 1)
    sheet.freeze_panes(HEADING_ROW + 1, 1)
    sheet.repeat_rows(HEADING_ROW)
    if not table.rows:
        book.text(sheet, HEADING_ROW + 1, 0, table.empty, italic=True)
    elif table.total_row:
        _write_row(book, sheet, line + 1, columns, table.total_row, bold=True, top=2)
    if table.note:
        book.text(sheet, line + 3, 0, table.note, italic=True)


def _write_row(
    book: Book, sheet: Any, line: int, columns: list[Column], row: dict[str, Any], **options: Any
) -> None:
    place = 0
    for column in columns:
        place += _write_cell(book, sheet, (line, place), column, row, **options)
