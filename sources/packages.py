"""Office files are ZIP archives of XML parts: what is looked at before any of them is parsed.

Sizes are checked before anything is unpacked, nothing is unpacked beyond what it declares, no path of an
archive is ever used, and markup that declares entities, macros and encryption are refused.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

_FORBIDDEN = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_LOCAL_HEADER = 30
_MACRO_PARTS = (b"/vbaProject", b"Macrosheet", b".macroEnabled.")
"""What relationships and content types call code, whatever the part itself is named."""
_SMALL = 16 * 1024
_FLOOR = 16 * 1024 * 1024
"""Below this unpacked size no file is called a compression bomb."""


class RefusedError(Exception):
    """A file or delivery that is not read on: the rule, what was given, what is expected."""

    def __init__(self, rule_id: str, given: str = "", expected: str = "") -> None:
        self.rule_id, self.given, self.expected = rule_id, given, expected
        super().__init__(f"{rule_id}: {given}")


class PackageLimits(Protocol):
    """Bounds of what is unpacked."""

    @property
    def zip_entries(self) -> int:
        """Most entries of an archive."""

    @property
    def unpacked_bytes(self) -> int:
        """Most bytes of an archive once unpacked."""

    @property
    def inflation_ratio(self) -> int:
        """How many times larger than packed it may be."""


def check_entries(archive: zipfile.ZipFile, packed: int, limits: PackageLimits) -> set[str]:
    """The names of an archive's entries. Raises RefusedError for what must not be unpacked."""
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
        if entry.filename.rpartition("/")[2].lower() in ("vbaproject.bin", "vbadata.xml"):
            raise RefusedError("intake.file_macros", entry.filename[:200])
    names = {entry.filename for entry in entries}
    if len(names) != len(entries):
        raise RefusedError("intake.file_damaged", "hai mục cùng tên")
    return names


def read_parts(
    archive: zipfile.ZipFile, also: Callable[[bytes], bool] = lambda _data: False
) -> dict[str, bytes]:
    """Every XML part by name, and the parts that `also` picks. Every entry is unpacked and so checked.

    Raises RefusedError, or what zipfile and zlib raise for a broken archive.
    """
    parts: dict[str, bytes] = {}
    for entry in sorted(archive.infolist(), key=lambda entry: entry.filename):
        name, data = entry.filename, _unpack(archive, entry)
        if name.lower().endswith((".xml", ".rels")) or also(data):
            parts[name] = data
            _check_markup(name, data)
    return parts


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """An entry's bytes: never more than it declares, and refused where there is more.

    zipfile itself stops at the declared size, so that it would not see what another reader then unpacks. The
    bytes are taken where every reader takes them: after the local header's name and extra field.
    """
    file = archive.fp
    if file is None:
        raise zipfile.BadZipFile("closed")
    file.seek(entry.header_offset)
    head = file.read(_LOCAL_HEADER)
    if len(head) < _LOCAL_HEADER or not head.startswith(b"PK\x03\x04"):
        raise zipfile.BadZipFile(f"no entry at {entry.header_offset}")
    file.seek(sum(struct.unpack_from("<HH", head, 26)), 1)
    packed = file.read(entry.compress_size)
    is_small = max(len(packed), entry.file_size) <= _SMALL
    whole = _whole_remembered if is_small else _whole
    return whole(packed, entry.compress_type, entry.file_size, entry.CRC, entry.filename)


def _whole(packed: bytes, compression: int, size: int, checksum: int, name: str) -> bytes:
    if compression == zipfile.ZIP_STORED:
        data, is_whole = packed, True
    elif compression == zipfile.ZIP_DEFLATED:
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        data = unpacker.decompress(packed, size + 1)
        is_whole = unpacker.eof
    else:
        raise zipfile.BadZipFile(f"{name}: compression {compression}")
    if len(data) > size and checksum in (zlib.crc32(data[:-1]), zlib.crc32(data)):
        # whole by its checksum and still longer: made so; a damaged entry can come out longer too
        raise RefusedError("intake.file_bomb", name[:200], f"{size} byte")
    if not is_whole or len(data) != size or zlib.crc32(data) != checksum:
        raise zipfile.BadZipFile(f"{name}: checksum")
    return data


_whole_remembered = lru_cache(maxsize=64)(_whole)
"""Files made from one issued form share their small parts: styles, theme, content types, relations."""


def _check_name(name: str) -> None:
    path = name.replace("\\", "/")
    if path.startswith("/") or path[1:2] == ":" or ".." in path.split("/") or "\x00" in name:
        raise RefusedError("intake.file_entry_name", name[:200])


def _check_markup(name: str, part: bytes) -> None:
    head = part[:4]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in head:
        try:
            part = part.decode("utf-16-be" if head[:1] == b"\x00" else "utf-16").encode()
        except UnicodeDecodeError:
            raise RefusedError("intake.file_damaged", name[:200]) from None
    if b"!" in part and _FORBIDDEN.search(part):
        raise RefusedError("intake.file_dtd", name[:200])
    if name.endswith((".rels", "[Content_Types].xml")) and any(code in part for code in _MACRO_PARTS):
        raise RefusedError("intake.file_macros", name[:200])
