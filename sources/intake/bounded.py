"""Hostile files are parsed in a forked child that the kernel bounds: CPU time, memory, no core image.

One child serves a whole run, so that an ordinary file pays for two pipes and not for the start of a process.
A file that ends the child costs itself alone: the next one gets a new child.

The child must never touch what it inherits: a socket of the database that it closed in good order would end
the parent's connection, and with it the intake's lock. So it closes every descriptor but its pipes at once,
never unwinds a frame and ends with _exit.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import gc
import math
import os
import resource
import select
import signal
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from time import monotonic
from typing import NoReturn, Self

from sources.forms.definition import FormDefinition
from sources.forms.reference import Reference
from sources.intake.reading import FileReading, read_file, refused, unpacked, unreadable

Work = Callable[[list[bytes]], list[bytes]]

WALL_SECONDS = 60.0
"""Ends a child that waits for something. CPU time is the measure: a busy machine refuses nobody's file."""
_RETIRES_AT = 4
"""A child that keeps more than this part of a file's memory retires: each file meets the same bound."""
_OUT_OF_MEMORY = 77
_HEAD = struct.Struct("<?I")
"""Of a question or answer: whether the child retires, and how many sizes, and then parts, follow."""
_CHUNK = 1 << 18
"""What goes through a pipe at once: an ordinary answer fits, and neither side waits for the other."""
_OWN_DEATHS = frozenset(
    {"SIGXCPU", "SIGABRT", "SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGTRAP", "SIGSYS", "SIGSTKFLT"}
)
"""Signals that a child brings upon itself; others come from outside, and the file is tried once more."""
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE = 1, 4
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _KEPT_BYTES = -1, -3, 32 << 20
"""The child keeps memory for its next file: asking for it anew makes three times as many page faults."""


class ExceedsBounds(Exception):
    """The child did not survive the work. `given`: what ended it, in Vietnamese; `expected`: the bounds."""

    def __init__(self, given: str, expected: str) -> None:
        super().__init__(f"{given} ({expected})")
        self.given, self.expected = given, expected


@dataclass(frozen=True)
class Bounds:
    """What one piece of work may cost beyond what the child inherits."""

    cpu_seconds: int
    memory_bytes: int
    wall_seconds: float = WALL_SECONDS

    @property
    def shown(self) -> str:
        """The bounds as agencies are told."""
        return f"{self.cpu_seconds} giây xử lý, {self.memory_bytes >> 20} MB bộ nhớ"


class BoundedReader:
    """Reads deliveries' bytes in a bounded child, which is forked at the first one; a context manager."""

    def __init__(self, form: FormDefinition, reference: Reference, bounds: Bounds | None = None) -> None:
        def read(parts: list[bytes]) -> list[bytes]:
            received_on = date.fromisoformat(parts[1].decode())
            return read_file(int(parts[0]), parts[2], received_on, form, reference)

        limits = form.limits
        self._worker = BoundedWorker(
            read, bounds or Bounds(limits.reader_cpu_seconds, limits.reader_memory_bytes)
        )

    def read(self, delivery_id: int, data: bytes, received_on: date) -> FileReading:
        """The reading of a file. Never raises for what a file may contain or do to its reader."""
        try:
            parts = self._worker.ask([str(delivery_id).encode(), received_on.isoformat().encode(), data])
        except ExceedsBounds as ended:
            return refused("intake.file_exceeds_bounds", ended.given, ended.expected)
        try:
            return unpacked(parts)
        except Exception as error:  # no answer of our code: the child is not to be trusted any more
            self._worker.close()
            return unreadable(error)

    def start(self) -> None:
        """Fork the child now and not at the first file."""
        self._worker.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._worker.close()


