"""The ledger of deliveries in `raw`, by the batch: arrivals, readings with their rows, what counts."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from json import JSONEncoder
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from sources.forms.findings import Finding
from sources.intake.archive import Archived
from sources.intake.landing import LandedFile
from sources.intake.reading import HELD_COLUMNS, FileReading
from sources.intake.rulings import Version
from warehouse.copy_text import copy_lines
from warehouse.engine import copy_text
from warehouse.schema import (
    delivery,
    delivery_decision,
    held_row,
    hold,
    intake_finding,
    metadata,
    next_delivery_id,
    reading,
    section,
)

COUNTING = ("accepted", "accepted_with_findings")
LARGEST_ID = 2**63 - 1
"""No delivery's number lies beyond what the database can hold."""
Versions = dict[tuple[int, str], list[Version]]
"""Versions that count, by agency_key and period_id, in the order in which they were recorded."""

_LONGEST_PATH = 600
"""Characters of a path that are stored: the index that knows arrivals again takes no longer ones."""
_ARRIVAL = (
    "delivery_id",
    "channel",
    "source_name",
    "source_path",
    "sha256",
    "source_modified_at",
    "size_bytes",
    "archive_path",
    "received_at",
    "received_stated",
    "run_id",
)
_READING = (
    "delivery_id",
    "agency_key",
    "period_id",
    "form_code",
    "report_kind",
    "amends",
    "report_date",
    "document_number",
    "prepared_by",
    "signed_by",
    "signer_title",
    "content_sha256",
    "verdict",
    "verdict_reason_vi",
    "duplicate_of",
    "run_id",
)
_HEADING_TEXTS = ("amends", "document_number", "prepared_by", "signed_by", "signer_title")
_SECTION = (
    "delivery_id",
    "agency_key",
    "period_id",
    "sheet_no",
    "sheet_code",
    "sheet_name",
    "is_hidden",
    "header_row",
    "rows_read",
    "rows_loaded",
    "rows_held",
    "rows_structure",
    "column_map",
)
_FINDING: tuple[str, ...] = (
    "sheet_no",
    "sheet_name",
    "cell",
    "rule_id",
    "severity",
    "given",
    "expected",
    "message_vi",
)
_of_section, _of_finding = attrgetter(*_SECTION[3:-1]), attrgetter(*_FINDING)
_json = JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True)
class Arrival:
    """One row of raw.delivery, as far as reading it needs."""

    delivery_id: int
    source_name: str
    sha256: str
    size_bytes: int
    archive_path: str
    received_at: datetime


@dataclass(frozen=True)
class Judged:
    """A delivery as it is written: what was read, its findings with those of judging, its verdict."""

    arrival: Arrival
    reading: FileReading
    findings: list[Finding]
    verdict: str
    verdict_reason_vi: str | None
    duplicate_of: int | None = None


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


def lock_intake(connection: sa.Connection) -> None:
    """Let one worker at a time record or write, until the transaction ends."""
    connection.execute(sa.text("select pg_advisory_xact_lock(hashtext('intake'))"))


def record_arrivals(
    connection: sa.Connection,
    channel: str,
    files: Sequence[tuple[LandedFile, Archived]],
    received_at: datetime,
    received_stated: bool,
    run_id: str,
) -> list[int]:
    """The deliveries of files, under the intake's lock and in their order: known ones, and new ones.

    A delivery is known by its path, bytes and the file's own time.
    """
    keys = [(_stored_path(file.shown_path), archived.sha256, file.modified_at) for file, archived in files]
    known = _known_arrivals(connection, keys)
    next_id = connection.scalar(sa.select(next_delivery_id())) or 1
    new: list[tuple[Any, ...]] = []
    for (file, archived), key in zip(files, keys, strict=True):
        if key not in known:
            known[key] = next_id + len(new)
            new.append(
                (
                    *(known[key], channel, file.shown_name),
                    *key,
                    *(archived.size_bytes, archived.path, received_at, received_stated, run_id),
                )
            )
    if new:
        copy_text(connection, delivery, _ARRIVAL, [copy_lines(new)])
    return [known[key] for key in keys]


