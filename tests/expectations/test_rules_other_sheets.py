"""Rules about surveys, feedback, targets, tasks and whole reports."""

from __future__ import annotations

from typing import Any

import pytest

from tests.expectations.factories import World, dossier

TARGET = "BT-2022-7679/CT-II.3.1.a"
SURVEY = {"survey_content": "procedure", "field_code": "dat-dai", "sent": 100, "returned": 90, "valid": 80}
FEEDBACK = {"channel_name": "1022", "channel_code": "1022", "feedback_kind": "other"}


def _target(world: World, fed_by: str = "target_row", measure: str | None = None, **more: Any) -> None:
    values = {"unit": "percent", "direction": "higher", "field_groups": None, "excluded_field_groups": None}
    world.insert(
        "core.dim_target", target_code=TARGET, year=2023, fed_by=fed_by, measure=measure, **(values | more)
    )


def _row(**values: Any) -> dict[str, Any]:
    return {"target_code": TARGET, **values}


def _survey_fact(world: World, period_id: str, **counts: int) -> None:
    delivery_id = world.sheet("satisfaction", [SURVEY | counts], period_id=period_id)
    place = {"agency_key": 31, "period_id": period_id, "delivery_id": delivery_id}
    world.insert(
        "core.fct_satisfaction", **place, **(SURVEY | counts), sheet_no=5, sheet_row=7, sheet_rows="7"
    )


def _feedback_fact(world: World, period_id: str, **counts: int) -> None:
    delivery_id = world.sheet("feedback", [FEEDBACK | counts], period_id=period_id)
    place = {"agency_key": 31, "period_id": period_id, "delivery_id": delivery_id}
    kind = {"channel_code": "1022", "feedback_kind": "other"}
    world.insert("core.fct_feedback", **place, **kind, **counts, sheet_no=6, sheet_row=7, sheet_rows="7")


def test_satisfaction_counts_ordered__passes(world: World) -> None:
    world.sheet("satisfaction", [SURVEY | {"satisfied": 80}, SURVEY | {"valid": None, "satisfied": 90}])
    assert world.offending("satisfaction_counts_ordered") == []


@pytest.mark.parametrize(
    ("changed", "cell"),
    [
        ({"satisfied": 81}, "G7"),
        ({"valid": None, "satisfied": 91}, "G7"),
        ({"valid": 95, "satisfied": 80}, "F7"),
        ({"returned": 101, "satisfied": 80}, "E7"),
    ],
)
def test_satisfaction_counts_ordered__fails(world: World, changed: dict[str, Any], cell: str) -> None:
    world.sheet("satisfaction", [SURVEY | changed])
    assert world.cells("satisfaction_counts_ordered") == [cell]


def test_satisfaction_cumulative_falls__passes(world: World) -> None:
    _survey_fact(world, "2023-Q1", satisfied=70)
    _survey_fact(world, "2023-H1", satisfied=70)
    _survey_fact(world, "2023-Q3", satisfied=10)
    assert world.offending("satisfaction_cumulative_falls") == []


def test_satisfaction_cumulative_falls__fails(world: World) -> None:
    _survey_fact(world, "2023-Q1", satisfied=70)
    _survey_fact(world, "2023-H1", satisfied=69)
    assert world.cells("satisfaction_cumulative_falls") == ["G7"]
    world.lose_windows()
    assert world.offending("satisfaction_cumulative_falls") == []


def test_feedback_cumulative_falls__passes(world: World) -> None:
    _feedback_fact(world, "2023-Q1", received=7)
    _feedback_fact(world, "2023-H1", received=9)
    assert world.offending("feedback_cumulative_falls") == []


def test_feedback_cumulative_falls__fails(world: World) -> None:
    _feedback_fact(world, "2023-Q1", received=7)
    _feedback_fact(world, "2023-H1", received=6)
    assert world.cells("feedback_cumulative_falls") == ["E7"]
    world.lose_windows()
    assert world.offending("feedback_cumulative_falls") == []


def test_feedback_channel_unknown__passes(world: World) -> None:
    world.sheet("feedback", [FEEDBACK])
    assert world.offending("feedback_channel_unknown") == []


def test_feedback_channel_unknown__fails(world: World) -> None:
    world.sheet("feedback", [FEEDBACK, FEEDBACK | {"channel_name": "Bồ câu", "channel_code": None}])
    assert world.cells("feedback_channel_unknown") == ["B8"]


def test_target_rate_differs__passes(world: World) -> None:
    _target(world)
    world.sheet(
        "target",
        [
            _row(numerator=659, denominator=669, reported_value=98.5),
            _row(numerator=1, denominator=0, reported_value=50),
            _row(numerator=None, denominator=10, reported_value=50),
        ],
    )
    assert world.offending("target_rate_differs") == []


def test_target_rate_differs__fails(world: World) -> None:
    _target(world)
    world.sheet("target", [_row(numerator=659, denominator=669, reported_value=99)])
    (found,) = world.offending("target_rate_differs")
    assert (found["cell"], found["given"], found["expected"]) == ("H7", "99 %", "98,51 % (659 / 669)")


