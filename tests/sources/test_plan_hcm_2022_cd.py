"""The directive after the inspections of 2022: every paragraph is a duty, five wordings are targets."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from sources.catalogue import DATA_DIR, Catalogue, register_catalogue
from sources.catalogue.plans import PlanFile
from tests.sources.wrong_data import change, problems
from warehouse import schema
from warehouse.reference import current_rows
from warehouse.settings import Settings
from warehouse.text import match_key

PLAN = "HCM-2022-CD"
PLAN_FILE = f"plans/{PLAN}.yml"
SEED = Path(__file__).resolve().parents[3] / "shared" / "seeds" / "001_312a8709375fb2dc.txt"
needs_seed = pytest.mark.skipif(not SEED.is_file(), reason="the decision's text is not beside the project")
LETTERS = "abcdđeghikl"


@pytest.fixture(scope="module")
def plan(catalogue: Catalogue) -> PlanFile:
    return catalogue.plan(PLAN)


def paragraphs() -> dict[str, str]:
    """The numbered and lettered paragraphs of the text, by the citation that people use."""
    found: dict[str, str] = {}
    number = ""
    for line in SEED.read_text(encoding="utf-8").splitlines():
        if match := re.match(r"(\d)\. ", line):
            number = match[1]
            found[number] = line
        elif number and (match := re.match(r"([a-zđ])\) ", line)):
            found.pop(number, None)  # the heading of lettered paragraphs is no paragraph of its own
            found[f"{number}.{match[1]}"] = line
        elif number:
            found[f"{number}-02"] = line
    return found


# ---------------------------------------------------------------- duties
def test_its_lost_number_is_said_and_it_is_cited_by_its_code(plan: PlanFile) -> None:
    head = plan.plan
    assert (head.document_number, head.document_date, head.cited_as) == (None, None, PLAN)
    assert (head.unit, head.years.all()) == ("HCM", [2022])


def test_thirty_two_duties_by_addressee(plan: PlanFile) -> None:
    assert {task.kind for task in plan.tasks} == {"duty"}
    assert Counter(task.stt[0] for task in plan.tasks) == {
        "1": 10,
        "2": 4,
        "3": 5,
        "4": 3,
        "5": 2,
        "6": 4,
        "7": 2,
        "8": 2,
    }
    leads = {task.stt[0]: {lead.code for lead in task.leads} for task in plan.tasks if task.stt[0] < "8"}
    assert leads == {
        "1": {"HCM-SBN-QH"},
        "2": {"HCM-VP"},
        "3": {"HCM-STTTT"},
        "4": {"HCM-STC"},
        "5": {"HCM-SKHDT"},
        "6": {"HCM-SNV"},
        "7": {"HCM-NGANH-DOC"},
    }


@needs_seed
def test_every_paragraph_is_a_duty_in_the_order_of_the_text(plan: PlanFile) -> None:
    assert [task.citation for task in plan.tasks] == list(paragraphs())


@needs_seed
def test_the_missing_letters_are_findings_and_no_others_are(plan: PlanFile) -> None:
    given: dict[str, str] = {}
    for number, letter in (place.split(".") for place in paragraphs() if "." in place):
        given[number] = given.get(number, "") + letter
    missing = {
        f"{number}.{letter}"
        for number, letters in given.items()
        for letter in LETTERS[: LETTERS.index(letters[-1])]
        if letter not in letters
    }
    # j is no letter of the Vietnamese alphabet, yet the text has a paragraph 1.j
    assert missing == {"1.e", "1.k", "2.b"}
    assert {place for f in plan.findings if f.check == "numbering-gap" for place in f.at} == missing


def test_the_follow_up_is_due_before_30_october_and_the_rest_within_the_year(plan: PlanFile) -> None:
    owed = {task.stt: plan.deadline_of(task).obligations for task in plan.tasks}
    assert {len(obligations) for obligations in owed.values()} == {1}
    (follow_up,), (closing,) = owed.pop("8"), owed.pop("8-02")
    assert (follow_up.kind, follow_up.due) == ("milestone", date(2022, 10, 29))
    assert (closing.kind, closing.due) == ("external", None)
    assert {(kind.kind, kind.due) for (kind,) in owed.values()} == {("whole_year", date(2022, 12, 31))}
    assert [stt for stt, (obligation,) in owed.items() if obligation.ongoing] == ["7.a"]


def test_units_that_the_text_does_not_list_are_a_body_that_somebody_reports_for(plan: PlanFile) -> None:
    (lead,) = next(task for task in plan.tasks if task.stt == "8").leads
    assert (lead.code, lead.reported_by) == (None, "HCM-SNV")


# ---------------------------------------------------------------- targets
def test_five_targets_of_which_three_are_rules_without_a_number(plan: PlanFile) -> None:
    assert {target.code: target.comparator for target in plan.targets} == {
        "1.b": "none",
        "1.c.a": "none",
        "1.c.b": "none",
        "1.h": "lt",
        "1.l": "eq",
    }
    assert all(target.unmeasurable for target in plan.targets if target.comparator == "none")


def test_fewer_leaders_than_staff_compares_two_counts_of_one_report(plan: PlanFile) -> None:
    target = next(target for target in plan.targets if target.code == "1.h")
    assert (target.comparator, target.value, target.unit) == ("lt", Decimal(100), "percent")
    assert (target.quantifier, target.reported_by) == ("every_agency", "HCM-SBN-QH")
    assert "Lãnh đạo" in str(target.numerator)
    assert "không giữ chức vụ lãnh đạo" in str(target.denominator)
    assert target.ambiguity


@needs_seed
def test_what_a_target_quotes_stands_in_its_paragraph(plan: PlanFile) -> None:
    text = paragraphs()
    words = {
        "1.b": "nâng cao thứ hạng và xếp loại",
        "1.c": "nâng cao tỷ lệ hồ sơ",
        "1.h": "ít hơn công chức không giữ chức vụ lãnh đạo",
        "1.l": "Thư xin lỗi",
    }
    assert {target.citation for target in plan.targets} == set(words)
    assert [place for place, quoted in words.items() if quoted not in text[place]] == []


@needs_seed
def test_labels_are_not_the_directives_words(plan: PlanFile) -> None:
    text = match_key(SEED.read_text(encoding="utf-8"))
    labels = [item.label for item in (*plan.tasks, *plan.targets)]
    assert [label for label in labels if match_key(label) in text] == []
    assert max(len(label) for label in labels) <= 80


# ---------------------------------------------------------------- loading and faults
def test_it_is_loaded_without_a_number_and_cited_by_its_code(
    settings: Settings, engine_as: Callable[[str], sa.Engine]
) -> None:
    register_catalogue(settings, "r1", [PLAN])
    with engine_as("loader").connect() as connection:
        (head,) = current_rows(connection, schema.ref_plan)
        tasks = {row["task_code"]: row for row in current_rows(connection, schema.ref_task)}
        targets = {row["target_code"]: row for row in current_rows(connection, schema.ref_target)}
        findings = current_rows(connection, schema.ref_plan_finding)
    assert (head["document_number"], head["document_date"], head["cited_as"]) == (None, None, PLAN)
    assert (len(tasks), len(targets), len(findings)) == (32, 5, 12)
    assert tasks[f"{PLAN}/1.đ"]["citation"] == f"{PLAN}, 1.đ"
    assert targets[f"{PLAN}/CT-1.h"]["citation"] == f"{PLAN}, 1.h"
    assert (targets[f"{PLAN}/CT-1.l"]["area_code"], tasks[f"{PLAN}/1.l"]["area_code"]) == ("2", "4")


@pytest.mark.parametrize(
    ("old", "new", "field", "reason"),
    [
        ("  cited_as: HCM-2022-CD\n", "", "plan.cited_as", "is missing"),
        ("due: 2022-10-29", "due: 2023-10-29", "obligations[0].due", "outside the plan's years"),
        (", reported_by: HCM-SNV}", "}", "leads[0]", "nobody would owe the task"),
        ("stt: 1.đ", "stt: 1.d", "tasks[4]", "stt '1.d' is given twice"),
        ("comparator: lt\n  value: 100", "comparator: lt", "comparator", "lt needs `value`"),
        ("measure: apology", "measure: satisfied", "fed_by", "dossier needs a `measure`"),
        ("  roll_up: none\n  citation: 1.b", "  roll_up: own\n  citation: 1.b", "roll_up", "is none where"),
        ("at: [2.b]", "at: [PL.2]", "at[0]", "no task of this plan"),
    ],
)
def test_each_fault_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, field: str, reason: str
) -> None:
    data_dir = Path(shutil.copytree(DATA_DIR, tmp_path / "data"))
    change(data_dir, PLAN_FILE, old, new)
    found = problems(data_dir)
    places = [problem.split(": ")[0] for problem in found if reason in problem]
    assert places, found
    assert all(re.match(rf"{re.escape(str(data_dir / PLAN_FILE))}:\d+ ", place) for place in places)
    assert any(place.endswith(field) for place in places), places
