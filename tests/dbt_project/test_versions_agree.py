"""Ruling 6 stands twice, in the intake (sources/intake/rulings.py) and in SQL (int_section_current): alike.

Random histories of one agency and period each, with ties and gaps of dates and receipts, holds and decisions.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from sources.intake.ledger import counting_versions
from sources.intake.rulings import SUPPLEMENT, Version, current
from tests.dbt_project.world import at, run_part
from warehouse import builds, schema
from warehouse.engine import engine
from warehouse.settings import Settings

# dbt leaves its log file open for the garbage collector
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
HISTORIES = 400
PERIOD = "2023-Q1"
KINDS = ["first", "replacement", "supplement", "supplement"]
VERDICTS = ["accepted"] * 6 + ["accepted_with_findings"] * 3 + ["held"] * 3 + ["refused", "duplicate"]
CODES = ["info", "task", "dossier", "feedback"]
AS_OF = "2023-12-31 08:00"
Sections = dict[tuple[int, str], set[tuple[str, int]]]
"""By agency and sheet code: the bytes of the version in force and the numbers of its sheets."""


@dataclass(frozen=True)
class Sent:
    """A delivery, in whatever order it is recorded."""

    sha256: str
    report_kind: str
    report_date: date | None
    received_at: datetime
    verdict: str
    sheets: tuple[str, ...]
    decisions: tuple[tuple[str, datetime], ...]
    is_held_by_rule: bool


def _history(chance: random.Random) -> list[Sent]:
    return [_sent(chance, number) for number in range(chance.randint(1, 7))]


def _sent(chance: random.Random, number: int) -> Sent:
    days = chance.choice([None, 0, 0, 1, 2, 3])
    at_build = at("2023-06-01 08:00")
    return Sent(
        sha256=f"{chance.getrandbits(32):08x}{number}",
        report_kind=chance.choice(KINDS),
        report_date=None if days is None else date(2023, 3, 15) + timedelta(days=days),
        # 18:00 UTC and later is the next day in Vietnam
        received_at=at("2023-03-16 00:30") + timedelta(hours=6 * chance.randint(0, 9)),
        verdict=chance.choice(VERDICTS),
        sheets=tuple(chance.choice(CODES) for _ in range(chance.randint(1, 5))),
        decisions=tuple(
            (chance.choice(["accept", "accept", "reject"]), at_build + timedelta(days=chance.randint(-2, 2)))
            for _ in range(chance.choice([0, 0, 0, 1, 2]))
        ),
        is_held_by_rule=chance.random() < 0.15,
    )


@dataclass
class Ledger:
    """Histories written straight into raw, as the intake would leave them."""

    settings: Settings

    def record(self, histories: dict[int, list[Sent]]) -> None:
        """Write the histories; holds are placed by one build of June."""
        rows: dict[sa.Table, list[dict[str, Any]]] = defaultdict(list)
        delivery_id = 0
        for agency_key, history in histories.items():
            for sent in history:
                delivery_id += 1
                self._rows(rows, delivery_id, agency_key, sent)
        build_id = builds.open_build(self.settings, at("2023-06-01 08:00"), "test", "test")
        with engine(self.settings, "loader").begin() as connection:
            for table in (schema.delivery, schema.reading, schema.section, schema.delivery_decision):
                connection.execute(sa.insert(table), rows[table])
        with engine(self.settings, "builder").begin() as connection:
            held = [row | {"build_id": build_id} for row in rows[schema.hold]]
            connection.execute(sa.insert(schema.hold), held)

    @staticmethod
    def _rows(
        rows: dict[sa.Table, list[dict[str, Any]]], delivery_id: int, agency_key: int, sent: Sent
    ) -> None:
        key = {"delivery_id": delivery_id, "agency_key": agency_key, "period_id": PERIOD}
        rows[schema.delivery].append(
            {
                "delivery_id": delivery_id,
                "channel": "cli",
                "source_name": "a.xlsx",
                "source_path": f"{delivery_id}.xlsx",
                "sha256": sent.sha256,
                "size_bytes": 1,
                "archive_path": sent.sha256,
                "received_at": sent.received_at,
                "received_stated": True,
                "run_id": "test",
            }
        )
        read = {"report_kind": sent.report_kind, "report_date": sent.report_date, "verdict": sent.verdict}
        rows[schema.reading].append(key | read | {"run_id": "test"})
        for sheet_no, sheet_code in enumerate(sent.sheets, start=1):
            counts = dict.fromkeys(("rows_read", "rows_loaded", "rows_held", "rows_structure"), 0)
            named = {"sheet_no": sheet_no, "sheet_code": sheet_code, "sheet_name": f"{sheet_code} {sheet_no}"}
            rows[schema.section].append(key | named | counts | {"is_hidden": False, "column_map": {}})
        for decision, decided_at in sent.decisions:
            decided = {"delivery_id": delivery_id, "decision": decision, "decided_at": decided_at}
            rows[schema.delivery_decision].append(decided | {"reason": "thử", "decided_by": "test"})
        if sent.is_held_by_rule:
            placed_at = at("2023-06-01 08:00")
            hold = {"delivery_id": delivery_id, "rule_id": "test", "reason_vi": "thử", "placed_at": placed_at}
            rows[schema.hold].append(hold)

    def of_the_intake(self, agencies: list[int]) -> Sections:
        """What the intake takes for current."""
        found: Sections = {}
        with engine(self.settings, "loader").connect() as connection:
            numbers: dict[tuple[int, str], set[int]] = defaultdict(set)
            for row in connection.execute(sa.select(schema.section)):
                numbers[row.delivery_id, row.sheet_code].add(row.sheet_no)
            for (agency_key, _), versions in counting_versions(connection, set(agencies)).items():
                in_force = current(versions)
                for code in CODES[1:]:
                    version = in_force.section(code)
                    if version is not None:
                        sheets = numbers[version.delivery_id, code]
                        found[agency_key, code] = {(version.sha256, number) for number in sheets}
        return found

    def of_the_build(self) -> Sections:
        """What a build takes for current."""
        build_id = builds.open_build(self.settings, at(AS_OF), "test", "test")
        run_part(self.settings, "run", "+int_section_current", at(AS_OF).isoformat(), build_id)
        found: Sections = defaultdict(set)
        query = """
            select c.agency_key, c.sheet_code, d.sha256, c.sheet_no
            from staging.int_section_current as c
            join raw.delivery as d on d.delivery_id = c.delivery_id
            where c.sheet_code <> 'info'
        """
        with engine(self.settings, "builder").connect() as connection:
            for agency_key, code, sha256, sheet_no in connection.execute(sa.text(query)):
                found[agency_key, code].add((sha256, sheet_no))
        return dict(found)


@pytest.mark.slow
def test_intake_and_build_take_the_same_version_for_current(settings: Settings) -> None:
    chance = random.Random(20230315)  # noqa: S311
    histories = {100 + number: _history(chance) for number in range(HISTORIES)}
    # the same deliveries, recorded in another order
    for number in range(HISTORIES):
        other = [*histories[100 + number]]
        chance.shuffle(other)
        histories[1000 + number] = other
    ledger = Ledger(settings)
    ledger.record(histories)
    by_intake, by_build = ledger.of_the_intake([*histories]), ledger.of_the_build()
    assert by_intake == by_build
    assert len(by_build) > HISTORIES
    for agency_key in range(100, 100 + HISTORIES):
        for code in CODES:
            assert by_build.get((agency_key, code)) == by_build.get((agency_key + 900, code)), histories[
                agency_key
            ]


def _version(chance: random.Random, number: int) -> Version:
    sent = _sent(chance, number)
    return Version(
        delivery_id=number,
        report_kind=sent.report_kind,
        report_date=sent.report_date,
        received_at=sent.received_at,
        sha256=sent.sha256,
        content_sha256=None,
        sheets=frozenset(sent.sheets),
        is_accepted=chance.random() < 0.2,
    )


def test_the_order_of_arrival_changes_nothing_that_dates_and_receipts_settle() -> None:
    chance = random.Random(6)  # noqa: S311
    replaced = supplemented = 0
    for _ in range(2000):
        versions = [_version(chance, number) for number in range(chance.randint(1, 6))]
        numbers = [*range(len(versions))]
        chance.shuffle(numbers)
        again = [replace(v, delivery_id=n) for v, n in zip(versions, numbers, strict=True)]
        chance.shuffle(again)
        first, second = current(versions), current(again)
        assert [v.sha256 for v in first.versions] == [v.sha256 for v in second.versions]
        replaced += len(first.versions) < len(versions)
        supplemented += any(v.report_kind == SUPPLEMENT for v in first.versions) and first.base is not None
    assert replaced > 500
    assert supplemented > 200
