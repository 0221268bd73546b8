"""The stylesheet: formats that are there with a fill of ours, and the formats of the list of findings."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy

from lxml import etree

from sources.answers.look import FILLS
from sources.answers.xlsx.book import Book
from sources.answers.xlsx.package import OddPackageError

_MOST_FORMATS = 64_000
"""Excel refuses workbooks with more."""
_EMPTY = (
    '<styleSheet xmlns="{main}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs></styleSheet>'
)
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_ORDER = ("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs")


class Styles:
    """The workbook's stylesheet; formats are only ever added to it."""

    def __init__(self, book: Book) -> None:
        self._main = book.main
        part = book.part("styles")
        if part is None or not book.package.has(part):
            part = book.package.new_name("xl/styles{}.xml")
            book.package.put(part, _EMPTY.format(main=book.main).encode(), _TYPE)
            book.package.relate("xl/workbook.xml", f"{book.relation_types}/styles", part)
        self._root = book.package.edit(part)
        tables = {etree.QName(item).localname for item in self._root if isinstance(item.tag, str)}
        if any(name in tables and self._root.find(f"{{{self._main}}}{name}") is None for name in _ORDER):
            raise OddPackageError(f"{part}: bảng định dạng ở không gian tên khác")
        self._formats = self._table("cellXfs")
        if not len(self._formats):
            self._formats.append(self._element('<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'))
        self._fills = self._our_fills()
        self._marked: dict[tuple[int, str], int] = {}
        self._alike: dict[bytes, list[int]] | None = None

    def marked(self, style: int, grade: str) -> int:
        """The format that is like `style` with the fill of a grade."""
        if (style, grade) not in self._marked:
            fill = self._fills.get(grade)
            if fill is None:
                fill = self._fills[grade] = self.add("fills", solid_fill(FILLS[grade]))
            base = self._formats[style if 0 <= style < len(self._formats) else 0]
            clone = deepcopy(base)
            clone.set("fillId", str(fill))
            clone.set("applyFill", "1")
            self._marked[style, grade] = self._append_format(clone)
        return self._marked[style, grade]

    def unmarked(self, style: int, beside: Counter[int]) -> int:
        """The format that a cell had before an earlier answer filled it.

        It is the one that differs in nothing but the fill, by preference one that cells `beside` it have.
        """
        if self._alike is None:
            self._alike = {}
            for position, xf in enumerate(self._formats):
                if not self._is_ours(xf):
                    self._alike.setdefault(_without_fill(xf), []).append(position)
        like = self._alike.get(_without_fill(self._formats[style]), [])
        if like:
            return max(like, key=lambda n: (beside[n], -n))
        bare = deepcopy(self._formats[style])
        bare.set("fillId", "0")
        bare.attrib.pop("applyFill", None)
        return self._append_format(bare)

    @property
    def has_earlier_marks(self) -> bool:
        """Whether the workbook carries fills of ours: it was an answer before."""
        return bool(self._fills)

    def is_ours(self, style: int) -> bool:
        """Whether an earlier answer filled cells of this format."""
        return 0 <= style < len(self._formats) and self._is_ours(self._formats[style])

    def add_format(self, font: str, fill: str | None, border: str, alignment: str) -> int:
        """Add a format from the XML of its parts; returns its position."""
        fill_id = self.add("fills", fill) if fill else 0
        xf = self._element(
            f'<xf numFmtId="49" fontId="{self.add("fonts", font)}" fillId="{fill_id}" '
            f'borderId="{self.add("borders", border)}" xfId="0" applyNumberFormat="1" applyFont="1" '
            f'applyFill="1" applyBorder="1" applyAlignment="1">{alignment}</xf>'
        )
        return self._append_format(xf)

    def add(self, table: str, content: str) -> int:
        """Add an entry to a table unless an equal one is there; returns its position."""
        entries, wanted = self._table(table), self._element(content)
        text = _canonical(wanted)
        for position, entry in enumerate(entries):
            if _canonical(entry) == text:
                return position
        entries.append(wanted)
        entries.set("count", str(len(entries)))
        return len(entries) - 1

    def _append_format(self, xf: etree._Element) -> int:
        if len(self._formats) >= _MOST_FORMATS:
            raise OddPackageError(f"{len(self._formats)} định dạng ô")
        self._formats.append(xf)
        self._formats.set("count", str(len(self._formats)))
        return len(self._formats) - 1

    def _our_fills(self) -> dict[str, int]:
        """Positions of the fills that an earlier answer left, by grade."""
        found: dict[str, int] = {}
        for position, entry in enumerate(self._table("fills")):
            colour = next((c.get("rgb", "") for c in entry.iter(f"{{{self._main}}}fgColor")), "")
            for grade, ours in FILLS.items():
                if colour.upper() == f"FF{ours}":
                    found.setdefault(grade, position)
        return found

    def _is_ours(self, xf: etree._Element) -> bool:
        fill = xf.get("fillId", "0")
        return fill.isdecimal() and int(fill) in self._fills.values()

    def _table(self, name: str) -> etree._Element:
        found = self._root.find(f"{{{self._main}}}{name}")
        if found is None:
            found = etree.Element(f"{{{self._main}}}{name}")
            before = _ORDER[: _ORDER.index(name)]
            place = sum(etree.QName(child).localname in before for child in self._root)
            self._root.insert(place, found)
            if name == "fills":  # the first two are Excel's own
                for pattern in ("none", "gray125"):
                    found.append(self._element(f'<fill><patternFill patternType="{pattern}"/></fill>'))
        return found

    def _element(self, content: str) -> etree._Element:
        return etree.fromstring(f'<x xmlns="{self._main}">{content}</x>')[0]


def _without_fill(xf: etree._Element) -> bytes:
    bare = deepcopy(xf)
    for name in ("fillId", "applyFill"):
        bare.attrib.pop(name, None)
    return _canonical(bare)


def _canonical(item: etree._Element) -> bytes:
    return bytes(etree.tostring(item, method="c14n", exclusive=True, with_tail=False))


def solid_fill(colour: str) -> str:
    """A fill of one colour, as the stylesheet has it."""
    return (
        f'<fill><patternFill patternType="solid"><fgColor rgb="FF{colour}"/><bgColor indexed="64"/>'
        "</patternFill></fill>"
    )