def unread(connection: sa.Connection, up_to: int | None = None, at_most: int | None = None) -> list[Arrival]:
    """Deliveries without a reading, in the order in which they were recorded: the first `at_most` of them."""
    limits = {"up_to": LARGEST_ID if up_to is None else up_to, "at_most": at_most}
    return [Arrival(*row) for row in connection.execute(_unread_query(), limits)]


def count_unread(connection: sa.Connection) -> int:
    """How many deliveries have no reading."""
    known = sa.select(reading.c.delivery_id).where(reading.c.delivery_id == delivery.c.delivery_id)
    query = sa.select(sa.func.count()).select_from(delivery).where(~known.exists())
    return connection.scalar(query) or 0


def already_read(connection: sa.Connection, delivery_ids: Iterable[int]) -> set[int]:
    """Those of some deliveries that have their reading."""
    return set(connection.scalars(_already_read_query(), {"numbers": list(delivery_ids)}))


def standing_of(verdict: str | None, counts: bool, last_decision: str | None) -> str:
    """What became of a delivery: counts, held, rejected, refused, duplicate or unread.

    `counts`: whether it is among `counting_versions`; `last_decision`: a person's newest, accept or reject.
    """
    if verdict is None:
        return "unread"
    if verdict in ("refused", "duplicate"):
        return verdict
    if counts:
        return "counts"
    return "rejected" if last_decision == "reject" else "held"


def counting_versions(connection: sa.Connection, agency_keys: Iterable[int]) -> Versions:
    """All versions of some agencies that count: accepted, or held and then accepted by a person."""
    found: Versions = defaultdict(list)
    for row in connection.execute(_counting_query(), {"agencies": sorted(agency_keys)}):
        found[row.agency_key, row.period_id].append(
            Version(
                delivery_id=row.delivery_id,
                report_kind=row.report_kind,
                report_date=row.report_date,
                received_at=row.received_at,
                sha256=row.sha256,
                content_sha256=row.content_sha256,
                sheets=frozenset(row.sheets or ()) - {"info"},
                is_accepted=row.is_accepted,
            )
        )
    return found


def rows_of(
    connection: sa.Connection, sheet_code: str, agency_keys: Iterable[int], delivery_ids: Collection[int]
) -> dict[int, list[dict[str, Any]]]:
    """The loaded rows of one kind of sheet of some deliveries, by delivery; without what was delivered."""
    table = metadata.tables[f"raw.{sheet_code}_row"]
    names = tuple(name for name in table.columns.keys() if name != "given")  # noqa: SIM118 (columns themselves)
    query = (
        sa.select(*(table.c[name] for name in names))
        .where(_among(table.c.agency_key, agency_keys), _among(table.c.delivery_id, delivery_ids))
        .order_by(table.c.delivery_id, table.c.sheet_no, table.c.sheet_row)
    )
    found: dict[int, list[dict[str, Any]]] = {delivery_id: [] for delivery_id in delivery_ids}
    for values in connection.execute(query):
        row = dict(zip(names, values, strict=True))
        found[row["delivery_id"]].append(row)
    return found


def write_readings(connection: sa.Connection, judged: Sequence[Judged], form_code: str, run_id: str) -> None:
    """Write all that deliveries turned out to be, in the connection's transaction: one COPY a table."""
    if not judged:
        return
    readings = [_reading_row(one, form_code, run_id) for one in judged]
    copy_text(connection, reading, _READING, [copy_lines(readings)])
    sections, texts, held = [], defaultdict(list), []
    for one in judged:
        stamp = (one.arrival.delivery_id, one.reading.agency_key, one.reading.period_id)
        for sheet in one.reading.sheets:
            sections.append((*stamp, *_of_section(sheet), _json(sheet.column_map)))
            if sheet.text:
                texts[sheet.sheet_code, sheet.columns].append(sheet.text)
            if sheet.held_text:
                held.append(sheet.held_text)
    if sections:
        copy_text(connection, section, _SECTION, [copy_lines(sections)])
    for (sheet_code, columns), chunks in sorted(texts.items()):
        copy_text(connection, metadata.tables[f"raw.{sheet_code}_row"], columns, chunks)
    if held:
        copy_text(connection, held_row, HELD_COLUMNS, held)
    findings = [
        (
            *(one.arrival.delivery_id, number, one.reading.agency_key, one.reading.period_id),
            *_of_finding(finding),
        )
        for one in judged
        for number, finding in enumerate(one.findings, start=1)
    ]
    if findings:
        names = ("delivery_id", "finding_no", "agency_key", "period_id", *_FINDING)
        copy_text(connection, intake_finding, names, [copy_lines(findings)])


