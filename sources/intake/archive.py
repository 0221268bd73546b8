"""The archive: every delivered file's bytes under their SHA-256, written once and never overwritten."""

from __future__ import annotations

import ctypes
import hashlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from math import inf
from time import time
from typing import Any, BinaryIO
from uuid import uuid4

from fsspec.implementations.local import LocalFileSystem

from warehouse.errors import CchcError
from warehouse.settings import Settings
from warehouse.storage import open_storage, shown_url, storage_faults

_CHUNK = 1 << 16
"""Nearly every report is one piece; what is far larger is fresh memory of the system each time."""
_INCOMING = "incoming"
_DRAFT_SECONDS = 24 * 60 * 60
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
"""For syncfs, which Python does not have."""


class ArchiveFault(CchcError, OSError):
    """The archive cannot be written or read: nothing is wrong with any file, and a later run goes on."""


@dataclass(frozen=True)
class Archived:
    """Where the bytes of a file lie: `path` is below the archive."""

    sha256: str
    size_bytes: int
    path: str


class _Folder:
    """This machine's file system as the archive uses it: fsspec's looks at each place several times."""

    size = staticmethod(os.path.getsize)
    mv = staticmethod(os.replace)
    rm_file = staticmethod(os.remove)
    makedirs = staticmethod(os.makedirs)

    @staticmethod
    def open(path: str, mode: str) -> Any:
        """A file, read without a buffer: whoever reads takes pieces of a size of its own."""
        return open(path, mode, buffering=0 if mode == "rb" else -1)  # noqa: PTH123 (as fsspec)


class Archive:
    """The archive at `settings.archive_url` (any fsspec URL)."""

    def __init__(self, settings: Settings) -> None:
        opened, root = open_storage(settings, "archive")
        self._root, self._url = root.rstrip("/"), shown_url(settings.archive_url)
        self._is_local = isinstance(opened, LocalFileSystem)
        self._opened: Any = opened
        self._fs: Any = _Folder() if self._is_local else opened
        self._drafts: dict[str, str] = {}
        """What `settle` moves: by its path, the draft."""
        self._disk: _Disk | None = None

    def sweep(self) -> None:
        """Remove the drafts of runs that were killed; those of a day ago belong to no run that goes on.

        Raises ArchiveFault.
        """
        with self._writing(), suppress(FileNotFoundError):
            for path, told in self._opened.find(f"{self._root}/{_INCOMING}", detail=True).items():
                if time() - _written_at(told) > _DRAFT_SECONDS:
                    self._fs.rm_file(path)

    def store(self, stream: BinaryIO) -> Archived:
        """Copy a stream into the archive; the same bytes twice are one file. It is there after `settle`.

        Raises ArchiveFault where the archive cannot take it, or holds something else under its hash; errors
        of the stream itself are raised as they are.
        """
        draft = f"{self._root}/{_INCOMING}/{uuid4().hex}.part"
        hashed, size = hashlib.sha256(), 0
        with self._writing():
            copy = self._in_folder(f"{self._root}/{_INCOMING}", lambda: self._fs.open(draft, "wb"))
            if self._is_local and self._disk is None:
                self._disk = _Disk(self._root)
        try:
            while chunk := stream.read(_CHUNK):
                hashed.update(chunk)
                size += len(chunk)
                with self._writing():
                    copy.write(chunk)
            sha256 = hashed.hexdigest()
            archived = Archived(sha256, size, f"{sha256[:2]}/{sha256}")
            with self._writing():
                copy.close()
                if self._is_new(archived):
                    self._drafts[archived.path] = draft
                else:
                    self._fs.rm_file(draft)
        except BaseException:
            with suppress(Exception):  # what happened is told; this draft is worth nothing
                copy.close()
            with suppress(Exception):
                self._fs.rm_file(draft)
            raise
        return archived

    def settle(self) -> None:
        """Make what was stored durable, and move it under its hash: so a file there is always whole.

        All at once, which costs the disk a fraction of writing out each file. Raises ArchiveFault; then what
        was stored is to be stored again.
        """
        drafts, self._drafts = self._drafts, {}
        disk, self._disk = self._disk, None
        try:
            with self._writing():
                if disk:
                    disk.write_out()
                for path, draft in drafts.items():
                    self._place(draft, path)
                if disk:
                    disk.write_out()  # the names
        except BaseException:
            for draft in drafts.values():
                with suppress(Exception):  # what happened is told; a draft is worth nothing
                    self._fs.rm_file(draft)
            raise
        finally:
            if disk:
                disk.close()

    def read(self, path: str, at_most: int | None = None) -> bytes:
        """The bytes of an archived file, or the first `at_most` of them. Raises ArchiveFault."""
        try:
            with storage_faults(self._url), self._fs.open(f"{self._root}/{path}", "rb") as stream:
                pieces, left = [], sys.maxsize if at_most is None else at_most
                while piece := stream.read(min(left, _CHUNK)):
                    pieces.append(bytes(piece))
                    left -= len(piece)
                return b"".join(pieces)
        except OSError as error:
            raise ArchiveFault(
                f"The archive's file {path} cannot be read: {error}. Make {self._url} reachable, or "
                "restore the file from a backup; then run again."
            ) from error

    def _is_new(self, archived: Archived) -> bool:
        if archived.path in self._drafts:
            return False
        try:
            known = self._fs.size(f"{self._root}/{archived.path}")
        except FileNotFoundError:
            return True
        if known != archived.size_bytes:
            raise ArchiveFault(
                f"The archive's file {archived.path} is damaged: {known} bytes instead of "
                f"{archived.size_bytes}. Restore it from a backup; nothing was overwritten."
            )
        return False

    def _place(self, draft: str, path: str) -> None:
        final = f"{self._root}/{path}"
        self._in_folder(final.rpartition("/")[0], lambda: self._fs.mv(draft, final))

    def _in_folder(self, path: str, action: Callable[[], Any]) -> Any:
        """Do what needs a folder, and make it only where it is missed: object stores have none, and would
        take the making of one as leave to make a bucket of a misspelt name."""
        try:
            return action()
        except FileNotFoundError:
            self._fs.makedirs(path, exist_ok=True)
            return action()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            with storage_faults(self._url):
                yield
        except ArchiveFault:
            raise
        except OSError as error:
            raise ArchiveFault(
                f"The archive {self._url} cannot take files: {error.strerror or error}. Make room or repair "
                "it, then run again; what could not be archived stays where it lies."
            ) from error


def _written_at(told: dict[str, Any]) -> float:
    """When a file was written, in seconds since 1970, as the different stores tell it."""
    at = told.get("mtime") or told.get("LastModified") or told.get("created")
    return at.timestamp() if isinstance(at, datetime) else float(at or inf)


class _Disk:
    """The file system in which a folder lies. A remote store answers for durability itself, and has none."""

    def __init__(self, folder: str) -> None:
        self._descriptor = os.open(folder, os.O_RDONLY)  # before writing: it is told what went wrong since

    def write_out(self) -> None:
        """Make durable all that was written, names included. Raises OSError where something was lost."""
        if _LIBC is None:
            os.sync()
        elif _LIBC.syncfs(self._descriptor):
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))

    def close(self) -> None:
        """Let go of it."""
        os.close(self._descriptor)
