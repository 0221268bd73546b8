"""Writing into a workbook: text stays text, numbers stay numbers, and every sheet says whose it is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from textwrap import wrap
from typing import Any

import xlsxwriter

from review.display import NOTHING, harmless_cell
from review.evidence import Evidence
from review.heading import Heading

SUMMARY, CHARTS, SOURCES, FILES, GUIDE = "Tổng hợp", "Biểu đồ", "Nguồn số liệu", "Tệp nguồn", "Cách đọc"
HEADING_ROW = 3
"""Row (from 0) of a sheet's headings; above it stand title, labels and a way back."""
TONES = {
    "good": ("#DCEBF8", "#0A4275"),
    "soft": ("#EDF5FC", "#23506F"),
    "warn": ("#FDF1D3", "#5F4300"),
    "bad": ("#FBE3D8", "#7A2605"),
    "idle": ("#EEF0F3", "#3D4753"),
    "none": ("#FFFFFF", "#3D4753"),
}
"""Fill and ink of a state's cell."""
HEAD = {
    "bold": True,
    "text_wrap": True,
    "bg_color": "#E6ECF3",
    "border": 1,
    "border_color": "#B9C3CE",
    "valign": "vcenter",
}
LINK = {"font_color": "#0B56A0", "underline": 1}
MUTED = {"font_color": "#55606D"}
RIGHT = {"align": "right"}
INDENTED = {"align": "left", "indent": 1}
"""Words stand off the figures before them. The indent counts only beside a horizontal alignment."""

_LONGEST_TEXT = 32_000
_FIRST_LINE, _LINE, _MOST_LINES = 15.0, 13.5, 16
_NARROW, _NARROW_BOLD = 1.3, 1.1  # the face is narrower than the one that column widths are counted in


@dataclass(frozen=True)
class Cell:
    """One cell to be written. `link` is an evidence key; `pattern` the number or date format."""

    value: str | int | Decimal | datetime | None
    pattern: str = ""
    link: str = ""
    style: dict[str, Any] = field(default_factory=dict)


def row_height(texts: Sequence[tuple[str, int]], narrow: float = _NARROW) -> float:
    """Height in points for wrapped texts, given with their widths: not every program fits rows by itself."""
    lines = (
        sum(len(wrap(part, max(int(width * narrow), 1))) or 1 for part in text.split("\n"))
        for text, width in texts
    )
    return _FIRST_LINE + _LINE * (min(max(lines, default=1), _MOST_LINES) - 1)


class Book:
    """A workbook being written. Text always goes out as text, never as a formula or an outside link."""

    def __init__(self, path: Path, created: datetime, heading: Heading, evidence: Evidence) -> None:
        self.file = xlsxwriter.Workbook(
            path, {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
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
        keys = [row["keys"] for group in evidence.groups for row in group.rows]
        self._evidence_rows = {
            key: place for place, row_keys in enumerate(keys, HEADING_ROW + 1) for key in row_keys
        }
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
            self.text(sheet, row, column, NOTHING, **{"align": "right", **MUTED, **options})
        else:
            sheet.write_number(row, column, float(value), self.style(num_format=pattern, **options))

    def cell(self, sheet: Any, row: int, column: int, cell: Cell, **options: Any) -> None:
        """Write one cell, with the link to its evidence where there is some."""
        options = {**cell.style, **options}
        if isinstance(cell.value, str):
            self.text(sheet, row, column, cell.value, **options)
            return
        if isinstance(cell.value, datetime):
            sheet.write_datetime(row, column, cell.value, self.style(num_format=cell.pattern, **options))
            return
        if cell.link in self._evidence_rows and cell.value is not None:
            options |= LINK
            # The link first, the number over it: the cell stays a number that can be summed and sorted.
            target = f"internal:'{SOURCES}'!A{self._evidence_rows[cell.link] + 1}"
            sheet.write_url(row, column, target, self.style(num_format=cell.pattern, **options), "")
        self.number(sheet, row, column, cell.value, cell.pattern, **options)

    def headings(self, sheet: Any, labels: Sequence[tuple[str, int]], figures: Collection[int]) -> None:
        """Write the headings of a table with the widths of its columns; they stay in sight and in print.

        `figures` are the places of the columns of figures, whose headings stand to the right as they do.
        """
        for place, (label, width) in enumerate(labels):
            self.text(sheet, HEADING_ROW, place, label, **HEAD, **(RIGHT if place in figures else INDENTED))
            sheet.set_column(place, place, width)
        sheet.set_row(HEADING_ROW, row_height(labels, _NARROW_BOLD))
        sheet.freeze_panes(HEADING_ROW + 1, 1)
        sheet.repeat_rows(HEADING_ROW)

    def sheet(self, name: str, title: str) -> Any:
        """A new sheet with its title, the draft mark and the data label, ready to print."""
        sheet = self.file.add_worksheet(name)
        whole_title = f"{title} – {self.heading.period_label}"
        self.text(sheet, 0, 0, whole_title, bold=True, font_size=14, font_color="#123F6D")
        labels = " · ".join(filter(None, (self.heading.draft, self.heading.data_label)))
        self.text(sheet, 1, 0, labels, bold=True, font_color="#7A2605")
        if name != SUMMARY:
            sheet.write_url(2, 0, f"internal:'{SUMMARY}'!A1", self.style(**LINK), "← Tổng hợp")
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        sheet.set_footer("&L" + self.heading.draft + "&R&P/&N")
        return sheet
