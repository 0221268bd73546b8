"""A table of the review as a sheet of the workbook."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from review import wording
from review.book import HEADING_ROW, INDENTED, MUTED, RIGHT, TONES, Book, Cell, row_height
from review.display import NOTHING, Measured, Ratio, counts, percent_places
from review.tables import Column, Table
from warehouse.clock import TIME_ZONE

_WRAP = {"text_wrap": True, **INDENTED}
_FIGURES = {"count", "score", "ratio", "measured", "share", "file"}
_COUNT_WIDTH = 11
_A4_CHARACTERS = 210
"""A wider sheet is set to print on A3, where it can still be read."""


def headings(column: Column) -> list[tuple[str, int]]:
    """Heading and width of the workbook columns that one column becomes: a rate brings its counts along."""
    if column.kind in ("ratio", "measured"):
        return [
            (column.label, column.width),
            (f"{column.label}: tử số", _COUNT_WIDTH),
            (f"{column.label}: mẫu số", _COUNT_WIDTH),
        ]
    return [(column.label, column.width)]


def cells(column: Column, row: dict[str, Any]) -> list[Cell]:
    """The cells that one column of a row becomes, as many as its headings."""
    held = row.get(column.key)
    link = row.get(column.link, "") if column.link else ""
    match column.kind:
        case "ratio" | "measured":
            return _rate(held or Ratio(None, None), link)
        case "state":
            item = wording.state(column.vocabulary, held)
            fill, ink = TONES[item.tone]
            look = {"bg_color": fill, "font_color": ink, "border": 1, "border_color": "#D5DBE2"}
            look |= INDENTED
            return [Cell(item.label, style=look)]
        case "marks":
            return [Cell("; ".join(text for _, text in held or ()), style=_WRAP)]
        case "count":
            return [Cell(held, _plain(held), link)]
        case "score":
            return [Cell(held, "#,##0.00", link)]
        case "file":
            return [Cell(held, "0", link)]
        case "share":
            return [Cell(NOTHING, style=MUTED | RIGHT) if held is None else Cell(counts(held), style=RIGHT)]
        case "day" if held is not None:
            return [Cell(_naive(held), "dd/mm/yyyy", style=INDENTED)]
        case "moment" if held is not None:
            return [Cell(_naive(held), "dd/mm/yyyy hh:mm", style=INDENTED)]
    return [
        Cell(NOTHING, style=MUTED | INDENTED) if held is None or held == "" else Cell(str(held), style=_WRAP)
    ]


def _rate(rate: Ratio | Measured, link: str) -> list[Cell]:
    value, pattern = rate.value, "#,##0.##"
    if not isinstance(rate, Measured) or rate.unit in ("percent", "percent_change"):
        if isinstance(rate, Measured) and value is not None:
            value = value / 100
        pattern = f"0.{'0' * percent_places(value)}%" if value is not None else "0.0%"
    elif value is not None:
        pattern = _plain(value)
    counted = [Cell(part, _plain(part)) for part in (rate.numerator, rate.denominator)]
    return [Cell(value, pattern, link), *counted]


def _plain(value: int | Decimal | None) -> str:
    return "#,##0" if value is None or value == int(value) else "#,##0.##"


def _naive(value: date | datetime) -> datetime:
    """A cell's date and time: a spreadsheet knows no zones, so it is Vietnamese time."""
    if isinstance(value, datetime):
        return value.astimezone(TIME_ZONE).replace(tzinfo=None)
    return datetime(value.year, value.month, value.day)  # noqa: DTZ001


def write_table(book: Book, title: str, table: Table) -> None:
    """One table as one sheet: frozen headings, a filter over every column, totals below."""
    sheet = book.sheet(table.sheet, title)
    columns = table.book_columns()
    labels = [label for column in columns for label in headings(column)]
    kinds = [column.kind for column in columns for _ in headings(column)]
    book.headings(sheet, labels, {place for place, kind in enumerate(kinds) if kind in _FIGURES})
    widths = [width for _, width in labels]
    if sum(widths) > _A4_CHARACTERS:
        sheet.set_paper(8)
    line = HEADING_ROW
    for line, row in enumerate(table.rows, HEADING_ROW + 1):
        _write_row(book, sheet, line, [cell for column in columns for cell in cells(column, row)], widths)
    sheet.autofilter(HEADING_ROW, 0, max(line, HEADING_ROW + 1), len(labels) - 1)
    if not table.rows:
        book.text(sheet, HEADING_ROW + 1, 0, table.empty, italic=True)
    elif table.total_row:
        whole = [cell for column in columns for cell in cells(column, table.total_row)]
        _write_row(book, sheet, line + 1, whole, widths, bold=True, top=2)
    if table.note:
        book.text(sheet, line + 3, 0, table.note, italic=True)


def _write_row(book: Book, sheet: Any, line: int, row: list[Cell], widths: list[int], **options: Any) -> None:
    for place, cell in enumerate(row):
        book.cell(sheet, line, place, cell, **options)
    texts = [
        (cell.value, width) for cell, width in zip(row, widths, strict=True) if isinstance(cell.value, str)
    ]
    sheet.set_row(line, row_height(texts))
