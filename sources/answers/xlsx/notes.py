"""Comments on cells: the comments part, and the old drawing (VML) that holds their boxes.

Comments that are there stay; where one stands on a marked cell, ours is written below it. What an earlier
answer of ours wrote is taken out first. A cell with a threaded comment keeps it alone, since Excel rewrites
its text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree

from sources.addresses import Place, cell_place, letters
from sources.answers.look import BOX_PIXELS, box_height
from sources.answers.wording import AUTHOR
from sources.answers.xlsx.book import Book
from sources.answers.xlsx.package import OddPackageError
from sources.answers.xlsx.sheet import Sheet

_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_VML_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_HEAD = f"{AUTHOR}:"
_BELOW = f"\n\n{_HEAD}\n"
"""Where ours begins in a comment of somebody else."""
_THREADED = "tc="
_SHAPE_ID = re.compile(rb"_x0000_s(\d{1,9})\b")
_SHAPE = re.compile(rb"<(\w+):shape[ >].*?</\1:shape>", re.DOTALL)
_ROW_OF = re.compile(rb"<\w+:Row>\s*(\d{1,7})\s*<")
_COLUMN_OF = re.compile(rb"<\w+:Column>\s*(\d{1,5})\s*<")
_ROOT = re.compile(rb"<xml\b[^>]*>")
_END = re.compile(rb"</xml>\s*$")
_NAMES = (
    b'xmlns:v="urn:schemas-microsoft-com:vml"',
    b'xmlns:o="urn:schemas-microsoft-com:office:office"',
    b'xmlns:x="urn:schemas-microsoft-com:office:excel"',
)
_LAYOUT = b'<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout>'
_SHAPE_TYPE = (
    b'<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    b'<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_NEW_SHAPE = (
    '<v:shape id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;margin-left:80pt;'
    'margin-top:5pt;width:{width}pt;height:{height}pt;z-index:{order};visibility:hidden" '
    'fillcolor="#fffbe6" o:insetmode="auto">'
    '<v:fill color2="#fffbe6"/><v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>'
    '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor>'
    "<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)


def write_notes(book: Book, sheet: Sheet, texts: Mapping[Place, str]) -> None:
    """Write one comment a cell, and take out those of an earlier answer."""
    package, related = book.package, book.package.relations(sheet.part)
    part = next((r.target for r in related if r.kind == "comments"), None)
    if part is None and not texts:
        return
    if part is None:
        part = package.new_name("xl/comments{}.xml")
        empty = f'<comments xmlns="{book.main}"><authors/><commentList/></comments>'
        package.put(part, empty.encode(), _COMMENTS_TYPE)
        package.relate(sheet.part, f"{book.relation_types}/comments", part)
    comments = _Comments(package.edit(part), book.main)
    gone = comments.drop_ours()
    new = [place for place in sorted(texts) if comments.write(place, texts[place])]
    if not (gone or new):
        return
    link = sheet.drawing_link()
    drawing = next((r.target for r in related if link is not None and r.rel_id == link), None)
    if link is not None and drawing is None:
        raise OddPackageError(f"{sheet.part}: thiếu hình của chú thích")
    vml = package.read(drawing) if drawing else b"<xml " + b" ".join(_NAMES) + b">" + _LAYOUT + b"</xml>"
    vml = _add_shapes(_drop_shapes(vml, gone), sheet, {place: texts[place] for place in new})
    if drawing is None:
        drawing = package.new_name("xl/drawings/vmlDrawing{}.vml")
        package.state_default_type("vml", _VML_TYPE)
        rel_id = package.relate(sheet.part, f"{book.relation_types}/vmlDrawing", drawing)
        sheet.link_drawing(rel_id)
    package.put(drawing, vml)


class _Comments:
    """The comments part of one sheet."""

    def __init__(self, root: etree._Element, main: str) -> None:
        self._main = main
        authors, listed = root.find(self._tag("authors")), root.find(self._tag("commentList"))
        if authors is None or listed is None:
            raise OddPackageError("phần chú thích không đủ")
        self._authors, self._list = authors, listed
        self._names = ["".join(item.itertext()) for item in authors]

    def drop_ours(self) -> set[Place]:
        """Take out what an earlier answer wrote; returns the cells that have no comment any more."""
        gone = set()
        for comment in list(self._list):
            # LibreOffice leaves authors out when it writes: then the first line tells
            if self._author(comment) == AUTHOR or "".join(comment.itertext()).strip().startswith(_HEAD):
                place = cell_place(comment.get("ref", ""))
                self._list.remove(comment)
                gone |= {place} if place else set()
            else:
                self._drop_below(comment)
        return gone

    def write(self, place: Place, text: str) -> bool:
        """Write a comment, below the one that is there; returns whether the cell needs a box for it."""
        ref = f"{letters(place[1])}{place[0] + 1}"
        there = next((c for c in self._list if c.get("ref") == ref), None)
        if there is not None:
            body = there.find(self._tag("text"))
            if not self._author(there).startswith(_THREADED) and body is not None:
                self._runs(body, f"\n\n{_HEAD}", text)
            return False
        comment = etree.Element(self._tag("comment"), ref=ref, authorId=str(self._our_number()))
        self._runs(etree.SubElement(comment, self._tag("text")), _HEAD, text)
        self._list.append(comment)
        return True

    def _runs(self, body: etree._Element, head: str, text: str) -> None:
        for bold, content in ((True, head), (False, f"\n{text}")):
            run = etree.SubElement(body, self._tag("r"))
            look = etree.SubElement(run, self._tag("rPr"))
            if bold:
                etree.SubElement(look, self._tag("b"))
            for name, key, value in (
                ("sz", "val", "10"),
                ("color", "indexed", "81"),
                ("rFont", "val", "Tahoma"),
                ("family", "val", "2"),
            ):
                etree.SubElement(look, self._tag(name)).set(key, value)
            item = etree.SubElement(run, self._tag("t"))
            item.set(_SPACE, "preserve")
            item.text = content

    def _drop_below(self, comment: etree._Element) -> None:
        """Cut our part off a comment of somebody else, whatever runs of text a program made of the two."""
        texts = list(comment.iter(self._tag("t")))
        start, at = "".join(item.text or "" for item in texts).find(_BELOW), 0
        for item in texts if start >= 0 else []:
            given = item.text or ""
            item.text = given[: max(start - at, 0)]
            at += len(given)
            run = item.getparent()
            if not item.text and run.tag == self._tag("r"):
                run.getparent().remove(run)

    def _author(self, comment: etree._Element) -> str:
        number = comment.get("authorId", "")
        known = number.isdecimal() and len(number) < 8 and int(number) < len(self._names)
        return self._names[int(number)] if known else ""

    def _our_number(self) -> int:
        if AUTHOR not in self._names:
            etree.SubElement(self._authors, self._tag("author")).text = AUTHOR
            self._names.append(AUTHOR)
        return self._names.index(AUTHOR)

    def _tag(self, name: str) -> str:
        return f"{{{self._main}}}{name}"


def _drop_shapes(vml: bytes, gone: set[Place]) -> bytes:
    def kept(match: re.Match[bytes]) -> bytes:
        shape = match[0]
        row, column = _ROW_OF.search(shape), _COLUMN_OF.search(shape)
        is_note = b'ObjectType="Note"' in shape and row is not None and column is not None
        return b"" if is_note and (int(row[1]), int(column[1])) in gone else shape  # type: ignore[index]

    return _SHAPE.sub(kept, vml) if gone else vml


def _add_shapes(vml: bytes, sheet: Sheet, texts: Mapping[Place, str]) -> bytes:
    if not texts:
        return vml
    root, end = _ROOT.search(vml), _END.search(vml)
    if root is None or end is None:
        raise OddPackageError(f"{sheet.part}: hình của chú thích có cấu trúc lạ")
    last = max((int(number) for number in _SHAPE_ID.findall(vml)), default=1024)
    shapes = [] if b'"_x0000_t202"' in vml else [_SHAPE_TYPE]
    for order, (place, text) in enumerate(sorted(texts.items()), start=1):
        height = box_height(f"{_HEAD}\n{text}")
        shape = _NEW_SHAPE.format(
            number=last + order,
            width=BOX_PIXELS * 3 // 4,
            height=height * 3 // 4,
            order=order,
            anchor=", ".join(map(str, sheet.box(place, BOX_PIXELS, height))),
            row=place[0],
            column=place[1],
        )
        shapes.append(shape.encode())
    added = b"".join(shapes)
    if any(name not in root[0] for name in _NAMES):  # declared further in, as openpyxl does
        named = b" ".join((b"", *_NAMES))
        added = re.sub(rb"<(v:shape|v:shapetype) ", rb"<\1" + named + b" ", added)
    return vml[: end.start()] + added + vml[end.start() :]
