"""Office files are ZIP archives of XML parts: what is looked at before any of them is parsed.

Sizes are checked before anything is unpacked, nothing is unpacked beyond what it declares, no path of an
archive is ever used, and markup that declares entities, macros and encryption are refused. A parser that
unpacks for itself is given the archive as it was unpacked here.
"""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Callable, Iterator
from functools import lru_cache
from io import BytesIO
from operator import attrgetter
from typing import NamedTuple, Protocol

from zlib_ng import zlib_ng

_FORBIDDEN = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_LOCAL = struct.Struct("<4s22xHH")
_END = struct.Struct("<4sHHHHIIH")
_NEW_LOCAL, _NEW_LISTED = struct.Struct("<4s3H4I2H"), struct.Struct("<4s4H4I5H2I")
_PLAIN_ZIP, _NO_DAY = 20, 0x0021_0000
"""Version 2.0 of the format; 1 January 1980, the first day that it knows."""
_WRITTEN_ANEW = 1024 * 1024
"""Archives up to this unpacked size are written anew for their parser."""
_ODD_NAME = re.compile(r"[\\:\x00]|\.\.|\A/")
_MACRO_PARTS = (b"/vbaProject", b"Macrosheet", b".macroEnabled.")
"""What relationships and content types call code, whatever the part itself is named."""
_MACRO_NAMES = ("vbaproject.bin", "vbadata.xml")
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


class Entry(NamedTuple):
    """What an archive's directory lists of an entry."""

    name: str
    given_name: str
    """The name as it stands there: a reader ends it at its first null character."""
    is_encrypted: bool
    compression: int
    checksum: int
    packed_size: int
    size: int
    header_at: int


class Archive:
    """An archive's entries and where they are unpacked from. Raises what zipfile raises for a broken one."""

    def __init__(self, data: bytes) -> None:
        self.data, self.file = data, BytesIO(data)
        self.entries = _listed(data)
        self.unpacked = sum(entry.size for entry in self.entries)
        self._contents: list[bytes] | None = None
        names_are_plain = all(entry.name.isascii() for entry in self.entries)
        self._is_written_anew = names_are_plain and self.unpacked <= _WRITTEN_ANEW

    def unpack(self) -> Iterator[tuple[str, bytes]]:
        """Every entry's name and bytes, in the order of the names."""
        contents = {}
        for entry in sorted(self.entries, key=attrgetter("name")):
            data = _unpack(self.file, entry)
            if self._is_written_anew:
                contents[entry.name] = data
            yield entry.name, data
        if self._is_written_anew:
            self._contents = [contents[entry.name] for entry in self.entries]

    def checked(self) -> bytes:
        """The archive for a parser that unpacks for itself: written anew from what was unpacked and checked.

        So it finds the very bytes that were looked at, and need not inflate them again. A large archive, or
        one with names beyond ASCII, is given as it is.
        """
        if self._contents is None:
            return self.data
        pieces: list[bytes] = []
        listed: list[bytes] = []
        at = 0
        for entry, data in zip(self.entries, self._contents, strict=True):
            name = entry.name.encode("ascii")
            said = _PLAIN_ZIP, 0, zipfile.ZIP_STORED, _NO_DAY, entry.checksum, len(data), len(data), len(name)
            pieces += _NEW_LOCAL.pack(b"PK\x03\x04", *said, 0), name, data
            listed += _NEW_LISTED.pack(b"PK\x01\x02", _PLAIN_ZIP, *said, 0, 0, 0, 0, 0, at), name
            at += _NEW_LOCAL.size + len(name) + len(data)
        length = sum(map(len, listed))
        end = _END.pack(b"PK\x05\x06", 0, 0, len(self.entries), len(self.entries), length, at, 0)
        return b"".join([*pieces, *listed, end])


def _listed(data: bytes) -> list[Entry]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return [
            Entry(
                item.filename,
                item.orig_filename,
                bool(item.flag_bits & 1),
                item.compress_type,
                item.CRC,
                item.compress_size,
                item.file_size,
                item.header_offset,
            )
            for item in archive.infolist()
        ]


