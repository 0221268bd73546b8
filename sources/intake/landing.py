"""The landing zone: which files are whole, in which order they came, and their removal once they are read.

A folder, S3 and SFTP through the same code. What lies there is left until it is whole: see docs/landing.md.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Self

from sources.forms.definition import LandingNames
from sources.intake.unfinished import HEAD_BYTES, TAIL_BYTES, Waiting, lacks_its_end
from sources.intake.zones import LandedFile, open_zone, shown
from warehouse.clock import wall_clock
from warehouse.errors import UsageError
from warehouse.settings import Settings, local_folder
from warehouse.storage import shown_url, storage_faults

__all__ = ["LandedFile", "Landing", "Sieve", "local_file"]

_AT_ONCE = 64
"""Small files of a remote place whose ends are looked at together: bounds what is in memory."""


class Landing:
    """The landing zone at `settings.landing_url` (any fsspec URL).

    `left` names, after `files()`, what stays there for now and why (English): links and pipes, and files
    that are not whole yet. Hidden files and lock files of office programs are no deliveries and not named.
    Raises UsageError where the settings cannot be used, or put archive or answers into the landing zone.
    """

    def __init__(self, settings: Settings, names: LandingNames) -> None:
        self._zone, self._url = open_zone(settings), shown_url(settings.landing_url)
        _refuse_outputs_inside(settings)
        self._sieve = Sieve(names)
        self._settle_seconds = settings.settle_seconds
        self._waiting, self._unfinished_wait = Waiting(settings), settings.unfinished_wait_seconds

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def left(self) -> dict[str, str]:
        """What the last `files()` left: shown path → reason."""
        return self._sieve.left

    def files(self) -> list[LandedFile]:
        """The files that are whole, oldest first; `left` says what else is there.

        Waits `settle_seconds` for a second look where the file's own time cannot be trusted (any server's
        clock may be wrong) and something is there. Raises OSError when the landing zone cannot be listed.
        """
        whole = self._settled(self.look())
        if self._unfinished_wait:
            whole = list(self._with_their_end(whole))
            self._waiting.keep()
        return sorted(whole, key=lambda f: (f.modified_at or datetime.min.replace(tzinfo=UTC), f.path))

    def reach(self) -> None:
        """Raise OSError where the landing zone cannot be listed; cheaper than `files()`."""
        with self._listing():
            self._zone.reach()

    def open(self, file: LandedFile) -> BinaryIO:
        """The file's bytes. Raises FileNotFoundError when it is gone or another one, OSError for faults."""
        return self._zone.open(file)

    def is_unchanged(self, file: LandedFile) -> bool:
        """Whether the file still is what was listed. Raises OSError when that cannot be asked."""
        try:
            return self._zone.version_now(file) == file.version
        except FileNotFoundError:
            return False

    def remove(self, file: LandedFile) -> None:
        """Take a read file out of the landing zone; one that changed since stays, as a new arrival.

        Raises OSError when it cannot be taken away.
        """
        if self.is_unchanged(file):
            try:
                self._zone.remove(file)
            except FileNotFoundError:
                return  # another worker was quicker

    def close(self) -> None:
        """End the connection to a server, where there is one."""
        self._zone.close()

    def look(self) -> list[LandedFile]:
        """Every file that may be a delivery, whole or not; `left` names what is none. Raises OSError."""
        self._sieve.left = {}
        with self._listing():
            return list(self._zone.look(self._sieve))

    @contextmanager
    def _listing(self) -> Iterator[None]:
        """What is said where the landing zone cannot be listed."""
        try:
            with storage_faults(self._url):
                yield
        except FileNotFoundError as error:
            raise OSError(
                f"The landing zone {self._url} is not there: a folder or bucket that was never made, or a "
                "share that is not mounted. Nothing is lost: deliveries stay where they are until it is back."
            ) from error
        except OSError as error:
            raise OSError(f"The landing zone {self._url} cannot be listed: {error}") from error

    def _settled(self, found: list[LandedFile]) -> list[LandedFile]:
        """The files that nobody writes to any more, as far as times and two looks tell."""
        if not self._settle_seconds:
            return found
        settled, uncertain = [], {}
        moment = wall_clock()
        for file in found:
            age = (moment - file.modified_at).total_seconds() if file.modified_at else -1.0
            if not self._zone.has_our_clock or age < 0:  # a time in the future, or of another clock
                uncertain[file.path] = file
            elif age >= self._settle_seconds:
                settled.append(file)
            else:
                self._sieve.leave(file.path, f"changed {age:.1f} s ago")
        return settled + self._same_after_a_while(uncertain) if uncertain else settled

    def _same_after_a_while(self, uncertain: dict[str, LandedFile]) -> list[LandedFile]:
        left = self.left
        time.sleep(self._settle_seconds)
        again = {file.path: file for file in self.look()}
        self._sieve.left = {**left, **self.left}
        for path, file in uncertain.items():
            if path in again and again[path] != file:
                self._sieve.leave(path, f"changed within {self._settle_seconds:g} s")
        return [file for path, file in uncertain.items() if again.get(path) == file]

    def _with_their_end(self, files: list[LandedFile]) -> Iterator[LandedFile]:
        for start in range(0, len(files), _AT_ONCE):
            batch = files[start : start + _AT_ONCE]
            contents = self._zone.contents([f for f in batch if f.size <= HEAD_BYTES + TAIL_BYTES])
            for file in batch:
                if self._has_its_end(file, contents.get(file.path)):
                    yield file

    def _has_its_end(self, file: LandedFile, content: bytes | None) -> bool:
        try:
            if content is not None:
                lacking = lacks_its_end(file.size, lambda start, end: content[start:end])
            else:
                with self._zone.parts(file) as part:
                    lacking = lacks_its_end(file.size, part)
        except OSError:
            return True  # whoever takes it in meets the fault and names it
        if lacking is None:
            return True
        until = self._waiting.until(file.path, file.version, wall_clock())
        if until is not None:
            told = f"{lacking}: waited for until {until:%Y-%m-%d %H:%M:%S} UTC, then refused"
            self._sieve.leave(file.path, told)
        return until is None


