"""The facts over time: built step by step they equal a full refresh; a replay gives what was known then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from tests.dbt_project.world import FIELDS, HOME_OFFICE, WARD, Deliveries, at, load_reference, run_part
from warehouse import builds, transform
from warehouse.engine import Role, engine
from warehouse.settings import Settings

# dbt leaves its log file open for the garbage collector
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
FACTS = ("fct_task_obligation", "fct_reporting", "fct_dossier", "section_built")
Tables = dict[str, list[str]]


class Warehouse:
    """A warehouse of the small world, and builds of its core."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.deliveries = Deliveries(settings)

    def build(self, as_of: str, *, full_refresh: bool = False) -> int:
        """Build core as of a moment; returns the build."""
        build_id = builds.open_build(self.settings, at(as_of), "test", "test", full_refresh=full_refresh)
        assert build_id is not None, "nothing changed"
        transform.run_dbt(self.settings, build_id, "core")
        return build_id

    def tables(self) -> Tables:
        """Every row of the facts, as text, in order."""
        with engine(self.settings, "analyst").connect() as connection:
            return {
                table: list(
                    connection.scalars(sa.text(f"select f::text from core.{table} as f order by f::text"))
                )
                for table in FACTS
            }

    def value(self, query: str) -> Any:
        """One value, read as an analyst."""
        with engine(self.settings, "analyst").connect() as connection:
            return connection.scalar(sa.text(query))


@pytest.fixture
def warehouse(settings: Settings) -> Warehouse:
    """A warehouse with its reference data and first reports."""
    load_reference(settings)
    world = Warehouse(settings)
    world.deliveries.send(
        HOME_OFFICE, "2023-Q1", "2023-03-16 09:00", tasks={"1.1": "running", "1.2": "running", "1.3": "done"}
    )
    world.deliveries.send(
        WARD, "2023-Q1", "2023-03-15 09:00", tasks={"1.2": "not_started"}, dossiers={"ho-tich": 5}
    )
    return world


@pytest.mark.slow
def test_a_history_of_small_builds_equals_a_full_refresh(warehouse: Warehouse) -> None:
    send = warehouse.deliveries.send
    warehouse.build("2023-03-20 08:00")
    # a report is replaced and leaves a sheet out
    send(WARD, "2023-Q1", "2023-03-21 09:00", report_kind="replacement", dossiers={"chung-thuc": 7})
    first = warehouse.build("2023-03-25 08:00")
    # a supplement is held, a field enters the list, the next period opens
    amends: dict[str, Any] = {"report_kind": "supplement", "tasks": {"1.1": "done"}}
    warehouse.deliveries.hold(send(HOME_OFFICE, "2023-Q1", "2023-03-26 09:00", **amends), first)
    land = {**FIELDS[0], "field_code": "dat-dai", "field_name": "dat-dai"}
    load_reference(warehouse.settings, fields=[*FIELDS, land])
    send(HOME_OFFICE, "2023-H1", "2023-06-16 09:00", tasks={"1.2#1": "done", "1.3": "done"})
    send(WARD, "2023-H1", "2023-06-16 09:00", tasks={"1.2": "running"}, dossiers={"ho-tich": 9})
    warehouse.build("2023-06-20 08:00")
    # the earlier period is amended, of which the later one hears; open duties of others age a few days
    send(HOME_OFFICE, "2023-Q1", "2023-06-21 09:00", **amends)
    warehouse.build("2023-07-03 08:00")
    step_by_step = warehouse.tables()

    warehouse.build("2023-07-03 08:00", full_refresh=True)

    assert warehouse.tables() == step_by_step
    assert all(step_by_step[table] for table in FACTS)


@pytest.mark.slow
def test_replaying_an_earlier_moment_gives_what_was_known_then(warehouse: Warehouse) -> None:
    warehouse.build("2023-03-18 08:00")
    known_then = warehouse.tables()
    send = warehouse.deliveries.send
    send(WARD, "2023-Q1", "2023-03-19 09:00", report_kind="replacement", tasks={"1.2": "done"}, dossiers={})
    send(HOME_OFFICE, "2023-H1", "2023-06-16 09:00", tasks={"1.1": "done"})
    warehouse.build("2023-06-20 08:00")
    assert warehouse.tables() != known_then

    warehouse.build("2023-03-18 08:00")

    assert warehouse.tables() == known_then


