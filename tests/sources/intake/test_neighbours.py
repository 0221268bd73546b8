"""What a report says beside those of neighbouring periods, through the real intake: who is told, and when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from sources.forms.definition import load_definition
from sources.forms.reference import Reference
from sources.intake.deliveries import decide, show_delivery
from sources.intake.ingest import DeliveryOutcome, ingest_landing
from sources.intake.neighbours import compared_periods, compared_sheets
from tests.sources.intake.conftest import _due, _period, small_datasets
from warehouse import schema
from warehouse.engine import engine
from warehouse.reference import load_version
from warehouse.settings import Settings

FIELD = ("dossier", "Hộ tịch")
Q1, H1, Q3, YEAR = "Quý I năm 2023", "6 tháng đầu năm 2023", "Quý III năm 2023", "Năm 2023"
DOSSIER = {
    "received_total": 100,
    "received_online": 60,
    "received_direct": 30,
    "carried_over": 10,
    "resolved_total": 90,
    "resolved_early": 70,
    "resolved_on_time": 15,
    "resolved_late": 5,
    "pending_total": 10,
    "pending_in_time": 9,
    "pending_overdue": 1,
}
Said = list[tuple[str, str, str]]


class Intake:
    """Reports of one agency for several periods."""

    def __init__(
        self, settings: Settings, drop: Callable[[str, bytes], Path], make: Callable[..., bytes]
    ) -> None:
        self.settings, self.drop, self.make, self.day = settings, drop, make, 0

    def made(self, period: str, kind: str = "Lần đầu", field: Any = FIELD, **counts: Any) -> bytes:
        """A report with one line of dossiers."""
        info = {"period": period, "report_kind": kind, "report_date": None}
        return self.make(info=info, edits={field: DOSSIER | counts})

    def send(self, *files: bytes) -> list[DeliveryOutcome]:
        """Files found by one run, each run a day after the last."""
        self.day += 1
        for number, data in enumerate(files):
            self.drop(f"{self.day}-{number}.xlsx", data)
        received = datetime(2023, 12, self.day, 2, tzinfo=UTC)
        return ingest_landing(self.settings, "run", received).deliveries

    def said(self, outcome: DeliveryOutcome) -> Said:
        """What is said of neighbouring periods: rule, cell, what is expected."""
        found = show_delivery(self.settings, outcome.delivery_id)["findings"]
        return [
            (f["rule_id"].removeprefix("intake.neighbour_"), f["cell"], f["expected"])
            for f in found
            if f["rule_id"].startswith("intake.neighbour_")
        ]


@pytest.fixture
def intake(small: Settings, drop: Callable[[str, bytes], Path], filled: Callable[..., bytes]) -> Intake:
    """An intake whose calendar has a third quarter, which begins the day after the first half ends."""
    calendar = small_datasets()["calendar"]
    quarter = _period("2023-Q3", Q3, date(2023, 6, 15), date(2023, 9, 14), 4)
    due = _due(10, "2023-Q1") | {"period_id": "2023-Q3"}
    more: dict[Any, list[dict[str, Any]]] = {
        schema.ref_period: [*calendar[schema.ref_period], quarter],
        schema.ref_round: [*calendar[schema.ref_round], {"unit_agency_key": 10, "period_id": "2023-Q3"}],
        schema.ref_period_due: [*calendar[schema.ref_period_due], due],
    }
    with engine(small, "loader").begin() as connection:
        load_version(connection, "calendar", more, "test")
    return Intake(small, drop, filled)


def test_what_is_compared_follows_from_windows_and_the_form(reference: Reference) -> None:
    assert compared_sheets(load_definition()) == {"dossier", "satisfaction", "feedback"}
    assert compared_periods(reference, "2023-Q1") == {"2023-H1", "2023-9M", "2023-Y"}
    # derived periods are nobody's report, and a period without a window has no neighbours
    assert compared_periods(reference, "2023-Q2") == frozenset()
    assert compared_periods(reference, "2023-N11") == frozenset()


def test_a_report_that_follows_on_is_told_nothing(intake: Intake) -> None:
    (half,) = intake.send(intake.made(H1))
    (third,) = intake.send(intake.made(Q3))
    (year,) = intake.send(intake.made(YEAR, received_online=61, received_total=101, pending_total=11))
    assert [intake.said(outcome) for outcome in (half, third, year)] == [[], [], []]


def test_column_6_is_column_11_of_the_period_before(intake: Intake) -> None:
    (half,) = intake.send(intake.made(H1, pending_total=12, pending_in_time=11))
    (third,) = intake.send(intake.made(Q3))
    (said,) = intake.said(third)
    assert said == ("carried_over", "F8", f"12 (cột 11 của {H1}, lượt nộp {half.delivery_id})")
    assert third.verdict == "accepted_with_findings"


def test_where_column_11_is_blank_its_parts_say_it(intake: Intake) -> None:
    intake.send(intake.made(H1, pending_total=None, pending_in_time=11))
    (third,) = intake.send(intake.made(Q3))
    assert [rule for rule, *_ in intake.said(third)] == ["carried_over"]


def test_a_period_that_comes_after_the_one_it_precedes_is_told_too(intake: Intake) -> None:
    (third,) = intake.send(intake.made(Q3))
    (half,) = intake.send(intake.made(H1, pending_total=12, pending_in_time=11))
    assert intake.said(half) == [("closing", "K8", f"10 (cột 6 của {Q3}, lượt nộp {third.delivery_id})")]


def test_periods_that_begin_together_open_alike(intake: Intake) -> None:
    (first,) = intake.send(intake.made(Q1))
    (half,) = intake.send(intake.made(H1, carried_over=11, received_online=60))
    assert intake.said(half) == [("opening", "F8", f"10 (cột 6 của {Q1}, lượt nộp {first.delivery_id})")]


def test_the_shorter_of_three_is_told_of_all_that_differ(intake: Intake) -> None:
    (half,) = intake.send(intake.made(H1))
    (year,) = intake.send(intake.made(YEAR))
    (first,) = intake.send(intake.made(Q1, carried_over=9))
    numbers = half.delivery_id, year.delivery_id
    expected = "; ".join(
        f"10 (cột 6 của {p}, lượt nộp {n})" for p, n in zip((H1, YEAR), numbers, strict=True)
    )
    assert ("opening", "F8", expected) in intake.said(first)


def test_a_cumulative_count_does_not_fall(intake: Intake) -> None:
    (first,) = intake.send(intake.made(Q1))
    (half,) = intake.send(intake.made(H1, resolved_early=69))
    assert intake.said(half) == [("falls", "H8", f"từ 70 trở lên ({Q1}, lượt nộp {first.delivery_id})")]


def test_a_shorter_period_does_not_exceed_a_longer_one_that_is_there(intake: Intake) -> None:
    (half,) = intake.send(intake.made(H1))
    (first,) = intake.send(intake.made(Q1, resolved_early=71))
    assert intake.said(first) == [("exceeds", "H8", f"không quá 70 ({H1}, lượt nộp {half.delivery_id})")]


def test_a_total_speaks_only_where_its_parts_are_silent(intake: Intake) -> None:
    silent = {"resolved_early": None, "resolved_on_time": None, "resolved_late": None}
    intake.send(intake.made(Q1, **silent))
    (half,) = intake.send(intake.made(H1, **silent, resolved_total=89))
    assert [(rule, cell) for rule, cell, _ in intake.said(half)] == [("falls", "G8")]
    (year,) = intake.send(intake.made(YEAR, resolved_total=1))
    assert intake.said(year) == []


def test_two_periods_of_one_run_are_seen_in_order(intake: Intake) -> None:
    first, half = intake.send(intake.made(Q1), intake.made(H1, resolved_early=69))
    assert intake.said(first) == []
    assert [rule for rule, *_ in intake.said(half)] == ["falls"]


def test_what_was_replaced_is_no_measure_any_more(intake: Intake) -> None:
    intake.send(intake.made(Q1))
    intake.send(intake.made(Q1, "Thay thế", resolved_early=60))
    (half,) = intake.send(intake.made(H1, resolved_early=69))
    assert intake.said(half) == []


def test_what_goes_to_history_is_held_against_nothing(intake: Intake) -> None:
    intake.send(intake.made(Q1))
    intake.send(intake.made(H1))
    old = {"period": H1, "report_kind": "Thay thế", "report_date": date(2023, 6, 1)}
    (late,) = intake.send(intake.make(info=old, edits={FIELD: DOSSIER | {"resolved_early": 1}}))
    assert intake.said(late) == []
    assert late.verdict == "accepted_with_findings"  # its own total does not add up


def test_a_held_report_is_no_measure_until_a_person_accepts_it(intake: Intake) -> None:
    intake.send(intake.made(Q1, resolved_early=60))
    (held,) = intake.send(intake.made(Q1, resolved_early=70))
    assert held.verdict == "held"
    (half,) = intake.send(intake.made(H1, resolved_early=65))
    assert intake.said(half) == []
    decide(
        intake.settings,
        held.delivery_id,
        "accept",
        "bản đúng",
        "người xem",
        datetime(2023, 12, 20, tzinfo=UTC),
    )
    (again,) = intake.send(intake.made(H1, "Thay thế", resolved_early=66))
    assert [rule for rule, *_ in intake.said(again)] == ["falls"]


def test_another_agency_and_another_field_are_no_neighbours(intake: Intake) -> None:
    intake.send(intake.made(Q1))
    info = {"period": H1, "report_date": None}
    (other,) = intake.send(intake.make("XX-P-B", info=info, edits={FIELD: DOSSIER | {"resolved_early": 1}}))
    (field,) = intake.send(intake.made(H1, field=("dossier", "Chứng thực"), resolved_early=1))
    assert (intake.said(other), intake.said(field)) == ([], [])


@pytest.mark.parametrize(
    ("sheet", "row", "column", "cell"),
    [("satisfaction", "Hộ tịch", "satisfied", "G"), ("feedback", "1022", "received", "E")],
)
def test_surveys_and_feedback_do_not_fall_either(
    intake: Intake, sheet: str, row: str, column: str, cell: str
) -> None:
    counts = {"satisfied": 5, "returned": 5} if sheet == "satisfaction" else {"received": 5}
    intake.send(intake.make(info={"period": Q1, "report_date": None}, edits={(sheet, row): counts}))
    fewer = counts | {column: 4}
    (half,) = intake.send(intake.make(info={"period": H1, "report_date": None}, edits={(sheet, row): fewer}))
    (said,) = intake.said(half)
    assert said[0] == "falls"
    assert said[1].startswith(cell)
