"""Intake: landing zone → archive → ledger → rows in `raw`. Killed and run again, the result is the same.

Files go in batches: their bytes are archived before anything reads them; their arrivals are recorded in one
transaction; all deliveries without a reading, whoever recorded them, are read in order of arrival; what they
turned out to be is judged and written in one transaction; only then do the files leave the landing zone. What
was interrupted in between is read again from the archive.

Recording and writing hold the intake's lock, and a delivery is written only after all that came before it: so
two workers on one landing zone give what one would.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

import psycopg
import sqlalchemy as sa

from sources.forms.definition import FormDefinition, load_definition
from sources.forms.findings import load_rules
from sources.forms.reference import load_reference
from sources.intake.archive import Archive, Archived, ArchiveFault
from sources.intake.bounded import BoundedReader
from sources.intake.judging import BatchJudge
from sources.intake.landing import LandedFile, Landing, Sieve, local_file
from sources.intake.ledger import (
    Arrival,
    DeliveryOutcome,
    Judged,
    already_read,
    count_unread,
    known_outcomes,
    lock_intake,
    outcome_of,
    record_arrivals,
    unread,
    write_readings,
)
from sources.intake.reading import FileReading, unreadable
from warehouse.clock import local_date, now
from warehouse.engine import engine
from warehouse.errors import UsageError
from warehouse.reference import load_version
from warehouse.schema import ref_rule
from warehouse.settings import Settings

BATCH_FILES = 100
_BATCH_BYTES = 16 << 20
"""Rows of a batch that wait to be written: what is in memory does not grow with the files."""
_AHEAD_BYTES = 1 << 20
"""Archived bytes that wait to be read."""
_COLLECTS_AT = (50_000, 20, 50)
"""The collector's thresholds within a run."""

Progress = Callable[[int, int, str], None]
"""Told once a batch: files done, files in all, and what the last one was called."""


@dataclass
class IngestSummary:
    """What a run took in.

    `failed`: files that could not be reached, with the reason; they stay there. `left`: what lies in the
    landing zone, or a folder that was named, and is not taken in, or not yet, with the reason.
    """

    deliveries: list[DeliveryOutcome] = field(default_factory=list)
    periods: set[str] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)

    def add(self, outcome: DeliveryOutcome) -> None:
        """Count an outcome in."""
        self.deliveries.append(outcome)
        if outcome.period_id:
            self.periods.add(outcome.period_id)


def ingest_landing(
    settings: Settings,
    run_id: str,
    received_at: datetime | None = None,
    progress: Progress | None = None,
) -> IngestSummary:
    """Take in everything that lies whole in the landing zone, after what an earlier run left unread.

    `received_at` states when files of the past were received. A bad file is refused with a finding, an
    unreachable one is named in the summary, and the others go on. Raises for faults of database, archive
    (ArchiveFault) and landing zone as a whole (OSError), after what could be taken in is safe.
    """
    with _intake(settings, run_id, received_at, progress) as intake:
        if settings.landing_folder is None:
            intake.reader.start()  # before the connection's threads are there: a fork takes none along
        with Landing(settings, intake.form.landing) as landing:
            files = landing.files()
            intake.summary.left = dict(landing.left)
            intake.take_in("landing", files, landing)
        return intake.summary


def ingest_paths(
    settings: Settings,
    paths: list[Path],
    run_id: str,
    received_at: datetime | None = None,
    progress: Progress | None = None,
) -> IngestSummary:
    """Take in files, and the files of folders, that somebody named; they stay where they are.

    Raises UsageError when a path does not exist or a folder holds no file, and ArchiveFault.
    """
    sieve = Sieve(load_definition().landing)
    files = [local_file(path) for path in _files(paths, sieve)]
    with _intake(settings, run_id, received_at, progress) as intake:
        intake.summary.left = sieve.left
        intake.take_in("cli", files, _NamedFiles())
        return intake.summary


def register_intake_rules(settings: Settings, run_id: str) -> bool:
    """Load the catalogue of intake rules into raw.ref_rule; returns whether it is a new version."""
    rows = [
        {
            **rule.model_dump(exclude={"verdict"}),
            "gate": "intake",
            "waivable": False,
            "source": "intake_rules.yml",
        }
        for rule in load_rules().rules
    ]
    with engine(settings, "loader").begin() as connection:
        return load_version(connection, "intake_rules", {ref_rule: rows}, run_id).is_new