class BoundedWorker:
    """Does work on untrusted bytes in a forked child, which knows what was there when it was forked."""

    def __init__(self, work: Work, bounds: Bounds) -> None:
        self._work, self._bounds = work, bounds
        self._child: _Child | None = None

    def ask(self, parts: list[bytes]) -> list[bytes]:
        """What `work` makes of the parts. Raises ExceedsBounds where the child died of it.

        A death that came from outside (somebody's SIGKILL, the system out of memory) is tried once more.
        """
        for is_last in (False, True):
            self.start()
            assert self._child is not None  # noqa: S101 (started)
            try:
                answer, retires = self._child.exchange(parts, self._bounds)
            except _Died as death:
                self._child = None
                if death.is_own or is_last:
                    raise ExceedsBounds(death.given, self._bounds.shown) from None
            except BaseException:
                self.close()  # interrupted: the next answer would be that to this question
                raise
            else:
                if retires:
                    self.close()
                return answer
        raise AssertionError("unreachable")

    def start(self) -> None:
        """Fork the child, where there is none."""
        if self._child is None:
            self._child = _fork(self._work, self._bounds)

    def close(self) -> None:
        """End the child."""
        if self._child is not None:
            self._child.end()
            self._child = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Died(Exception):
    def __init__(self, given: str, *, is_own: bool) -> None:
        super().__init__(given)
        self.given, self.is_own = given, is_own


class _Child:
    """The parent's end: process id and pipes."""

    def __init__(self, pid: int, questions: int, answers: int) -> None:
        self.pid, self.questions, self.answers = pid, questions, answers
        os.set_blocking(questions, False)
        os.set_blocking(answers, False)

    def exchange(self, parts: list[bytes], bounds: Bounds) -> tuple[list[bytes], bool]:
        deadline = monotonic() + bounds.wall_seconds
        try:
            self._send(parts, deadline)
            _wait(self.answers, select.POLLIN, deadline)
            retires, count = _HEAD.unpack(self._receive(_HEAD.size, deadline))
            self._allow(8 * count, bounds)
            sizes = struct.unpack(f"<{count}Q", self._receive(8 * count, deadline))
            self._allow(sum(sizes), bounds)
            return [self._receive(size, deadline) for size in sizes], retires
        except TimeoutError:
            self.end()
            raise _Died("quá thời gian chờ", is_own=False) from None
        except (EOFError, BrokenPipeError):
            raise self._death() from None

    def end(self) -> None:
        """Kill and bury it."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self._bury()

    def _send(self, parts: list[bytes], deadline: float) -> None:
        view = memoryview(_frame(parts, retires=False))
        while view:
            try:
                view = view[os.write(self.questions, view) :]
            except BlockingIOError:
                _wait(self.questions, select.POLLOUT, deadline)

    def _allow(self, size: int, bounds: Bounds) -> None:
        """Refuse an answer that is more than the child can hold: who sends it is not our code any more."""
        if size > bounds.memory_bytes:
            self.end()
            raise _Died("câu trả lời bất thường của bộ đọc", is_own=True)

    def _receive(self, size: int, deadline: float) -> bytes:
        """The next bytes of the answer."""
        pieces = []
        while size:
            try:
                piece = os.read(self.answers, min(size, _CHUNK))
            except BlockingIOError:
                _wait(self.answers, select.POLLIN, deadline)
                continue
            if not piece:
                raise EOFError
            pieces.append(piece)
            size -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _death(self) -> _Died:
        status = self._bury()
        if os.WIFSIGNALED(status):
            name = signal.Signals(os.WTERMSIG(status)).name
            given = "hết thời gian xử lý" if name == "SIGXCPU" else f"bộ đọc bị dừng đột ngột ({name})"
            return _Died(given, is_own=name in _OWN_DEATHS)
        if os.WEXITSTATUS(status) == _OUT_OF_MEMORY:
            return _Died("hết bộ nhớ", is_own=True)
        return _Died(f"bộ đọc kết thúc với mã {os.WEXITSTATUS(status)}", is_own=False)

    def _bury(self) -> int:
        os.close(self.questions)
        os.close(self.answers)
        try:
            return os.waitpid(self.pid, 0)[1]
        except ChildProcessError:  # somebody else in this process waits for all children
            return 0


def _wait(descriptor: int, event: int, deadline: float) -> None:
    poll = select.poll()
    poll.register(descriptor, event)
    if not poll.poll(max(0.0, deadline - monotonic()) * 1000):
        raise TimeoutError


def _frame(parts: list[bytes], *, retires: bool) -> bytes:
    sizes = struct.pack(f"<{len(parts)}Q", *map(len, parts))
    return b"".join([_HEAD.pack(retires, len(parts)), sizes, *parts])


# ---------------------------------------------------------------- the child


def _fork(work: Work, bounds: Bounds) -> _Child:
    questions, to_child = os.pipe()
    from_child, answers = os.pipe()
    if sys.platform == "linux":
        for pipe in (to_child, answers):
            with contextlib.suppress(OSError):  # more than this user may have: it works with less
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _CHUNK)
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            _live(work, bounds, parent, questions, answers)
        finally:
            os._exit(1)
    os.close(questions)
    os.close(answers)
    return _Child(pid, to_child, from_child)


def _live(work: Work, bounds: Bounds, parent: int, questions: int, answers: int) -> NoReturn:
    gc.freeze()  # nothing inherited is collected: a connection's finalizer would speak to its server
    gc.set_threshold(50_000, 20, 50)  # readings hold no cycles; looking for them costs
    _let_go(keep={questions, answers})
    _tie_to(parent)
    inherited = _data_bytes()
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    _limit(resource.RLIMIT_DATA, inherited + bounds.memory_bytes, hard)
    try:
        while True:
            parts = _question(questions)
            _allow_cpu(bounds.cpu_seconds)
            found = work(parts)
            retires = _data_bytes() - inherited > bounds.memory_bytes // _RETIRES_AT
            _write_all(answers, _frame(found, retires=retires))
            del parts, found
    except MemoryError:
        os._exit(_OUT_OF_MEMORY)


def _let_go(keep: set[int]) -> None:
    """Close every inherited descriptor, and point the standard ones at nothing."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    for name in os.listdir("/dev/fd"):  # noqa: PTH208 (numbers, not paths)
        if int(name) > 2 and int(name) not in keep:
            with contextlib.suppress(OSError):
                os.close(int(name))


