"""Promotion: by difference, in one transaction, with readers and views undisturbed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from threading import Event, Thread

import pytest
import sqlalchemy as sa

from expectations import promotion
from expectations.catalogue import load
from expectations.promotion import promote
from warehouse.engine import Role, dispose_engines, engine
from warehouse.errors import CchcError, GateFailed
from warehouse.settings import PROJECT_ROOT, Settings

_IDENTITY = "select oid, relacl::text from pg_class where oid = 'marts.review_city'::regclass"
BUILD_COLUMNS = "(as_of, full_refresh, fingerprint, models_sha256, rules_sha256, reason, run_id)"


def _run(settings: Settings, *statements: str, role: Role = "builder") -> None:
    with engine(settings, role).begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement.replace(":n", "\\:n")))


def _all(settings: Settings, sql: str, role: Role = "bi") -> list[tuple[object, ...]]:
    with engine(settings, role).connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(sql.replace("::", "\\:\\:")))]


def audited_build(settings: Settings) -> int:
    """Open a build whose gates all have passed; returns its id."""
    with engine(settings, "builder").begin() as connection:
        build_id = int(
            connection.exec_driver_sql(
                f"insert into audit.build {BUILD_COLUMNS}"
                " values ('2023-03-25', false, 'f', 'm', 'r', 'test', 'test') returning build_id"
            ).scalar_one()
        )
        for rule in load().rules:
            connection.execute(
                sa.text(
                    "insert into audit.expectation_result"
                    " (build_id, gate, rule_id, scope, severity, success, unexpected_count, waived_count)"
                    " values (:build_id, :gate, :rule_id, :scope, :severity, true, 0, 0)"
                ),
                {
                    "build_id": build_id,
                    "gate": rule.gate,
                    "rule_id": rule.id,
                    "scope": rule.scope,
                    "severity": rule.severity,
                },
            )
    return build_id


@pytest.fixture
def marts(settings: Settings) -> Settings:
    """A warehouse with two candidate marts, of 100 rows and of 3."""
    _run(
        settings,
        "create table candidate.review_city (unit_code text, period_id text, tasks_total bigint)",
        "comment on table candidate.review_city is 'Đơn vị. / Unit.'",
        "comment on column candidate.review_city.tasks_total is 'Số nhiệm vụ, 0–100 %s; :n ''a''. / Tasks.'",
        "insert into candidate.review_city select 'BT', 'p' || n, 10 from generate_series(1, 100) as n",
        "create table candidate.review_task (unit_code text, task_code text, rate numeric)",
        "insert into candidate.review_task values ('BT', '1', null), ('BT', '2', 1.0), ('BT', '2', 1.0)",
    )
    return settings


def test_the_first_promotion_creates_the_live_tables_with_comments_and_grants(marts: Settings) -> None:
    build_id = audited_build(marts)
    assert promote(marts, build_id) == {"review_city": (0, 100), "review_task": (0, 3)}
    assert _all(marts, "select sum(tasks_total) from marts.review_city", "bi") == [(1000,)]
    assert _all(marts, "select count(*) from marts.review_task", "analyst") == [(3,)]
    assert _all(
        marts,
        "select obj_description(c.oid), col_description(c.oid, 3) from pg_class as c"
        " where c.oid = 'marts.review_city'::regclass",
    ) == [("Đơn vị. / Unit.", "Số nhiệm vụ, 0–100 %s; :n 'a'. / Tasks.")]
    assert _all(marts, "select build_id, as_of::date::text from marts.serving") == [(build_id, "2023-03-25")]


def test_only_the_difference_is_written_and_every_table_ends_equal(marts: Settings) -> None:
    promote(marts, audited_build(marts))
    _run(
        marts,
        "update candidate.review_city set tasks_total = 11 where period_id in ('p1', 'p2')",
        "delete from candidate.review_task as t"
        " where t.ctid = (select min(o.ctid) from candidate.review_task as o where o.rate = 1)",
        "insert into candidate.review_task values ('BT', '1', null)",
    )
    build_id = audited_build(marts)
    assert promote(marts, build_id) == {"review_city": (2, 2), "review_task": (1, 1)}
    for name in ("review_city", "review_task"):
        differing = f"(table candidate.{name} except all table marts.{name})"
        differing += f" union all (table marts.{name} except all table candidate.{name})"
        assert _all(marts, differing, "builder") == []
    assert promote(marts, build_id) == {"review_city": (0, 0), "review_task": (0, 0)}


def test_live_tables_keep_identity_grants_and_views(marts: Settings) -> None:
    promote(marts, audited_build(marts))
    before = _all(
        marts,
        _IDENTITY,
    )
    _run(
        marts,
        "create view marts.of_a_bi_tool as select sum(tasks_total) as total from marts.review_city",
        "grant select on marts.of_a_bi_tool to cchc_bi",
        "drop table candidate.review_city",
        "create table candidate.review_city"
        " (tasks_total bigint, unit_code text, period_id text, area_code text)",
        "comment on column candidate.review_city.area_code is 'Chuyên đề. / Area.'",
        "insert into candidate.review_city select 7, 'BT', 'p' || n, 'x' from generate_series(1, 100) as n",
    )
    assert promote(marts, audited_build(marts))["review_city"] == (100, 100)
    assert (
        _all(
            marts,
            _IDENTITY,
        )
        == before
    )
    assert _all(marts, "select total from marts.of_a_bi_tool") == [(700,)]
    assert _all(marts, "select distinct area_code from marts.review_city") == [("x",)]
    assert _all(marts, "select col_description('marts.review_city'::regclass, 4)") == [
        ("Chuyên đề. / Area.",)
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("alter table candidate.review_city alter column tasks_total type numeric", "has the type bigint"),
        ("alter table candidate.review_city drop column tasks_total", "has no candidate any more"),
        ("drop table candidate.review_task", "marts.review_task has no candidate any more"),
    ],
)
def test_changes_that_readers_would_not_survive_are_refused(
    marts: Settings, change: str, message: str
) -> None:
    served = audited_build(marts)
    promote(marts, served)
    _run(marts, "create view marts.on_city as select tasks_total from marts.review_city", change)
    _run(marts, "update candidate.review_city set period_id = 'new'")
    with pytest.raises(CchcError, match=message) as refused:
        promote(marts, audited_build(marts))
    if "review_city" in change:
        assert "drop view marts.on_city" in str(refused.value)
    assert _all(marts, "select count(*) from marts.review_city where period_id = 'new'") == [(0,)]
    assert _all(marts, "select build_id from marts.serving") == [(served,)]


def test_a_build_whose_gate_failed_or_did_not_run_is_refused(marts: Settings) -> None:
    served = audited_build(marts)
    promote(marts, served)
    broken = audited_build(marts)
    _run(
        marts,
        "insert into audit.expectation_result"
        " (build_id, gate, rule_id, scope, severity, success, unexpected_count, waived_count)"
        f" values ({broken}, 'core', 'core_fact_keys_unique', 'build', 'fatal', false, 2, 0)",
    )
    with pytest.raises(GateFailed, match="core_fact_keys_unique"):
        promote(marts, broken)
    _run(
        marts,
        f"insert into audit.build {BUILD_COLUMNS}"
        " values ('2023-03-26', false, 'f', 'm', 'r', 'test', 'test')",
    )
    with pytest.raises(GateFailed, match="did not run raw_rows_conserved"):
        promote(marts, broken + 1)
    assert _all(marts, "select build_id from marts.serving") == [(served,)]


def test_an_older_build_is_refused(marts: Settings) -> None:
    older, newer = audited_build(marts), audited_build(marts)
    with pytest.raises(CchcError, match=f"build {newer} was opened since"):
        promote(marts, older)
    promote(marts, newer)
    assert _all(marts, "select build_id from marts.serving") == [(newer,)]


def test_a_failure_in_the_middle_leaves_the_old_state(
    marts: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = audited_build(marts)
    promote(marts, served)
    _run(marts, "update candidate.review_city set tasks_total = 99", "delete from candidate.review_task")
    write = promotion._write_difference

    def fail_at_the_second(connection: sa.Connection, mart: promotion.Mart) -> tuple[int, int]:
        if mart.name == "review_task":
            raise ConnectionError("gone")
        return write(connection, mart)

    monkeypatch.setattr(promotion, "_write_difference", fail_at_the_second)
    build_id = audited_build(marts)
    with pytest.raises(ConnectionError):
        promote(marts, build_id)
    assert _all(marts, "select sum(tasks_total) from marts.review_city") == [(1000,)]
    assert _all(marts, "select build_id from marts.serving") == [(served,)]
    monkeypatch.undo()
    assert promote(marts, build_id) == {"review_city": (100, 100), "review_task": (3, 0)}


def _wait(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until a condition holds, without a pause of fixed length."""
    pulse, deadline = Event(), time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        pulse.wait(0.02)


