"""Where files land: what differs between a folder, a bucket and a server. What is whole is not asked here."""

from __future__ import annotations

import errno
import io
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import psutil
from fsspec.implementations.local import LocalFileSystem

from warehouse.settings import Settings
from warehouse.storage import open_storage, shown_url, storage_faults

_NETWORK_FILE_SYSTEMS = ("nfs", "cifs", "smb", "fuse", "9p", "ceph", "lustre", "gluster", "davfs", "vboxsf")
_BLOCK = 1 << 20
_LINK = "a link: it could lead anywhere, so it is not followed"
_NO_FILE = "no file: a pipe, a socket or a device"
_LEADS_OUT = "a name that leads out of its folder"

_DEEPEST = 32
"""Folders within folders that are looked into: a sender could make thousands, to stop the intake."""

Part = Callable[[int, int], bytes]
"""Gives the bytes of a file from a start to an end."""


@dataclass(frozen=True, slots=True)
class LandedFile:
    """A file as it was listed: `path` is below the landing zone (or absolute, for a file named by hand).

    `version` changes with the file: S3's ETag, a folder's inode and times, else size and time.
    """

    path: str
    name: str
    size: int
    modified_at: datetime | None
    version: str = ""

    @property
    def shown_path(self) -> str:
        """The path as it can be stored and printed: no UTF-8, or control, is written \\x1b."""
        return shown(self.path)

    @property
    def shown_name(self) -> str:
        """The name as it can be stored and printed."""
        return shown(self.name)


class Sieve(Protocol):
    """What is looked for, and who is told of the rest."""

    def passes(self, name: str, path: str) -> bool:
        """Whether a file or folder of this name may be a delivery, or hold one."""

    def leave(self, path: str, reason: str) -> None:
        """Tell that something at a path stays there, and why (English)."""


class Zone(ABC):
    """A place of files. Every fault is an OSError, what is not there a FileNotFoundError."""

    has_our_clock = False
    """Whether the times of files are of this machine's clock."""

    def __init__(self, file_system: Any, root: str, url: str) -> None:
        self._fs, self._root, self._url = file_system, root.rstrip("/"), url

    @abstractmethod
    def look(self, sieve: Sieve) -> Iterator[LandedFile]:
        """Every file that the sieve lets pass."""

    @abstractmethod
    def reach(self) -> None:
        """Ask for what it costs to know whether the zone can be listed."""

    @abstractmethod
    def open(self, file: LandedFile) -> BinaryIO:
        """The file's bytes."""

    @abstractmethod
    def version_now(self, file: LandedFile) -> str:
        """The version of what lies at the file's path now."""

    @abstractmethod
    def remove(self, file: LandedFile) -> None:
        """Remove the file; its version was asked for right before."""

    @abstractmethod
    def parts(self, file: LandedFile) -> AbstractContextManager[Part]:
        """What gives some bytes of the file."""

    @abstractmethod
    def contents(self, files: list[LandedFile]) -> dict[str, bytes]:
        """Whole small files by path, where that costs less than one by one; else nothing."""

    def close(self) -> None:
        """End the connection to a server, where there is one."""
        if close := getattr(self._fs, "close", None):
            close()

    def _full(self, file: LandedFile) -> str:
        return f"{self._root}/{file.path}"


