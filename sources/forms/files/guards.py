"""What is looked at before a file is parsed: its real kind, its size, and what no report contains.

The kind is told by what the file holds, never by its name.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from io import BytesIO
from typing import Literal

from sources.forms.definition import FormDefinition, Limits
from sources.packages import Archive, RefusedError, check_entries, read_parts

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument."
_WORD_TYPE = b"wordprocessingml.document.main+xml"
_SAVE_AS = "hãy mở bằng Excel rồi lưu lại dưới dạng .xlsx"
_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "PDF"),
    (b"{\\rtf", "văn bản RTF: hãy lưu lại dưới dạng .docx"),
    (b"\x89PNG", "ảnh PNG"),
    (b"\xff\xd8\xff", "ảnh JPEG"),
    (b"GIF8", "ảnh GIF"),
    (b"BM", "ảnh BMP"),
    (b"II*\x00", "ảnh TIFF"),
    (b"MM\x00*", "ảnh TIFF"),
    (b"RIFF", "ảnh hoặc tệp âm thanh, phim"),
    (b"MZ", "chương trình Windows"),
    (b"\x7fELF", "chương trình Linux"),
    (b"Rar!", "tệp nén RAR: hãy giải nén và gửi từng tệp"),
    (b"7z\xbc\xaf\x27\x1c", "tệp nén 7z: hãy giải nén và gửi từng tệp"),
    (b"\x1f\x8b", "tệp nén gzip: hãy giải nén và gửi từng tệp"),
    (b"PK\x05\x06", "tệp nén rỗng"),
)
_MARKUP: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (
        re.compile(rb"urn:schemas-microsoft-com:office:spreadsheet"),
        f"bảng tính XML 2003: {_SAVE_AS}",
    ),
    (re.compile(rb"urn:oasis:names:tc:opendocument"), "OpenDocument dạng XML: hãy lưu lại dưới dạng .ods"),
    (re.compile(rb"\AMIME-Version:|<(?:!DOCTYPE html|html|table|meta|head|body)[\s>]", re.IGNORECASE),
     f"trang web (HTML), dù tên tệp có thể ghi là Excel: {_SAVE_AS}"),
)  # fmt: skip
_INSIDE: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"xl/workbook\.bin"), f"Excel nhị phân (.xlsb): {_SAVE_AS}"),
    (re.compile(r"ppt/presentation\.xml"), "bài trình chiếu PowerPoint (.pptx)"),
    (re.compile(r".+\.(?:xlsx?|xlsm|ods|docx?|csv|pdf|zip|rar)", re.IGNORECASE),
     "tệp nén chứa các tệp khác: hãy giải nén và gửi từng tệp"),
)  # fmt: skip
_NO_BOOK = "tệp Office cũ không có bảng tính, hoặc gửi chưa trọn"
_LOOKED_AT = 4096

Kind = Literal["xlsx", "xls", "ods", "docx", "text"]


@dataclass
class Package:
    """A file that passed the guards: its kind, its bytes for a parser and, of an archive, its XML parts."""

    kind: Kind
    data: bytes
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
        return _inspect_text(data, accepted)
    try:
        return _inspect_zip(data, limits, accepted)
    except (zipfile.BadZipFile, EOFError, RuntimeError, ValueError, OSError) as error:
        raise RefusedError("intake.file_damaged", f"lỗi khi mở tệp: {error}"[:200], accepted) from None


def _inspect_ole(data: bytes, accepted: str) -> Package:
    def has(name: str) -> bool:
        return name.encode("utf-16-le") in data

    if has("EncryptedPackage"):
        raise RefusedError("intake.file_password", "EncryptedPackage")
    if has("_VBA_PROJECT_CUR") or has("_VBA_PROJECT"):
        raise RefusedError("intake.file_macros", "VBA")
    if not (has("Workbook") or has("Book")):
        word = "Word 97-2003 (.doc): hãy lưu lại dưới dạng .docx" if has("WordDocument") else _NO_BOOK
        raise RefusedError("intake.file_kind", word, accepted)
    return Package("xls", data)


def _inspect_text(data: bytes, accepted: str) -> Package:
    """Text, which may be CSV, unless it begins like something else."""
    is_binary = b"\x00" in data[:_LOOKED_AT]
    starts = (what for start, what in _STARTS if data.startswith(start) and (len(start) > 2 or is_binary))
    given = next(starts, None)
    head = data[:_LOOKED_AT].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if given is None and head.startswith((b"<", b"MIME-Version:")):
        given = next((what for pattern, what in _MARKUP if pattern.search(head)), "văn bản XML")
    if given:
        raise RefusedError("intake.file_kind", given, accepted)
    return Package("text", data)


def _inspect_zip(data: bytes, limits: Limits, accepted: str) -> Package:
    archive = Archive(data)
    names = check_entries(archive, limits)
    parts = read_parts(archive, lambda part: b"sheetData" in part)
    kind = _zip_kind(data, names, parts, accepted)
    if kind == "ods":
        if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
            raise RefusedError("intake.file_password", "META-INF/manifest.xml")
        if any(name.startswith(("Basic/", "Scripts/")) for name in names):
            raise RefusedError("intake.file_macros", "Basic/")
    return Package(kind, archive.checked(), parts)


def _zip_kind(data: bytes, names: set[str], parts: dict[str, bytes], accepted: str) -> Kind:
    if "xl/workbook.xml" in names:
        return "xlsx"
    given = "tệp nén zip"
    if "mimetype" in names:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            kind = archive.read("mimetype").strip()
        if kind == _OPEN_DOCUMENT + b"spreadsheet":
            return "ods"
        if kind.startswith(_OPEN_DOCUMENT):
            given = "OpenDocument không phải bảng tính"
    if "word/document.xml" in names:
        if _WORD_TYPE in parts.get("[Content_Types].xml", b""):
            return "docx"
        given = "word/document.xml"
    inside = (what for pattern, what in _INSIDE if any(map(pattern.fullmatch, names)))
    raise RefusedError("intake.file_kind", next(inside, given), accepted)
