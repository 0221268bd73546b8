"""The reader's child: bounded by the kernel, with nothing of its parent's, and gone when the parent is."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import psutil
import pytest
import python_calamine
import sqlalchemy as sa

from sources.forms.definition import FormDefinition, load_definition
from sources.forms.reference import Reference
from sources.intake import ingest, reading
from sources.intake.bounded import BoundedReader, BoundedWorker, Bounds, ExceedsBounds
from warehouse.engine import engine
from warehouse.settings import PROJECT_ROOT, Settings

MB = 1 << 20
BOUNDS = Bounds(cpu_seconds=1, memory_bytes=256 * MB)
RECEIVED = datetime(2023, 3, 16, 2, 0, tzinfo=UTC)


def _spin() -> None:
    while True:
        pass


def _grow() -> None:
    kept = []
    while True:
        kept.append(bytearray(MB))


def _grow_native() -> None:
    """A sheet whose two cells lie so far apart that the parser, written in Rust, wants all memory at once."""
    python_calamine.CalamineWorkbook.from_filelike(BytesIO(sparse_workbook())).get_sheet_by_index(
        0
    ).to_python()


def _crash() -> None:
    ctypes.string_at(0)


HARM: dict[bytes, Callable[[], None]] = {
    b"spin": _spin,
    b"grow": _grow,
    b"grow natively": _grow_native,
    b"crash": _crash,
    b"abort": os.abort,
}


def sparse_workbook() -> bytes:
    """A small .xlsx that declares a cell at each end of a sheet."""
    names = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        '<sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        'relationships"><Relationship Id="rId1" Target="worksheets/sheet1.xml" Type="http://schemas.'
        'openxmlformats.org/officeDocument/2006/relationships/worksheet"/></Relationships>',
        "xl/worksheets/sheet1.xml": '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/'
        'main"><sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="1048576"><c r="ZZ1048576"><v>1</v></c></row></sheetData></worksheet>',
    }
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as package:
        for name, text in names.items():
            package.writestr(name, text)
    return buffer.getvalue()


def _work(parts: list[bytes]) -> list[bytes]:
    HARM.get(parts[0], lambda: None)()
    return [str(os.getpid()).encode(), *parts]


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (b"spin", "hết thời gian xử lý"),
        (b"grow", "hết bộ nhớ"),
        (b"grow natively", "bộ nhớ|SIGABRT"),
        (b"crash", "SIGSEGV"),
        (b"abort", "SIGABRT"),
    ],
)
def test_work_that_exceeds_its_bounds_costs_itself_alone(harm: bytes, told: str) -> None:
    with BoundedWorker(_work, BOUNDS) as worker:
        first = worker.ask([b"before"])
        with pytest.raises(ExceedsBounds, match=told) as ended:
            worker.ask([harm])
        assert ended.value.expected == "1 giây xử lý, 256 MB bộ nhớ"
        after = worker.ask([b"after"])
    assert after[1:] == [b"after"]
    assert first[0] != after[0] != str(os.getpid()).encode()


def test_ordinary_work_pays_for_no_process_of_its_own_and_comes_back_whole() -> None:
    large = os.urandom(9 * MB)
    with BoundedWorker(_work, BOUNDS) as worker:
        answers = [worker.ask([str(number).encode(), b"", large]) for number in range(5)]
    assert [answer[1:] for answer in answers] == [[str(n).encode(), b"", large] for n in range(5)]
    assert len({answer[0] for answer in answers}) == 1
    assert not psutil.pid_exists(int(answers[0][0]))


def test_memory_up_to_the_bound_is_there_and_is_not_kept_for_the_next_file() -> None:
    kept: list[bytearray] = []

    def keep(parts: list[bytes]) -> list[bytes]:
        kept.append(bytearray(int(parts[0]) * MB))
        return [str(os.getpid()).encode()]

    with BoundedWorker(keep, BOUNDS) as worker:
        pids = [worker.ask([b"200"])[0] for _ in range(3)]
        assert len(set(pids)) == 3  # what the first keeps would have been the second's
        with pytest.raises(ExceedsBounds, match="hết bộ nhớ"):
            worker.ask([b"300"])


def test_time_is_counted_by_the_file_and_not_by_the_run() -> None:
    def burn(parts: list[bytes]) -> list[bytes]:
        until = time.process_time() + 0.7
        while time.process_time() < until:
            pass
        return [str(os.getpid()).encode()]

    with BoundedWorker(burn, BOUNDS) as worker:
        assert len({worker.ask([b""])[0] for _ in range(4)}) == 1  # 2.8 s in all, in one child


def test_the_child_holds_nothing_of_its_parents_but_its_pipes() -> None:
    def open_descriptors(parts: list[bytes]) -> list[bytes]:
        names = [path.name for path in Path("/dev/fd").iterdir()]
        held = {name: str(Path("/dev/fd", name).readlink()) for name in names if _is_open(name)}
        cores = resource.getrlimit(resource.RLIMIT_CORE)
        return [repr((sorted(held.values()), cores)).encode()]

    def _is_open(name: str) -> bool:
        try:
            os.fstat(int(name))
        except OSError:
            return False
        return True

    with (
        socket.create_server(("127.0.0.1", 0)),
        Path(__file__).open(),
        BoundedWorker(open_descriptors, BOUNDS) as worker,
    ):
        held, cores = eval(worker.ask([b""])[0])  # noqa: S307 (our own repr)
    assert held[:3] == ["/dev/null"] * 3
    assert all(name.startswith("pipe:") for name in held[3:])
    assert len(held) == 5
    assert cores == (0, 0)


def test_a_connection_and_its_lock_outlive_the_child(small: Settings) -> None:
    with engine(small, "loader").begin() as connection:
        connection.execute(sa.text("select pg_advisory_xact_lock(hashtext('intake'))"))
        inherited: Any = connection.connection.driver_connection

        def end(parts: list[bytes]) -> list[bytes]:
            inherited.pgconn.finish()  # what its finalizer would do: take leave of the server
            return [b"done"]

        with BoundedWorker(end, BOUNDS) as worker:
            assert worker.ask([b""]) == [b"done"]
        locks = "select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()"
        assert connection.scalar(sa.text(locks)) == 1


def test_a_child_killed_from_outside_costs_no_file(tmp_path: Path) -> None:
    marker = tmp_path / "killed"

    def killed_once(parts: list[bytes]) -> list[bytes]:
        if not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return parts

    def killed_always(parts: list[bytes]) -> list[bytes]:
        os.kill(os.getpid(), signal.SIGKILL)
        return parts

    with BoundedWorker(killed_once, BOUNDS) as worker:
        assert worker.ask([b"x"]) == [b"x"]
    with BoundedWorker(killed_always, BOUNDS) as worker, pytest.raises(ExceedsBounds, match="SIGKILL"):
        worker.ask([b"x"])


def test_a_child_that_waits_for_ever_is_ended() -> None:
    def wait(parts: list[bytes]) -> list[bytes]:
        time.sleep(3600)
        return parts

    bounds = Bounds(1, 64 * MB, wall_seconds=0.2)
    with BoundedWorker(wait, bounds) as worker, pytest.raises(ExceedsBounds, match="quá thời gian chờ"):
        worker.ask([b"x"])


def test_an_answer_larger_than_the_child_can_hold_is_not_believed() -> None:
    def lie(parts: list[bytes]) -> list[bytes]:
        class Long(bytes):
            def __len__(self) -> int:
                return 1 << 40

        return [Long(b"x")]

    with BoundedWorker(lie, BOUNDS) as worker, pytest.raises(ExceedsBounds, match="bất thường"):
        worker.ask([b"x"])


def test_an_interrupted_question_leaves_no_answer_to_the_next() -> None:
    def slowly(parts: list[bytes]) -> list[bytes]:
        time.sleep(0.5 if parts[0] == b"slow" else 0)
        return parts

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with BoundedWorker(slowly, BOUNDS) as worker:
            worker.ask([b"first"])
            signal.setitimer(signal.ITIMER_REAL, 0.1)
            with pytest.raises(KeyboardInterrupt):
                worker.ask([b"slow"])
            assert worker.ask([b"next"]) == [b"next"]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


PARENT = """
import os, sys, time
from sources.intake.bounded import BoundedWorker, Bounds
worker = BoundedWorker(lambda parts: [b"%d" % os.getpid()], Bounds(10, 64 << 20))
print(worker.ask([b""])[0].decode(), flush=True)
sys.stdin.read()
os._exit(0)
"""


def test_an_answer_that_makes_no_sense_costs_its_file_alone(
    form: FormDefinition, reference: Reference, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched, BoundedReader(form, reference) as reader:
        patched.setattr("sources.intake.bounded.read_file", lambda *_: [b'{"findings": [[1]]}', b"x"])
        found = reader.read(1, b"", date(2023, 3, 17))
    assert [item.rule_id for item in found.findings] == ["intake.file_reader_failed"]


@pytest.mark.parametrize("ending", ["killed", "ended"])
def test_an_idle_child_dies_with_its_parent(ending: str) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        cwd=PROJECT_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with parent:
        assert parent.stdout is not None
        assert parent.stdin is not None
        child = psutil.Process(int(parent.stdout.readline()))
        if ending == "killed":
            parent.kill()
        parent.stdin.close()
    assert not psutil.wait_procs([child], timeout=60)[1]


def test_a_child_at_work_dies_with_a_killed_parent(tmp_path: Path) -> None:
    marker = tmp_path / "child"
    source = (
        "import os, pathlib, time\n"
        "from sources.intake.bounded import BoundedWorker, Bounds\n"
        "def work(parts):\n"
        "    pathlib.Path(os.fsdecode(parts[0])).write_text(str(os.getpid()))\n"
        "    while True: pass\n"
        "BoundedWorker(work, Bounds(100, 64 << 20, 3600)).ask([os.fsencode(" + repr(str(marker)) + ")])\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", source], cwd=PROJECT_ROOT)
    try:
        for _ in range(1200):
            if marker.exists() and marker.read_text():
                break
            assert parent.poll() is None
            time.sleep(0.05)
        child = psutil.Process(int(marker.read_text()))
        assert child.ppid() == parent.pid
    finally:
        parent.kill()
        parent.wait()
    assert not psutil.wait_procs([child], timeout=60)[1]


def test_a_reading_crosses_the_pipe_whole(
    form: FormDefinition, reference: Reference, filled: Callable[..., bytes], read: Callable[..., Any]
) -> None:
    data = filled(edits={("task", "new"): {"task_code": "XX-2023-1/9", "status": "Hoàn thành"}})
    expected = read(data)
    with BoundedReader(form, reference) as reader:
        found = reader.read(7, data, date(2023, 3, 16))
    assert (found.agency_key, found.period_id) == (31, "2023-Q1")
    assert found.findings == expected.findings.items
    assert found.content_sha256 == expected.content_sha256
    assert [(s.sheet_code, s.rows_loaded, s.rows_held) for s in found.sheets] == [
        (s.sheet_code, len(s.loaded), len(s.held)) for s in expected.sheets
    ]
    assert sum(sheet.text.count(b"\n") for sheet in found.sheets) == sum(
        len(s.loaded) for s in expected.sheets
    )
    assert sum(sheet.held_text.count(b"\n") for sheet in found.sheets) == 1


@pytest.mark.parametrize("harm", [b"spin", b"grow", b"crash"])
def test_a_file_that_exceeds_its_bounds_is_refused_archived_and_the_run_goes_on(
    small: Settings,
    filled: Callable[..., bytes],
    drop: Callable[[str, bytes], Path],
    monkeypatch: pytest.MonkeyPatch,
    harm: bytes,
) -> None:
    honest = reading.read_report

    def harmed(data: bytes, *rest: Any) -> Any:
        HARM.get(data, lambda: None)()
        return honest(data, *rest)

    form = load_definition()
    limits = form.limits.model_copy(update={"reader_cpu_seconds": 1, "reader_memory_bytes": 256 * MB})
    monkeypatch.setattr(ingest, "load_definition", lambda: form.model_copy(update={"limits": limits}))
    monkeypatch.setattr(reading, "read_report", harmed)
    drop("1.xlsx", filled())
    drop("2.xlsx", harm)
    drop("3.xlsx", filled("XX-TCKH", edits={}))
    summary = ingest.ingest_landing(small, "run", RECEIVED)
    verdicts = [(o.source_name, o.verdict) for o in summary.deliveries]
    assert verdicts == [("1.xlsx", "accepted"), ("2.xlsx", "refused"), ("3.xlsx", "accepted")]
    with engine(small, "loader").connect() as connection:
        rows = connection.execute(
            sa.text("select rule_id, severity from raw.intake_finding where delivery_id = 2")
        )
        assert [tuple(row) for row in rows] == [("intake.file_exceeds_bounds", "fatal")]
        path = connection.scalar(sa.text("select archive_path from raw.delivery where delivery_id = 2"))
    archive = Path(small.archive_url.removeprefix("file://"))
    assert (archive / path).read_bytes() == harm
    assert "sang mẫu đã phát hành" in (summary.deliveries[1].verdict_reason_vi or "")
