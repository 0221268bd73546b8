"""Disturbed anywhere and run again, the result is that of an undisturbed run, row for row.

`pytest -s` prints the table of fault points with the outcome of each.
"""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import fsspec
import psutil
import psycopg
import pytest
import sqlalchemy as sa

from sources.intake import ingest, reading
from sources.intake.archive import Archive, ArchiveFault
from sources.intake.landing import LandedFile, Landing
from tests.conftest import clone_settings, own_home
from tests.sources.intake import arrivals
from tests.sources.intake.conftest import load_small_reference
from warehouse import migrate, server
from warehouse.engine import dispose_engines
from warehouse.errors import CchcError
from warehouse.settings import PROJECT_ROOT, Settings, is_root

BATCH_FILES = 4
Content = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Step:
    """A point of the intake: `before` or `after` the nth call of a function."""

    name: str
    function: str
    call: int = 1
    moment: str = "before"


# In the order of the work; nine files, four a batch.
STEPS = [
    Step("listed, nothing archived", "sources.intake.archive:Archive.store"),
    Step("draft begun in the archive", "sources.intake.archive:Archive._writing", 5),
    Step("draft whole, others not begun", "sources.intake.archive:Archive._is_new", 3),
    Step("drafts whole, not written out", "sources.intake.archive:Archive.settle"),
    Step("written out, some under their hashes", "sources.intake.archive:Archive._place", 3),
    Step("under their hashes, names not written out", "sources.intake.archive:_Disk.write_out", 2),
    Step("archived, not recorded", "sources.intake.ingest:record_arrivals"),
    Step("inside the transaction of arrivals", "sources.intake.ingest:record_arrivals", 1, "after"),
    Step("second batch archived, not recorded", "sources.intake.ingest:record_arrivals", 2),
    Step("recorded, nothing read", "sources.intake.ingest:_Intake._read"),
    Step("two of a batch read", "sources.intake.ingest:_Intake._read", 3),
    Step("read, nothing written", "sources.intake.ingest:_Intake._judge_and_write"),
    Step("writing: lock taken", "sources.intake.ingest:already_read"),
    Step("writing: judged in part", "sources.intake.judging:BatchJudge.judge", 3),
    Step("writing: before the first COPY", "sources.intake.ingest:write_readings"),
    Step("writing: within a COPY, its data sent", "psycopg:Copy.write", 3, "after"),
    Step("writing: between two tables", "sources.intake.ledger:copy_text", 5),
    Step("writing: second batch, within a COPY", "psycopg:Copy.write", 16, "after"),
    Step("writing: all copied, not committed", "sources.intake.ingest:write_readings", 1, "after"),
    Step("committed, no file taken away", "sources.intake.landing:Landing.remove"),
    Step("some files taken away", "sources.intake.landing:Landing.remove", 3),
    Step("last file taken away", "sources.intake.landing:Landing.remove", 9, "after"),
]

# The process ends itself with SIGKILL at a call of a function.
KILLED = """
import os, signal, sys
from importlib import import_module
from sources.intake import ingest
from tests.sources.intake.arrivals import RECEIVED
from warehouse.settings import Settings
function, call, moment = sys.argv[1], int(sys.argv[2]), sys.argv[3]
settings = Settings.model_validate_json(sys.argv[4])
module, _, path = function.partition(":")
*parts, name = path.split(".")
owner = import_module(module)
for part in parts:
    owner = getattr(owner, part)
honest, calls = getattr(owner, name), []
def deadly(*args, **kwargs):
    calls.append(1)
    if len(calls) == call and moment == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    result = honest(*args, **kwargs)
    if len(calls) == call:
        os.kill(os.getpid(), signal.SIGKILL)
    return result
setattr(owner, name, deadly)
ingest.BATCH_FILES = int(sys.argv[5])
ingest.ingest_landing(settings, "killed", RECEIVED)
"""


@dataclass
class Line:
    """A line of the table: what was safe when the fault struck, and what the second run made of it."""

    fault: str
    recorded: int
    read: int
    in_landing: int
    outcome: str


@pytest.fixture(scope="module")
def table() -> Iterator[list[Line]]:
    """The table of fault points, printed in the end."""
    lines: list[Line] = []
    yield lines
    if lines:
        wide = max(len(line.fault) for line in lines)
        print(f"\n\n{'fault':{wide}}  recorded  read  in landing zone  after the next run")
        for line in lines:
            print(
                f"{line.fault:{wide}}  {line.recorded:8}  {line.read:4}  {line.in_landing:15}  {line.outcome}"
            )