@pytest.fixture
def promoter(marts: Settings) -> Iterator[Callable[[int], subprocess.Popen[bytes]]]:
    """Starts a process that promotes a build; it is ended with the test."""
    started: list[subprocess.Popen[bytes]] = []
    code = "import sys; from expectations.promotion import promote; from warehouse.settings import Settings;"
    code += " promote(Settings(home=sys.argv[1], database=sys.argv[2]), int(sys.argv[3]))"

    def start(build_id: int) -> subprocess.Popen[bytes]:
        arguments = [sys.executable, "-c", code, str(marts.home), marts.database, str(build_id)]
        started.append(subprocess.Popen(arguments, cwd=PROJECT_ROOT))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_a_promotion_killed_in_the_middle_leaves_the_old_state(
    marts: Settings, promoter: Callable[[int], subprocess.Popen[bytes]]
) -> None:
    served = audited_build(marts)
    promote(marts, served)
    _run(marts, "update candidate.review_city set tasks_total = 99", "delete from candidate.review_task")
    build_id = audited_build(marts)
    waiting = (
        "select count(*) from pg_stat_activity"
        " where datname = current_database() and wait_event_type = 'Lock'"
        " and query like '%delete from marts.\"review_task\"%'"
    )
    with engine(marts, "builder").begin() as blocker:
        blocker.exec_driver_sql("lock table marts.review_task in exclusive mode")
        process = promoter(build_id)
        _wait(lambda: _all(marts, waiting, "builder") == [(1,)])
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    sessions = (
        "select count(*) from pg_stat_activity where datname = current_database()"
        " and query like '%delete from%' and state = 'active' and pid <> pg_backend_pid()"
    )
    _wait(lambda: _all(marts, sessions, "builder") == [(0,)])
    assert _all(marts, "select sum(tasks_total) from marts.review_city") == [(1000,)]
    assert _all(marts, "select build_id from marts.serving") == [(served,)]
    assert promote(marts, build_id) == {"review_city": (100, 100), "review_task": (3, 0)}


