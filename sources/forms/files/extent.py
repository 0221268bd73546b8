"""How far a sheet's filled cells reach, looked at before the sheet is laid out.

Cells that hold nothing (formats down to the last row) do not count.
"""

from __future__ import annotations

from sources.forms.definition import Limits
from sources.packages import RefusedError


class Extent:
    """The smallest rectangle from the first cell on that holds every filled cell of a sheet."""

    def __init__(self, name: str, limits: Limits) -> None:
        self._name, self._limits = name, limits
        self._rows = self._columns = 0

    def fill(self, row: int, column: int) -> None:
        """A cell holds something; both from 1. Raises RefusedError when it lies too far."""
        self._rows, self._columns = max(self._rows, row), max(self._columns, column)
        check_area(self._name, self._rows, self._columns, self._limits)


def check_area(name: str, rows: int, columns: int, limits: Limits) -> int:
    """The number of cells; raises RefusedError when it is more than a file may have."""
    if rows * columns > limits.sheet_rows * limits.sheet_columns:
        raise too_large(name, rows, columns, limits)
    return rows * columns


def check_shape(name: str, rows: int, columns: int, limits: Limits) -> None:
    """Raises RefusedError when a sheet has more rows or columns than it may."""
    if rows > limits.sheet_rows or columns > limits.sheet_columns:
        raise too_large(name, rows, columns, limits)


def too_large(name: str, rows: int, columns: int, limits: Limits) -> RefusedError:
    """The refusal of a sheet for its size."""
    return RefusedError(
        "intake.file_too_large",
        f"{name}: {rows} × {columns}"[:200],
        f"≤ {limits.sheet_rows} × {limits.sheet_columns}",
    )


def count(text: str | None, otherwise: int = 1) -> int:
    """A count in an attribute; what stands for it where it is absent or none."""
    return int(text[:20]) if text and text.isascii() and text.isdigit() else otherwise
