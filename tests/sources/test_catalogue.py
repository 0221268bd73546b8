"""The catalogue holds what the plan's document sets, and is loaded as versions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from sources.catalogue import Catalogue, plan_codes, register_catalogue
from sources.catalogue.plans import PlanFile
from warehouse import schema
from warehouse.errors import UsageError
from warehouse.reference import current_rows
from warehouse.settings import Settings

PLAN = "BT-2022-7679"
EngineAs = Callable[[str], sa.Engine]


@pytest.fixture(scope="module")
def plan(catalogue: Catalogue) -> PlanFile:
    return catalogue.plan(PLAN)


# ---------------------------------------------------------------- fields
def test_every_agency_that_reports_to_the_district_handles_a_field(catalogue: Catalogue) -> None:
    handlers = {code for item in catalogue.fields.fields for code in item.agencies}
    kinds = {kind for item in catalogue.fields.fields for kind in item.kinds}
    idle = [
        agency.code
        for agency in catalogue.agencies.agencies
        if agency.parent == "BT" and agency.code not in handlers and agency.kind not in kinds
    ]
    assert idle == []


# ---------------------------------------------------------------- the plan
def test_tasks_are_the_rows_of_the_appendix_without_the_parent_row(plan: PlanFile) -> None:
    rows = [task for task in plan.tasks if task.kind == "task"]
    groups = Counter(task.stt.split(".")[0] for task in rows)
    assert groups == {"1": 11, "2": 6, "3": 15, "4": 9, "5": 12, "6": 11, "7": 13}
    assert groups.total() == 77
    assert "1.2" not in {task.stt for task in rows}


def test_chapter_v_gives_standing_duties_that_owe_no_row(plan: PlanFile) -> None:
    standing = [task for task in plan.tasks if task.kind == "standing"]
    assert len(standing) == len(plan.tasks) - 77
    assert {task.citation for task in standing} == {
        *(f"V.1.{number}" for number in range(1, 5)),
        *(f"V.2.{number}" for number in range(1, 10)),
        "V",
    }
    assert {item.kind for task in standing for item in plan.deadline_of(task).obligations} == {"standing"}


def test_deadlines_by_kind(plan: PlanFile) -> None:
    kinds = Counter(
        tuple(dict.fromkeys(item.kind for item in plan.deadline_of(task).obligations))
        for task in plan.tasks
        if task.kind == "task"
    )
    assert kinds == {
        ("whole_year",): 62,
        ("milestone",): 10,
        ("external",): 2,
        ("on_event",): 1,
        ("recurring",): 1,
        ("on_event", "recurring"): 1,
    }
    assert sum(plan.deadline_of(task).label == "Trong năm 2023" for task in plan.tasks) == 60
    ongoing = [task.stt for task in plan.tasks if plan.deadline_of(task).obligations[0].ongoing]
    assert ongoing == ["1.4", "3.5"]


@pytest.mark.parametrize(
    ("stt", "dues"),
    [
        ("1.2.1", [date(2023, 3, 31), date(2023, 9, 30)]),
        ("1.2.2", [date(2023, 9, 30)]),
        ("1.9", [date(2023, 3, 31), date(2023, 6, 30), date(2023, 9, 30), date(2023, 12, 31)]),
        ("3.9", [date(2023, 6, 30), date(2023, 9, 30)]),
        ("3.15", [None, date(2023, 3, 31), date(2023, 6, 30), date(2023, 9, 30), date(2023, 12, 31)]),
        ("4.6", [date(2023, 10, 31)]),
        ("5.6", [None]),
    ],
)
def test_deadlines_are_read_into_dates(plan: PlanFile, stt: str, dues: list[date | None]) -> None:
    task = next(task for task in plan.tasks if task.stt == stt)
    assert [item.due for item in plan.deadline_of(task).obligations] == dues


def test_thirty_five_targets_of_which_two_are_rules_without_a_number(plan: PlanFile) -> None:
    chapters = Counter(target.code.split(".")[0] for target in plan.targets)
    assert chapters == {"II": 25, "III": 7, "PL": 3}
    assert [target.code for target in plan.targets if not target.is_measurable] == ["II.1", "III.6.4"]


@pytest.mark.parametrize(
    ("code", "comparator", "value"),
    [
        ("II.2.a", "ge", 40),
        ("II.2.c", "ge", 10),
        ("II.3.1.a", "ge", 98),
        ("II.3.1.b", "ge", 95),
        ("II.3.2", "lt", 3),
        ("II.3.3", "gt", 97),
        ("II.4.2.b", "ge", 90),
        ("II.7.a", "ge", 40),
        ("II.7.b", "ge", 35),
        ("II.8", "ge", 90),
        ("II.10.5", "eq", 100),
        ("III.5.4.c", "gt", 80),
        ("PL.1.9", "ge", 1),
    ],
)
def test_targets_carry_the_comparator_of_their_words(
    plan: PlanFile, code: str, comparator: str, value: int
) -> None:
    target = next(target for target in plan.targets if target.code == code)
    assert (target.comparator, target.value) == (comparator, value)


def test_specific_targets_override_the_general_one(plan: PlanFile) -> None:
    targets = {target.code: target for target in plan.targets}
    general = targets["II.3.1.a"]
    overriding = [target for target in plan.targets if target.overrides == general.code]
    assert [target.code for target in overriding] == ["II.3.1.b", "II.3.2", "II.3.3"]
    taken = {group for target in overriding for group in target.field_groups or []}
    assert set(general.excluded_field_groups or []) == taken
    assert general.excluded_agencies == targets["II.3.3"].only_agencies
    assert targets["II.4.2.b"].parent == "II.4.2.a"
    assert targets["II.4.2.b"].overrides is None


def test_bounds_that_the_document_gives_twice_are_marked_ambiguous(plan: PlanFile) -> None:
    ambiguous = {target.code for target in plan.targets if target.ambiguity}
    assert {"II.8", "II.3.1.a", "II.3.1.b", "III.5.4.a"} <= ambiguous


def test_labels_are_short(plan: PlanFile) -> None:
    assert max(len(task.label) for task in plan.tasks) <= 80
    assert max(len(target.label) for target in plan.targets) <= 80


# ---------------------------------------------------------------- loading
def test_registering_writes_once(settings: Settings, engine_as: EngineAs) -> None:
    datasets = ("agencies", "areas", "calendar", "fields", "indices", f"plan:{PLAN}")
    assert register_catalogue(settings, "r1", [PLAN]) == dict.fromkeys(datasets, True)
    assert register_catalogue(settings, "r2", [PLAN]) == dict.fromkeys(datasets, False)
    with engine_as("loader").connect() as connection:
        versions = connection.execute(sa.select(schema.ref_version.c.dataset, schema.ref_version.c.run_id))
        assert sorted(map(tuple, versions)) == [(name, "r1") for name in datasets]


def test_loaded_rows_say_who_leads_and_what_is_assumed(settings: Settings, engine_as: EngineAs) -> None:
    register_catalogue(settings, "r1", [PLAN])
    with engine_as("loader").connect() as connection:
        rows = {
            table.name: current_rows(connection, table)
            for table in (
                schema.ref_task,
                schema.ref_task_agency,
                schema.ref_obligation,
                schema.ref_target,
            )
        }
    owed = {row["task_code"] for row in rows["ref_task"] if row["task_kind"] == "task"}
    counted = {
        name: sum(row["task_code"] in owed for row in found) if name != "ref_target" else len(found)
        for name, found in rows.items()
    }
    assert counted == {"ref_task": 77, "ref_task_agency": 166, "ref_obligation": 86, "ref_target": 35}
    leads = _members(rows["ref_task_agency"], "1.3", "lead")
    assert [(row["resolution"], row["agency_key"], row["assumed"]) for row in leads] == [
        ("reported_by", 12, True)
    ]
    cooperating = _members(rows["ref_task_agency"], "1.7", "cooperate")
    assert [row["resolution"] for row in cooperating] == ["agency", *["unresolved"] * 4]
    assert [row["collective_code"] for row in _members(rows["ref_task_agency"], "3.14", "lead")] == [
        "BT-DON-VI-PHUONG"
    ]
    targets = {row["target_code"]: row for row in rows["ref_target"]}
    branch = targets[f"{PLAN}/CT-II.3.3"]
    assert (branch["citation"], branch["also_cited"]) == ("7679/QĐ-UBND, II.3.3", ["7679/QĐ-UBND, PL.3.11"])
    assert (branch["reporter_agency_key"], branch["assumed"]) == (22, False)
    assert targets[f"{PLAN}/CT-II.3.4"]["assumed"] is True
    assert targets[f"{PLAN}/CT-II.4.2.b"]["parent_target_code"] == f"{PLAN}/CT-II.4.2.a"
    assert {row["area_code"] for row in rows["ref_task"] if row["stt"] in ("3.13", "3.14")} == {"7"}


def test_every_lead_resolves_to_an_agency_that_reports(catalogue: Catalogue, plan: PlanFile) -> None:
    reporting = {agency.code for agency in catalogue.agencies.agencies if agency.reports}
    reporting |= {collective.code for collective in catalogue.agencies.collectives}
    owed = [task for task in plan.tasks if task.kind != "standing"]
    leads = {member.code or member.reported_by for task in owed for member in task.leads}
    assert leads <= reporting


def test_an_unknown_plan_is_wrong_use(settings: Settings) -> None:
    with pytest.raises(UsageError, match=r"unknown plan 'X'; the plans are: .*BT-2022-7679"):
        register_catalogue(settings, "r1", ["X"])


def test_plan_codes_are_those_of_the_files(catalogue: Catalogue) -> None:
    assert plan_codes() == sorted(catalogue.plans)
    assert PLAN in plan_codes()


def _members(rows: list[dict[str, Any]], stt: str, role: str) -> list[dict[str, Any]]:
    found = [row for row in rows if row["task_code"] == f"{PLAN}/{stt}" and row["task_role"] == role]
    return sorted(found, key=lambda row: row["member_order"])
