"""Programs that outlive the command which started them: recorded, known again, ended with all they began.

Each is started as the leader of a session of its own. Children stay in that session even when they lead
process groups of their own or lose their parent, so the session tells what belongs to whom.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from warehouse.secrets import write_private

_CLOCK_SLACK = 0.05  # seconds; start times are counted in ticks of the kernel


@dataclass(frozen=True)
class Component:
    """A started program. `created`, its start time, tells it from a stranger that got its pid later."""

    name: str
    pid: int
    created: float

    def is_alive(self) -> bool:
        """Whether this very process runs."""
        try:
            process = psutil.Process(self.pid)
            return self._is_me(process) and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False

    def members(self) -> list[psutil.Process]:
        """Every running process of the session, orphans included.

        The kernel keeps a session's number reserved while it has members. A leader with another start time
        therefore means that the session ended and the number went to a stranger: no members.
        """
        found: list[psutil.Process] = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.pid == self.pid and not self._is_me(process):
                    return []
                if os.getsid(process.pid) == self.pid and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def _is_me(self, process: psutil.Process) -> bool:
        return abs(process.create_time() - self.created) < _CLOCK_SLACK


def start(name: str, arguments: list[str], *, cwd: Path, environment: dict[str, str], log: Path) -> Component:
    """Start a module of this Python (`-m` and arguments) in its own session; what it prints goes to `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as handle:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=handle,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    process.returncode = 0  # it outlives us: Python is not to wait for it, nor to warn that nobody did
    return Component(name, process.pid, psutil.Process(process.pid).create_time())


def stop(components: list[Component], grace_seconds: float) -> None:
    """Ask each program to end, wait, then kill whatever is left of their sessions."""
    for component in components:
        if component.is_alive():
            with contextlib.suppress(psutil.Error):
                psutil.Process(component.pid).terminate()
    until(lambda: not any(component.members() for component in components), grace_seconds)
    for component in components:
        for process in component.members():
            with contextlib.suppress(psutil.Error):
                process.kill()
    until(lambda: not any(component.members() for component in components), grace_seconds)


def until(condition: Callable[[], bool], seconds: float, every: float = 0.25) -> bool:
    """Ask until the condition holds; False when it does not within so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


def read_record(path: Path) -> list[Component]:
    """The recorded programs; none when there is no record, or when it was cut short."""
    try:
        return [Component(**item) for item in json.loads(path.read_text(encoding="utf-8"))]
    except (FileNotFoundError, ValueError, TypeError):
        return []


def write_record(path: Path, components: list[Component]) -> None:
    """Record the programs, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_private(path, json.dumps([asdict(component) for component in components], indent=2))