def outcome_of(judged: Judged, agency_codes: dict[int, str]) -> DeliveryOutcome:
    """What became of a delivery that was written just now."""
    sheets = judged.reading.sheets
    return DeliveryOutcome(
        judged.arrival.delivery_id,
        judged.arrival.source_name,
        agency_codes.get(judged.reading.agency_key),
        judged.reading.period_id,
        judged.verdict,
        judged.verdict_reason_vi,
        sum(sheet.rows_read for sheet in sheets),
        sum(sheet.rows_loaded for sheet in sheets),
        sum(sheet.rows_held for sheet in sheets),
        sum(sheet.rows_structure for sheet in sheets),
        len(judged.findings),
    )


def known_outcomes(
    connection: sa.Connection, delivery_ids: Collection[int], agency_codes: dict[int, str]
) -> list[DeliveryOutcome]:
    """What became of deliveries that were read before, in their order."""
    sums = ("rows_read", "rows_loaded", "rows_held", "rows_structure")
    counts = (
        sa.select(section.c.delivery_id, *(sa.func.sum(section.c[name]).label(name) for name in sums))
        .where(_among(section.c.delivery_id, delivery_ids))
        .group_by(section.c.delivery_id)
        .subquery()
    )
    findings = (
        sa.select(sa.func.count())
        .select_from(intake_finding)
        .where(intake_finding.c.delivery_id == reading.c.delivery_id)
        .scalar_subquery()
    )
    query = (
        sa.select(
            reading.c.delivery_id,
            delivery.c.source_name,
            reading.c.agency_key,
            reading.c.period_id,
            reading.c.verdict,
            reading.c.verdict_reason_vi,
            *(sa.func.coalesce(counts.c[name], 0) for name in sums),
            findings,
        )
        .join(delivery, delivery.c.delivery_id == reading.c.delivery_id)
        .outerjoin(counts, counts.c.delivery_id == reading.c.delivery_id)
        .where(_among(reading.c.delivery_id, delivery_ids))
        .order_by(reading.c.delivery_id)
    )
    return [
        DeliveryOutcome(number, name, agency_codes.get(agency_key), *rest)
        for number, name, agency_key, *rest in connection.execute(query)
    ]


# Queries that every batch asks are put together once: that costs more than asking them.


@cache
def _unread_query() -> sa.Select[Any]:
    """The first :at_most deliveries without a reading, up to number :up_to."""
    known = sa.select(reading.c.delivery_id).where(reading.c.delivery_id == delivery.c.delivery_id)
    return (
        sa.select(*(delivery.c[name] for name in Arrival.__dataclass_fields__))
        .where(~known.exists(), delivery.c.delivery_id <= sa.bindparam("up_to"))
        .order_by(delivery.c.delivery_id)
        .limit(sa.bindparam("at_most", type_=sa.BigInteger))
    )


@cache
def _already_read_query() -> sa.Select[Any]:
    """Those of :numbers that have their reading."""
    return sa.select(reading.c.delivery_id).where(_is_one_of(reading.c.delivery_id, "numbers"))


@cache
def _known_arrivals_query() -> sa.Select[Any]:
    """The deliveries from :paths."""
    names = ("source_path", "sha256", "source_modified_at", "delivery_id")
    return sa.select(*(delivery.c[name] for name in names)).where(_is_one_of(delivery.c.source_path, "paths"))


