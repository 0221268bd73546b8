"""Workbooks that lack their end: still on their way, or cut off for good. Only head and tail are read."""

from __future__ import annotations

import hashlib
import json
import os
import struct
from collections.abc import Callable
from datetime import datetime, timedelta

from warehouse.settings import Settings

HEAD_BYTES = 512  # an OLE file's header
_END_RECORD, _LONGEST_COMMENT = 22, 65_535
TAIL_BYTES = _END_RECORD + _LONGEST_COMMENT
_ZIP, _ZIP_END = b"PK\x03\x04", b"PK\x05\x06"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NO_SECTOR = 0xFFFF_FFFA  # ids from here on mark chains' ends and free sectors


def lacks_its_end(size: int, read: Callable[[int, int], bytes]) -> str | None:
    """What a file of `size` bytes lacks (English), or None where it is whole or of a kind without an end.

    `read(start, end)` gives bytes of the file. A zip archive (.xlsx, .ods, .docx) is whole with the record
    that ends it (APPNOTE 4.3.16), an OLE file (.xls) with every sector that its header names ([MS-CFB] 2.2).
    """
    head = read(0, min(size, HEAD_BYTES)) if size else b""
    if head.startswith(_ZIP):
        # without a comment, as nearly always, the record is the last of the file
        is_ended = _ends(read(max(0, size - _END_RECORD), size)) or _ends(
            read(max(0, size - TAIL_BYTES), size)
        )
        return None if is_ended else "a zip archive without the record that ends it"
    if head.startswith(_OLE):
        due = _declared_bytes(head)
        return None if size >= due else f"an OLE file of {size} bytes whose header names {due} or more"
    return None


def _ends(tail: bytes) -> bool:
    """Whether an archive's end record, its comment included, lies in the tail as a whole."""
    at = tail.rfind(_ZIP_END)
    if at < 0 or at + _END_RECORD > len(tail):
        return False
    (comment,) = struct.unpack_from("<H", tail, at + 20)
    return bool(at + _END_RECORD + comment <= len(tail))


def _declared_bytes(head: bytes) -> int:
    """Bytes that an OLE file must have for the sectors that its header names."""
    if len(head) < HEAD_BYTES:
        return HEAD_BYTES
    (shift,) = struct.unpack_from("<H", head, 30)
    if shift not in (9, 12):
        return HEAD_BYTES  # no such file: the reader says so
    directory, small_table, more_tables = (struct.unpack_from("<I", head, at)[0] for at in (48, 60, 68))
    named = [directory, small_table, more_tables, *struct.unpack_from("<109I", head, 76)]
    last = max((sector for sector in named if sector < _NO_SECTOR), default=-1)
    return int((last + 2) << shift)


class Waiting:
    """Which unfinished files were seen first when, by our own clock, kept in `home` from run to run.

    A server's clock, and the times that a sender gives its files, tell nothing here.
    """

    def __init__(self, settings: Settings) -> None:
        digest = hashlib.sha256(settings.landing_url.encode()).hexdigest()[:8]
        self._path = settings.home / f"landing-waiting-{digest}.json"
        self._patience = timedelta(seconds=settings.unfinished_wait_seconds)
        self._seen: dict[str, tuple[str, str]] = {}
        self._kept = self._load()

    def until(self, path: str, version: str, moment: datetime) -> datetime | None:
        """Until when a file as it is now is waited for; None where that is over."""
        known_version, since = self._kept.get(path, ("", ""))
        first = datetime.fromisoformat(since) if known_version == version else moment
        end = min(first, moment) + self._patience
        if moment >= end:
            # remembered on: a file that is refused now may still be there if it cannot be taken away
            self._seen[path] = (version, min(first, moment).isoformat())
            return None
        self._seen[path] = (version, first.isoformat())
        return end

    def keep(self) -> None:
        """Remember what was asked for since the start, and forget the rest: it is gone or whole."""
        if not self._seen and self._kept:
            self._path.unlink(missing_ok=True)
        elif self._seen != self._kept:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            draft = self._path.with_suffix(f".{os.getpid()}.part")
            draft.write_text(json.dumps(self._seen), encoding="ascii")
            draft.replace(self._path)
        self._kept, self._seen = self._seen, {}

    def _load(self) -> dict[str, tuple[str, str]]:
        try:
            return {path: (v, s) for path, (v, s) in json.loads(self._path.read_text("ascii")).items()}
        except FileNotFoundError:
            return {}
        except (ValueError, TypeError, AttributeError):
            return {}  # cut off: those who wait, wait anew
