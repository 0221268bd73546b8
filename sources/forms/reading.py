"""One sheet of a delivery as it was read: what goes into `raw`, and what does not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sources.forms.values import SaidColumn
from warehouse.schema import metadata

STAMP = ("delivery_id", "sheet_no", "agency_key", "period_id")
PRECISION = "_precision"
"""After a column of dates: the column that says how exact they are."""


@dataclass
class SheetReading:
    """One sheet as read.

    `columns` are those of raw.<sheet_code>_row without delivery, sheet, agency and period; `given` is last.
    `lines` are the rows to be loaded, as COPY text of these columns; `given` is the last of them as JSON,
    a line each; `column` gives the values of the others. `held`: dicts of sheet_row, rule_id and given.
    rows_read = lines + held + rows_structure.
    """

    sheet_no: int
    sheet_code: str
    sheet_name: str
    is_hidden: bool
    header_row: int | None = None
    column_map: dict[str, str] = field(default_factory=dict)
    rows_read: int = 0
    columns: tuple[str, ...] = ()
    lines: Sequence[bytes] = ()
    given: bytes = b""
    sheet_rows: Sequence[int] = ()
    """Of all rows that hold a cell, among them those at `places`: their numbers."""
    said: dict[str, SaidColumn] = field(default_factory=dict)
    """Of the same rows, by column that is read: what the cells say."""
    names: Sequence[Mapping[str, Any]] = ()
    """Of the same rows: values of the columns that say what they are about."""
    places: Sequence[int] = ()
    """Which of these rows are to be loaded."""
    held: list[dict[str, Any]] = field(default_factory=list)
    totals: list[dict[str, Any]] = field(default_factory=list)
    rows_structure: int = 0

    def column(self, code: str) -> Sequence[Any]:
        """The values of a column in the rows to be loaded."""
        read = code.removesuffix(PRECISION)
        values: Sequence[Any]
        if code == "sheet_row":
            values = self.sheet_rows
        elif read in self.said:
            values = self.said[read].values if read == code else self.said[read].precisions
        else:
            return [self.names[place].get(code) for place in self.places]
        return values if len(self.places) == len(values) else [values[place] for place in self.places]

    def values_of(self, *codes: str) -> Iterator[tuple[Any, ...]]:
        """The rows to be loaded: their values of some columns."""
        return zip(*map(self.column, codes), strict=True)

    @property
    def loaded(self) -> list[dict[str, Any]]:
        """The rows to be loaded as dicts, `given` with them."""
        names = self.columns[:-1]
        rows = zip(self.values_of(*names), self.given.split(b"\n"), strict=True) if self.lines else ()
        return [dict(zip(names, row, strict=True)) | {"given": json.loads(text)} for row, text in rows]


@cache
def row_columns(sheet_code: str) -> tuple[str, ...]:
    """Columns of a sheet's raw table beside its stamp (delivery, sheet, agency, period); `given` is last."""
    names = metadata.tables[f"raw.{sheet_code}_row"].columns.keys()
    return tuple(name for name in names if name not in STAMP)
