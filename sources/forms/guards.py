"""What is looked at before a file is parsed: its real kind, its size, and what no report contains."""

from __future__ import annotations

import re
import zipfile
import zlib
from copy import copy
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import PurePosixPath, PureWindowsPath
from typing import Literal

from sources.forms.definition import FormDefinition, Limits

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_FORBIDDEN = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_MACRO_PARTS = (b"/vbaProject", b"Macrosheet", b".macroEnabled.")
"""What relationships and content types call code, whatever the part itself is named."""
_ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
_FLOOR = 16 * 1024 * 1024
"""Below this unpacked size no file is called a compression bomb."""

Kind = Literal["xlsx", "xls", "ods"]


class RefusedError(Exception):
    """A file or delivery that is not read on: the rule, what was given, what is expected."""

    def __init__(self, rule_id: str, given: str = "", expected: str = "") -> None:
        self.rule_id, self.given, self.expected = rule_id, given, expected
        super().__init__(f"{rule_id}: {given}")


@dataclass
class Package:
    """A file that passed the guards: its kind and, for .xlsx and .ods, its XML parts by name."""

    kind: Kind
    parts: dict[str, bytes] = field(default_factory=dict)


def inspect(data: bytes, form: FormDefinition) -> Package:
    """Look at a file's bytes. Raises RefusedError for everything that must not be parsed."""
    limits, accepted = form.limits, form.file_kinds.accepted_vi
    if not data:
        raise RefusedError("intake.file_empty", "0 byte", accepted)
    if len(data) > limits.file_bytes:
        raise RefusedError("intake.file_too_large", f"{len(data)} byte", f"≤ {limits.file_bytes} byte")
    if data.startswith(_OLE):
        return _inspect_ole(data, accepted)
    if not data.startswith(_ZIP):
        raise RefusedError("intake.file_kind", _describe(data), accepted)
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return _inspect_zip(archive, len(data), limits, accepted)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, OSError) as error:
        raise RefusedError("intake.file_damaged", f"lỗi khi mở tệp: {error}"[:200], accepted) from None


def _inspect_ole(data: bytes, accepted: str) -> Package:
    def has(name: str) -> bool:
        return name.encode("utf-16-le") in data

    if has("EncryptedPackage"):
        raise RefusedError("intake.file_password", "EncryptedPackage")
    if has("_VBA_PROJECT_CUR") or has("_VBA_PROJECT"):
        raise RefusedError("intake.file_macros", "VBA")
    if has("WordDocument") or not (has("Workbook") or has("Book")):
        raise RefusedError("intake.file_kind", "OLE", accepted)
    return Package("xls")


def _inspect_zip(archive: zipfile.ZipFile, packed: int, limits: Limits, accepted: str) -> Package:
    entries = archive.infolist()
    if len(entries) > limits.zip_entries:
        raise RefusedError("intake.file_bomb", f"{len(entries)} mục", f"≤ {limits.zip_entries}")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > limits.unpacked_bytes or (unpacked > _FLOOR and unpacked > packed * limits.inflation_ratio):
        raise RefusedError("intake.file_bomb", f"{unpacked} byte", f"≤ {limits.unpacked_bytes} byte")
    for entry in entries:
        _check_name(entry.orig_filename)
        if entry.flag_bits & 0x1:
            raise RefusedError("intake.file_password", entry.filename[:200])
        if PurePosixPath(entry.filename).name.lower() in ("vbaproject.bin", "vbadata.xml"):
            raise RefusedError("intake.file_macros", entry.filename[:200])
    names = {entry.filename for entry in entries}
    if len(names) != len(entries):
        raise RefusedError("intake.file_damaged", "hai mục cùng tên")
    kind = _zip_kind(archive, names, accepted)
    parts: dict[str, bytes] = {}
    for entry in sorted(entries, key=lambda e: e.filename):
        name, data = entry.filename, _unpack(archive, entry)
        if name.lower().endswith((".xml", ".rels")) or b"sheetData" in data:
            parts[name] = data
            _check_markup(name, data)
    if kind == "ods":
        if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
            raise RefusedError("intake.file_password", "META-INF/manifest.xml")
        if any(name.startswith(("Basic/", "Scripts/")) for name in names):
            raise RefusedError("intake.file_macros", "Basic/")
    return Package(kind, parts)


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """An entry's bytes: never more than it declares, and refused where there is more."""
    longer = copy(entry)
    longer.file_size += 1
    with archive.open(longer) as stream:
        data = stream.read(longer.file_size)
    if len(data) > entry.file_size:
        raise RefusedError("intake.file_bomb", entry.filename[:200], f"{entry.file_size} byte")
    return data


def _zip_kind(archive: zipfile.ZipFile, names: set[str], accepted: str) -> Kind:
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "mimetype" in names and archive.read("mimetype").strip() == _ODS_TYPE:
        return "ods"
    given = next(
        (n for n in ("word/document.xml", "xl/workbook.bin", "ppt/presentation.xml") if n in names), "zip"
    )
    raise RefusedError("intake.file_kind", given, accepted)


def _check_name(name: str) -> None:
    path = name.replace("\\", "/")
    absolute = path.startswith("/") or PureWindowsPath(name).drive
    if absolute or ".." in PurePosixPath(path).parts or "\x00" in name:
        raise RefusedError("intake.file_entry_name", name[:200])


def _check_markup(name: str, part: bytes) -> None:
    head = part[:4]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in head:
        try:
            part = part.decode("utf-16-be" if head[:1] == b"\x00" else "utf-16").encode()
        except UnicodeDecodeError:
            raise RefusedError("intake.file_damaged", name[:200]) from None
    if _FORBIDDEN.search(part):
        raise RefusedError("intake.file_dtd", name[:200])
    if name.endswith((".rels", "[Content_Types].xml")) and any(code in part for code in _MACRO_PARTS):
        raise RefusedError("intake.file_macros", name[:200])


def _describe(data: bytes) -> str:
    if data.startswith(b"%PDF"):
        return "PDF"
    try:
        text = data[:4096].decode("utf-8-sig")
    except UnicodeDecodeError:
        return "không rõ loại tệp"
    return "văn bản/CSV" if text.isprintable() or "\n" in text else "không rõ loại tệp"
