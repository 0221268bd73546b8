"""The plan to raise PAPI: six contents with baseline and bound, a rank, and who is asked for what."""

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

PLAN = "HCM-2018-3897"
PLAN_FILE = f"plans/{PLAN}.yml"
SEED = Path(__file__).resolve().parents[3] / "shared" / "seeds" / "002_fc9f8ecdecbcee10.txt"
needs_seed = pytest.mark.skipif(not SEED.is_file(), reason="the decision's text is not beside the project")
CONTENTS = [f"III.{number}" for number in range(1, 7)]
NAMED = r"(Ủy ban nhân dân|Sở|Các sở|Thanh tra|Thủ trưởng|Cơ quan, đơn vị)"


@pytest.fixture(scope="module")
def plan(catalogue: Catalogue) -> PlanFile:
    return catalogue.plan(PLAN)


def chapters() -> tuple[dict[str, str], dict[str, str]]:
    """Chapters III and IV by citation: opening sentences and paragraphs with a dash; numbered paragraphs."""
    text = SEED.read_text(encoding="utf-8")
    third, fourth = re.split(r"^IV\. .*$", text[text.index("III. NHIỆM VỤ") :], flags=re.MULTILINE)
    contents: dict[str, str] = {}
    section, dashes = "", 0
    for line in filter(None, third.splitlines()):
        if match := re.match(r"(\d)\. Đối với", line):
            section, dashes = f"III.{match[1]}", 0
        elif section and line.startswith("- "):
            dashes += 1
            contents[f"{section}-{dashes:02}"] = line[2:]
        elif section and dashes == 0:
            contents[section] = f"{contents.get(section, '')} {line}".strip()
    numbered = {
        f"IV.{match[1].rstrip('.')}": match[2]
        for match in re.finditer(r"^(\d(?:\.\d)*\.?) (\S.*)$", fourth, flags=re.MULTILINE)
    }
    return contents, numbered


# ---------------------------------------------------------------- tasks
def test_sixty_five_tasks_of_which_twenty_nine_owe_no_row(plan: PlanFile) -> None:
    assert Counter(task.kind for task in plan.tasks) == {"duty": 36, "standing": 29}
    parts = Counter(re.match(r"III\.\d|IV", task.stt)[0] for task in plan.tasks)  # type: ignore[index]
    assert parts == dict(zip([*CONTENTS, "IV"], (12, 9, 5, 7, 5, 11, 16), strict=True))


@needs_seed
def test_every_paragraph_of_chapters_iii_and_iv_is_a_task(plan: PlanFile) -> None:
    contents, numbered = chapters()
    tasks = [task.citation for task in plan.tasks]
    assert [cited for cited in tasks if cited.startswith("III")] == [
        place for place in contents if "-" in place
    ]
    # headings of numbered paragraphs are no tasks; IV.8-02 closes the chapter without a number
    headings = {"IV.1", "IV.3", "IV.3.2"}
    assert set(tasks) - set(contents) == set(numbered) - headings | {"IV.8-02"}


@needs_seed
def test_a_paragraph_that_names_an_agency_is_a_duty_and_one_that_names_none_is_not(plan: PlanFile) -> None:
    contents, _ = chapters()
    kinds = {task.stt: task.kind for task in plan.tasks if task.stt.startswith("III")}
    named = {place for place, text in contents.items() if "-" in place and re.match(NAMED, text)}
    assert {stt for stt, kind in kinds.items() if kind == "duty"} == named | {"III.2-04", "III.3-02"}
    unresolved = {
        task.stt for task in plan.tasks if all(lead.code or lead.reported_by for lead in task.leads) is False
    }
    assert unresolved == (set(kinds) - named - {"III.2-04", "III.3-02"}) | {"IV.7"}


def test_the_reporting_chain_is_standing_and_cites_its_place(plan: PlanFile) -> None:
    chain = {task.stt: task for task in plan.tasks if task.citation == "IV.1.1" and task.kind == "standing"}
    assert {stt: [lead.code for lead in task.leads] for stt, task in chain.items()} == {
        "IV.1.1-02": ["HCM-XA"],
        "IV.1.1-03": ["HCM-SBN-QH"],
    }
    assert {plan.deadline_of(task).obligations[0].kind for task in chain.values()} == {"standing"}


