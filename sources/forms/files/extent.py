"""How far a sheet's filled cells reach, looked at before the sheet is parsed.

The parser lays a sheet out whole, so one cell at XFD1048576, or one that repeats a million times, would end
the process for want of memory. Cells that hold nothing (formats down to the last row) do not count.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import Any
from xml.parsers import expat

from sources.forms.definition import Limits
from sources.packages import RefusedError

_REFERENCE = re.compile(r"([A-Za-z]+)([0-9]+)")
_ROWS, _COLUMNS, _TYPE = "table:number-rows-repeated", "table:number-columns-repeated", "office:value-type"


def check_extent(name: str, part: bytes, limits: Limits) -> None:
    """Raises RefusedError when a part is a sheet of more cells than a sheet may hold, or broken XML."""
    if b"sheetData" in part:
        extent: _Extent = _XlsxExtent(name, limits)
    elif name == "content.xml":
        extent = _OdsExtent(name, limits)
    else:
        return
    parser = expat.ParserCreate()
    parser.StartElementHandler = extent.start
    try:
        parser.Parse(part, True)
    except expat.ExpatError as error:
        raise RefusedError("intake.file_damaged", f"lỗi khi đọc {name}: {error}"[:200]) from None


class _Extent(ABC):
    """The place of the element at hand, and the last row and column that hold something; both from 1."""

    def __init__(self, name: str, limits: Limits) -> None:
        self._name, self._limits = name, limits
        self._row = self._column = self._rows = self._columns = 0

    @abstractmethod
    def start(self, tag: str, attributes: dict[str, Any]) -> None:
        """An element begins."""

    def _filled(self) -> None:
        self._rows, self._columns = max(self._rows, self._row), max(self._columns, self._column)
        limits = self._limits
        if self._rows * self._columns > limits.sheet_rows * limits.sheet_columns:
            raise RefusedError(
                "intake.file_too_large",
                f"{self._name}: {self._rows} × {self._columns}"[:200],
                f"≤ {limits.sheet_rows} × {limits.sheet_columns}",
            )


class _XlsxExtent(_Extent):
    def start(self, tag: str, attributes: dict[str, Any]) -> None:
        kind = tag.rpartition(":")[2]
        if kind == "row":
            number = attributes.get("r", "")
            self._row, self._column = int(number[:20]) if number.isdecimal() else self._row + 1, 0
        elif kind == "c":
            place = _REFERENCE.fullmatch(attributes.get("r", ""))
            if place:
                self._row, self._column = int(place[2][:20]), _column_number(place[1])
            else:
                self._column += 1
        elif kind in ("v", "is"):
            self._filled()


class _OdsExtent(_Extent):
    def start(self, tag: str, attributes: dict[str, Any]) -> None:
        if tag == "table:table":
            self._row = self._column = self._rows = self._columns = 0
        elif tag == "table:table-row":
            self._row, self._column = self._row + _count(attributes.get(_ROWS)), 0
        elif tag in ("table:table-cell", "table:covered-table-cell"):
            self._column += _count(attributes.get(_COLUMNS))
            if _TYPE in attributes:
                self._filled()
        elif tag == "text:p" and self._column:
            self._filled()


def _count(text: str | None) -> int:
    return int(text[:20]) if text and text.isdecimal() else 1


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters[:8].upper():
        number = number * 26 + ord(letter) - 64
    return number
