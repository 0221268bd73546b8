"""The landing zone: which files are whole, in which order they came, and their removal once they are read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from sources.forms.definition import LandingNames
from warehouse.clock import wall_clock
from warehouse.settings import Settings
from warehouse.storage import open_storage


@dataclass(frozen=True)
class LandedFile:
    """A file as it was listed: `path` is below the landing zone (or absolute, for a file named by hand)."""

    path: str
    name: str
    size: int
    modified_at: datetime | None

    @property
    def shown_path(self) -> str:
        """The path as it can be stored and printed: no UTF-8, or control, is written \\x1b."""
        return _shown(self.path)

    @property
    def shown_name(self) -> str:
        """The name as it can be stored and printed."""
        return _shown(self.name)


class Landing:
    """The landing zone at `settings.landing_url` (any fsspec URL)."""

    def __init__(self, settings: Settings, names: LandingNames) -> None:
        self._fs, self._root = open_storage(settings, "landing")
        self._names, self._settle_seconds = names, settings.settle_seconds

    def files(self) -> list[LandedFile]:
        """Files that did not change for the settle time, oldest first; hidden and half-written ones stay.

        So does what is no file of its own: a link would be read from anywhere, a pipe would never end.
        """
        if not self._fs.exists(self._root):
            return []
        self._fs.invalidate_cache()
        prefix = self._root.rstrip("/") + "/"
        found = [
            self._landed(info, info["name"].removeprefix(prefix))
            for info in self._fs.find(self._root, detail=True).values()
            if info.get("type", "file") == "file" and not info.get("islink")
        ]
        settled = [f for f in found if not self._is_ignored(f.path) and self._is_settled(f)]
        return sorted(settled, key=lambda f: (f.modified_at or datetime.min.replace(tzinfo=UTC), f.path))

    def open(self, file: LandedFile) -> BinaryIO:
        """The file's bytes."""
        return self._fs.open(self._full(file), "rb")  # type: ignore[no-any-return]

    def is_unchanged(self, file: LandedFile) -> bool:
        """Whether the file still is what was listed."""
        self._fs.invalidate_cache()
        try:
            return self._landed(self._fs.info(self._full(file)), file.path) == file
        except FileNotFoundError:
            return False

    def remove(self, file: LandedFile) -> None:
        """Take a read file out of the landing zone; one that changed since stays, as a new arrival."""
        if self.is_unchanged(file):
            self._fs.rm_file(self._full(file))

    def _full(self, file: LandedFile) -> str:
        return f"{self._root.rstrip('/')}/{file.path}"

    def _landed(self, info: dict[str, Any], path: str) -> LandedFile:
        return LandedFile(path, PurePosixPath(path).name, int(info.get("size") or 0), self._modified(info))

    def _modified(self, info: dict[str, Any]) -> datetime | None:
        moment = next(
            (info[key] for key in ("mtime", "LastModified", "last_modified", "created") if info.get(key)),
            None,
        )
        if isinstance(moment, int | float):
            return datetime.fromtimestamp(moment, UTC)
        return moment if isinstance(moment, datetime) else None

    def _is_ignored(self, path: str) -> bool:
        names = self._names
        return any(
            part.startswith(tuple(names.ignored_prefixes))
            or part.lower().endswith(tuple(names.ignored_suffixes))
            or part in names.ignored_names
            for part in PurePosixPath(path).parts
        )

    def _is_settled(self, file: LandedFile) -> bool:
        if file.modified_at is None:
            return True
        age = (wall_clock() - file.modified_at).total_seconds()
        return age < 0 or age >= self._settle_seconds  # a time in the future tells nothing about being whole


def _shown(text: str) -> str:
    known = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in known)


def local_file(path: Path) -> LandedFile:
    """A local file that was named by hand."""
    status = path.stat()
    return LandedFile(
        path.resolve().as_posix(), path.name, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC)
    )