@pytest.mark.slow
def test_a_held_report_falls_back_to_the_last_good_version_or_vanishes(warehouse: Warehouse) -> None:
    state = """
        select obligation_state from core.fct_task_obligation
        where agency_key = 12 and task_code like '%/1.1' and period_id = '2023-H1'
    """
    received = (
        "select sum(received_total) from core.fct_dossier where agency_key = 31 and period_id = '2023-Q1'"
    )
    supplement = warehouse.deliveries.send(
        HOME_OFFICE, "2023-Q1", "2023-03-17 09:00", report_kind="supplement", tasks={"1.1": "done"}
    )
    warehouse.deliveries.issue(WARD, "2023-H1", "2023-06-01 08:00")
    build_id = warehouse.build("2023-06-20 08:00")
    # a report of the first quarter also speaks for the first half
    assert warehouse.value(state) == "done_on_time"
    assert warehouse.value(received) == 5

    warehouse.deliveries.hold(supplement, build_id)
    warehouse.deliveries.hold(2, build_id)
    transform.run_dbt(warehouse.settings, build_id, "core")

    assert warehouse.value(state) == "running"
    assert warehouse.value(received) is None
    assert warehouse.value("select count(*) from core.section_built where agency_key = 31") == 0
    reporting = (
        "select reporting_state from core.fct_reporting where agency_key = 31 and period_id = '2023-Q1'"
    )
    assert warehouse.value(reporting) == "held"

    warehouse.deliveries.decide(2, "accept", "2023-06-20 09:00")
    warehouse.build("2023-06-20 10:00")

    assert warehouse.value(received) == 5


@pytest.mark.slow
def test_a_build_that_dies_half_way_leaves_nothing_stale(warehouse: Warehouse) -> None:
    received = "select sum(received_total) from core.fct_dossier where agency_key = 31"
    warehouse.build("2023-03-16 08:00")
    replacement = warehouse.deliveries.send(
        WARD, "2023-Q1", "2023-03-17 09:00", report_kind="replacement", dossiers={"ho-tich": 99}
    )
    as_of = "2023-03-18 08:00"
    build_id = builds.open_build(warehouse.settings, at(as_of), "test", "test")
    only_as_far_as = "tag:staging fct_dossier"
    run_part(warehouse.settings, "run", only_as_far_as, at(as_of).isoformat(), build_id)
    assert warehouse.value(received) == 99

    # what the facts were last known to be built from becomes current again
    warehouse.deliveries.decide(replacement, "reject", "2023-03-18 09:00")
    warehouse.build("2023-03-18 10:00")

    assert warehouse.value(received) == 5


def test_everything_is_described_and_proved_in_a_first_build(
    warehouse: Warehouse, engine_as: Callable[[Role], sa.Engine]
) -> None:
    build_id = builds.open_build(warehouse.settings, at("2023-03-18 08:00"), "test", "test")
    run_part(
        warehouse.settings,
        "build",
        "tag:staging tag:core tag:candidate",
        at("2023-03-18 08:00").isoformat(),
        build_id,
    )

    with engine_as("builder").connect() as connection:
        undescribed = connection.execute(
            sa.text("""
                select t.oid::regclass::text, c.attname
                from pg_class as t
                join pg_attribute as c on c.attrelid = t.oid and c.attnum > 0 and not c.attisdropped
                where t.relnamespace in ('core'::regnamespace, 'candidate'::regnamespace)
                  and t.relkind in ('r', 'v')
                  and coalesce(col_description(t.oid, c.attnum), '') not like '% — %'
            """)
        ).all()
        assert undescribed == []
        readable = set(
            connection.execute(
                sa.text("""
                    select table_name from information_schema.role_table_grants
                    where grantee = 'cchc_bi' and table_schema = 'core' and privilege_type = 'SELECT'
                """)
            ).scalars()
        )
    assert {"dim_agency", "dim_period", "dim_area", "dim_field", "dim_task", "dim_target"} <= readable
    assert not {table for table in readable if table.startswith("fct_")}
