"""Rules about dossiers, and about flows and stocks between periods."""

from __future__ import annotations

from typing import Any

import pytest

from tests.expectations.factories import World, dossier

IDENTITIES = {
    "dossier_received_total": ({"received_total": 11, "resolved_total": 9}, "C7"),
    "dossier_resolved_total": ({"resolved_total": 9, "pending_total": 1}, "G7"),
    "dossier_pending_total": ({"pending_overdue": 1}, "K7"),
    "dossier_flow_balance": ({"pending_total": 3, "pending_in_time": 3}, "C7"),
}


def _passes(world: World, rule_id: str) -> None:
    world.sheet(
        "dossier", [dossier(), dossier(received_online=None, resolved_total=None, pending_overdue=None)]
    )
    assert world.offending(rule_id) == []


def _fails(world: World, rule_id: str) -> None:
    changed, cell = IDENTITIES[rule_id]
    delivery_id = world.sheet("dossier", [dossier(**changed), dossier()])
    (found,) = world.offending(rule_id)
    assert (found["agency_key"], found["period_id"]) == (31, "2023-Q1")
    assert (found["delivery_id"], found["sheet_name"], found["cell"]) == (delivery_id, "Hồ sơ TTHC", cell)
    assert found["given"] != found["expected"].split(" =")[0]


def test_dossier_received_total__passes(world: World) -> None:
    _passes(world, "dossier_received_total")


def test_dossier_received_total__fails(world: World) -> None:
    _fails(world, "dossier_received_total")


def test_dossier_resolved_total__passes(world: World) -> None:
    _passes(world, "dossier_resolved_total")


def test_dossier_resolved_total__fails(world: World) -> None:
    _fails(world, "dossier_resolved_total")


def test_dossier_pending_total__passes(world: World) -> None:
    _passes(world, "dossier_pending_total")


def test_dossier_pending_total__fails(world: World) -> None:
    _fails(world, "dossier_pending_total")


def test_dossier_flow_balance__passes(world: World) -> None:
    _passes(world, "dossier_flow_balance")


def test_dossier_flow_balance__fails(world: World) -> None:
    _fails(world, "dossier_flow_balance")


@pytest.mark.parametrize("rule_id", IDENTITIES)
def test_identities_leave_versions_that_are_not_current(world: World, rule_id: str) -> None:
    world.sheet("dossier", [dossier(**IDENTITIES[rule_id][0])], current=False)
    assert world.offending(rule_id) == []


def test_dossier_carried_over_continuity__passes(world: World) -> None:
    world.dossiers([dossier(pending_total=7)], period_id="2023-H1")
    world.dossiers([dossier(carried_over=7)], period_id="2023-Q3")
    world.dossiers([dossier(carried_over=3)], period_id="2023-Q3", agency_key=32)  # nothing before it
    assert world.offending("dossier_carried_over_continuity") == []


def test_dossier_carried_over_continuity__fails(world: World) -> None:
    world.dossiers([dossier(pending_total=5)], period_id="2023-Q1")  # ends half a year before, says nothing
    before = world.dossiers([dossier(pending_total=7)], period_id="2023-H1")
    world.dossiers([dossier(carried_over=6)], period_id="2023-Q3")
    (found,) = world.offending("dossier_carried_over_continuity")
    assert (found["period_id"], found["cell"], found["given"]) == ("2023-Q3", "F7", "6")
    assert found["expected"].startswith("7 ")
    assert f"lượt nộp {before}" in found["expected"]


def test_dossier_carried_over_shared__passes(world: World) -> None:
    for period_id in ("2023-Q1", "2023-H1", "2023-Y"):
        world.dossiers([dossier(carried_over=3)], period_id=period_id)
    world.dossiers([dossier(carried_over=4)], period_id="2023-Q3")
    assert world.offending("dossier_carried_over_shared") == []


def test_dossier_carried_over_shared__fails(world: World) -> None:
    world.dossiers([dossier(carried_over=3)], period_id="2023-Q1")
    world.dossiers([dossier(carried_over=4)], period_id="2023-H1")
    world.dossiers([dossier(carried_over=3)], period_id="2023-Y")
    assert [(row["period_id"], row["given"]) for row in world.offending("dossier_carried_over_shared")] == [
        ("2023-H1", "4")
    ]


def _grown(**changed: Any) -> dict[str, Any]:
    return dossier(
        **({"received_online": 9, "received_direct": 9, "resolved_early": 9, "resolved_on_time": 9} | changed)
    )


def test_dossier_cumulative_falls__passes(world: World) -> None:
    world.dossiers([dossier()], period_id="2023-Q1")
    world.dossiers([_grown()], period_id="2023-H1")
    world.dossiers([dossier(received_online=0)], period_id="2023-Q3")
    assert world.offending("dossier_cumulative_falls") == []


def test_periods_without_windows_are_not_compared(world: World) -> None:
    world.dossiers([dossier(carried_over=3)], period_id="2023-Q1")
    world.dossiers([_grown(received_online=0, carried_over=4)], period_id="2023-H1")
    rules = ("dossier_cumulative_falls", "dossier_carried_over_shared")
    assert all(world.offending(rule_id) for rule_id in rules)

    world.lose_windows()

    assert not any(world.offending(rule_id) for rule_id in (*rules, "dossier_carried_over_continuity"))


def test_dossier_cumulative_falls__fails(world: World) -> None:
    world.dossiers([dossier()], period_id="2023-Q1")
    world.dossiers([_grown(received_online=3, apology_letters=0)], period_id="2023-H1")
    world.dossiers([_grown(received_online=8)], period_id="2023-Y")
    found = world.offending("dossier_cumulative_falls")
    assert sorted((row["period_id"], row["cell"], row["given"]) for row in found) == [
        ("2023-H1", "D7", "3"),
        ("2023-H1", "N7", "0"),
    ]


def test_dossier_cumulative_falls__fails_on_a_total_that_stands_alone(world: World) -> None:
    alone = {"resolved_early": None, "resolved_on_time": None, "resolved_late": None}
    world.dossiers([dossier(**alone, resolved_total=8)], period_id="2023-Q1")
    world.dossiers([dossier(**alone, resolved_total=5)], period_id="2023-H1")
    assert world.cells("dossier_cumulative_falls") == ["G7"]


def test_dossier_letters_exceed_late__passes(world: World) -> None:
    world.sheet("dossier", [dossier(), dossier(apology_letters=None), dossier(resolved_late=None)])
    assert world.offending("dossier_letters_exceed_late") == []


def test_dossier_letters_exceed_late__fails(world: World) -> None:
    world.sheet("dossier", [dossier(), dossier(apology_letters=2)])
    assert world.cells("dossier_letters_exceed_late") == ["N8"]


def test_field_unknown__passes(world: World) -> None:
    world.sheet("dossier", [dossier()])
    world.sheet("satisfaction", [{"survey_content": "service", "field_name": None}])
    assert world.offending("field_unknown") == []


def test_field_unknown__fails(world: World) -> None:
    world.sheet("dossier", [dossier(), dossier(field_name="Nuôi ong", field_code=None)])
    world.sheet("satisfaction", [{"survey_content": "service", "field_name": "Nuôi ong"}])
    found = world.offending("field_unknown")
    assert sorted((row["sheet_name"], row["cell"], row["given"]) for row in found) == [
        ("Hài lòng", "B7", "Nuôi ong"),
        ("Hồ sơ TTHC", "B8", "Nuôi ong"),
    ]