def _files(paths: list[Path], sieve: Sieve) -> list[Path]:
    """The files that were named, and those in named folders that pass the landing zone's sieve."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = [p for p in path.rglob("*") if p.is_file() and sieve.passes(p.name, str(p))]
            if not inside:
                raise UsageError(f"The folder {path} holds no file. Name report files or a folder of them.")
            found += sorted(inside)
        elif path.is_file():
            found.append(path)
        else:
            raise UsageError(f"{path} does not exist. Name report files or a folder of them.")
    return found


def _shown(error: Exception) -> str:
    return str(error).encode("utf-8", "backslashreplace").decode()


def _is_of_a_file(error: Exception) -> bool:
    """Whether an error while a batch is judged and written is one file's own, and not everybody's."""
    if isinstance(error, sa.exc.SQLAlchemyError | psycopg.Error):
        data = (sa.exc.DataError, sa.exc.IntegrityError, psycopg.DataError, psycopg.IntegrityError)
        return isinstance(error, data)
    return not isinstance(error, OSError | MemoryError)


class _Source(Protocol):
    """Where files of a run lie."""

    def reach(self) -> None: ...

    def open(self, file: LandedFile) -> BinaryIO: ...

    def is_unchanged(self, file: LandedFile) -> bool: ...

    def remove(self, file: LandedFile) -> None: ...


class _NamedFiles:
    """Files that somebody named by hand: whole as they are, and left where they are."""

    def reach(self) -> None:
        pass

    def open(self, file: LandedFile) -> BinaryIO:
        return Path(file.path).open("rb")

    def is_unchanged(self, file: LandedFile) -> bool:  # noqa: ARG002
        return True

    def remove(self, file: LandedFile) -> None:
        pass


@contextmanager
def _intake(
    settings: Settings, run_id: str, received_at: datetime | None, progress: Progress | None
) -> Iterator[_Intake]:
    """A run of the intake, which begins with what an interrupted one recorded and did not read."""
    intake = _Intake(settings, run_id, received_at, progress)
    with _collecting_less(), intake.reader:
        intake.resume()
        yield intake


@contextmanager
def _collecting_less() -> Iterator[None]:
    """Spare the garbage collector what was there before, and let it look less often: a run makes few cycles,
    and whatever it touches of the memory that the reader's child shares is copied. Where somebody else has
    arranged for less, it stays so."""
    before = gc.get_threshold()
    is_ours = not gc.get_freeze_count() and 0 < before[0] < _COLLECTS_AT[0]
    if is_ours:
        gc.freeze()
        gc.set_threshold(*_COLLECTS_AT)
    try:
        yield
    finally:
        if is_ours:
            gc.set_threshold(*before)
            gc.unfreeze()


class _Intake:
    """One run of the intake: what is known when it begins, and what it took in."""

    def __init__(
        self, settings: Settings, run_id: str, received_at: datetime | None, progress: Progress | None
    ) -> None:
        self.settings, self.run_id, self.received_at = settings, run_id, received_at
        self.progress, self.done, self.total = progress, 0, 0
        self.form: FormDefinition = load_definition()
        load_rules()  # here, so that the reader's child inherits them
        self.archive = Archive(settings)
        self.summary, self.told = IngestSummary(), set[int]()
        self.engine = engine(settings, "loader")
        with self.engine.connect() as connection:
            self.reference = load_reference(connection)
        self.codes = {a["agency_key"]: a["agency_code"] for a in self.reference.agencies}
        self.reader = BoundedReader(self.form, self.reference)

    def resume(self) -> None:
        """Read what an interrupted run recorded and did not read, and clear away what it left half done."""
        self.archive.sweep()
        with self.engine.connect() as connection:
            self.total = count_unread(connection)
        if self.total:
            self._read_up_to(None)

    def take_in(self, channel: str, files: Sequence[LandedFile], source: _Source) -> None:
        """Archive, record, read and write files, a batch at a time, and take them out of their source."""
        self.total += len(files)
        for start in range(0, len(files), BATCH_FILES):
            batch = files[start : start + BATCH_FILES]
            stored, fault = self._archive(batch, source)
            if stored:
                self._take_in(channel, stored, source)
            self.done += len(batch) - len(stored)
            if fault is not None:
                raise fault

    def _archive(
        self, files: Sequence[LandedFile], source: _Source
    ) -> tuple[list[tuple[LandedFile, Archived]], OSError | None]:
        """The files whose bytes are safe, and the fault of archive or source that ended the work early."""
        stored: list[tuple[LandedFile, Archived]] = []
        unreachable = False
        for file in files:
            try:
                with source.open(file) as stream:
                    archived = self.archive.store(stream)
                if source.is_unchanged(file):  # else it is not whole yet
                    stored.append((file, archived))
            except ArchiveFault as error:
                return self._settled(stored, error)
            except FileNotFoundError:
                unreachable = True  # another run was quicker, or all of them are gone
            except OSError as error:
                unreachable = True
                self.summary.failed[file.shown_path] = _shown(error)
        if unreachable:
            try:
                source.reach()
            except OSError as error:
                return self._settled(stored, error)
        return self._settled(stored, None)

    def _settled(
        self, stored: list[tuple[LandedFile, Archived]], fault: OSError | None
    ) -> tuple[list[tuple[LandedFile, Archived]], OSError | None]:
        try:
            self.archive.settle()
        except ArchiveFault as error:
            return [], error  # nothing is recorded without its bytes
        return stored, fault

    def _take_in(self, channel: str, stored: list[tuple[LandedFile, Archived]], source: _Source) -> None:
        with self.engine.begin() as connection:
            lock_intake(connection)
            # the moment of recording, so that the order of numbers is the order of receipt
            received_at = self.received_at or now(self.settings)
            stated = self.received_at is not None
            numbers = record_arrivals(connection, channel, stored, received_at, stated, self.run_id)
        self._read_up_to(max(numbers))
        others = set(numbers) - self.told
        if others:
            with self.engine.connect() as connection:
                for outcome in known_outcomes(connection, others, self.codes):
                    self._tell_of(outcome)
        for file, _ in stored:
            try:
                source.remove(file)
            except OSError as error:
                self.summary.failed[file.shown_path] = _shown(error)

    def _read_up_to(self, last: int | None) -> None:
        """Read and write all deliveries up to one that have no reading, in their order."""
        has_more = True
        while has_more:
            with self.engine.connect() as connection:
                arrivals = unread(connection, last, BATCH_FILES + 1)  # one tells whether there are more
            has_more = len(arrivals) > BATCH_FILES
            arrivals = arrivals[:BATCH_FILES]
            batch: list[tuple[Arrival, FileReading]] = []
            size = 0
            for arrival, data in self._with_bytes(arrivals):
                reading = self._read(arrival, data)
                batch.append((arrival, reading))
                size += reading.size
                if size >= _BATCH_BYTES:
                    self._write(batch)
                    batch, size = [], 0
            if batch:
                self._write(batch)
            if arrivals:
                self._tell(arrivals[-1].source_name)

    def _with_bytes(self, arrivals: Sequence[Arrival]) -> Iterator[tuple[Arrival, bytes]]:
        """Deliveries with their archived bytes, of small ones several fetched at a time: between two readings
        each costs three times as much."""
        ahead: list[tuple[Arrival, bytes]] = []
        size = 0
        for arrival in arrivals:
            data = self.archive.read(arrival.archive_path, self.form.limits.file_bytes + 1)
            ahead.append((arrival, data))
            size += len(data)
            if size >= _AHEAD_BYTES:
                yield from ahead
                ahead, size = [], 0
        yield from ahead

    def _read(self, arrival: Arrival, data: bytes) -> FileReading:
        return self.reader.read(arrival.delivery_id, data, local_date(arrival.received_at))

    def _write(self, batch: Sequence[tuple[Arrival, FileReading]]) -> None:
        """Write a batch in one transaction; where the database refuses its data, one by one, so that the
        offender alone is refused."""
        try:
            judged = self._judge_and_write(batch)
        except Exception as error:
            if not _is_of_a_file(error):
                raise
            if len(batch) > 1:
                for delivery in batch:
                    self._write([delivery])
                return
            judged = self._judge_and_write([(batch[0][0], unreadable(error))])
        for one in judged:
            self._tell_of(outcome_of(one, self.codes))

    def _judge_and_write(self, batch: Sequence[tuple[Arrival, FileReading]]) -> list[Judged]:
        with self.engine.begin() as connection:
            lock_intake(connection)
            known = already_read(connection, [arrival.delivery_id for arrival, _ in batch])
            left = [(arrival, reading) for arrival, reading in batch if arrival.delivery_id not in known]
            judge = BatchJudge(connection, self.form, self.reference, [reading for _, reading in left])
            judged = [judge.judge(arrival, reading) for arrival, reading in left]
            write_readings(connection, judged, self.form.form_code, self.run_id)
            return judged

    def _tell_of(self, outcome: DeliveryOutcome) -> None:
        self.summary.add(outcome)
        self.told.add(outcome.delivery_id)
        self.done += 1

    def _tell(self, what: str) -> None:
        if self.progress is not None:
            self.progress(self.done, self.total, what)
