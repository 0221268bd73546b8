"""What `up` starts is known again, and `down` ends it whole, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from cli import components
from cli.components import Component

CHILD = "import time; time.sleep(600)"
PARENT = f"""
import os, subprocess, sys, pathlib
child = subprocess.Popen([sys.executable, "-c", {CHILD!r}], preexec_fn=os.setpgrp)
pathlib.Path(sys.argv[1]).write_text(str(child.pid))
{{}}
"""


@pytest.fixture
def module_folder(tmp_path: Path) -> Path:
    (tmp_path / "waits.py").write_text(PARENT.format("child.wait()"), encoding="utf-8")
    (tmp_path / "leaves.py").write_text(PARENT.format("os._exit(0)"), encoding="utf-8")
    return tmp_path


@pytest.fixture
def started(module_folder: Path) -> Iterator[list[Component]]:
    found: list[Component] = []
    yield found
    components.stop(found, 1.0)


def _start(name: str, folder: Path) -> tuple[Component, int]:
    pid_file = folder / f"{name}.pid"
    component = components.start(
        name, [name, str(pid_file)], cwd=folder, environment=dict(os.environ), log=folder / "log"
    )
    assert components.until(lambda: pid_file.exists() and pid_file.read_text() != "", 20)
    return component, int(pid_file.read_text())


def test_stopping_ends_children_that_lead_their_own_group(
    module_folder: Path, started: list[Component]
) -> None:
    component, child = _start("waits", module_folder)
    started.append(component)
    assert component.is_alive()
    assert child in {process.pid for process in component.members()}
    components.stop([component], 1.0)
    assert not component.is_alive()
    assert _is_gone(child)


def test_stopping_ends_orphans_whose_parent_died_before(
    module_folder: Path, started: list[Component]
) -> None:
    component, child = _start("leaves", module_folder)
    started.append(component)
    assert components.until(lambda: not component.is_alive(), 20)
    assert not _is_gone(child)
    components.stop([component], 1.0)
    assert _is_gone(child)


def test_a_stale_record_never_ends_a_stranger(module_folder: Path, started: list[Component]) -> None:
    stranger, child = _start("waits", module_folder)
    started.append(stranger)
    stale = Component("scheduler", stranger.pid, stranger.created - 3600)
    assert not stale.is_alive()
    assert stale.members() == []
    components.stop([stale], 0.2)
    assert stranger.is_alive()
    assert not _is_gone(child)


def test_a_record_survives_a_restart_and_one_cut_short_is_no_record(tmp_path: Path) -> None:
    path = tmp_path / "live.json"
    assert components.read_record(path) == []
    kept = [Component("scheduler", 4711, 1.5)]
    components.write_record(path, kept)
    assert components.read_record(path) == kept
    assert path.stat().st_mode & 0o077 == 0
    path.write_text(path.read_text()[:20])
    assert components.read_record(path) == []


def test_what_a_component_prints_is_kept(tmp_path: Path) -> None:
    (tmp_path / "says.py").write_text("print('last words')", encoding="utf-8")
    log = tmp_path / "logs" / "says.log"
    component = components.start("says", ["says"], cwd=tmp_path, environment=dict(os.environ), log=log)
    assert components.until(lambda: not component.is_alive(), 20)
    assert log.read_text() == "last words\n"


def _is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
