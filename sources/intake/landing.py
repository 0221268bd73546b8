"""The landing zone: which files are whole, in which order they came, and their removal once they are read.

A folder, S3 and SFTP through the same code. What lies there is left until it is whole: see docs/landing.md.
"""

from __future__ import annotations

import errno
import io
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Self

import psutil
from fsspec.implementations.local import LocalFileSystem

from sources.forms.definition import LandingNames
from sources.intake.unfinished import HEAD_BYTES, TAIL_BYTES, Waiting, lacks_its_end
from warehouse.clock import wall_clock
from warehouse.errors import UsageError
from warehouse.settings import Settings, local_folder
from warehouse.storage import open_storage, shown_url, storage_faults

_NETWORK_FILE_SYSTEMS = ("nfs", "cifs", "smb", "fuse", "9p", "ceph", "lustre", "gluster", "davfs", "vboxsf")
_BLOCK = 1 << 20
_AT_ONCE = 64


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
        return _shown(self.path)

    @property
    def shown_name(self) -> str:
        """The name as it can be stored and printed."""
        return _shown(self.name)


class Landing:
    """The landing zone at `settings.landing_url` (any fsspec URL).

    `left` names, after `files()`, what stays there for now and why (English): links and pipes, and files
    that are not whole yet. Hidden files and lock files of office programs are no deliveries and not named.
    Raises UsageError where the settings cannot be used, or put archive or answers into the landing zone.
    """

    def __init__(self, settings: Settings, names: LandingNames) -> None:
        self._fs, root = open_storage(settings, "landing")
        _refuse_outputs_inside(settings)
        self._root, self._url = root.rstrip("/"), shown_url(settings.landing_url)
        self._names, self._settle_seconds = names, settings.settle_seconds
        self._waiting, self._unfinished_wait = Waiting(settings), settings.unfinished_wait_seconds
        self._is_local = isinstance(self._fs, LocalFileSystem)
        self._is_object_store = "s3" in _protocols(self._fs)
        self.left: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection to a server, where there is one."""
        if close := getattr(self._fs, "close", None):
            close()

    def files(self) -> list[LandedFile]:
        """The files that are whole, oldest first; `left` says what else is there.

        Waits `settle_seconds` for a second look where the file's own time cannot be trusted (any server's
        clock may be wrong) and something is there. Raises OSError when the landing zone cannot be listed.
        """
        found = self._look()
        whole = self._settled(found)
        if self._unfinished_wait:
            whole = list(self._with_their_end(whole))
            self._waiting.keep()
        return sorted(whole, key=lambda f: (f.modified_at or datetime.min.replace(tzinfo=UTC), f.path))

    def reach(self) -> None:
        """Raise OSError where the landing zone cannot be listed; cheaper than `files()`."""
        with self._listing():
            if self._is_object_store:
                bucket, _, prefix = self._root.partition("/")
                prefix = prefix and f"{prefix}/"
                self._fs.call_s3("list_objects_v2", Bucket=bucket, Prefix=prefix, MaxKeys=1)
            elif self._is_local:
                os.scandir(self._root).close()
            else:
                self._fs.ls(self._root or "/", detail=True)

    def open(self, file: LandedFile) -> BinaryIO:
        """The file's bytes. Raises FileNotFoundError when it is gone or another one, OSError for faults."""
        if self._is_local:
            return os.fdopen(_open_local(self._full(file.path), file), "rb")
        with storage_faults(f"{self._url}: {file.shown_path}"):
            stream = self._fs.open(self._full(file.path), "rb", block_size=_BLOCK)
        return io.BufferedReader(_Remote(stream, f"{self._url}: {file.shown_path}"), _BLOCK)

    def is_unchanged(self, file: LandedFile) -> bool:
        """Whether the file still is what was listed. Raises OSError when that cannot be asked."""
        try:
            if self._is_local:
                status = os.lstat(self._full(file.path))
                return _local_version(status) == file.version
            with storage_faults(f"{self._url}: {file.shown_path}"):
                self._fs.invalidate_cache()
                info = self._fs.info(self._full(file.path))
        except FileNotFoundError:
            return False
        return _version(info) == file.version

    def remove(self, file: LandedFile) -> None:
        """Take a read file out of the landing zone; one that changed since stays, as a new arrival.

        Raises OSError when it cannot be taken away.
        """
        if not self.is_unchanged(file):
            return
        try:
            with storage_faults(f"{self._url}: {file.shown_path}"):
                if self._is_local:
                    os.unlink(self._full(file.path))  # noqa: PTH108 (pathlib costs as much again)
                elif self._is_object_store:
                    self._remove_object(file)
                else:
                    self._fs.rm_file(self._full(file.path))
        except FileNotFoundError:
            return  # another worker was quicker

    def _remove_object(self, file: LandedFile) -> None:
        """Remove an object if it still has the ETag that was read; a store that cannot tell removes it."""
        bucket, _, key = self._full(file.path).partition("/")
        try:
            self._fs.call_s3("delete_object", Bucket=bucket, Key=key, IfMatch=file.version)
        except OSError as error:
            code = getattr(error.__cause__, "response", {}).get("Error", {}).get("Code")
            if code in ("NotImplemented", "501"):
                self._fs.call_s3("delete_object", Bucket=bucket, Key=key)
            elif code not in ("PreconditionFailed", "412"):  # changed since the last look, so it stays
                raise

    # ---------------------------------------------------------------- one look

    def _look(self) -> list[LandedFile]:
        """Every file that may be a delivery, whole or not; fills `left` with what is none."""
        self.left = {}
        with self._listing():
            if self._is_local:
                return list(self._walk_folder(self._root, ""))
            return list(self._walk_objects() if self._is_object_store else self._walk(self._root, ""))

    @contextmanager
    def _listing(self) -> Iterator[None]:
        """What is said where the landing zone cannot be listed."""
        try:
            with storage_faults(self._url):
                self._fs.invalidate_cache()
                yield
        except FileNotFoundError as error:
            raise OSError(
                f"The landing zone {self._url} is not there: a folder or bucket that was never made, or a "
                "share that is not mounted. Nothing is lost: deliveries stay where they are until it is back."
            ) from error
        except OSError as error:
            raise OSError(f"The landing zone {self._url} cannot be listed: {error}") from error

    def _walk_folder(self, folder: str, below: str) -> Iterator[LandedFile]:
        with os.scandir(folder) as entries:
            for entry in entries:
                name = entry.name
                path = below + name
                if self._is_no_delivery(name, path):
                    continue
                if entry.is_symlink():
                    self._leave(path, "a link: it could lead anywhere, so it is not followed")
                elif entry.is_dir():
                    with self._below(path):
                        yield from self._walk_folder(entry.path, f"{path}/")
                elif entry.is_file():
                    try:
                        status = entry.stat(follow_symlinks=False)
                    except FileNotFoundError:
                        continue  # taken away since
                    moment = datetime.fromtimestamp(status.st_mtime, UTC)
                    yield LandedFile(path, name, status.st_size, moment, _local_version(status))
                else:
                    self._leave(path, "no file: a pipe, a socket or a device")

    def _walk(self, folder: str, below: str) -> Iterator[LandedFile]:
        for info in self._fs.ls(folder or "/", detail=True):
            name = info["name"].removeprefix(f"{folder}/")
            path = below + name
            if not info.get("is_plain_name", "/" not in name):
                self._leave(path, "a name that leads out of its folder")
            elif self._is_no_delivery(name, path):
                continue
            elif info.get("islink"):
                self._leave(path, "a link: it could lead anywhere, so it is not followed")
            elif info["type"] == "directory":
                with self._below(path):
                    yield from self._walk(f"{folder}/{name}", f"{path}/")
            elif info["type"] == "file":
                yield self._landed(info, path)
            else:
                self._leave(path, "no file: a pipe, a socket or a device")

    def _walk_objects(self) -> Iterator[LandedFile]:
        for name, info in self._fs.find(self._root, detail=True).items():
            path = name.removeprefix(f"{self._root}/")
            if path == name or (name.endswith("/") and not info["size"]):
                continue  # beside the landing zone, or the marker of a folder
            if path.endswith("/") or "?versionId=" in path:
                self._leave(path, "a key that its store's library takes for another: rename it")
            elif {".", ".."} & set(parts := path.split("/")):
                self._leave(path, "a name that leads out of its folder")
            elif not any(self._is_no_delivery(part, path) for part in parts):
                yield self._landed(info, path)

    def _is_no_delivery(self, name: str, path: str) -> bool:
        names = self._names
        if name.lower().endswith(tuple(names.ignored_suffixes)):
            self._leave(path, "still being written, as its name says")
            return True
        return name.startswith(tuple(names.ignored_prefixes)) or name in names.ignored_names

    @contextmanager
    def _below(self, path: str) -> Iterator[None]:
        """A folder inside that cannot be listed costs its own files only, and is named."""
        try:
            yield
        except FileNotFoundError:
            return  # taken away since
        except PermissionError as error:
            self._leave(path, f"a folder that may not be listed: {error}")

    def _leave(self, path: str, reason: str) -> None:
        self.left[_shown(path)] = reason

    def _landed(self, info: dict[str, Any], path: str) -> LandedFile:
        name = path.rpartition("/")[2]
        return LandedFile(path, name, int(info.get("size") or 0), _modified(info), _version(info))

    def _full(self, path: str) -> str:
        return f"{self._root}/{path}"

    # ---------------------------------------------------------------- whole or not

    def _settled(self, found: list[LandedFile]) -> list[LandedFile]:
        """The files that nobody writes to any more, as far as times and two looks tell."""
        if not self._settle_seconds:
            return found
        own_clock = self._is_local and not _is_network_share(self._root)
        settled, to_see_again = [], []
        moment = wall_clock()
        for file in found:
            age = (moment - file.modified_at).total_seconds() if file.modified_at else -1.0
            if not own_clock or age < 0:  # a time in the future, or of another clock, tells nothing
                to_see_again.append(file)
            elif age >= self._settle_seconds:
                settled.append(file)
            else:
                self._leave(file.path, f"changed {age:.1f} s ago")
        if to_see_again:
            left = self.left
            time.sleep(self._settle_seconds)
            again = set(self._look())
            self.left = {**left, **self.left}
            settled += [file for file in to_see_again if file in again]
            for path in {file.path for file in again} & {f.path for f in to_see_again if f not in again}:
                self._leave(path, f"changed within {self._settle_seconds:g} s")
        return settled

    def _with_their_end(self, files: list[LandedFile]) -> Iterator[LandedFile]:
        for start in range(0, len(files), _AT_ONCE):
            batch = files[start : start + _AT_ONCE]
            contents = {} if self._is_local else self._small_contents(batch)
            for file in batch:
                if self._has_its_end(file, contents.get(file.path)):
                    yield file

    def _has_its_end(self, file: LandedFile, content: bytes | None) -> bool:
        try:
            lacking = self._lacks(file, content)
        except OSError:
            return True  # whoever takes it in meets the fault and names it
        if lacking is None:
            return True
        until = self._waiting.until(file.path, file.version, wall_clock())
        if until is not None:
            self._leave(file.path, f"{lacking}: waited for until {until:%Y-%m-%d %H:%M:%S} UTC, then refused")
        return until is None

    def _lacks(self, file: LandedFile, content: bytes | None) -> str | None:
        if content is not None:
            return lacks_its_end(len(content), lambda start, end: content[start:end])
        path = self._full(file.path)
        if self._is_local:
            descriptor = _open_local(path, file)
            try:
                return lacks_its_end(file.size, lambda start, end: os.pread(descriptor, end - start, start))
            finally:
                os.close(descriptor)
        with storage_faults(f"{self._url}: {file.shown_path}"):
            return lacks_its_end(file.size, lambda start, end: self._fs.cat_file(path, start=start, end=end))

    def _small_contents(self, files: list[LandedFile]) -> dict[str, bytes]:
        """What files hold that are no longer than head and tail, in one request each, S3's side by side."""
        small = [file for file in files if 0 < file.size <= HEAD_BYTES + TAIL_BYTES]
        found = self._fs.cat_ranges(
            [self._full(file.path) for file in small],
            [0] * len(small),
            [file.size for file in small],
            on_error="return",
        )
        pairs = zip(small, found, strict=True)
        return {file.path: data for file, data in pairs if isinstance(data, bytes)}


