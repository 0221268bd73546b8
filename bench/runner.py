"""One measured run in a process of its own: `python -m bench.runner <job>`. Its last line tells the costs."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from importlib import import_module

from bench.job import Job


def main() -> None:
    """Import the contender, let it prepare, run it; tell the CPU and wall seconds of each part."""
    job = Job.from_json(sys.argv[1])
    module = import_module(f"bench.contenders.{job.contender}")
    imported = _cpu_seconds()
    if hasattr(module, "prepare"):
        module.prepare(job)
    prepared, started = _cpu_seconds(), time.perf_counter()
    module.run(job)
    done, ended = _cpu_seconds(), time.perf_counter()
    told = {
        "start_cpu": imported,
        "work_cpu": done - prepared,
        "wall": ended - started,
    }
    sys.stdout.write(f"\n{json.dumps(told)}\n")


def _cpu_seconds() -> float:
    """CPU time of this process and all its children, whether they still run or not."""
    import psutil

    used = sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )
    for child in psutil.Process(os.getpid()).children(recursive=True):
        times = child.cpu_times()
        used += times.user + times.system + times.children_user + times.children_system
    return used


if __name__ == "__main__":
    main()