def _computed(world: World, value: float) -> None:
    world.insert(
        "core.fct_target_result",
        agency_key=31,
        period_id="2023-Q1",
        target_code=TARGET,
        year=2023,
        field_code="*",
        numerator=7,
        denominator=8,
        computed_value=value,
        fed_by="dossier",
        cells="H7+I7",
    )


def test_target_computed_differs__passes(world: World) -> None:
    _target(world, "dossier", "on_time")
    world.sheet("target", [_row(reported_value=87.5)])
    _computed(world, 87.5)
    assert world.offending("target_computed_differs") == []


def test_target_computed_differs__fails(world: World) -> None:
    _target(world, "dossier", "on_time")
    world.sheet("target", [_row(reported_value=90)])
    _computed(world, 87.5)
    (found,) = world.offending("target_computed_differs")
    assert found["expected"] == "87,5 % (7 / 8, tính từ H7+I7)"


@pytest.mark.parametrize("reported", [{"reported_value": 87.5}, {"reported_value": 93}])
def test_target_rate_over_received__passes(world: World, reported: dict[str, Any]) -> None:
    _target(world, "dossier", "on_time")
    world.dossiers([dossier()])
    world.sheet("target", [_row(**reported)])
    assert world.offending("target_rate_over_received") == []


@pytest.mark.parametrize("reported", [{"reported_value": 70}, {"numerator": 7, "denominator": 10}])
def test_target_rate_over_received__fails(world: World, reported: dict[str, Any]) -> None:
    _target(world, "dossier", "on_time")
    world.insert("core.dim_field", field_code="dat-dai", field_name="Đất đai", field_group="land")
    world.dossiers([dossier()])
    world.sheet("target", [_row(**reported)])
    (found,) = world.offending("target_rate_over_received")
    assert found["expected"] == "87,5 % (7 / 8 đã giải quyết)"


@pytest.mark.parametrize(
    ("status", "progress"),
    [("done", 100), ("done", None), ("running", 50), ("not_started", 0), ("paused", 30)],
)
def test_task_progress_disagrees__passes(world: World, status: str, progress: int | None) -> None:
    world.sheet("task", [{"task_code": "P/1", "status": status, "progress_percent": progress}])
    assert world.offending("task_progress_disagrees") == []


@pytest.mark.parametrize(
    ("status", "progress"),
    [("done", 99), ("running", 100), ("running", 0), ("not_started", 5), ("not_arisen", 5)],
)
def test_task_progress_disagrees__fails(world: World, status: str, progress: int) -> None:
    world.sheet("task", [{"task_code": "P/1", "status": status, "progress_percent": progress}])
    assert world.cells("task_progress_disagrees") == ["E7"]


def test_task_done_without_product__passes(world: World) -> None:
    world.sheet(
        "task",
        [
            {"task_code": "P/1", "status": "done", "product": "Kế hoạch"},
            {"task_code": "P/2", "status": "done", "document_number": "12/KH-UBND"},
            {"task_code": "P/3", "status": "done", "evidence": "ảnh"},
            {"task_code": "P/4", "status": "running"},
        ],
    )
    assert world.offending("task_done_without_product") == []


def test_task_done_without_product__fails(world: World) -> None:
    world.sheet("task", [{"task_code": "P/1", "status": "done", "progress_percent": 100}])
    assert world.cells("task_done_without_product") == ["G7"]


def test_task_without_role__passes(world: World) -> None:
    world.insert("core.bridge_task_agency", task_code="P/1", agency_key=31, task_role="cooperate")
    world.sheet("task", [{"task_code": "P/1"}])
    assert world.offending("task_without_role") == []


@pytest.mark.parametrize("valid_from", [None, "2023-03-15"])
def test_task_without_role__fails(world: World, valid_from: str | None) -> None:
    key = 32 if valid_from is None else 31
    world.insert(
        "core.bridge_task_agency", task_code="P/1", agency_key=key, task_role="lead", valid_from=valid_from
    )
    world.sheet("task", [{"task_code": "P/1"}])
    assert world.cells("task_without_role") == ["B7"]


def _perfect(count: int) -> list[dict[str, Any]]:
    return [
        dossier(field_code=f"f{i}", field_name=f"F{i}", resolved_early=4, resolved_late=0, apology_letters=0)
        for i in range(count)
    ]


def test_report_all_full_marks__passes(world: World) -> None:
    world.dossiers([*_perfect(6), dossier()], agency_key=31)
    world.dossiers(_perfect(5), agency_key=32)
    assert world.offending("report_all_full_marks") == []


def test_report_all_full_marks__passes_with_one_honest_target(world: World) -> None:
    _target(world)
    world.dossiers(_perfect(6))
    world.sheet("target", [_row(numerator=9, denominator=10)])
    assert world.offending("report_all_full_marks") == []


def test_report_all_full_marks__fails(world: World) -> None:
    _target(world)
    delivery_id = world.dossiers(_perfect(5))
    world.sheet("target", [_row(numerator=10, denominator=10)], delivery_id=delivery_id)
    (found,) = world.offending("report_all_full_marks")
    assert (found["agency_key"], found["delivery_id"], found["given"]) == (
        31,
        delivery_id,
        "cả 6 tỷ lệ đều 100 %",
    )
