"""Workbooks of Excel (.xlsx): calamine lays the cells out; what it does not tell is looked up in the XML.

calamine gives errors and formulas without a cached value as blanks, and numbers without their format. It
lays a sheet out whole, so that one cell at XFD1048576 would end the process for want of memory. A sheet in
which every tag of a row, cell or formula is ordinary (a place within A1:IZ9999, no error, no hidden row,
each formula with its value) can do neither; a few regular expressions find that out. Every other is read
through once, tag by tag, before calamine sees it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any
from xml.etree import ElementTree
from xml.parsers import expat

from sources.addresses import Place, column_number
from sources.encodings import is_legacy_font
from sources.forms.definition import Limits
from sources.forms.files.calamine import Known, read_sheets
from sources.forms.files.cell_facts import FORMULA, Facts, is_percent_format
from sources.forms.files.extent import Extent, count
from sources.forms.files.sheet_cells import SheetCells
from sources.packages import RefusedError

_UNORDINARY = tuple(
    re.compile(pattern, re.VERBOSE)
    for pattern in (
        rb"""<c (?! \ r="[A-I]?[A-Z][0-9]{1,4}" (?:
                \ s="[0-9]{1,5}" (?:/>|\ t="s">|>)  # most cells; sooner told than by what follows
              | (?:\ s="[0-9]{1,5}"|\ t="(?:[sn]|b|d|str|inlineStr)")* \ ?/?>
             )) [\s/>]""",
        rb"""<row (?! \ r="[0-9]{1,4}" (?:\ (?!hidden="(?:1|t))[\w:]+="[^"<>]*")* \ ?/?>) [\s/>]""",
        rb"""<f (?! [^<>]* (?:/>|>[^<]*</f>) <v>[^<]) [\s/>]""",
        rb""":(?:c|row)[\s/>]""",
    )
)
"""Each with a literal in front, which is what makes a search fast."""
_CELLS = tuple(re.compile(pattern) for pattern in (rb"<(?:c|row|f)[\s/>]", rb":(?:c|row)[\s/>]"))
"""What is sooner searched for than each of those: most sheets have none of it outside of their plain rows."""
_DATA = b"<sheetData>"
_PLAIN_RUN = re.compile(
    rb"""(?: (?:</row>)?+ <row\ r="[0-9]{1,4}+"
             (?:\ spans="[0-9:]*+")?+ (?:\ ht="[0-9.]*+"\ customHeight="1")?+  # sooner told than by the next
             (?:\ (?!hidden)[\w:]++="[^"<>]*+")*+ >
             (?: <c\ r="[A-I]?[A-Z][0-9]{1,4}+"\ s="[0-9]{1,5}+"
                 (?: /> | \ t="s"><v>[^<]++</v></c> | ><v>[^<]++</v></c> | ><f>[^<]*+</f><v>[^<]++</v></c>)
             )*+
         )*+""",
    re.VERBOSE,
)
"""Rows in which every tag is known and ordinary: one pass is cheaper than a search for each kind."""
_STYLED = rb'<c r="([A-Z]+)([0-9]+)"(?: t="\w+")? s="(0*(?:%b))"'
_REFERENCE = re.compile(r"([A-Za-z]+)([0-9]+)")
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_PERCENT_BUILTIN = frozenset({9, 10})
_SHOWN_FAULT = 100
_FEW = 20
"""So many styles are named in a pattern; more would make it slow."""
_REMEMBERED_BYTES = 65_536
"""Parts up to this size are remembered with what they say: files made from one issued form share them."""


def read_xlsx(data: bytes, parts: Mapping[str, bytes], limits: Limits) -> list[SheetCells]:
    """The worksheets. `parts` are the XML parts that passed the guards."""
    styles = _styles(parts.get("xl/styles.xml", b""))
    scans = {
        name: _Scan(name, limits, styles).read(part)
        for name, part in parts.items()
        if b"sheetData" in part and (styles.fonts or not _is_ordinary(part))
    }
    names = _sheet_parts(parts) if scans or styles.may_show_percent else []

    def known_of(index: int, _name: str) -> Known:
        name = names[index] if index < len(names) else ""
        return Known(scans.get(name) or _OrdinaryFacts(part=parts.get(name, b""), styles=styles))

    return read_sheets(data, known_of, limits)


def _is_ordinary(part: bytes) -> bool:
    if not part.startswith((b"<", b"\xef\xbb\xbf<")) or part[1:2] == b"\0":
        return False
    start = part.find(_DATA) + len(_DATA) if _DATA in part else 0
    run = _PLAIN_RUN.match(part, start)
    end = run.end() if run else start
    return not (_has_unordinary(part, 0, start) or _has_unordinary(part, end, len(part)))


def _has_unordinary(part: bytes, start: int, end: int) -> bool:
    if not any(pattern.search(part, start, end) for pattern in _CELLS):
        return False
    return any(pattern.search(part, start, end) for pattern in _UNORDINARY)


def _sheet_parts(parts: Mapping[str, bytes]) -> list[str]:
    """The names of the worksheet parts in the workbook's order; '' where there is none."""
    try:
        relations, book = parts["xl/_rels/workbook.xml.rels"], parts["xl/workbook.xml"]
        remembers = len(relations) + len(book) <= _REMEMBERED_BYTES
        return (_listed if remembers else _listed.__wrapped__)(relations, book)
    except (ElementTree.ParseError, KeyError, ValueError, LookupError) as error:
        raise RefusedError("intake.file_damaged", f"lỗi khi đọc xl/workbook.xml: {error}"[:200]) from None


@lru_cache(maxsize=16)
def _listed(relations: bytes, book: bytes) -> list[str]:
    targets = {
        item.get("Id"): posixpath.normpath(posixpath.join("/xl", item.get("Target", ""))).lstrip("/")
        for item in ElementTree.fromstring(relations)  # noqa: S314 (no DTD: guards)
    }
    sheets = (
        item
        for item in ElementTree.fromstring(book).iter()  # noqa: S314 (no DTD: guards)
        if _local(item.tag) == "sheet"
    )
    return [targets.get(sheet.get(_REL), "") for sheet in sheets]


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


class _Styles:
    """Which cell formats show percent, and which are in a font of a legacy encoding; read when needed."""

    def __init__(self, part: bytes) -> None:
        self._part = part
        unclear = b"&#" in part or b"='" in part or part[1:2] == b"\0"
        self.may_show_percent = unclear or any(
            sign in part for sign in (b"%", b'numFmtId="9"', b'numFmtId="10"')
        )
        self._may_have_fonts = unclear or b".Vn" in part or b"VNI" in part or b".VN" in part

    @cached_property
    def percents(self) -> Collection[int]:
        """Positions in cellXfs whose number format shows percent."""
        if not self.may_show_percent:
            return ()
        formats = {
            _number(item.get("numFmtId")): item.get("formatCode", "")
            for item in self._root.iter()
            if _local(item.tag) == "numFmt"
        }
        percent = _PERCENT_BUILTIN | {key for key, code in formats.items() if is_percent_format(code)}
        return {place for place, xf in enumerate(self._cells) if _number(xf.get("numFmtId")) in percent}

    @cached_property
    def percent_cells(self) -> re.Pattern[bytes] | None:
        """Finds column, row and style of cells that may be in such a format; None where there are none."""
        if not self.percents:
            return None
        few = len(self.percents) <= _FEW
        return re.compile(_STYLED % ("|".join(map(str, self.percents)) if few else "[0-9]+").encode())

    @cached_property
    def fonts(self) -> Mapping[int, str]:
        """Positions in cellXfs → name of a font of a legacy encoding."""
        if not self._may_have_fonts:
            return {}
        names = [
            next((part.get("val", "") for part in item if _local(part.tag) == "name"), "")
            for item in self._root.iter()
            if _local(item.tag) == "font"
        ]
        legacy = {place: name for place, name in enumerate(names) if is_legacy_font(name)}
        by_cell = ((place, _number(xf.get("fontId"))) for place, xf in enumerate(self._cells))
        return {place: legacy[font] for place, font in by_cell if font in legacy}

    @cached_property
    def _root(self) -> ElementTree.Element:
        try:
            return ElementTree.fromstring(self._part)  # noqa: S314 (no DTD: guards)
        except (ElementTree.ParseError, ValueError, LookupError) as error:
            raise RefusedError("intake.file_damaged", f"lỗi khi đọc xl/styles.xml: {error}"[:200]) from None

    @cached_property
    def _cells(self) -> list[ElementTree.Element]:
        found = next((item for item in self._root.iter() if _local(item.tag) == "cellXfs"), None)
        return [] if found is None else list(found)


def _styles(part: bytes) -> _Styles:
    return (_styles_remembered if len(part) <= _REMEMBERED_BYTES else _Styles)(part)


_styles_remembered = lru_cache(maxsize=16)(_Styles)


def _number(text: str | None) -> int:
    return int(text) if text and len(text) < 10 and text.isascii() and text.isdigit() else 0


@dataclass
class _OrdinaryFacts(Facts):
    """Facts of an ordinary sheet: there are none, but for percent formats, looked up when asked for."""

    part: bytes = b""
    styles: _Styles | None = None

    def is_percent(self, place: Place) -> bool:
        return place in self._places

    @cached_property
    def _places(self) -> set[Place]:
        if self.styles is None or (pattern := self.styles.percent_cells) is None:
            return set()
        return {
            (int(row) - 1, column_number(column.decode()) - 1)
            for column, row, style in pattern.findall(self.part)
            if int(style) in self.styles.percents
        }


class _Scan:
    """One pass over the tags of a sheet: how far its filled cells reach, and its facts."""

    def __init__(self, name: str, limits: Limits, styles: _Styles) -> None:
        self._name, self._extent, self._styles = name, Extent(name, limits), styles
        self._facts = Facts()
        self._row = self._column = 0
        self._within = limits.sheet_rows, limits.sheet_columns
        self._cell: dict[str, Any] | None = None
        self._has_formula = self._has_value = False
        self._value: list[str] = []
        self._in_value = False

    def read(self, part: bytes) -> Facts:
        """Raises RefusedError when the sheet holds more cells than a sheet may, or is broken."""
        parser = expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text
        try:
            parser.Parse(part, True)
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise RefusedError("intake.file_damaged", f"lỗi khi đọc {self._name}: {error}"[:200]) from None
        return self._facts

    def _start(self, tag: str, attributes: dict[str, Any]) -> None:
        kind = tag.rpartition(":")[2]
        if kind == "row":
            self._row, self._column = count(attributes.get("r"), self._row + 1), 0
            if attributes.get("hidden") in ("1", "true") and self._row <= self._within[0]:
                self._facts.hidden_rows.add(self._row - 1)
        elif kind == "c":
            place = _REFERENCE.fullmatch(attributes.get("r", "")[:40])
            if place:
                self._row, self._column = int(place[2][:20]), column_number(place[1])
            else:
                self._column += 1
            self._cell, self._has_formula, self._has_value, self._value = attributes, False, False, []
        elif self._cell is None:
            return
        elif kind == "f":
            self._has_formula = True
        elif kind in ("v", "is"):
            self._has_value = True
            self._in_value = kind == "v"
            self._extent.fill(self._row, self._column)

    def _text(self, text: str) -> None:
        if self._in_value and len(self._value) < _SHOWN_FAULT:
            self._value.append(text[:_SHOWN_FAULT])

    def _end(self, tag: str) -> None:
        kind = tag.rpartition(":")[2]
        if kind == "v":
            self._in_value = False
        elif kind == "c" and self._cell is not None:
            cell, self._cell = self._cell, None
            if self._row <= self._within[0] and self._column <= self._within[1]:
                self._keep((self._row - 1, self._column - 1), cell)

    def _keep(self, place: Place, cell: dict[str, Any]) -> None:
        kind, value = cell.get("t"), "".join(self._value)
        if kind == "e":
            self._facts.faults[place] = value or "#?"
        elif self._has_formula and not value and not (self._has_value and kind == "str"):
            self._facts.faults[place] = FORMULA
        style = _number(cell.get("s"))
        if style in self._styles.percents:
            self._facts.percents.add(place)
        if style in self._styles.fonts:
            self._facts.fonts[place] = self._styles.fonts[style]
