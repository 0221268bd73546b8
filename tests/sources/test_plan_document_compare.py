"""What a known plan's text reads otherwise than the catalogue is named: targets, their values, deadlines."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sources.catalogue import Catalogue
from sources.catalogue.plans import Deadline, DeadlineUse, PlanFile
from sources.plan_document.compare import deadline_differences, target_differences
from sources.plan_document.files import read_document
from sources.plan_document.reading import PlanReading, read_plan
from tests.sources.test_plan_document import FILES, SEEDS, needs_seeds

PLAN, LONG_PLAN = "BT-2022-7679", "HCM-2018-5334"
MOST = {"HCM-2018-5334": 0, "HCM-2022-CD": 0, "HCM-2018-3897": 1, "NA-2018-DA": 3, "BT-2022-7679": 0}
"""Places where the reader and the reviewer of a decision chose differently: no more than these."""


@pytest.fixture(scope="module")
def readings() -> dict[str, PlanReading]:
    return {code: read_plan(read_document(SEEDS / name)[1]) for code, name in FILES.items()}


def changed(plan: PlanFile, code: str, **fields: Any) -> PlanFile:
    """A copy of the plan with one target changed."""
    targets = [one.model_copy(update=fields) if one.code == code else one for one in plan.targets]
    return plan.model_copy(update={"targets": targets})


def owed_otherwise(plan: PlanFile, stt: str, **fields: Any) -> PlanFile:
    """A copy of the plan with the first obligation of one task changed."""
    task = next(one for one in plan.tasks if one.stt == stt)
    first, *rest = plan.deadline_of(task).obligations
    own = Deadline(label="khác", obligations=[first.model_copy(update=fields), *rest])
    other = task.model_copy(update={"deadline": DeadlineUse.model_validate(own.model_dump())})
    return plan.model_copy(update={"tasks": [other if one.stt == stt else one for one in plan.tasks]})


@needs_seeds
@pytest.mark.parametrize("code", FILES)
def test_a_decision_and_its_catalogue_file_agree_but_for_a_few_places(
    catalogue: Catalogue, readings: dict[str, PlanReading], code: str
) -> None:
    plan, reading = catalogue.plan(code), readings[code]
    found = [*deadline_differences(plan, reading), *target_differences(plan, reading)]
    print(f"{code}: {len(found)} differences: {found}")
    assert len(found) <= MOST[code], found


@needs_seeds
@pytest.mark.parametrize(
    ("fields", "read", "listed"),
    [
        ({"value": Decimal(91)}, "≥ 98 percent", "≥ 91 percent"),
        ({"comparator": "gt"}, "≥ 98 percent", "> 98 percent"),
    ],
)
def test_a_bound_that_the_catalogue_gives_otherwise_is_named_with_both(
    catalogue: Catalogue, readings: dict[str, PlanReading], fields: dict[str, Any], read: str, listed: str
) -> None:
    plan = catalogue.plan(PLAN)
    target = next(one for one in plan.targets if (one.comparator, one.value) == ("ge", Decimal(98)))
    found = target_differences(changed(plan, target.code, **fields), readings[PLAN])
    assert all(line.startswith(f"{target.code}: the document reads {read} (line") for line in found)
    assert all(line.endswith(f", the catalogue has {listed}") for line in found)
    assert len(found) >= 1


@needs_seeds
def test_every_numbered_target_that_is_falsified_is_named(
    catalogue: Catalogue, readings: dict[str, PlanReading]
) -> None:
    plan, reading = catalogue.plan(PLAN), readings[PLAN]
    numbered = {one.code: one.value for one in plan.targets if one.value is not None}
    silent = [
        code
        for code, value in numbered.items()
        if not any(code in line for line in target_differences(changed(plan, code, value=value + 1), reading))
    ]
    print(f"{len(numbered) - len(silent)} of {len(numbered)} named; silent: {silent}")
    assert len(silent) <= len(numbered) // 10


@needs_seeds
def test_a_target_that_the_catalogue_lacks_is_quoted_with_its_line(
    catalogue: Catalogue, readings: dict[str, PlanReading]
) -> None:
    plan, reading = catalogue.plan(PLAN), readings[PLAN]
    (gone,) = (one for one in plan.targets if one.code == "II.3.2")
    without = plan.model_copy(update={"targets": [one for one in plan.targets if one is not gone]})
    found = target_differences(without, reading)
    assert any(line.startswith("in the document, not in the catalogue: line ") for line in found), found


@needs_seeds
def test_a_target_that_the_text_lacks_is_named(
    catalogue: Catalogue, readings: dict[str, PlanReading]
) -> None:
    plan, reading = catalogue.plan(PLAN), readings[PLAN]
    (known,) = (one for one in plan.targets if one.code == "II.3.2")
    fields = {"code": "II.1.z", "citation": "II.1", "also_cited": [], "restated": []}
    added = known.model_copy(update={**fields, "comparator": "ge", "value": Decimal(77), "unit": "percent"})
    found = target_differences(plan.model_copy(update={"targets": [*plan.targets, added]}), reading)
    assert found == ["in the catalogue, not found in the document: II.1.z ≥ 77 percent"]


@needs_seeds
def test_a_value_of_one_year_that_differs_is_named(
    catalogue: Catalogue, readings: dict[str, PlanReading]
) -> None:
    plan, reading = catalogue.plan(LONG_PLAN), readings[LONG_PLAN]
    stepped = next(one for one in plan.targets if one.by_year)
    values = {**(stepped.by_year or {})}
    values[max(values)] += 1
    found = target_differences(changed(plan, stepped.code, by_year=values), reading)
    assert any(line.startswith(f"{stepped.code}: the document reads") for line in found), found


@needs_seeds
@pytest.mark.parametrize(
    ("kind", "fields", "read"),
    [
        ("milestone", {"due": date(2023, 6, 1)}, "the document reads milestone 2023-"),
        ("whole_year", {"kind": "on_event", "due": None}, "the document reads whole_year 2023-12-31"),
    ],
)
def test_a_deadline_that_the_catalogue_gives_otherwise_is_named(
    catalogue: Catalogue, readings: dict[str, PlanReading], kind: str, fields: dict[str, Any], read: str
) -> None:
    plan, reading = catalogue.plan(PLAN), readings[PLAN]
    task = next(one for one in plan.tasks if plan.deadline_of(one).obligations[0].kind == kind)
    (found,) = deadline_differences(owed_otherwise(plan, task.stt, **fields), reading)
    assert found.startswith(f"{task.stt} deadline (line"), found
    assert read in found
