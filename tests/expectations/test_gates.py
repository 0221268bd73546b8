"""A gate of a build: judged by Great Expectations, recorded row by row, holding and stopping as rules say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from expectations import gates
from expectations.catalogue import Catalogue, Rule, load, load_rules
from expectations.runner import AuditError
from tests.expectations.factories import AS_OF, World, dossier
from tests.expectations.test_rules_raw import THREE_FIELDS
from warehouse.clock import TIME_ZONE
from warehouse.engine import Role
from warehouse.errors import CchcError, GateFailed, ServerError, UsageError
from warehouse.settings import Settings

Engines = Callable[[Role], sa.Engine]


@pytest.fixture
def world(standing: Callable[[], World], settings: Settings) -> World:
    """A world that other connections see, with the rules loaded and one build open."""
    load_rules(settings, "test")
    return standing()


def _rows(engine_as: Engines, sql: str) -> list[dict[str, object]]:
    with engine_as("builder").connect() as connection:
        return [dict(row) for row in connection.execute(sa.text(sql)).mappings()]


def _only(monkeypatch: pytest.MonkeyPatch, *rules: Rule) -> None:
    """Let the gates know these rules alone; what raw holds is not compared."""
    monkeypatch.setattr(gates, "load", lambda: Catalogue(rules, (), ()))
    monkeypatch.setattr(gates, "require_loaded", lambda *_: None)


def _rule(sql: str, **changed: object) -> Rule:
    values: dict[str, object] = {
        "id": "made_up",
        "gate": "raw",
        "scope": "row",
        "severity": "error",
        "area": None,
        "waivable": True,
        "label_vi": "Thử",
        "message_vi": "Thử",
        "message_en": "Try",
    }
    return Rule.model_validate(values | changed).model_copy(update={"sql": sql})


def _select(given: str, count: int = 1) -> str:
    return (
        "select 31 as agency_key, '2023-Q1' as period_id, null::bigint as delivery_id,"
        " null::text as sheet_name,"
        f" 'C' || n as cell, {given} as given, 'x' as expected from generate_series(1, {count}) as n"
    )


def test_a_clean_gate_records_a_result_for_every_rule(
    settings: Settings, world: World, engine_as: Engines
) -> None:
    world.sheet("dossier", [dossier()])
    outcome = gates.audit(settings, 1, "raw")
    assert (outcome.findings, outcome.holds_placed) == ({"fatal": 0, "error": 0, "warning": 0, "note": 0}, [])
    recorded = _rows(engine_as, "select rule_id, success from audit.expectation_result")
    assert {row["rule_id"]: row["success"] for row in recorded} == {r.id: True for r in load().at("raw")}


def test_every_rule_of_every_gate_runs(settings: Settings, world: World) -> None:
    for gate in ("raw", "core", "candidate"):
        assert {outcome.rule.id for outcome in gates.audit(settings, 1, gate).rules} == {
            rule.id for rule in load().at(gate)
        }


def test_every_offending_row_is_recorded_not_only_those_that_the_library_keeps(
    settings: Settings, world: World, engine_as: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    _only(monkeypatch, _rule(_select("n::text", 1234)))
    assert gates.audit(settings, 1, "raw").findings["error"] == 1234
    assert _rows(engine_as, "select count(*) as n from audit.expectation_finding") == [{"n": 1234}]


def test_a_second_run_of_a_gate_adds_no_finding_twice(
    settings: Settings, world: World, engine_as: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    twice = _select("'same'") + " union all " + _select("'same'")
    _only(monkeypatch, _rule(twice))
    gates.audit(settings, 1, "raw")
    gates.audit(settings, 1, "raw")
    assert _rows(engine_as, "select count(*) as n from audit.expectation_finding") == [{"n": 2}]


@pytest.mark.parametrize(
    "given",
    [
        "'{2} {batch} }{ :x ::y %s % a:b'",
        "'[0-9]{4}'",
        "('{a,b}'::text[])[1:1]::text",
        "'a' -- {comment} :x\n",
    ],
)
def test_braces_colons_and_percent_signs_in_a_rule_mean_nothing_to_the_library(
    settings: Settings, world: World, monkeypatch: pytest.MonkeyPatch, engine_as: Engines, given: str
) -> None:
    _only(monkeypatch, _rule(_select(given)))
    gates.audit(settings, 1, "raw")
    with engine_as("builder").connect() as connection:
        expected = connection.connection.driver_connection.execute(f"select {given}").fetchone()[0]  # type: ignore[union-attr]
    assert [row["given"] for row in _rows(engine_as, "select given from audit.expectation_finding")] == [
        expected
    ]


@pytest.mark.parametrize("sql", ["select 1 / 0 as agency_key", "select * from raw.no_such_table"])
def test_a_rule_that_does_not_run_is_a_build_error_and_no_finding(
    settings: Settings, world: World, engine_as: Engines, monkeypatch: pytest.MonkeyPatch, sql: str
) -> None:
    _only(monkeypatch, _rule(sql))
    with pytest.raises(AuditError, match=r"could not be judged[\s\S]*made_up: \(psycopg"):
        gates.audit(settings, 1, "raw")
    assert _rows(engine_as, "select * from audit.expectation_result") == []


def test_a_rule_whose_columns_are_not_the_standard_ones_is_a_build_error(
    settings: Settings, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _only(monkeypatch, _rule("select 31 as agency_key"))
    with pytest.raises(AuditError, match="period_id"):
        gates.audit(settings, 1, "raw")


def test_a_built_in_expectation_judges_and_the_sql_lists_the_rows(
    settings: Settings, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    unique = {
        "table": "core.fct_reporting",
        "expectation": "ExpectCompoundColumnsToBeUnique",
        "arguments": {"column_list": ["agency_key", "period_id"]},
    }
    _only(monkeypatch, _rule(_select("'x'") + " where false", built_in=[unique]))
    assert gates.audit(settings, 1, "raw").findings["error"] == 0
    for _ in range(2):
        world.insert("core.fct_reporting", agency_key=31, period_id="2023-Q1", reporting_state="late")
    with pytest.raises(AuditError, match="must say the same"):
        gates.audit(settings, 1, "raw")


def test_the_library_and_the_recorder_see_one_snapshot(
    settings: Settings, world: World, engine_as: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = gates.judge

    def judge_while_data_arrive(*arguments: object) -> dict[str, bool]:
        world.sheet("dossier", [dossier()], rows_read=99)
        return judge(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(gates, "judge", judge_while_data_arrive)
    assert gates.audit(settings, 1, "raw").findings["fatal"] == 0
    monkeypatch.setattr(gates, "judge", judge)
    with pytest.raises(GateFailed, match="raw_rows_conserved"):
        gates.audit(settings, 1, "raw")


def test_a_broken_fatal_rule_of_scope_build_stops_the_build_and_names_the_place(
    settings: Settings, world: World, engine_as: Engines
) -> None:
    delivery_id = world.sheet("dossier", [dossier()], rows_read=9)
    with pytest.raises(GateFailed) as stopped:
        gates.audit(settings, 1, "raw")
    message = str(stopped.value)
    assert "raw_rows_conserved" in message
    assert f"delivery_id {delivery_id}" in message
    assert "Hồ sơ TTHC" in message
    assert _rows(
        engine_as, "select success, unexpected_count from audit.expectation_result where not success"
    ) == [{"success": False, "unexpected_count": 1}]


def test_a_fatal_finding_of_scope_delivery_holds_it_once(
    settings: Settings, world: World, engine_as: Engines
) -> None:
    world.sheet("dossier", THREE_FIELDS, agency_key=31)
    copy = world.sheet("dossier", THREE_FIELDS, agency_key=32)
    assert gates.audit(settings, 1, "raw").holds_placed == [copy]
    assert gates.audit(settings, 1, "raw").holds_placed == [copy]
    held = _rows(engine_as, "select delivery_id, rule_id, placed_at, reason_vi from audit.hold")
    assert [(row["delivery_id"], row["rule_id"], row["placed_at"]) for row in held] == [
        (copy, "dossier_identical_to_other_agency", AS_OF)
    ]
    assert "trùng" in str(held[0]["reason_vi"])
    later = world.build(AS_OF + timedelta(days=1))
    assert gates.audit(settings, later, "raw").holds_placed == []


def test_a_run_cut_short_after_a_hold_builds_core_again_the_next_time(
    settings: Settings, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = world.sheet("dossier", THREE_FIELDS)
    sql = f"select 31 as agency_key, '2023-Q1' as period_id, {copy} as delivery_id, null as sheet_name,"
    sql += " null as cell, 'x' as given, null as expected"
    _only(monkeypatch, _rule(sql, gate="core", scope="delivery", severity="fatal"))
    built: list[str] = []

    def lost(*_: object) -> None:
        raise ServerError("the server closed the connection")

    monkeypatch.setattr(gates, "run_dbt", lost)
    with pytest.raises(ServerError):
        gates.pass_gate(settings, 1, "core")
    monkeypatch.setattr(gates, "run_dbt", lambda _settings, _build_id, layer: built.append(layer))
    assert gates.pass_gate(settings, 1, "core").holds_placed == [copy]
    assert built == ["core"]


@pytest.mark.parametrize("decision", ["accept", "reject"])
def test_a_persons_decision_stands(
    settings: Settings, world: World, engine_as: Engines, decision: str
) -> None:
    world.sheet("dossier", THREE_FIELDS, agency_key=31)
    copy = world.sheet("dossier", THREE_FIELDS, agency_key=32)
    world.insert(
        "raw.delivery_decision",
        delivery_id=copy,
        decision=decision,
        reason="đã kiểm tra",
        decided_by="test",
        decided_at=datetime(2023, 4, 1, tzinfo=TIME_ZONE),
    )
    assert gates.audit(settings, 1, "raw").holds_placed == []


def _waive(world: World, **changed: object) -> None:
    version = world.connection.execute(
        sa.text(
            "insert into raw.ref_version (dataset, content_sha256, run_id)"
            " values ('waivers', 'w', 'test') returning version_id"
        )
    ).scalar_one()
    values: dict[str, object] = {
        "rule_id": "dossier_identical_to_other_agency",
        "agency_code": "*",
        "period_id": "2023-Q1",
        "valid_from": "2023-01-01",
        "valid_to": "2023-12-31",
        "reason": "đã kiểm tra",
        "granted_by": "test",
    }
    world.insert("raw.ref_waiver", version_id=version, **(values | changed))


def test_a_waived_finding_is_recorded_as_waived_and_holds_nothing(
    settings: Settings, world: World, engine_as: Engines
) -> None:
    world.sheet("dossier", THREE_FIELDS, agency_key=31)
    world.sheet("dossier", THREE_FIELDS, agency_key=32)
    _waive(world)
    outcome = gates.audit(settings, 1, "raw")
    assert (outcome.holds_placed, outcome.findings["fatal"]) == ([], 0)
    assert _rows(engine_as, "select is_waived from audit.expectation_finding") == [{"is_waived": True}]
    assert _rows(
        engine_as, "select success, waived_count from audit.expectation_result where unexpected_count > 0"
    ) == [{"success": True, "waived_count": 1}]


@pytest.mark.parametrize(
    "changed",
    [
        {"valid_to": "2023-12-30"},
        {"valid_from": "2024-01-01", "valid_to": "2024-12-31"},
        {"period_id": "2023-H1"},
        {"agency_code": "BT-P-AL"},
        {"rule_id": "raw_rows_conserved"},
    ],
)
def test_a_waiver_covers_its_dates_period_agency_and_rule_only(
    settings: Settings, world: World, changed: dict[str, object]
) -> None:
    world.sheet("dossier", THREE_FIELDS, agency_key=31)
    copy = world.sheet("dossier", THREE_FIELDS, agency_key=32)
    _waive(world, **changed)
    assert gates.audit(settings, 1, "raw").holds_placed == [copy]


def test_rules_that_are_not_the_loaded_ones_are_refused(
    settings: Settings, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = [
        rule.model_copy(update={"sql": rule.sql + "\n-- changed"}) if rule.id == "field_unknown" else rule
        for rule in load().rules
    ]
    monkeypatch.setattr(gates, "load", lambda: Catalogue(tuple(changed), (), ()))
    with pytest.raises(CchcError, match="field_unknown"):
        gates.audit(settings, 1, "raw")


def test_a_gate_that_does_not_exist_is_wrong_use(settings: Settings) -> None:
    with pytest.raises(UsageError, match="raw, core, candidate"):
        gates.audit(settings, 1, "marts")  # type: ignore[arg-type]