def test_a_repeatable_read_reader_always_sees_a_whole_state_and_nobody_waits(marts: Settings) -> None:
    """Each build sets every row to its own number: any sum but 100 times one number is a torn state."""
    _run(marts, f"alter database {marts.database} set lock_timeout = '10s'", role="owner")
    dispose_engines()
    promote(marts, audited_build(marts))
    rounds, stop, faults = 20, Event(), []
    states: set[int] = set()
    reads = [0]

    def read() -> None:
        reader = engine(marts, "bi").execution_options(isolation_level="REPEATABLE READ")
        with reader.connect() as connection:
            while not stop.is_set():
                with connection.begin():
                    connection.exec_driver_sql("set local lock_timeout = '1ms'")
                    first = connection.exec_driver_sql(
                        "select count(*), sum(tasks_total), min(tasks_total), max(tasks_total)"
                        " from marts.review_city"
                    ).one()
                    served = connection.exec_driver_sql("select build_id from marts.serving").all()
                    again = connection.exec_driver_sql(
                        "select sum(tasks_total) from marts.review_city"
                    ).scalar_one()
                if first[0] != 100 or first[2] != first[3] or again != first[1] or len(served) != 1:
                    faults.append(f"{first}, then {again}, serving {served}")
                states.add(int(first[2]))
                reads[0] += 1

    def guarded() -> None:
        try:
            read()
        except sa.exc.SQLAlchemyError as error:
            faults.append(str(error))

    readers = [Thread(target=guarded) for _ in range(2)]
    for reader in readers:
        reader.start()
    # A reader that was there before all promotions, and holds its snapshot until they are over.
    old = engine(marts, "analyst").execution_options(isolation_level="REPEATABLE READ").connect()
    before = old.exec_driver_sql("select sum(tasks_total) from marts.review_city").scalar_one()
    try:
        for number in range(1, rounds + 1):
            _run(marts, f"update candidate.review_city set tasks_total = {1000 + number}")
            assert promote(marts, audited_build(marts))["review_city"] == (100, 100)
            seen = reads[0]
            _wait(lambda seen=seen: reads[0] > seen or bool(faults))  # type: ignore[misc]
        assert old.exec_driver_sql("select sum(tasks_total) from marts.review_city").scalar_one() == before
    finally:
        old.close()
        stop.set()
        for reader in readers:
            reader.join()
    assert faults == []
    assert len(states) > rounds // 2
