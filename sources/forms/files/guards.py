"""What is looked at before a file is parsed: its real kind, its size, and what no report contains."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass, field
from io import BytesIO
from typing import Literal

from sources.forms.definition import FormDefinition, Limits
from sources.packages import RefusedError, check_entries, read_parts

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"

Kind = Literal["xlsx", "xls", "ods"]


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
    names = check_entries(archive, packed, limits)
    kind = _zip_kind(archive, names, accepted)
    parts = read_parts(archive, lambda data: b"sheetData" in data)
    if kind == "ods":
        if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
            raise RefusedError("intake.file_password", "META-INF/manifest.xml")
        if any(name.startswith(("Basic/", "Scripts/")) for name in names):
            raise RefusedError("intake.file_macros", "Basic/")
    return Package(kind, parts)


def _zip_kind(archive: zipfile.ZipFile, names: set[str], accepted: str) -> Kind:
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "mimetype" in names and archive.read("mimetype").strip() == _ODS_TYPE:
        return "ods"
    given = next(
        (n for n in ("word/document.xml", "xl/workbook.bin", "ppt/presentation.xml") if n in names), "zip"
    )
    raise RefusedError("intake.file_kind", given, accepted)


def _describe(data: bytes) -> str:
    if data.startswith(b"%PDF"):
        return "PDF"
    try:
        text = data[:4096].decode("utf-8-sig")
    except UnicodeDecodeError:
        return "không rõ loại tệp"
    return "văn bản/CSV" if text.isprintable() or "\n" in text else "không rõ loại tệp"
