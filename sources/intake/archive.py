"""The archive: every delivered file's bytes under their SHA-256, written once and never overwritten."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import Any, BinaryIO
from uuid import uuid4

from warehouse.errors import CchcError
from warehouse.settings import Settings
from warehouse.storage import open_storage

_CHUNK = 1 << 20
_INCOMING = "incoming"


@dataclass(frozen=True)
class Archived:
    """Where the bytes of a file lie: `path` is below the archive."""

    sha256: str
    size_bytes: int
    path: str


class Archive:
    """The archive at `settings.archive_url` (any fsspec URL)."""

    def __init__(self, settings: Settings) -> None:
        self._fs, self._root = open_storage(settings, "archive")

    def store(self, stream: BinaryIO) -> Archived:
        """Copy a stream into the archive; the same bytes twice are one file.

        The copy is written under a name of its own and then moved, so a file under its hash is always whole.
        Raises CchcError when the archive holds something else under that hash.
        """
        draft = f"{self._root}/{_INCOMING}/{uuid4().hex}.part"
        self._fs.makedirs(f"{self._root}/{_INCOMING}", exist_ok=True)
        digest, size = hashlib.sha256(), 0
        try:
            with self._fs.open(draft, "wb") as copy:
                while chunk := stream.read(_CHUNK):
                    digest.update(chunk)
                    size += len(chunk)
                    copy.write(chunk)
                _sync(copy)
            archived = Archived(digest.hexdigest(), size, f"{digest.hexdigest()[:2]}/{digest.hexdigest()}")
            self._place(draft, archived)
        finally:
            if self._fs.exists(draft):
                self._fs.rm_file(draft)
        return archived

    def read(self, path: str, at_most: int | None = None) -> bytes:
        """The bytes of an archived file, or the first `at_most` of them."""
        with self._fs.open(f"{self._root}/{path}", "rb") as stream:
            return bytes(stream.read() if at_most is None else stream.read(at_most))

    def _place(self, draft: str, archived: Archived) -> None:
        final = f"{self._root}/{archived.path}"
        if not self._fs.exists(final):
            self._fs.makedirs(final.rpartition("/")[0], exist_ok=True)
            self._fs.mv(draft, final)
        elif self._fs.size(final) != archived.size_bytes:
            raise CchcError(
                f"The archive's file {archived.path} is damaged: {self._fs.size(final)} bytes instead of "
                f"{archived.size_bytes}. Restore it from a backup; nothing was overwritten."
            )


def _sync(copy: Any) -> None:
    copy.flush()
    try:
        os.fsync(copy.fileno())
    except (AttributeError, OSError, ValueError):
        return  # a remote file has no descriptor: its store answers for durability