class Sieve:
    """Which names may be deliveries; keeps what is left and why."""

    def __init__(self, names: LandingNames) -> None:
        self._suffixes, self._prefixes = tuple(names.ignored_suffixes), tuple(names.ignored_prefixes)
        self._names = frozenset(names.ignored_names)
        self.left: dict[str, str] = {}

    def passes(self, name: str, path: str) -> bool:
        """Whether a file may be a delivery, by its name."""
        if name.lower().endswith(self._suffixes):
            self.leave(path, "still being written, as its name says")
            return False
        return not name.startswith(self._prefixes) and name not in self._names

    def leave(self, path: str, reason: str) -> None:
        """Name a file that stays where it is, and why."""
        self.left[shown(path)] = reason


def local_file(path: Path) -> LandedFile:
    """A local file that was named by hand."""
    status = path.stat()
    return LandedFile(
        path.resolve().as_posix(), path.name, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC)
    )


def _refuse_outputs_inside(settings: Settings) -> None:
    """Raise UsageError where archive or answers lie in the landing zone, and would come in as deliveries."""
    zone = _place(settings.landing_url)
    for name, url in (("ARCHIVE", settings.archive_url), ("ANSWERS", settings.answers_url)):
        if f"{_place(url)}/".startswith(f"{zone}/"):
            raise UsageError(
                f"CCHC_{name}_URL={shown_url(url)} lies in the landing zone "
                f"{shown_url(settings.landing_url)}: what is written there would be taken in as a delivery. "
                "Name a place beside it."
            )


def _place(url: str) -> str:
    folder = local_folder(url)
    return folder.resolve().as_posix() if folder is not None else url.rstrip("/")
