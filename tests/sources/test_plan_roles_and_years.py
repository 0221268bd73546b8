"""Roles and years of a plan's tasks: checked, and made into rows; held against the plan of 5334/QĐ-UBND."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from sources.catalogue import DATA_DIR, load_catalogue, register_catalogue
from sources.catalogue.plan_checks import References, check_plan
from sources.catalogue.plan_rows import plan_rows
from sources.catalogue.plans import PlanFile
from warehouse import schema
from warehouse.data_files import parse, read_marked
from warehouse.reference import current_rows
from warehouse.settings import Settings

PLAN = "HCM-2018-5334"
FILE = DATA_DIR / "plans" / f"{PLAN}.yml"
YEARS = [2018, 2019, 2020]


@pytest.fixture(scope="module")
def plan() -> PlanFile:
    return read_plan(FILE)


def read_plan(path: Path) -> PlanFile:
    marked = read_marked(path)
    plan = parse(marked, PlanFile)
    assert plan is not None, marked.problems
    return plan


def references(plan: PlanFile) -> References:
    """References that know every code of the plan; what the agencies' files hold is tested with them."""
    members = [m for task in plan.tasks for listed in task.members_by_role.values() for m in listed]
    codes = {code for m in members for code in (m.code, m.reported_by) if code} | {"HCM", "HCM-TAT-CA"}
    collectives = {code for code in codes if re.match(r"HCM-(SBN|QH|XA|TAT-CA)", code)}
    areas = {part.area for part in plan.plan.areas}
    return References(
        codes - collectives,
        {"HCM"},
        collectives,
        areas,
        set(),
        {"HCM"},
        {("PAR", 0)},
        {code: {"HCM"} for code in codes - {"HCM"}},
    )


def changed(tmp_path: Path, old: str, new: str) -> PlanFile:
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / FILE.name
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return read_plan(path)


def test_the_checks_let_the_plan_pass(plan: PlanFile) -> None:
    assert list(check_plan(plan, PLAN, references(plan))) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("implementing: [HCM-VP, HCM-SBN]", "implementing: [HCM-VP, HCM-XX]", "unknown agency 'HCM-XX'"),
        ('của QĐ 4541", year: 2019}', 'của QĐ 4541", year: 2021}', "2021 lies outside the plan's years"),
        ("due: 2020-12-31}", "due: 2020-12-31, year: 2020}", "goes without `due`"),
    ],
)
def test_implementers_and_years_are_checked(
    plan: PlanFile, tmp_path: Path, old: str, new: str, message: str
) -> None:
    problems = list(check_plan(changed(tmp_path, old, new), PLAN, references(plan)))
    assert len(problems) == 1
    assert problems[0][1].startswith(message)


def test_rows_hold_implementers_and_one_obligation_a_year(plan: PlanFile) -> None:
    known = references(plan).agencies
    rows = plan_rows(plan, {code: number for number, code in enumerate(sorted(known), start=1)})
    number_of = {code: number for number, code in enumerate(sorted(known), start=1)}

    def of(table: Any, stt: str) -> list[dict[str, Any]]:
        return [row for row in rows[table] if row["task_code"] == f"{PLAN}/{stt}"]

    implementing = [row for row in of(schema.ref_task_agency, "PL-04") if row["task_role"] == "implement"]
    assert [(row.get("agency_key"), row.get("collective_code")) for row in implementing] == [
        (number_of["HCM-VP"], None),
        (None, "HCM-SBN"),
    ]
    external = of(schema.ref_obligation, "PL-03")
    assert [(row["obligation_no"], row["due_year"], row["due_date"]) for row in external] == [
        (1, 2018, None),
        (2, 2019, None),
    ]
    assert [row["due_year"] for row in of(schema.ref_obligation, "III.2.2")] == YEARS
    assert [row["due_year"] for row in of(schema.ref_obligation, "PL-21")] == YEARS
    targets = rows[schema.ref_target]
    assert len({(row["target_code"], row["year"]) for row in targets}) == len(targets) == 68
    by_row = next(row for row in targets if row["target_code"] == f"{PLAN}/CT-PL-26")
    assert by_row["source"] == "5334/QĐ-UBND, PL-26; reported by the lead of PL-26"


def test_the_catalogue_takes_the_plan_and_who_owes_was_there_when_it_was_signed(plan: PlanFile) -> None:
    catalogue = load_catalogue()
    assert catalogue.plan(PLAN) == plan
    there = {
        agency.code
        for agency in catalogue.agencies.agencies
        if agency.valid_from <= date(2018, 11, 29) <= (agency.valid_to or date.max)
    }
    collectives = {collective.code for collective in catalogue.agencies.collectives}
    owing = {
        member.code or member.reported_by
        for task in plan.tasks
        for member in task.leads
        if task.kind != "standing"
    }
    assert owing - there - collectives == set()


def test_the_plan_is_loaded_with_its_roles_and_years(
    settings: Settings, engine_as: Callable[[str], sa.Engine]
) -> None:
    assert register_catalogue(settings, "r1", [PLAN])[f"plan:{PLAN}"] is True
    assert register_catalogue(settings, "r2", [PLAN])[f"plan:{PLAN}"] is False
    tables = (schema.ref_task, schema.ref_task_agency, schema.ref_obligation, schema.ref_target)
    with engine_as("loader").connect() as connection:
        rows = {table.name: current_rows(connection, table) for table in tables}
    assert Counter(row["task_kind"] for row in rows["ref_task"]) == {"task": 29, "duty": 1, "standing": 36}
    assert {row["task_role"] for row in rows["ref_task_agency"]} == {"lead", "cooperate", "implement"}
    owed = [row for row in rows["ref_obligation"] if row["obligation_kind"] != "standing"]
    assert Counter(row["due_year"] for row in owed) == {2018: 31, 2019: 31, 2020: 30}
    assert Counter(row["year"] for row in rows["ref_target"]) == {2018: 20, 2019: 20, 2020: 28}
    rank = {
        row["year"]: row["low_value"] for row in rows["ref_target"] if row["indicator_code"] == "par-rank"
    }
    assert rank == {2018: 10, 2019: 7, 2020: 5}
