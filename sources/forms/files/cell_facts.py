"""What calamine does not tell about cells: errors, formulas without a value, percent formats, hidden rows.

calamine gives errors and formulas without a cached value as blanks, and numbers without their format. Both
decide how a cell is read (form.md, ruling 1), so they are looked up in the XML parts, and only where a part
can hold such a thing. Rows and columns count from 0.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from xml.etree import ElementTree

from sources.forms.files.guards import Package

Place = tuple[int, int]
FORMULA = "công thức không có giá trị"

_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_WORTH_A_LOOK = re.compile(rb"""<(?:\w+:)?f[\s>/]|\bt=["']e["']|\bhidden=["'](?:1|true)["']""")
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_PERCENT_BUILTIN = frozenset({9, 10})


@dataclass
class Facts:
    """Facts of one sheet. `faults`: what stands in a cell that calamine gives as blank."""

    faults: dict[Place, str] = field(default_factory=dict)
    percents: set[Place] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)


class CellFacts:
    """The facts of a workbook's sheets, read when asked for; an .xls file has none."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._known: dict[int, Facts] = {}
        self._parts: list[bytes] | None = None

    def of(self, index: int, need_percents: bool = False) -> Facts:
        """Facts of the sheet at a position. Percent formats are only sure to be there when asked for."""
        if index in self._known:
            return self._known[index]
        part = self._part(index)
        if part is None or not (need_percents or self._package.kind == "ods" or _WORTH_A_LOOK.search(part)):
            return Facts()
        if self._package.kind == "ods":
            self._known = dict(enumerate(_ods_facts(part)))
            return self._known.get(index, Facts())
        self._known[index] = _xlsx_facts(part, _percent_styles(self._package.parts.get("xl/styles.xml", b"")))
        return self._known[index]

    def _part(self, index: int) -> bytes | None:
        if self._package.kind == "xls":
            return None
        if self._parts is None:
            parts = self._package.parts
            self._parts = _xlsx_parts(parts) if self._package.kind == "xlsx" else []
        if self._package.kind == "ods":
            return self._package.parts.get("content.xml")
        return self._parts[index] if index < len(self._parts) else None


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _xlsx_parts(parts: dict[str, bytes]) -> list[bytes]:
    """The worksheet parts in the workbook's order."""
    targets = {
        item.get("Id"): posixpath.normpath(posixpath.join("xl", item.get("Target", ""))).lstrip("/")
        for item in ElementTree.fromstring(parts["xl/_rels/workbook.xml.rels"])  # noqa: S314 (no DTD: guards)
    }
    book = ElementTree.fromstring(parts["xl/workbook.xml"])  # noqa: S314 (no DTD: guards)
    sheets = [item for item in book.iter() if _local(item.tag) == "sheet"]
    found = []
    for sheet in sheets:
        name = targets.get(sheet.get(_REL), "")
        found.append(parts.get(name) or parts.get(name.removeprefix("xl/")) or b"")
    return found


def _percent_styles(styles: bytes) -> set[int]:
    """Positions in cellXfs whose number format shows percent."""
    if not styles:
        return set()
    root = ElementTree.fromstring(styles)  # noqa: S314 (no DTD: guards)
    formats = {
        int(item.get("numFmtId", 0)): item.get("formatCode", "")
        for item in root.iter()
        if _local(item.tag) == "numFmt"
    }
    percent = _PERCENT_BUILTIN | {n for n, code in formats.items() if "%" in _LITERAL.sub("", code)}
    table = next((item for item in root if _local(item.tag) == "cellXfs"), None)
    return {
        n for n, xf in enumerate(table if table is not None else []) if int(xf.get("numFmtId", 0)) in percent
    }


def _xlsx_facts(part: bytes, percent_styles: set[int]) -> Facts:
    facts = Facts()
    row = -1
    for _, item in ElementTree.iterparse(BytesIO(part)):  # noqa: S314 (no DTD: guards)
        if _local(item.tag) != "row":
            continue
        row = int(item.get("r", row + 2)) - 1
        if item.get("hidden") in ("1", "true"):
            facts.hidden_rows.add(row)
        column = -1
        for cell in item:
            column = _column(cell.get("r", "")) if cell.get("r") else column + 1
            _xlsx_cell(facts, (row, column), cell, percent_styles)
        item.clear()
    return facts


def _xlsx_cell(facts: Facts, place: Place, cell: ElementTree.Element, percent_styles: set[int]) -> None:
    inner = {_local(child.tag): child for child in cell}
    value = inner["v"].text if "v" in inner else None
    if cell.get("t") == "e":
        facts.faults[place] = value or "#?"
    elif "f" in inner and value is None and not ("v" in inner and cell.get("t") == "str"):
        facts.faults[place] = FORMULA
    if int(cell.get("s", 0)) in percent_styles:
        facts.percents.add(place)


def _column(reference: str) -> int:
    match = _REFERENCE.match(reference)
    number = 0
    for letter in match[1] if match else "A":
        number = number * 26 + ord(letter) - 64
    return number - 1


def _ods_facts(part: bytes) -> Iterator[Facts]:
    for _, table in ElementTree.iterparse(BytesIO(part)):  # noqa: S314 (no DTD: guards)
        if table.tag != f"{_TABLE}table":
            continue
        facts, row = Facts(), 0
        for item in table.iter(f"{_TABLE}table-row"):
            if item.get(f"{_TABLE}visibility") in ("collapse", "filter"):
                facts.hidden_rows.add(row)
            column = 0
            for cell in item:
                _ods_cell(facts, (row, column), cell)
                column += int(cell.get(f"{_TABLE}number-columns-repeated", 1))
            row += int(item.get(f"{_TABLE}number-rows-repeated", 1))
        yield facts


def _ods_cell(facts: Facts, place: Place, cell: ElementTree.Element) -> None:
    kind = cell.get(f"{_OFFICE}value-type")
    if kind == "percentage":
        facts.percents.add(place)
    if cell.get(f"{_CALC}value-type") == "error":
        facts.faults[place] = "".join(cell.itertext()).strip() or "#?"
    elif cell.get(f"{_TABLE}formula") and kind is None:
        facts.faults[place] = FORMULA
