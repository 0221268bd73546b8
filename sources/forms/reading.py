"""One sheet of a delivery as it was read: what goes into `raw`, and what does not."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from warehouse.schema import metadata

STAMP = ("delivery_id", "sheet_no", "agency_key", "period_id")


@dataclass
class SheetReading:
    """One sheet as read. `rows` are the rows to be loaded: values of raw.<sheet_code>_row in the order of
    `columns`, which are the table's without delivery, sheet, agency and period; `given` is JSON text.

    `held` rows are dicts of sheet_row, rule_id and given. rows_read = rows + held + rows_structure.
    """

    sheet_no: int
    sheet_code: str
    sheet_name: str
    is_hidden: bool
    header_row: int | None = None
    column_map: dict[str, str] = field(default_factory=dict)
    rows_read: int = 0
    columns: tuple[str, ...] = ()
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    held: list[dict[str, Any]] = field(default_factory=list)
    totals: list[dict[str, Any]] = field(default_factory=list)
    rows_structure: int = 0

    @property
    def loaded(self) -> list[dict[str, Any]]:
        """The rows to be loaded as dicts, `given` with them."""
        return [
            dict(zip(self.columns, row, strict=True)) | {"given": json.loads(row[-1])} for row in self.rows
        ]


@cache
def row_columns(sheet_code: str) -> tuple[str, ...]:
    """Columns of a sheet's raw table beside its stamp (delivery, sheet, agency, period); `given` is last."""
    names = metadata.tables[f"raw.{sheet_code}_row"].columns.keys()
    return tuple(name for name in names if name not in STAMP)