def _tie_to(parent: int) -> None:
    """Die with the parent, by its own signals alone, and leave no image of memory behind."""
    for number in (signal.SIGTERM, signal.SIGXCPU, signal.SIGABRT, signal.SIGSEGV, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # the terminal sends it to both, and the parent ends the child
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)  # a limit does not hold where cores go to a program
        if hasattr(libc, "mallopt"):  # of glibc alone
            libc.mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)
            libc.mallopt(_M_MMAP_THRESHOLD, _KEPT_BYTES)
    if os.getppid() != parent:
        os._exit(1)


def _allow_cpu(seconds: int) -> None:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    _limit(resource.RLIMIT_CPU, math.ceil(usage.ru_utime + usage.ru_stime) + seconds, hard)


def _limit(which: int, wanted: int, hard: int) -> None:
    soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(which, (soft, hard))


def _data_bytes() -> int:
    """Private writable memory of this process, as RLIMIT_DATA counts it; 0 where the system does not tell."""
    try:
        statm = os.open("/proc/self/statm", os.O_RDONLY)
    except OSError:
        return 0
    told = os.read(statm, 256)
    os.close(statm)
    return int(told.split()[5]) * resource.getpagesize()


def _question(descriptor: int) -> list[bytes]:
    _, count = _HEAD.unpack(_read_all(descriptor, _HEAD.size))
    sizes = struct.unpack(f"<{count}Q", _read_all(descriptor, 8 * count))
    return [_read_all(descriptor, size) for size in sizes]


def _read_all(descriptor: int, size: int) -> bytes:
    pieces = []
    while size:
        piece = os.read(descriptor, min(size, _CHUNK))
        if not piece:
            os._exit(0)  # the parent closed its end, or is gone
        pieces.append(piece)
        size -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
