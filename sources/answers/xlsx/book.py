"""The workbook part: which sheets there are, in which dialect, and a sheet added at the end."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from sources.answers.listed import free_name
from sources.answers.xlsx.package import WORKBOOK, OddPackageError, OfficeFile, parse, rels_name

_DIALECTS = {
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main": (
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    ),
    "http://purl.oclc.org/ooxml/spreadsheetml/main": "http://purl.oclc.org/ooxml/officeDocument/relationships",
}
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"


@dataclass(frozen=True)
class SheetPart:
    """A sheet of the workbook. `part` is None for what is no worksheet (a chart sheet, a macro sheet)."""

    name: str
    part: str | None


class Book:
    """The workbook part of a package."""

    def __init__(self, package: OfficeFile) -> None:
        self.package = package
        self.root = package.edit(WORKBOOK)
        self.main = etree.QName(self.root).namespace or ""
        if self.main not in _DIALECTS:
            raise OddPackageError(f"không gian tên {self.main}")
        self.relation_types = _DIALECTS[self.main]
        self._list = self.root.find(f"{{{self.main}}}sheets")
        if self._list is None:
            raise OddPackageError("không có danh sách trang tính")
        relations = {r.rel_id: r for r in package.relations(WORKBOOK)}
        self.sheets: list[SheetPart] = []
        for item in self._list.iter(f"{{{self.main}}}sheet"):
            relation = relations.get(item.get(f"{{{self.relation_types}}}id", ""))
            is_worksheet = relation is not None and relation.kind == "worksheet"
            self.sheets.append(SheetPart(item.get("name", ""), relation.target if is_worksheet else None))  # type: ignore[union-attr]

    def part(self, kind: str) -> str | None:
        """The name of the part that the workbook relates to as `kind`, for instance styles."""
        return next((r.target for r in self.package.relations(WORKBOOK) if r.kind == kind), None)

    def free_name(self, wanted: str) -> str:
        """A sheet name that is not taken: names differ without regard to case."""
        return free_name(wanted, (sheet.name for sheet in self.sheets))

    def first_text(self, part: str) -> str:
        """The text of a sheet's first cell."""
        cell = next(self.package.look(part).iter(f"{{{self.main}}}c"), None)
        if cell is None:
            return ""
        value = cell.find(f"{{{self.main}}}v")
        shared = self.part("sharedStrings")
        if cell.get("t") != "s" or value is None or shared is None or not (value.text or "").isdecimal():
            return "".join(cell.itertext())
        strings = list(parse(self.package.read(shared)).iter(f"{{{self.main}}}si"))
        number = int(value.text or 0)
        return "".join(strings[number].itertext()) if number < len(strings) else ""

    def replace_sheet(self, part: str, content: bytes) -> None:
        """Give a sheet of ours new content; what other programs hung onto it goes."""
        self.package.put(part, content)
        self.package.drop(rels_name(part))

    def add_sheet(self, name: str, part: bytes) -> None:
        """Add a worksheet behind all others; which sheet opens first stays as it was."""
        target = self.package.new_name("xl/worksheets/sheet{}.xml")
        self.package.put(target, part, _SHEET_TYPE)
        rel_id = self.package.relate(WORKBOOK, f"{self.relation_types}/worksheet", target)
        assert self._list is not None  # noqa: S101 (looked at when the workbook was opened)
        ids = [int(item.get("sheetId", 0)) for item in self._list]
        sheet = etree.SubElement(self._list, f"{{{self.main}}}sheet")
        sheet.set("name", name)
        sheet.set("sheetId", str(max(ids, default=0) + 1))
        sheet.set(f"{{{self.relation_types}}}id", rel_id)
        self.sheets.append(SheetPart(name, target))
