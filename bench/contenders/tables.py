"""How a simple loader sees the form: which sheet is which table, where its rows begin, what names a row.

It knows the form as issued and nothing else: no shifted headings, no synonyms, no reordered columns.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from unicodedata import normalize

from bench.data import HEADING_ROWS, KEYS
from sources.forms.definition import load_definition


@dataclass(frozen=True)
class Table:
    """A sheet of the form: its table's name, its columns in order, the one that every row of data fills."""

    name: str
    columns: list[str]
    key: str
    heading: str
    heading_rows: int

    def first_row(self, column: Iterable[object]) -> int:
        """Where the data begin, from the first column: below the first heading, in either normal form."""
        heading = next(n for n, cell in enumerate(column) if normalize("NFC", str(cell)) == self.heading)
        return heading + self.heading_rows


def by_sheet_name() -> dict[str, Table]:
    """The form's table sheets by their names."""
    return {
        sheet.name: Table(
            f"{sheet.code}_row",
            [column.code for column in sheet.columns],
            KEYS[sheet.code],
            sheet.columns[0].heading,
            HEADING_ROWS if sheet.groups else 1,
        )
        for sheet in load_definition().sheets
    }