def test_only_what_is_yearly_or_made_once_has_a_date(plan: PlanFile) -> None:
    dated = {
        task.stt: [owed.due for owed in plan.deadline_of(task).obligations if owed.due] for task in plan.tasks
    }
    assert {stt: dates for stt, dates in dated.items() if dates} == {
        "III.2-08": [date(2018, 12, 31), date(2019, 12, 31)],
        "IV.1.1-01": [date(2018, 12, 31)],
    }


# ---------------------------------------------------------------- targets
def test_ten_targets_in_the_order_of_the_text(plan: PlanFile) -> None:
    assert [target.code for target in plan.targets] == [
        "II.1.2.a",
        "II.1.2.b",
        "III.1",
        "III.2",
        "III.3",
        "III.4",
        "III.5",
        "III.5-05",
        "III.6",
        "III.6-02",
    ]
    assert [target.code for target in plan.targets if target.unmeasurable] == ["III.5-05", "III.6-02"]


def test_bounds_of_the_six_contents_and_the_scores_they_start_from(
    catalogue: Catalogue, plan: PlanFile
) -> None:
    found = {target.code: target for target in plan.targets if target.code in CONTENTS}
    assert {code: (target.comparator, str(target.value)) for code, target in found.items()} == {
        "III.1": ("gt", "6.0"),
        "III.2": ("gt", "6.5"),
        "III.3": ("gt", "6.0"),
        "III.4": ("gt", "6.5"),
        "III.5": ("gt", "7.5"),
        "III.6": ("gt", "7.8"),
    }
    (scored,) = [result for result in catalogue.indices.results if result.year == 2017]
    assert [target.baseline for target in found.values()] == [content.score for content in scored.contents]
    assert {target.baseline_year for target in found.values()} == {2017}
    assert [target.index.content for target in found.values() if target.index] == [1, 2, 3, 4, 5, 6]


def test_a_target_without_a_year_holds_in_both_years_and_is_ambiguous(plan: PlanFile) -> None:
    found = [target for target in plan.targets if target.code in CONTENTS]
    assert {tuple(plan.values_by_year(target)) for target in found} == {(2018, 2019)}
    assert all("Không nêu năm" in str(target.ambiguity) for target in found)
    (finding,) = [finding for finding in plan.findings if finding.check == "target-without-year"]
    assert finding.at == CONTENTS


def test_rank_and_total_are_those_of_2018(plan: PlanFile) -> None:
    total, rank = plan.targets[:2]
    assert (rank.comparator, rank.value, rank.unit) == ("rank_le", Decimal(16), "rank")
    assert (total.comparator, total.value, total.unit) == ("gt", Decimal(0), "score_change")
    assert (total.baseline_year, total.baseline) == (2015, None)
    assert [list(plan.values_by_year(target)) for target in (total, rank)] == [[2018], [2018]]


@needs_seed
def test_bounds_and_baselines_stand_in_the_opening_sentences(plan: PlanFile) -> None:
    contents, _ = chapters()
    for target in (target for target in plan.targets if target.code in CONTENTS):
        bound, rise, base = (
            Decimal(number.replace(",", ".")) for number in re.findall(r"\d,\d\d", contents[target.code])
        )
        assert bound == target.value
        assert bound - base == rise
        # III.1 starts from another score than chapter I: the finding says so
        assert (base == target.baseline) == (target.code != "III.1")


# ---------------------------------------------------------------- findings
def test_what_the_checks_compute_is_listed_with_its_reading(plan: PlanFile) -> None:
    found = {(finding.check, *finding.at): finding for finding in plan.findings if finding.check}
    assert set(found) == {
        ("sum-of-parts", "I"),
        ("rise-that-falls", "I"),
        ("stated-difference", "III.1", "I"),
        ("stated-difference", "III.3", "I"),
        ("base-years", "II.1.2", *CONTENTS),
        ("target-without-year", *CONTENTS),
    }
    assert "34,88" in found["sum-of-parts", "I"].says
    assert "5,15" in found["rise-that-falls", "I"].read_as
    assert "1,30" in found["stated-difference", "III.1", "I"].read_as
    assert "0,85" in found["stated-difference", "III.3", "I"].read_as


