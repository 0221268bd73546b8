"""Run one contender in a process of its own and take its costs: CPU and wall seconds, server CPU, memory."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.databases import server_cpu_seconds
from bench.job import Job
from warehouse.server import ServerInfo
from warehouse.settings import child_environment

_ROOT = Path(__file__).resolve().parents[1]
_SAMPLE_SECONDS = 0.05


@dataclass(frozen=True)
class Cost:
    """Costs of one run. CPU seconds are user and system time of the process and of all that it started.

    `work_cpu` is the loading itself, `start_cpu` the interpreter and its imports before it; `wall` goes with
    `work_cpu`. `server_cpu` is the time of PostgreSQL and its backends meanwhile. `peak_mb`: the largest sum
    of the proportional sizes (PSS) of the process and its children; None where it was not watched.
    """

    work_cpu: float
    start_cpu: float
    wall: float
    server_cpu: float
    peak_mb: float | None = None

    @property
    def whole_cpu(self) -> float:
        """CPU seconds with the start."""
        return self.work_cpu + self.start_cpu


def measured(job: Job, info: ServerInfo, *, watch_memory: bool = False) -> Cost:
    """Run a job. Raises RuntimeError with the run's own words when it fails."""
    server_before = server_cpu_seconds(info)
    with subprocess.Popen(
        [sys.executable, "-m", "bench.runner", job.to_json()],
        cwd=_ROOT,
        env=child_environment(RUNTIME__DLTHUB_TELEMETRY="false", DLT_DATA_DIR=f"{job.work}/dlt-home"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        watch = _MemoryWatch(process.pid) if watch_memory else None
        said, wrong = process.communicate()
        peak = watch.stop() if watch else None
    if process.returncode:
        raise RuntimeError(f"The run of '{job.contender}' failed:\n{wrong[-4000:]}")
    told = json.loads(said.strip().splitlines()[-1])
    return Cost(
        told["work_cpu"], told["start_cpu"], told["wall"], server_cpu_seconds(info) - server_before, peak
    )


class _MemoryWatch:
    """Samples the memory of a process and its children until it is stopped."""

    def __init__(self, pid: int) -> None:
        self._process, self._peak, self._over = psutil.Process(pid), 0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        """The peak in MB."""
        self._over.set()
        self._thread.join()
        return self._peak / 1e6

    def _watch(self) -> None:
        while not self._over.wait(_SAMPLE_SECONDS):
            size = 0
            try:
                for process in (self._process, *self._process.children(recursive=True)):
                    size += process.memory_full_info().pss
            except (psutil.NoSuchProcess, psutil.ZombieProcess, psutil.AccessDenied):
                continue  # one of them ended while it was looked at
            self._peak = max(self._peak, size)