@pytest.fixture(scope="module")
def undisturbed(
    server_home: Path,
    template_database: str,
    filled: Callable[..., bytes],
    tmp_path_factory: pytest.TempPathFactory,
) -> Content:
    """What a run without a fault makes of the same files, in a warehouse of its own."""
    for settings in clone_settings(server_home, template_database, tmp_path_factory.mktemp("undisturbed")):
        load_small_reference(settings)
        arrivals.land(settings, arrivals.files(filled))
        ingest.ingest_landing(settings, "whole", arrivals.RECEIVED)
        assert arrivals.left_in_landing(settings) == []
        return arrivals.content(settings)
    raise AssertionError("no warehouse")


@pytest.fixture
def landed(small: Settings, filled: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A warehouse whose landing zone holds the files, taken in four at a time."""
    arrivals.land(small, arrivals.files(filled))
    monkeypatch.setattr(ingest, "BATCH_FILES", BATCH_FILES)
    return small


@pytest.fixture
def own_server() -> Iterator[Settings]:
    """A migrated warehouse on a server of the test's own, which it may kill."""
    with own_home("killed-load") as home:
        settings = Settings(home=home, settle_seconds=0, unfinished_wait_seconds=0)
        migrate.migrate(settings)
        load_small_reference(settings)
        arrivals.landing_folder(settings).mkdir(parents=True)
        yield settings


def _go_on(settings: Settings, undisturbed: Content, table: list[Line], fault: str) -> None:
    """Check what is safe after a fault, run again, and hold the result against the undisturbed one."""
    struck = arrivals.content(settings)
    for delivery in struck["delivery"]:
        assert len(arrivals.archived_bytes(settings, delivery)) == delivery["size_bytes"]
    line = Line(
        fault,
        len(struck["delivery"]),
        len(struck["reading"]),
        len(arrivals.left_in_landing(settings)),
        "DIFFERS",
    )
    table.append(line)
    ingest.ingest_landing(settings, "again", arrivals.RECEIVED)
    assert arrivals.left_in_landing(settings) == []
    after = arrivals.content(settings)
    for name, rows in undisturbed.items():
        assert after[name] == rows, name
    line.outcome = f"equal: {sum(map(len, after.values()))} rows"


def _step(name: str) -> Step:
    return next(step for step in STEPS if step.name == name)


def _killed_at(settings: Settings, step: Step) -> None:
    given = settings.model_dump_json(exclude={"warehouse_dsn"}, exclude_none=True)
    words = [step.function, str(step.call), step.moment, given, str(BATCH_FILES)]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, *words], cwd=PROJECT_ROOT, check=False, timeout=120
    )
    assert killed.returncode == -signal.SIGKILL, "the step was never reached"


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_killed_at_each_step(landed: Settings, undisturbed: Content, table: list[Line], step: Step) -> None:
    _killed_at(landed, step)
    _go_on(landed, undisturbed, table, f"killed: {step.name}")


@pytest.mark.slow
def test_killed_again_while_it_goes_on(landed: Settings, undisturbed: Content, table: list[Line]) -> None:
    for step in map(_step, ("two of a batch read", "writing: between two tables", "writing: lock taken")):
        _killed_at(landed, step)
    _go_on(landed, undisturbed, table, "killed three times, the last two while going on")