class _Remote(io.RawIOBase):
    """A stream of a remote place, whose faults are OSErrors."""

    def __init__(self, stream: Any, shown: str) -> None:
        super().__init__()
        self._stream, self._shown = stream, shown

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with storage_faults(self._shown):
            data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            try:
                self._stream.close()
            finally:
                super().close()


def _open_local(path: str, file: LandedFile) -> int:
    """A file of a folder, if it still is what was listed: no link that took its place, no pipe to wait at."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if _local_version(os.fstat(descriptor)) != file.version:
        os.close(descriptor)
        raise FileNotFoundError(errno.ENOENT, "Changed since it was listed", file.shown_path)
    return descriptor


def _local_version(status: os.stat_result) -> str:
    return f"{status.st_ino} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"


def _version(info: dict[str, Any]) -> str:
    if info.get("ETag"):
        return str(info["ETag"])
    return f"{info.get('type')} {info.get('size')} {_modified(info)}"


def _modified(info: dict[str, Any]) -> datetime | None:
    moment = next((info[key] for key in ("mtime", "LastModified", "created") if info.get(key)), None)
    if isinstance(moment, int | float):
        return datetime.fromtimestamp(moment, UTC)
    return moment if isinstance(moment, datetime) else None


def _refuse_outputs_inside(settings: Settings) -> None:
    """Raise UsageError where archive or answers lie in the landing zone, and would come in as deliveries."""
    zone = _place(settings.landing_url)
    for name, url in (("ARCHIVE", settings.archive_url), ("ANSWERS", settings.answers_url)):
        if f"{_place(url)}/".startswith(f"{zone}/"):
            raise UsageError(
                f"CCHC_{name}_URL={shown_url(url)} lies in the landing zone "
                f"{shown_url(settings.landing_url)}: what is written there would be "
                "taken in as a delivery. Name a place beside it."
            )


def _place(url: str) -> str:
    folder = local_folder(url)
    return folder.resolve().as_posix() if folder is not None else url.rstrip("/")


def _protocols(file_system: Any) -> tuple[str, ...]:
    given = file_system.protocol
    return (given,) if isinstance(given, str) else tuple(given)


def _is_network_share(folder: str) -> bool:
    """Whether a folder lies on another machine, whose clock may differ from ours."""
    path = Path(folder).resolve()
    mounts = [m for m in psutil.disk_partitions(all=True) if path.is_relative_to(m.mountpoint)]
    nearest = max(mounts, key=lambda m: len(m.mountpoint), default=None)
    return nearest is not None and nearest.fstype.startswith(_NETWORK_FILE_SYSTEMS)


def _shown(text: str) -> str:
    known = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in known)


def local_file(path: Path) -> LandedFile:
    """A local file that was named by hand."""
    status = path.stat()
    return LandedFile(
        path.resolve().as_posix(), path.name, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC)
    )
