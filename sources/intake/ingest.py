"""Intake: landing zone → archive → ledger → rows in `raw`. Killed and run again, the result is the same.

Each file goes alone: its bytes are archived before anything reads them, its arrival is recorded, and all that
was read of it is written in one transaction; only then it leaves the landing zone. What was interrupted in
between is read again from the archive.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import psycopg
import sqlalchemy as sa

from sources.forms.definition import FormDefinition, load_definition
from sources.forms.findings import Findings, load_rules
from sources.forms.reference import Reference, load_reference
from sources.forms.report import Report, read_report
from sources.intake.archive import Archive
from sources.intake.landing import LandedFile, Landing, local_file
from sources.intake.ledger import (
    Arrival,
    counting_versions,
    is_read,
    lock_intake,
    record_arrival,
    rows_of,
    unread,
    write_reading,
)
from sources.intake.rulings import SUPPLEMENT, Version, current, duplicate_of, judge_version, sheets_carried
from warehouse.clock import local_date, now
from warehouse.engine import engine
from warehouse.errors import UsageError
from warehouse.reference import load_version
from warehouse.schema import intake_finding, reading, ref_rule, section
from warehouse.settings import Settings


@dataclass(frozen=True)
class DeliveryOutcome:
    """What became of one delivery. `agency_code` and `period_id` are None where they were not established."""

    delivery_id: int
    source_name: str
    agency_code: str | None
    period_id: str | None
    verdict: str
    verdict_reason_vi: str | None
    rows_read: int
    rows_loaded: int
    rows_held: int
    rows_structure: int
    findings: int


@dataclass
class IngestSummary:
    """What a run took in. `failed`: files that could not be reached, with the reason; they stay there."""

    deliveries: list[DeliveryOutcome] = field(default_factory=list)
    periods: set[str] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)

    def add(self, outcome: DeliveryOutcome) -> None:
        """Count an outcome in."""
        self.deliveries.append(outcome)
        if outcome.period_id:
            self.periods.add(outcome.period_id)


def ingest_landing(settings: Settings, run_id: str, received_at: datetime | None = None) -> IngestSummary:
    """Take in everything that lies whole in the landing zone, after what an earlier run left unread.

    `received_at` states when files of the past were received. Raises only for faults of database and archive:
    a bad file is refused with a finding, an unreachable one is named in the summary, and the others go on.
    """
    intake = _Intake(settings, run_id, received_at)
    landing = Landing(settings, intake.form.landing)
    intake.resume()
    for file in landing.files():
        try:
            arrival = intake.receive("landing", file, landing)
        except FileNotFoundError:
            continue  # another run was quicker
        except OSError as error:
            intake.summary.failed[file.shown_path] = _shown(error)
            continue
        if arrival is not None:
            intake.read(arrival)
            try:
                landing.remove(file)
            except OSError as error:
                intake.summary.failed[file.shown_path] = _shown(error)
    return intake.summary


def ingest_paths(
    settings: Settings, paths: list[Path], run_id: str, received_at: datetime | None = None
) -> IngestSummary:
    """Take in files, and the files of folders, that somebody named; they stay where they are.

    Raises UsageError when a path does not exist or a folder holds no file.
    """
    intake = _Intake(settings, run_id, received_at)
    files = [local_file(path) for path in _files(paths)]
    intake.resume()
    for file in files:
        try:
            arrival = intake.receive("cli", file, None)
        except OSError as error:
            intake.summary.failed[file.shown_path] = _shown(error)
            continue
        if arrival is not None:
            intake.read(arrival)
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


def outcome_of(
    connection: sa.Connection, reference: Reference, delivery_id: int, name: str
) -> DeliveryOutcome:
    """What became of a delivery, from the ledger."""
    found = connection.execute(sa.select(reading).where(reading.c.delivery_id == delivery_id)).one()
    counts = connection.execute(
        sa.select(
            *(
                sa.func.coalesce(sa.func.sum(section.c[column]), 0)
                for column in ("rows_read", "rows_loaded", "rows_held", "rows_structure")
            )
        ).where(section.c.delivery_id == delivery_id)
    ).one()
    findings = connection.scalar(
        sa.select(sa.func.count())
        .select_from(intake_finding)
        .where(intake_finding.c.delivery_id == delivery_id)
    )
    codes = {a["agency_key"]: a["agency_code"] for a in reference.agencies}
    return DeliveryOutcome(
        delivery_id=delivery_id,
        source_name=name,
        agency_code=codes.get(found.agency_key),
        period_id=found.period_id,
        verdict=found.verdict,
        verdict_reason_vi=found.verdict_reason_vi,
        rows_read=int(counts[0]),
        rows_loaded=int(counts[1]),
        rows_held=int(counts[2]),
        rows_structure=int(counts[3]),
        findings=findings or 0,
    )


def _files(paths: list[Path]) -> list[Path]:
    names = load_definition().landing
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = [
                p
                for p in path.rglob("*")
                if p.is_file() and not p.name.startswith(tuple(names.ignored_prefixes))
            ]
            if not inside:
                raise UsageError(f"The folder {path} holds no file. Name report files or a folder of them.")
            found += sorted(inside)
        elif path.is_file():
            found.append(path)
        else:
            raise UsageError(
                f"{path} does not exist. Name report files (.xlsx, .xls, .ods) or a folder of them."
            )
    return found


def _unreadable(error: Exception) -> Report:
    report = Report(Findings(load_rules()))
    report.findings.add("intake.file_reader_failed", given=f"{type(error).__name__}: {_shown(error)}")
    return report


def _shown(error: Exception) -> str:
    return str(error).encode("utf-8", "backslashreplace").decode()


class _Intake:
    """One run of the intake: what is known when it begins, and what it took in."""

    def __init__(self, settings: Settings, run_id: str, received_at: datetime | None) -> None:
        self.settings, self.run_id = settings, run_id
        self.received_at, self.stated = received_at or now(settings), received_at is not None
        self.form: FormDefinition = load_definition()
        self.archive = Archive(settings)
        self.summary = IngestSummary()
        self.engine = engine(settings, "loader")
        with self.engine.connect() as connection:
            self.reference = load_reference(connection)

    def resume(self) -> None:
        """Read what an interrupted run recorded and did not read."""
        with self.engine.connect() as connection:
            left = unread(connection)
        for arrival in left:
            self.read(arrival)

    def receive(self, channel: str, file: LandedFile, landing: Landing | None) -> Arrival | None:
        """Archive and record a file; None when it changed while it was copied, and so is not whole yet."""
        with landing.open(file) if landing else Path(file.path).open("rb") as stream:
            archived = self.archive.store(stream)
        if landing and not landing.is_unchanged(file):
            return None
        with self.engine.begin() as connection:
            return record_arrival(
                connection, channel, file, archived, self.received_at, self.stated, self.run_id
            )

    def read(self, arrival: Arrival) -> None:
        """Read a delivery and write its reading, unless it has one."""
        with self.engine.connect() as connection:
            known = is_read(connection, arrival.delivery_id)
        if not known:
            try:
                self._write_once(arrival, self._report(arrival))
            except (sa.exc.DataError, psycopg.DataError, ValueError) as error:
                # the database cannot hold a value of this file: its own fault, and never another file's
                self._write_once(arrival, _unreadable(error))
        with self.engine.connect() as connection:
            self.summary.add(outcome_of(connection, self.reference, arrival.delivery_id, arrival.source_name))

    def _report(self, arrival: Arrival) -> Report:
        findings = Findings(load_rules())
        received_on = local_date(arrival.received_at)
        data = self.archive.read(arrival.archive_path, self.form.limits.file_bytes + 1)
        try:
            return read_report(data, self.form, self.reference, findings, received_on)
        except Exception as error:  # one file's failure is never another's
            return _unreadable(error)

    def _write_once(self, arrival: Arrival, report: Report) -> None:
        with self.engine.begin() as connection:
            lock_intake(connection)
            if not is_read(connection, arrival.delivery_id):
                self._write(connection, arrival, report)

    def _write(self, connection: sa.Connection, arrival: Arrival, report: Report) -> None:
        duplicate: Version | None = None
        if report.heading is not None and report.findings.verdict()[0] != "refused":
            duplicate = self._judge(connection, arrival, report)
        if duplicate is not None:
            report.sheets, report.findings.items = [], []
            report.findings.add("intake.duplicate", expected=duplicate.delivery_id)
        verdict, reason = report.findings.verdict()
        write_reading(
            connection,
            arrival,
            report,
            self.form.form_code,
            "duplicate" if duplicate else verdict,
            report.findings.items[0].message_vi if duplicate else reason,
            duplicate.delivery_id if duplicate else None,
            self.run_id,
        )

    def _judge(self, connection: sa.Connection, arrival: Arrival, report: Report) -> Version | None:
        """Judge a report against the versions that are there; returns the one that it duplicates."""
        heading = report.heading
        assert heading is not None  # noqa: S101 (asked by the caller)
        if heading.report_kind == SUPPLEMENT:
            report.sheets = sheets_carried(report.sheets, self.form, report.findings)
        new = Version(
            delivery_id=arrival.delivery_id,
            report_kind=heading.report_kind,
            report_date=heading.report_date,
            received_at=arrival.received_at,
            sha256=arrival.sha256,
            content_sha256=report.content_sha256,
            sheets=frozenset(s.sheet_code for s in report.sheets if s.sheet_code != "info"),
        )
        period_id = heading.period["period_id"]
        counting = counting_versions(connection, heading.agency_key, period_id)
        same = duplicate_of(new, counting)
        if same is not None:
            return same
        in_force = current(counting)
        carriers = {code: in_force.section(code) for code in new.sheets}
        rows = {
            code: rows_of(connection, version.delivery_id, heading.agency_key, code)
            for code, version in carriers.items()
            if version is not None and heading.report_kind == SUPPLEMENT
        }
        judge_version(new, counting, report.sheets, rows, self.form, report.findings)
        return None