def test_a_reader_killed_at_its_work_costs_nothing(
    landed: Settings,
    undisturbed: Content,
    table: list[Line],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    honest, marker = reading.read_report, tmp_path / "killed"

    def killed_once(*given: Any) -> Any:
        if not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return honest(*given)

    monkeypatch.setattr(reading, "read_report", killed_once)
    ingest.ingest_landing(landed, "run", arrivals.RECEIVED)
    assert marker.exists()
    _go_on(landed, undisturbed, table, "the reader's child killed: the run itself goes on")


@pytest.mark.slow
@pytest.mark.parametrize("how", ["SIGKILL", "SIGQUIT"])
@pytest.mark.parametrize("call", [3, 16])
def test_the_server_goes_in_the_middle_of_a_copy(
    filled: Callable[..., bytes],
    undisturbed: Content,
    own_server: Settings,
    table: list[Line],
    monkeypatch: pytest.MonkeyPatch,
    how: str,
    call: int,
) -> None:
    """SIGQUIT is PostgreSQL's immediate shutdown; SIGKILL leaves it no moment at all."""
    arrivals.land(own_server, arrivals.files(filled))
    honest, calls = psycopg.Copy.write, []

    def end_the_server(copy: Any, data: Any) -> None:
        honest(copy, data)
        calls.append(1)
        if len(calls) == call:
            info = server.status(own_server)
            assert info is not None
            processes = [psutil.Process(info.pid), *psutil.Process(info.pid).children()]
            os.kill(info.pid, signal.Signals[how])
            psutil.wait_procs(processes, timeout=60)

    with monkeypatch.context() as fault:
        fault.setattr(ingest, "BATCH_FILES", BATCH_FILES)
        fault.setattr(psycopg.Copy, "write", end_the_server)
        with pytest.raises((psycopg.OperationalError, sa.exc.OperationalError)):
            ingest.ingest_landing(own_server, "disturbed", arrivals.RECEIVED)
    assert len(calls) >= call
    server.start(own_server)
    dispose_engines()
    _go_on(own_server, undisturbed, table, f"server ended ({how}) within COPY {call}")


def test_the_archives_disk_is_full(landed: Settings, undisturbed: Content, table: list[Line]) -> None:
    archive = Path(landed.archive_url.removeprefix("file://"))
    names = [name.rpartition("/")[2] for name in arrivals._FILES]
    with _full_after(archive, files=5):
        with pytest.raises(
            ArchiveFault, match=r"cannot take files: .*Make room or repair it, then run again"
        ):
            ingest.ingest_landing(landed, "disturbed", arrivals.RECEIVED)
        found = arrivals.content(landed)
        recorded = [delivery["source_name"] for delivery in found["delivery"]]
        assert recorded == names[: len(recorded)]
        assert 0 < len(recorded) < len(names)
        assert len(found["reading"]) == len(recorded)  # what could be taken in is
        assert arrivals.left_in_landing(landed) == sorted(names[len(recorded) :])
        for delivery in found["delivery"]:
            assert len(arrivals.archived_bytes(landed, delivery)) == delivery["size_bytes"]
        with pytest.raises(ArchiveFault):  # no second try makes it worse
            ingest.ingest_landing(landed, "disturbed", arrivals.RECEIVED)
    _go_on(landed, undisturbed, table, "archive's disk full in the middle of a batch, then room made")


@contextmanager
def _full_after(archive: Path, files: int) -> Iterator[None]:
    """An archive on a small disk of its own, where a disk can be mounted; else under the kernel's limit of a
    file's size, which the larger files exceed. What it holds stays when room is made."""
    sizes = [len(data) for data in arrivals._FILES.values()]
    archive.mkdir(parents=True)
    if is_root() and _mounted(archive, sum(4096 + size for size in sizes[:files])):
        try:
            yield
            subprocess.run(["mount", "-o", "remount,size=64m", str(archive)], check=True)
        finally:
            _keep_without_mount(archive)
        return
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (max(sizes[:3]), before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def _mounted(folder: Path, size: int) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def _keep_without_mount(archive: Path) -> None:
    """Unmount, and keep what lay there: the test goes on on the ordinary disk."""
    kept = {path.relative_to(archive): path.read_bytes() for path in archive.rglob("*") if path.is_file()}
    subprocess.run(["umount", str(archive)], check=True)
    for name, data in kept.items():
        (archive / name).parent.mkdir(parents=True, exist_ok=True)
        (archive / name).write_bytes(data)


def test_the_archive_is_out_of_reach(landed: Settings, undisturbed: Content, table: list[Line]) -> None:
    archive = Path(landed.archive_url.removeprefix("file://"))
    archive.write_text("a file where the folder should be")
    with pytest.raises(ArchiveFault, match="cannot take files"):
        ingest.ingest_landing(landed, "disturbed", arrivals.RECEIVED)
    assert arrivals.content(landed)["delivery"] == []
    archive.unlink()
    _go_on(landed, undisturbed, table, "archive out of reach, then back")


def test_archived_bytes_are_gone_before_they_are_read(
    landed: Settings, undisturbed: Content, table: list[Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = Path(landed.archive_url.removeprefix("file://"))
    honest = ingest.record_arrivals

    def then_gone(*given: Any) -> list[int]:
        numbers = honest(*given)
        archive.rename(archive.with_name("elsewhere"))
        return numbers

    with monkeypatch.context() as fault:
        fault.setattr(ingest, "record_arrivals", then_gone)
        with pytest.raises(ArchiveFault, match="restore the file from a backup"):
            ingest.ingest_landing(landed, "disturbed", arrivals.RECEIVED)
    archive.with_name("elsewhere").rename(archive)
    _go_on(landed, undisturbed, table, "archive gone between recording and reading, then back")


@pytest.mark.parametrize("file", [1, 6])
def test_the_landing_zone_goes_while_files_are_taken_in(
    landed: Settings, undisturbed: Content, table: list[Line], monkeypatch: pytest.MonkeyPatch, file: int
) -> None:
    folder, opened = arrivals.landing_folder(landed), []
    honest = Landing.open

    def then_gone(landing: Landing, landed_file: LandedFile) -> Any:
        opened.append(landed_file)
        if len(opened) == file:
            folder.rename(folder.with_name("elsewhere"))
        return honest(landing, landed_file)

    with monkeypatch.context() as fault:
        fault.setattr(Landing, "open", then_gone)
        with pytest.raises(OSError, match="landing"):
            ingest.ingest_landing(landed, "disturbed", arrivals.RECEIVED)
    found = arrivals.content(landed)
    assert len(found["delivery"]) == len(found["reading"]) == file - 1
    with pytest.raises(OSError, match="landing"):
        ingest.ingest_landing(landed, "disturbed", arrivals.RECEIVED)
    folder.with_name("elsewhere").rename(folder)
    _go_on(landed, undisturbed, table, f"landing zone gone at file {file}, then back")


def test_the_landing_zone_is_gone_and_what_was_recorded_is_read(
    landed: Settings, undisturbed: Content
) -> None:
    _killed_at(landed, _step("recorded, nothing read"))
    folder = arrivals.landing_folder(landed)
    folder.rename(folder.with_name("elsewhere"))
    with pytest.raises(OSError, match="landing"):
        ingest.ingest_landing(landed, "again", arrivals.RECEIVED)
    found = arrivals.content(landed)
    assert len(found["reading"]) == len(found["delivery"]) == BATCH_FILES
    assert found["reading"] == undisturbed["reading"][:BATCH_FILES]


def test_a_file_out_of_reach_is_named_and_the_others_go_on(
    landed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = Landing.open

    def stuck(landing: Landing, file: LandedFile) -> Any:
        if file.name == "2.xlsx":
            raise PermissionError(f"no leave to read {file.path}")
        return honest(landing, file)

    with monkeypatch.context() as fault:
        fault.setattr(Landing, "open", stuck)
        summary = ingest.ingest_landing(landed, "run", arrivals.RECEIVED)
    assert summary.failed == {"2.xlsx": "no leave to read 2.xlsx"}
    assert arrivals.left_in_landing(landed) == ["2.xlsx"]
    assert len(summary.deliveries) == len(arrivals._FILES) - 1


@pytest.mark.parametrize(("failing", "what"), [(1, "bytes"), (2, "names")])
def test_bytes_that_cannot_be_made_durable_are_not_recorded(
    failing: int,
    what: str,
    landed: Settings,
    undisturbed: Content,
    table: list[Line],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = []

    def fails(_: object) -> int:
        calls.append(1)
        ctypes.set_errno(errno.EIO)
        return -(len(calls) == failing)

    with monkeypatch.context() as fault:
        fault.setattr("sources.intake.archive._LIBC", SimpleNamespace(syncfs=fails))
        with pytest.raises(ArchiveFault, match="Input/output error"):
            ingest.ingest_landing(landed, "disturbed", arrivals.RECEIVED)
    assert arrivals.content(landed)["delivery"] == []
    assert not list(Path(landed.archive_url.removeprefix("file://"), "incoming").iterdir())
    _go_on(landed, undisturbed, table, f"archive's {what} cannot be written out")


def test_other_bytes_under_a_hash_are_a_fault_of_the_archive(landed: Settings) -> None:
    with arrivals.landing_folder(landed).joinpath("2.xlsx").open("rb") as stream:
        archive = Archive(landed)
        archived = archive.store(stream)
        archive.settle()
    path = Path(landed.archive_url.removeprefix("file://"), archived.path)
    path.write_bytes(b"damaged")
    with pytest.raises(CchcError, match=r"is damaged: 7 bytes instead of .*nothing was overwritten"):
        ingest.ingest_landing(landed, "run", arrivals.RECEIVED)
    assert path.read_bytes() == b"damaged"
    assert [d["source_name"] for d in arrivals.content(landed)["delivery"]] == ["1.xlsx"]


def test_landing_zone_and_archive_are_any_fsspec_url(small: Settings, filled: Callable[..., bytes]) -> None:
    remote = small.model_copy(
        update={"landing_url": "memory://landing-test", "archive_url": "memory://archive-test"}
    )
    store = fsspec.filesystem("memory")
    store.pipe("/landing-test/phuong/a.xlsx", filled())
    store.pipe("/landing-test/phuong/a.xlsx.part", b"half")
    summary = ingest.ingest_landing(remote, "run", arrivals.RECEIVED)
    assert [(o.source_name, o.verdict) for o in summary.deliveries] == [("a.xlsx", "accepted")]
    assert store.find("/landing-test") == ["/landing-test/phuong/a.xlsx.part"]
    assert len([path for path in store.find("/archive-test") if "incoming" not in path]) == 1