def check_entries(archive: Archive, limits: PackageLimits) -> set[str]:
    """The names of an archive's entries. Raises RefusedError for what must not be unpacked."""
    entries, packed, unpacked = archive.entries, len(archive.data), archive.unpacked
    if len(entries) > limits.zip_entries:
        raise RefusedError("intake.file_bomb", f"{len(entries)} mục", f"≤ {limits.zip_entries}")
    if unpacked > limits.unpacked_bytes or (unpacked > _FLOOR and unpacked > packed * limits.inflation_ratio):
        raise RefusedError("intake.file_bomb", f"{unpacked} byte", f"≤ {limits.unpacked_bytes} byte")
    for entry in entries:
        _check_name(entry.given_name)
        if entry.is_encrypted:
            raise RefusedError("intake.file_password", entry.name[:200])
        if entry.name.rpartition("/")[2].lower() in _MACRO_NAMES:
            raise RefusedError("intake.file_macros", entry.name[:200])
    names = {entry.name for entry in entries}
    if len(names) != len(entries):
        raise RefusedError("intake.file_damaged", "hai mục cùng tên")
    return names


def read_parts(archive: Archive, also: Callable[[bytes], bool] = lambda _data: False) -> dict[str, bytes]:
    """Every XML part by name, and the parts that `also` picks. Every entry is unpacked and so checked.

    Raises RefusedError, or what zipfile raises for a broken archive.
    """
    parts: dict[str, bytes] = {}
    for name, data in archive.unpack():
        if name.lower().endswith((".xml", ".rels")) or also(data):
            parts[name] = data
            _check_markup(name, data)
    return parts


def _unpack(file: BytesIO, entry: Entry) -> bytes:
    """An entry's bytes: never more than it declares, and refused where there is more.

    zipfile itself stops at the declared size, so that it would not see what another reader then unpacks. The
    bytes are taken where every reader takes them: after the local header's name and extra field.
    """
    file.seek(entry.header_at)
    head = file.read(_LOCAL.size)
    if len(head) < _LOCAL.size or not head.startswith(b"PK\x03\x04"):
        raise zipfile.BadZipFile(f"no entry at {entry.header_at}")
    _, name_length, extra_length = _LOCAL.unpack(head)
    file.seek(name_length + extra_length, 1)
    packed = file.read(entry.packed_size)
    is_small = max(len(packed), entry.size) <= _SMALL
    whole = _whole_remembered if is_small else _whole
    return whole(packed, entry.compression, entry.size, entry.checksum, entry.name)


def _whole(packed: bytes, compression: int, size: int, checksum: int, name: str) -> bytes:
    if compression == zipfile.ZIP_STORED:
        data, is_whole = packed, True
    elif compression == zipfile.ZIP_DEFLATED:
        unpacker = zlib_ng.decompressobj(-zlib_ng.MAX_WBITS)
        try:
            data = unpacker.decompress(packed, size + 1)
        except zlib_ng.error as error:  # type: ignore[misc]  # the stub calls it an instance
            raise zipfile.BadZipFile(f"{name}: {error}") from None
        is_whole = unpacker.eof
    else:
        raise zipfile.BadZipFile(f"{name}: compression {compression}")
    if len(data) > size and checksum in (zlib_ng.crc32(data[:-1]), zlib_ng.crc32(data)):
        # whole by its checksum and still longer: made so; a damaged entry can come out longer too
        raise RefusedError("intake.file_bomb", name[:200], f"{size} byte")
    if not is_whole or len(data) != size or zlib_ng.crc32(data) != checksum:
        raise zipfile.BadZipFile(f"{name}: checksum")
    return data


_whole_remembered = lru_cache(maxsize=64)(_whole)
"""Files made from one issued form share their small parts: styles, theme, content types, relations."""


def _check_name(name: str) -> None:
    if not _ODD_NAME.search(name):
        return
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
