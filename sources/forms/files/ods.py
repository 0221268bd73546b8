"""Workbooks of LibreOffice (.ods): calamine lays the cells out; what it does not tell is read from the XML.

A row and a cell can stand for many; the parser would lay out each of them, so they are counted before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from sources.encodings import is_legacy_font
from sources.forms.definition import Limits
from sources.forms.files.calamine import Known, read_sheets
from sources.forms.files.cell_facts import FORMULA
from sources.forms.files.extent import Extent, count
from sources.forms.files.sheet_cells import SheetCells
from sources.packages import RefusedError

_CONTENT = "content.xml"
_CELLS = ("table:table-cell", "table:covered-table-cell")
_SHOWN_FAULT = 100


def read_ods(data: bytes, parts: Mapping[str, bytes], limits: Limits) -> list[SheetCells]:
    """The tables of a spreadsheet. `parts` are the XML parts that passed the guards."""
    known = _Scan(limits).read(parts.get(_CONTENT, b""))
    return read_sheets(data, lambda _index, name: known.get(name, Known()), limits)


@dataclass
class _Cell:
    """The cell at hand: it stands for `columns` cells from `first` on."""

    first: int
    columns: int
    attributes: Mapping[str, str]
    has_text: bool = False
    shown: list[str] = field(default_factory=list)

    @property
    def fault(self) -> str | None:
        """What stands in the cell that is no value."""
        if self.attributes.get("calcext:value-type") == "error":
            return "".join(self.shown).strip() or "#?"
        lacks_value = "office:value-type" not in self.attributes and not self.has_text
        return FORMULA if "table:formula" in self.attributes and lacks_value else None


class _Scan:
    """One pass over content.xml: how far each table's filled cells reach, and its facts."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._fonts: dict[str, str] = {}
        self._style = ""
        self._found: dict[str, Known] = {}
        self._known = Known()
        self._extent = Extent(_CONTENT, limits)
        self._first_row = self._row = self._column = 0
        self._cells: list[_Cell] = []
        self._cell: _Cell | None = None
        self._aside = 0

    def read(self, part: bytes) -> dict[str, Known]:
        """What is known by table. Raises RefusedError for too many cells in one, or broken XML."""
        parser = expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text
        try:
            parser.Parse(part, True)
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise RefusedError("intake.file_damaged", f"lỗi khi đọc {_CONTENT}: {error}"[:200]) from None
        return self._found

    def _start(self, tag: str, attributes: dict[str, Any]) -> None:
        if tag == "table:table":
            self._known = self._found[attributes.get("table:name", "")] = Known()
            self._extent = Extent(_CONTENT, self._limits)
            self._row = 0
        elif tag == "table:table-row":
            self._first_row, self._column, self._cells = self._row, 0, []
            self._row += count(attributes.get("table:number-rows-repeated"))
            if attributes.get("table:visibility") in ("collapse", "filter"):
                last = min(self._row, self._limits.sheet_rows)
                self._known.facts.hidden_rows.update(range(self._first_row, last))
        elif tag in _CELLS:
            columns = count(attributes.get("table:number-columns-repeated"))
            self._cell = _Cell(self._column, columns, attributes)
            self._cells.append(self._cell)
            self._column += columns
            if "office:value-type" in attributes:
                self._extent.fill(self._row, self._column)
        elif tag == "office:annotation":
            self._aside += 1
        elif tag == "text:p" and self._cell is not None and not self._aside:
            self._cell.has_text = True
            self._extent.fill(self._row, self._column)
        elif tag == "style:style":
            self._style = attributes.get("style:name", "")
        elif tag == "style:text-properties" and is_legacy_font(attributes.get("style:font-name", "")):
            self._fonts[self._style] = attributes["style:font-name"]

    def _text(self, text: str) -> None:
        if self._cell is not None and not self._aside and len(self._cell.shown) < _SHOWN_FAULT:
            self._cell.shown.append(text[:_SHOWN_FAULT])

    def _end(self, tag: str) -> None:
        if tag == "office:annotation":
            self._aside -= 1
        elif tag in _CELLS:
            self._cell = None
        elif tag == "table:table-row":
            for cell in self._cells:
                self._keep(cell)

    def _keep(self, cell: _Cell) -> None:
        facts, get = self._known.facts, cell.attributes.get
        fault, font = cell.fault, self._fonts.get(get("table:style-name", ""))
        is_percent = get("office:value-type") == "percentage"
        if fault or font or is_percent:
            rows = range(self._first_row, min(self._row, self._limits.sheet_rows))
            columns = range(cell.first, min(cell.first + cell.columns, self._limits.sheet_columns))
            for place in ((row, column) for row in rows for column in columns):
                if fault:
                    facts.faults[place] = fault
                if font:
                    facts.fonts[place] = font
                if is_percent:
                    facts.percents.add(place)
        down, across = count(get("table:number-rows-spanned")), count(get("table:number-columns-spanned"))
        if down > 1 or across > 1:
            start = self._first_row, cell.first
            self._known.merged.append((start, (start[0] + down - 1, start[1] + across - 1)))
