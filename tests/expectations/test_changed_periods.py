"""Which periods a promotion changes: the keys of the events that ask for a new review."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from expectations.promotion import changed_periods
from warehouse.engine import Role
from warehouse.settings import Settings

Engines = Callable[[Role], sa.Engine]
TODAY = datetime(2023, 3, 20, tzinfo=UTC)


def test_only_periods_whose_figures_differ_are_promoted_to_a_review(
    settings: Settings, engine_as: Engines
) -> None:
    rows = [("2023-Q1", 1), ("2023-H1", 2), ("2023-Q3", 3)]
    _marts(engine_as, candidate=[*rows, ("2023-Y", 9)], live=[*rows[:2], ("2023-Q3", 4)])
    assert changed_periods(settings) == ["2023-Q3", "2023-Y"]


def test_a_row_that_vanishes_changes_its_period(settings: Settings, engine_as: Engines) -> None:
    _marts(engine_as, candidate=[("2023-Q1", 1)], live=[("2023-Q1", 1), ("2023-Q1", 1), ("2023-H1", 2)])
    assert changed_periods(settings) == ["2023-H1", "2023-Q1"]


def test_a_first_promotion_changes_every_period(settings: Settings, engine_as: Engines) -> None:
    _marts(engine_as, candidate=[("2023-Q1", 1)], live=None)
    assert changed_periods(settings) == ["2023-Q1"]


def test_a_new_column_changes_every_period(settings: Settings, engine_as: Engines) -> None:
    _marts(engine_as, candidate=[("2023-Q1", 1)], live=[("2023-Q1", 1)])
    assert changed_periods(settings) == []
    with engine_as("builder").begin() as connection:
        connection.exec_driver_sql("alter table candidate.review_city add column window_end date")
    assert changed_periods(settings) == ["2023-Q1"]


def _marts(engine_as: Engines, candidate: list[tuple[str, int]], live: list[tuple[str, int]] | None) -> None:
    """One mart in both schemas; `as_of` differs everywhere, as it does between any two builds."""
    with engine_as("builder").begin() as connection:
        for schema, rows, as_of in (("candidate", candidate, TODAY), ("marts", live, TODAY - timedelta(1))):
            if rows is None:
                continue
            connection.exec_driver_sql(
                f"create table {schema}.review_city (period_id text, tasks_total int, as_of timestamptz)"
            )
            for period_id, count in rows:
                connection.execute(
                    sa.text(f"insert into {schema}.review_city values (:period, :count, :as_of)"),
                    {"period": period_id, "count": count, "as_of": as_of},
                )