class _Folder(Zone):
    """A folder of this machine, at the cost of the system's own calls."""

    def __init__(self, file_system: Any, root: str, url: str) -> None:
        super().__init__(file_system, root, url)
        self.has_our_clock = not _is_network_share(root)

    def look(self, sieve: Sieve) -> Iterator[LandedFile]:
        return self._walk(self._root, "", sieve)

    def reach(self) -> None:
        os.scandir(self._root).close()

    def open(self, file: LandedFile) -> BinaryIO:
        return os.fdopen(self._descriptor(file), "rb", buffering=0)

    def version_now(self, file: LandedFile) -> str:
        return _local_version(os.lstat(self._full(file)))

    def remove(self, file: LandedFile) -> None:
        os.unlink(self._full(file))  # noqa: PTH108 (a Path of each file costs as much again)

    @contextmanager
    def parts(self, file: LandedFile) -> Iterator[Part]:
        descriptor = self._descriptor(file)
        try:
            yield lambda start, end: os.pread(descriptor, end - start, start)
        finally:
            os.close(descriptor)

    def contents(self, files: list[LandedFile]) -> dict[str, bytes]:  # noqa: ARG002
        return {}

    def _walk(self, folder: str, below: str, sieve: Sieve) -> Iterator[LandedFile]:
        with os.scandir(folder) as entries:
            for entry in entries:
                name = entry.name
                path = below + name
                if not sieve.passes(name, path):
                    continue
                if entry.is_symlink():
                    sieve.leave(path, _LINK)
                elif entry.is_dir():
                    if _is_too_deep(path, sieve):
                        continue
                    with _below(path, sieve):
                        yield from self._walk(entry.path, f"{path}/", sieve)
                elif entry.is_file():
                    try:
                        status = entry.stat(follow_symlinks=False)
                    except FileNotFoundError:
                        continue  # taken away since
                    moment = datetime.fromtimestamp(status.st_mtime, UTC)
                    yield LandedFile(path, name, status.st_size, moment, _local_version(status))
                else:
                    sieve.leave(path, _NO_FILE)

    def _descriptor(self, file: LandedFile) -> int:
        """A file, if it still is what was listed: no link that took its place, no pipe to wait at."""
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(self._full(file), flags)
        if _local_version(os.fstat(descriptor)) != file.version:
            os.close(descriptor)
            raise FileNotFoundError(errno.ENOENT, "Changed since it was listed", file.shown_path)
        return descriptor


class _Server(Zone):
    """A file system with folders that fsspec reaches, SFTP above all."""

    def look(self, sieve: Sieve) -> Iterator[LandedFile]:
        self._fs.invalidate_cache()
        return self._walk(self._root, "", sieve)

    def reach(self) -> None:
        self._fs.ls(self._root or "/", detail=True)

    def open(self, file: LandedFile) -> BinaryIO:
        with self._faults_of(file):
            stream = self._fs.open(self._full(file), "rb", block_size=_BLOCK)
        return io.BufferedReader(_Stream(stream, f"{self._url}: {file.shown_path}"), _BLOCK)

    def version_now(self, file: LandedFile) -> str:
        with self._faults_of(file):
            self._fs.invalidate_cache()
            return _version(self._fs.info(self._full(file)))

    def remove(self, file: LandedFile) -> None:
        with self._faults_of(file):
            self._fs.rm_file(self._full(file))

    @contextmanager
    def parts(self, file: LandedFile) -> Iterator[Part]:
        path = self._full(file)
        with self._faults_of(file):
            yield lambda start, end: bytes(self._fs.cat_file(path, start=start, end=end))

    def contents(self, files: list[LandedFile]) -> dict[str, bytes]:
        paths, starts = [self._full(file) for file in files], [0] * len(files)
        found = self._fs.cat_ranges(paths, starts, [file.size for file in files], on_error="return")
        pairs = zip(files, found, strict=True)
        return {file.path: data for file, data in pairs if isinstance(data, bytes)}

    def _walk(self, folder: str, below: str, sieve: Sieve) -> Iterator[LandedFile]:
        for info in self._fs.ls(folder or "/", detail=True):
            name = info["name"].removeprefix(f"{folder}/")
            path = below + name
            if not info.get("is_plain_name", "/" not in name):
                sieve.leave(path, _LEADS_OUT)
            elif not sieve.passes(name, path):
                continue
            elif info.get("islink"):
                sieve.leave(path, _LINK)
            elif info["type"] == "directory":
                if _is_too_deep(path, sieve):
                    continue
                with _below(path, sieve):
                    yield from self._walk(f"{folder}/{name}", f"{path}/", sieve)
            elif info["type"] == "file":
                yield _landed(info, path)
            else:
                sieve.leave(path, _NO_FILE)

    def _faults_of(self, file: LandedFile) -> Any:
        return storage_faults(f"{self._url}: {file.shown_path}")