@cache
def _counting_query() -> sa.Select[Any]:
    """The versions of :agencies that count, in the order in which they were recorded."""
    decided = (
        sa.select(
            delivery_decision.c.delivery_id, delivery_decision.c.decision, delivery_decision.c.decided_at
        )
        .distinct(delivery_decision.c.delivery_id)
        .order_by(
            delivery_decision.c.delivery_id,
            delivery_decision.c.decided_at.desc(),
            delivery_decision.c.decision_id.desc(),
        )
        .subquery()
    )
    placed = (
        sa.select(hold.c.delivery_id, sa.func.max(hold.c.placed_at).label("placed_at"))
        .group_by(hold.c.delivery_id)
        .subquery()
    )
    carried = (
        sa.select(section.c.delivery_id, sa.func.array_agg(section.c.sheet_code).label("sheets"))
        .where(_is_one_of(section.c.agency_key, "agencies"))
        .group_by(section.c.delivery_id)
        .subquery()
    )
    accepted = sa.func.coalesce(decided.c.decision, "") == "accept"
    return (
        sa.select(
            reading.c.agency_key,
            reading.c.period_id,
            reading.c.delivery_id,
            reading.c.report_kind,
            reading.c.report_date,
            delivery.c.received_at,
            delivery.c.sha256,
            reading.c.content_sha256,
            carried.c.sheets,
            accepted.label("is_accepted"),
        )
        .join(delivery, delivery.c.delivery_id == reading.c.delivery_id)
        .outerjoin(decided, decided.c.delivery_id == reading.c.delivery_id)
        .outerjoin(placed, placed.c.delivery_id == reading.c.delivery_id)
        .outerjoin(carried, carried.c.delivery_id == reading.c.delivery_id)
        .where(
            _is_one_of(reading.c.agency_key, "agencies"),
            reading.c.period_id.is_not(None),
            sa.func.coalesce(decided.c.decision, "") != "reject",
            reading.c.verdict.in_(COUNTING) | ((reading.c.verdict == "held") & accepted),
            placed.c.placed_at.is_(None) | (decided.c.decided_at >= placed.c.placed_at),
        )
        .order_by(reading.c.delivery_id)
    )


def _known_arrivals(
    connection: sa.Connection, keys: Sequence[tuple[str, str, datetime | None]]
) -> dict[tuple[str, str, datetime | None], int]:
    asked = {"paths": list({path for path, _, _ in keys})}
    known = connection.execute(_known_arrivals_query(), asked)
    return {(path, sha256, modified): number for path, sha256, modified, number in known}


def _stored_path(path: str) -> str:
    if len(path) <= _LONGEST_PATH:
        return path
    digest = hashlib.sha256(path.encode()).hexdigest()
    return f"{path[: _LONGEST_PATH - len(digest) - 1]}…{digest}"


def _reading_row(one: Judged, form_code: str, run_id: str) -> tuple[Any, ...]:
    read = one.reading
    is_known = read.period_id is not None
    return (
        one.arrival.delivery_id,
        read.agency_key,
        read.period_id,
        form_code if is_known else None,
        read.report_kind,
        read.texts.get("amends"),
        read.report_date,
        *(read.texts.get(name) for name in _HEADING_TEXTS[1:]),
        read.content_sha256,
        one.verdict,
        one.verdict_reason_vi,
        one.duplicate_of,
        run_id,
    )


def _is_one_of(column: sa.ColumnElement[Any], parameter: str) -> sa.ColumnElement[bool]:
    """Whether a column's value is one of those that a query is given under a name."""
    return column == sa.any_(sa.bindparam(parameter, type_=ARRAY(column.type)))


def _among(column: sa.ColumnElement[Any], values: Iterable[Any]) -> sa.ColumnElement[bool]:
    """Whether a column's value is one of some: one parameter, however many they are."""
    return column == sa.any_(sa.literal(list(values), ARRAY(column.type)))
