"""Addresses of cells as spreadsheets write them, and the places that they stand for."""

from __future__ import annotations

import re
from functools import lru_cache

Place = tuple[int, int]
"""Row and column of a cell, both from 0."""

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
"""How many rows and columns a sheet can have."""
_CELL = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_LONGEST = 8


@lru_cache(maxsize=1024)
def letters(column: int) -> str:
    """Column letters of a position from 0.

    >>> letters(27)
    'AB'
    """
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def column_number(name: str) -> int:
    """Number of a column from 1, by its letters; of a name that is too long, a number beyond all columns.

    >>> column_number("AB")
    28
    """
    number = 0
    for letter in name[:_LONGEST].upper():
        number = number * 26 + ord(letter) - 64
    return number


def cell_place(cell: str) -> Place | None:
    """Row and column of an A1 address, None when it is none.

    >>> cell_place("E7")
    (6, 4)
    """
    match = _CELL.fullmatch(cell)
    if match is None:
        return None
    row, column = int(match[2]), column_number(match[1])
    return (row - 1, column - 1) if row <= LAST_ROW and column <= LAST_COLUMN else None