@needs_seed
def test_words_that_a_finding_quotes_stand_in_the_text(plan: PlanFile) -> None:
    text = SEED.read_text(encoding="utf-8").lower()
    quoted = [word for finding in plan.findings for word in re.findall("“([^”]+)”", finding.says)]
    assert len(quoted) >= 6
    assert [word for word in quoted if word.lower() not in text] == []


def test_both_baselines_and_the_actors_that_nobody_names_are_findings(plan: PlanFile) -> None:
    places = [set(finding.at) for finding in plan.findings]
    assert {"II.1.2", *CONTENTS} in places
    nameless = {stt for task in plan.tasks for stt in [task.stt] if _names_nobody(plan, stt)}
    listed = set().union(*(place for place in places if len(place) >= 5))
    assert nameless - listed == {stt for stt in nameless if stt.startswith("III.6-")}
    assert {"III.6"} in places


def _names_nobody(plan: PlanFile, stt: str) -> bool:
    leads = next(task for task in plan.tasks if task.stt == stt).leads
    return any(str(lead.body).startswith("Không nêu") for lead in leads)


@needs_seed
def test_labels_are_not_the_decisions_words(plan: PlanFile) -> None:
    text = match_key(SEED.read_text(encoding="utf-8").replace("\n", " "))
    labels = [item.label for item in (*plan.tasks, *plan.targets)]
    assert [label for label in labels if match_key(label) in text] == []
    assert max(len(label) for label in labels) <= 80


# ---------------------------------------------------------------- loading and faults
def test_it_is_loaded_with_its_indices_and_a_row_a_year(
    settings: Settings, engine_as: Callable[[str], sa.Engine]
) -> None:
    register_catalogue(settings, "r1", [PLAN])
    with engine_as("loader").connect() as connection:
        tasks = {row["task_code"]: row for row in current_rows(connection, schema.ref_task)}
        targets = current_rows(connection, schema.ref_target)
        obligations = current_rows(connection, schema.ref_obligation)
    assert (len(tasks), len(targets)) == (65, 18)
    by_key = {(row["target_code"], row["year"]): row for row in targets}
    third = by_key[f"{PLAN}/CT-III.3", 2019]
    assert (third["index_code"], third["index_content_no"], third["low_value"]) == ("PAPI", 3, Decimal("6.0"))
    assert (third["baseline_value"], third["citation"]) == (Decimal("5.15"), "3897/QĐ-UBND, III.3")
    assert {row["area_code"] for row in targets if row["index_code"]} == {"X"}
    assert tasks[f"{PLAN}/IV.1.1-02"]["citation"] == "3897/QĐ-UBND, IV.1.1"
    years = Counter(row["due_year"] for row in obligations if row["task_code"] == f"{PLAN}/III.1-01")
    assert years == {2018: 1, 2019: 1}


@pytest.mark.parametrize(
    ("old", "new", "field", "reason"),
    [
        ("{code: PAPI, content: 6}", "{code: PAPI, content: 9}", "index", "unknown index 'PAPI', content 9"),
        ("{code: PAPI, content: 6}", "{code: PAPY, content: 6}", "index", "unknown index 'PAPY'"),
        ("  index: {code: PAPI, content: 1}\n", "", "fed_by", "needs `index`"),
        ("years: [2018, 2019]", "years: [2018, 2020]", "years", "2020 lies outside the plan's years"),
        ("due: 2019-12-31", "due: 2020-12-31", "obligations[2].due", "outside the plan's years"),
        ("deadline: che-do-bao-cao", "deadline: che-do", "deadline", "unknown reading 'che-do'"),
        ("code: III.2\n", "code: III.1\n", "code", "are those of item [2]"),
        (
            ", reported_by: HCM-VP}",
            "}",
            "leads[0]",
            "nobody would owe the task",
        ),
        ("  - {group: II, ", "  - {group: VI, ", "targets[0]", "no part of plan.areas takes 'II.1.2'"),
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
