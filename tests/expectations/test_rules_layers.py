"""Rules about our own work: raw against core, core against the candidate marts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.expectations.factories import AS_OF, PERIODS, World, dossier


def _city(world: World, period_id: str = "2023-Q1", **changed: Any) -> None:
    states = ("on_time", "late", "missing", "held", "not_due")
    obligations = (
        "done_early",
        "done_on_time",
        "done_late",
        "running",
        "overdue",
        "not_due",
        "not_arisen",
        "awaiting",
    )
    outcomes = ("met", "missed", "no_data", "not_applicable", "not_measurable")
    row: dict[str, Any] = {"unit_code": "BT", "period_id": period_id, "is_derived": False, "as_of": AS_OF}
    row |= {f"agencies_{state}": 0 for state in ("expected", *states)}
    row |= {f"tasks_{state}": 0 for state in ("total", "done", "overdue", "running", "other")}
    row |= {f"obligations_{state}": 0 for state in ("total", *obligations)}
    row |= {f"targets_{outcome}": 0 for outcome in ("total", *outcomes)}
    world.insert("candidate.review_city", **(row | changed))


def _member(world: World, agency_key: int, valid_to: str | None = None) -> None:
    span = {"valid_from": "2020-01-01", "valid_to": valid_to}
    world.insert("core.bridge_unit_agency", unit_code="BT", agency_key=agency_key, reports=True, **span)


def _dossiers_of_one_agency(world: World) -> dict[str, int]:
    """One agency with one field in core and in review_dossier; returns the unit's counts."""
    world.rounds()
    _member(world, 31)
    _member(world, 32, valid_to="2023-03-13")
    world.dossiers([dossier()])
    world.dossiers([dossier()], agency_key=32)  # reported no more to the unit when the period closed
    counts = {"resolved_in_time": 7, "resolved_late": 1, "apology_letters": 1}
    totals = {"received_total": 10, "resolved_total": 8, "pending_total": 2}
    computed = {f"{name}_computed": value for name, value in totals.items()}
    world.insert(
        "candidate.review_dossier",
        unit_code="BT",
        period_id="2023-Q1",
        agency_code="BT-P-AL",
        field_code="dat-dai",
        **counts,
        **computed,
    )
    dossiers = {name: value for name, value in (counts | totals).items() if name != "apology_letters"}
    return {f"dossiers_{name}": value for name, value in dossiers.items()} | {"apology_letters": 1}


def test_core_sections_conserved__passes(world: World) -> None:
    world.dossiers([dossier()])
    assert world.offending("core_sections_conserved") == []


def test_core_sections_conserved__passes_where_rows_of_one_field_are_counted_together(world: World) -> None:
    world.dossiers([dossier()])
    world.insert(
        "raw.dossier_row",
        **dossier(),
        delivery_id=world.connection.exec_driver_sql(
            "select max(delivery_id) from raw.delivery"
        ).scalar_one(),
        sheet_no=4,
        sheet_row=8,
        agency_key=31,
        period_id="2023-Q1",
        given={},
    )
    assert world.cells("core_sections_conserved") == ["A8"]
    world.connection.exec_driver_sql("update core.fct_dossier set sheet_rows = '7,8'")
    assert world.offending("core_sections_conserved") == []


@pytest.mark.parametrize(
    ("damage", "given"),
    [
        ("delete from core.fct_dossier", "bảng dossier: 0 lần"),
        ("insert into core.fct_dossier select * from core.fct_dossier", "bảng dossier: 2 lần"),
        ("delete from staging.int_section_current", "bảng dossier: 1 lần"),
        ("update core.fct_dossier set period_id = '2023-H1'", "bảng dossier: 0 lần"),
    ],
)
def test_core_sections_conserved__fails(world: World, damage: str, given: str) -> None:
    world.dossiers([dossier()])
    world.connection.exec_driver_sql(damage)
    assert given in [row["given"] for row in world.offending("core_sections_conserved")]


def test_core_fact_keys_unique__passes(world: World) -> None:
    world.dossiers([dossier(), dossier(field_code="ho-tich")])
    world.dossiers([dossier()], agency_key=32)
    assert world.offending("core_fact_keys_unique") == []


def test_core_fact_keys_unique__fails(world: World) -> None:
    world.dossiers([dossier(), dossier()])
    for _ in range(2):
        world.insert("core.fct_reporting", agency_key=31, period_id="2023-Q1", reporting_state="late")
    assert sorted(row["given"] for row in world.offending("core_fact_keys_unique")) == [
        "fct_dossier: 2 dòng với khóa dat-dai",
        "fct_reporting: 2 dòng với khóa ",
    ]


def test_candidate_dossiers_reconcile__passes(world: World) -> None:
    _city(world, **_dossiers_of_one_agency(world))
    _city(world, "2023-H1")
    assert world.offending("candidate_dossiers_reconcile") == []


