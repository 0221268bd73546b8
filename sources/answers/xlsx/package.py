"""A workbook's package as parts that are changed one by one; the others are written back as they are."""

from __future__ import annotations

import posixpath
import zipfile
from dataclasses import dataclass
from io import BytesIO

from lxml import etree

RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_TYPES_PART = "[Content_Types].xml"
_NO_TIME = (1980, 1, 1, 0, 0, 0)
WORKBOOK = "xl/workbook.xml"


class OddPackageError(Exception):
    """The package is not put together as its marks would need it; the text says what is odd."""


@dataclass(frozen=True)
class Relation:
    """One relationship of a part: its id, the last word of its type, the part it leads to."""

    rel_id: str
    kind: str
    target: str


def parse(part: bytes) -> etree._Element:
    """The root of an XML part. Nothing outside it is read; parts with a DTD never get here (guards)."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, strip_cdata=False, huge_tree=True
    )
    try:
        return etree.fromstring(part, parser)
    except etree.XMLSyntaxError as error:
        raise OddPackageError(f"lỗi XML: {error}") from None


def serialise(root: etree._Element) -> bytes:
    """A part's bytes, with what stands before and after its root."""
    tree = root.getroottree()
    return bytes(etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True))


class OfficeFile:
    """The parts of a workbook by name; names are compared as Office does, without case."""

    def __init__(self, data: bytes) -> None:
        self._archive = zipfile.ZipFile(BytesIO(data))
        self._names = {info.filename.replace("\\", "/").lower(): info for info in self._archive.infolist()}
        self._changed: dict[str, bytes] = {}
        self._roots: dict[str, etree._Element] = {}
        self._dropped: set[str] = set()

    def has(self, name: str) -> bool:
        """Whether there is a part of this name."""
        return name.lower() in self._names or name in self._changed or name in self._roots

    def read(self, name: str) -> bytes:
        """A part's bytes. Raises OddPackageError where there is none."""
        if name in self._changed:
            return self._changed[name]
        info = self._names.get(name.lower())
        if info is None:
            raise OddPackageError(f"thiếu phần {name}")
        return self._archive.read(info)

    def edit(self, name: str) -> etree._Element:
        """The root of a part that will be written back changed."""
        info = self._names.get(name.lower())
        name = info.filename if info is not None else name
        if name not in self._roots:
            self._roots[name] = parse(self.read(name))
        return self._roots[name]

    def look(self, name: str) -> etree._Element:
        """The root of a part that is only looked at."""
        info = self._names.get(name.lower())
        known = self._roots.get(info.filename if info is not None else name)
        return parse(self.read(name)) if known is None else known

    def put(self, name: str, data: bytes, content_type: str | None = None) -> None:
        """Write a part, new or instead of one that is there."""
        info = self._names.get(name.lower())
        name = info.filename if info is not None else name
        self._changed[name] = data
        self._roots.pop(name, None)
        if content_type:
            self._state_type(name, content_type)

    def drop(self, name: str) -> None:
        """Leave a part out."""
        info = self._names.pop(name.lower(), None)
        if info is not None:
            self._changed.pop(info.filename, None)
            self._roots.pop(info.filename, None)
            self._dropped.add(info.filename)

    def new_name(self, pattern: str) -> str:
        """A name that no part bears; `pattern` has a place for the number."""
        number = 1
        while self.has(pattern.format(number)):
            number += 1
        return pattern.format(number)

    def relations(self, part: str) -> list[Relation]:
        """The relationships of a part to other parts of the package."""
        name = rels_name(part)
        if not self.has(name):
            return []
        found = []
        for item in self.look(name).iter(f"{{{RELS}}}Relationship"):
            if item.get("TargetMode") != "External":
                kind = item.get("Type", "").rpartition("/")[2]
                found.append(Relation(item.get("Id", ""), kind, self._target(part, item.get("Target", ""))))
        return found

    def relate(self, part: str, type_uri: str, target: str) -> str:
        """Add a relationship from a part to another; returns its id."""
        name = rels_name(part)
        if not self.has(name):
            self._roots[name] = parse(f'<Relationships xmlns="{RELS}"/>'.encode())
        root = self.edit(name)
        taken = {item.get("Id") for item in root}
        number = len(taken) + 1
        while f"rId{number}" in taken:
            number += 1
        etree.SubElement(
            root, f"{{{RELS}}}Relationship", Id=f"rId{number}", Type=type_uri, Target=f"/{target}"
        )
        return f"rId{number}"

    def state_default_type(self, extension: str, content_type: str) -> None:
        """Say what parts of an extension are, unless that is said."""
        root = self.edit(_TYPES_PART)
        known = {item.get("Extension", "").lower() for item in root.iter(f"{{{_TYPES}}}Default")}
        if extension not in known:
            item = etree.Element(f"{{{_TYPES}}}Default", Extension=extension, ContentType=content_type)
            root.insert(0, item)

    def _state_type(self, name: str, content_type: str) -> None:
        root = self.edit(_TYPES_PART)
        part = f"/{name}"
        for item in root.iter(f"{{{_TYPES}}}Override"):
            if item.get("PartName", "").lower() == part.lower():
                item.set("ContentType", content_type)
                return
        etree.SubElement(root, f"{{{_TYPES}}}Override", PartName=part, ContentType=content_type)

    def _target(self, part: str, target: str) -> str:
        """The part that a target leads to: from the package's root, or from where the part lies."""
        target = target.replace("\\", "/")
        if target.startswith("/"):
            return posixpath.normpath(target.lstrip("/"))
        path = posixpath.normpath(posixpath.join(posixpath.dirname(part), target))
        return path if self.has(path) or not self.has(target) else target

    def written(self) -> bytes:
        """The package's bytes: the same changes give the same bytes."""
        for name, root in self._roots.items():
            self._changed[name] = serialise(root)
        buffer = BytesIO()
        left = dict(self._changed)
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
            for info in self._archive.infolist():
                if info.filename in self._dropped:
                    continue
                copy = zipfile.ZipInfo(info.filename, info.date_time)
                copy.compress_type, copy.external_attr = zipfile.ZIP_DEFLATED, info.external_attr
                changed = left.pop(info.filename, None)
                out.writestr(copy, self._archive.read(info) if changed is None else changed)
            for name in sorted(left):
                new = zipfile.ZipInfo(name, _NO_TIME)
                new.compress_type = zipfile.ZIP_DEFLATED
                out.writestr(new, left[name])
        return buffer.getvalue()


def rels_name(part: str) -> str:
    """Name of the part that holds a part's relationships."""
    folder, name = posixpath.split(part)
    return f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"
