"""What a run costs and leaves behind: children, open files, temporary files, memory, time of the reader."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psutil

from sources.intake.bounded import BoundedReader


@dataclass
class Meter:
    """CPU seconds and peak memory of the reader's children, by the place of the file in the run."""

    cpu_seconds: dict[int, float] = field(default_factory=dict)
    children: set[int] = field(default_factory=set)
    peak_bytes: int = 0
    files: int = 0

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Measure every file that is read while this lasts."""
        honest: Callable[..., Any] = BoundedReader.read
        others = frozenset(_cpu_of_children())  # what earlier tests of the session started

        def measured(reader: BoundedReader, delivery_id: int, *rest: Any) -> Any:
            before = _cpu_of_children(others)
            try:
                return honest(reader, delivery_id, *rest)
            finally:
                after = _cpu_of_children(others)
                self.files += 1
                self.children |= set(after)
                self.cpu_seconds[self.files] = sum(after[pid] - before.get(pid, 0.0) for pid in after)
                self.peak_bytes = max([self.peak_bytes, *map(_peak, after)])

        with patch.object(BoundedReader, "read", measured):
            yield


@dataclass(frozen=True)
class Footprint:
    """What this process holds at a moment."""

    children: frozenset[int]
    descriptors: int
    resident_bytes: int

    @classmethod
    def now(cls) -> Footprint:
        me = psutil.Process()
        children = frozenset(child.pid for child in me.children(recursive=True))
        return cls(children, me.num_fds(), me.memory_info().rss)


def _cpu_of_children(but: frozenset[int] = frozenset()) -> dict[int, float]:
    """CPU seconds of this process's children by process id, of all but some."""
    listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()
    found = {}
    for pid in (pid for pid in map(int, listed) if pid not in but):
        try:
            found[pid] = int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0]) / 1e9
        except OSError:
            continue
    return found


def _peak(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0
    match = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(match[1]) * 1024 if match else 0