def test_candidate_dossiers_reconcile__fails(world: World) -> None:
    _city(world, **(_dossiers_of_one_agency(world) | {"dossiers_resolved_late": 2}))
    (found,) = world.offending("candidate_dossiers_reconcile")
    assert (found["given"], found["expected"]) == ("BT, resolved_late: đơn vị 2, các cơ quan 1", "1 (core)")


def test_candidate_dossiers_reconcile__passes_where_a_row_gives_parts_without_a_total(world: World) -> None:
    _city(world, **_dossiers_of_one_agency(world))
    world.dossiers([dossier(field_code="ho-tich")])
    partial = "resolved_total_computed = null, resolved_in_time = null"
    nothing = "received_total_computed = 0, pending_total_computed = 0, apology_letters = 0"
    world.connection.exec_driver_sql(
        f"update core.fct_dossier set {partial}, {nothing} where field_code = 'ho-tich'"
    )
    assert world.offending("candidate_dossiers_reconcile") == []


def test_candidate_dossiers_reconcile__fails_on_an_agency_row_twice(world: World) -> None:
    _city(world, **_dossiers_of_one_agency(world))
    world.connection.exec_driver_sql(
        "insert into candidate.review_dossier select * from candidate.review_dossier"
    )
    assert len(world.offending("candidate_dossiers_reconcile")) == 6


def _reporting(world: World) -> None:
    for agency_key, state in ((31, "on_time"), (32, "missing")):
        _member(world, agency_key)
        world.insert("core.fct_reporting", agency_key=agency_key, period_id="2023-Q1", reporting_state=state)
        world.insert(
            "candidate.review_reporting",
            unit_code="BT",
            period_id="2023-Q1",
            agency_code=str(agency_key),
            reporting_state=state,
        )


def test_candidate_agencies_reconcile__passes(world: World) -> None:
    _reporting(world)
    _city(world, agencies_expected=2, agencies_on_time=1, agencies_missing=1)
    assert world.offending("candidate_agencies_reconcile") == []


def test_candidate_agencies_reconcile__fails(world: World) -> None:
    _reporting(world)
    _city(world, agencies_expected=2, agencies_on_time=2)
    assert sorted(row["given"] for row in world.offending("candidate_agencies_reconcile")) == [
        "BT, missing: đơn vị 0, danh sách 1",
        "BT, on_time: đơn vị 2, danh sách 1",
    ]


def test_candidate_parts_add_up__passes(world: World) -> None:
    _city(world, targets_total=3, targets_met=1, targets_no_data=2)
    assert world.offending("candidate_parts_add_up") == []


@pytest.mark.parametrize("total", ["agencies_expected", "tasks_total", "obligations_total", "targets_total"])
def test_candidate_parts_add_up__fails(world: World, total: str) -> None:
    _city(world, **{total: 1})
    (found,) = world.offending("candidate_parts_add_up")
    assert (found["given"], found["expected"]) == (f"BT, {total}: 1", "0")


def test_candidate_rates_in_range__passes(world: World) -> None:
    _city(world, dossier_on_time_rate=1)
    _city(world, "2023-H1", dossier_on_time_rate=None)
    assert world.offending("candidate_rates_in_range") == []


@pytest.mark.parametrize("rate", [-0.01, 1.01, 98.5])
def test_candidate_rates_in_range__fails(world: World, rate: float) -> None:
    _city(world, dossier_on_time_rate=rate)
    (found,) = world.offending("candidate_rates_in_range")
    assert found["given"] == f"review_city, BT, dossier_on_time_rate = {rate}"


def test_candidate_as_of_equal__passes(world: World) -> None:
    _city(world)
    assert world.offending("candidate_as_of_equal") == []


def test_candidate_as_of_equal__fails(world: World) -> None:
    _city(world)
    _city(world, "2023-H1", as_of=AS_OF - timedelta(seconds=1))
    assert [row["period_id"] for row in world.offending("candidate_as_of_equal")] == ["2023-H1"]


def test_candidate_period_unit_unique__passes(world: World) -> None:
    world.rounds()
    for period_id in PERIODS:
        _city(world, period_id)
    assert world.offending("candidate_period_unit_unique") == []


def test_candidate_period_unit_unique__fails(world: World) -> None:
    world.rounds()
    for period_id in ("2023-Q1", "2023-Q1", "2023-H1", "2023-Q3", "2022-Y"):
        _city(world, period_id)
    found = world.offending("candidate_period_unit_unique")
    assert sorted((row["period_id"], row["given"]) for row in found) == [
        ("2022-Y", "BT: 1 dòng"),
        ("2023-Q1", "BT: 2 dòng"),
        ("2023-Y", "BT: 0 dòng"),
    ]