class _Bucket(_Server):
    """A bucket of S3, or what lies under a prefix in one: no folders, objects come and go as a whole."""

    def look(self, sieve: Sieve) -> Iterator[LandedFile]:
        self._fs.invalidate_cache()
        for name, info in self._fs.find(self._root, detail=True).items():
            path = name.removeprefix(f"{self._root}/")
            parts = path.split("/")
            if path == name or (name.endswith("/") and not info["size"]):
                continue  # beside the landing zone, or the marker of a folder
            if path.endswith("/") or "?versionId=" in path:
                sieve.leave(path, "a key that its store's library takes for another: rename it")
            elif {".", ".."}.intersection(parts):
                sieve.leave(path, _LEADS_OUT)
            elif all(sieve.passes(part, path) for part in parts):
                yield _landed(info, path)

    def reach(self) -> None:
        bucket, _, prefix = self._root.partition("/")
        prefix = prefix and f"{prefix}/"
        self._fs.call_s3("list_objects_v2", Bucket=bucket, Prefix=prefix, MaxKeys=1)

    def remove(self, file: LandedFile) -> None:
        """Remove an object if it still has the ETag that was read; a store that cannot tell removes it."""
        bucket, _, key = self._full(file).partition("/")
        with self._faults_of(file):
            try:
                self._fs.call_s3("delete_object", Bucket=bucket, Key=key, IfMatch=file.version)
            except OSError as error:
                code = getattr(error.__cause__, "response", {}).get("Error", {}).get("Code")
                if code in ("NotImplemented", "501"):
                    self._fs.call_s3("delete_object", Bucket=bucket, Key=key)
                elif code not in ("PreconditionFailed", "412"):  # changed since the last look, so it stays
                    raise


class _Stream(io.RawIOBase):
    """A stream of a server or store, whose faults are OSErrors."""

    def __init__(self, stream: Any, name: str) -> None:
        super().__init__()
        self._stream, self._name = stream, name

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with storage_faults(self._name):
            data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            try:
                self._stream.close()
            finally:
                super().close()


def open_zone(settings: Settings) -> Zone:
    """The landing zone of the settings. Raises UsageError where they cannot be used."""
    file_system, root = open_storage(settings, "landing")
    kind: type[Zone] = _Server
    if isinstance(file_system, LocalFileSystem):
        kind = _Folder
    elif "s3" in file_system.protocol:
        kind = _Bucket
    return kind(file_system, root, shown_url(settings.landing_url))


def shown(text: str) -> str:
    """Text from outside as it can be stored and printed: no UTF-8, or control, is written \\x1b."""
    if text.isprintable():
        return text
    known = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in known)


def _is_too_deep(path: str, sieve: Sieve) -> bool:
    if path.count("/") < _DEEPEST:
        return False
    sieve.leave(path, f"more than {_DEEPEST} folders deep")
    return True


@contextmanager
def _below(path: str, sieve: Sieve) -> Iterator[None]:
    """A folder inside that cannot be listed costs its own files only, and is named."""
    try:
        yield
    except FileNotFoundError:
        return  # taken away since
    except (ConnectionError, TimeoutError):
        raise  # the zone is out of reach, and not this folder
    except OSError as error:
        sieve.leave(path, f"a folder that cannot be listed: {error}")


def _landed(info: dict[str, Any], path: str) -> LandedFile:
    name = path.rpartition("/")[2]
    return LandedFile(path, name, int(info.get("size") or 0), _modified(info), _version(info))


def _version(info: dict[str, Any]) -> str:
    if info.get("ETag"):
        return str(info["ETag"])
    return f"{info.get('type')} {info.get('size')} {_modified(info)}"


def _local_version(status: os.stat_result) -> str:
    return f"{status.st_ino} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"


def _modified(info: dict[str, Any]) -> datetime | None:
    moment = next((info[key] for key in ("mtime", "LastModified", "created") if info.get(key)), None)
    if isinstance(moment, int | float):
        return datetime.fromtimestamp(moment, UTC)
    return moment if isinstance(moment, datetime) else None


def _is_network_share(folder: str) -> bool:
    """Whether a folder lies on another machine, whose clock may differ from ours."""
    path = Path(folder).resolve()
    mounts = [m for m in psutil.disk_partitions(all=True) if path.is_relative_to(m.mountpoint)]
    nearest = max(mounts, key=lambda m: len(m.mountpoint), default=None)
    return nearest is not None and nearest.fstype.startswith(_NETWORK_FILE_SYSTEMS)
