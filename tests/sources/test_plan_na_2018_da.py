"""The template of Nghệ An in the catalogue: targets by part, duties by date, how each bound was read."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from sources.catalogue import Catalogue
from sources.catalogue.plans import PlanFile, Target
from sources.plan_findings.passages import passages
from warehouse.text import match_key

PLAN = "NA-2018-DA"
SEED = Path(__file__).resolve().parents[3] / "shared" / "seeds" / "003_1a1ed733ff5f9e54.txt"
needs_seed = pytest.mark.skipif(not SEED.is_file(), reason="the decision's text is not beside the project")
PILOTS = {"NA-SKHDT", "NA-STNMT", "NA-SXD", "NA-SGTVT", "NA-STC", "NA-VP", "NA-VINH"}


@pytest.fixture(scope="module")
def plan(catalogue: Catalogue) -> PlanFile:
    return catalogue.plan(PLAN)


@pytest.fixture(scope="module")
def targets(plan: PlanFile) -> dict[str, Target]:
    return {target.code: target for target in plan.targets}


@pytest.fixture(scope="module")
def sections() -> dict[str, str]:
    """The text of each section; the one that is numbered 2.1.2.2 by mistake is 3.1.2.2."""
    texts: dict[str, str] = {}
    for passage in passages(SEED.read_text(encoding="utf-8")):
        address = passage.address.replace("A.2.1.2.2", "A.3.1.2.2")
        texts[address] = f"{texts.get(address, '')} {passage.text}"
    return texts


# ---------------------------------------------------------------- targets
def test_targets_are_counted_by_part_and_section(plan: PlanFile) -> None:
    assert Counter(target.code[0] for target in plan.targets) == {"A": 37, "B": 44}
    counted = Counter(target.citation for target in plan.targets)
    assert [counted[f"A.3.1.2.{section}"] for section in range(1, 8)] == [6, 8, 9, 4, 1, 8, 1]
    assert [counted[f"B.3.1.2.{section}"] for section in range(1, 8)] == [6, 7, 10, 5, 1, 11, 4]


def test_targets_by_comparator_and_unit(plan: PlanFile) -> None:
    assert Counter((target.comparator, target.unit) for target in plan.targets) == {
        ("eq", "percent"): 38,
        ("gt", "percent"): 22,
        ("gt", "percent_change"): 3,
        ("lt", "percent_change"): 1,
        ("ge", "percent"): 2,
        ("ge", "count_per_year"): 2,
        ("le", "percent"): 2,
        ("le", "months"): 2,
        ("eq", "count"): 2,
        ("range", "percent"): 2,
        ("by_date", "date"): 4,
        ("none", "none"): 1,
    }


def test_values_hold_for_2018_and_the_step_is_a_duty_of_the_years_after(plan: PlanFile) -> None:
    assert {year for target in plan.targets for year in plan.values_by_year(target)} == {2018}
    duties = [task for task in plan.tasks if task.deadline.shared == "lo-trinh"]
    assert [task.citation for task in duties] == ["A.4.1", "B.4.1"]
    assert [item.due for item in plan.deadline_of(duties[0]).obligations] == [
        date(2018, 12, 31),
        date(2019, 12, 31),
        date(2020, 12, 31),
    ]


@pytest.mark.parametrize(
    ("code", "comparator", "value", "high", "unit"),
    [
        ("A.3.1.2.1.a", "eq", 100, None, "percent"),  # 100%
        ("A.3.1.2.1.b", "gt", 95, None, "percent"),  # trong đó có trên 95%
        ("A.3.1.2.1.e", "ge", 2, None, "count_per_year"),  # mỗi năm 2 đợt
        ("A.3.1.2.2.g", "range", 20, 30, "percent"),  # từ 20 đến 30%
        ("A.3.1.2.2.h", "eq", 100, None, "percent"),  # tất cả
        ("A.3.1.2.3.a", "le", 3, None, "months"),  # không quá 3 tháng
        ("A.3.1.2.3.b", "by_date", 20180331, None, "date"),  # trước tháng 4
        ("A.3.1.2.3.c", "le", 100, None, "percent"),  # không vượt quá số được giao
        ("A.3.1.2.3.f", "eq", 100, None, "percent"),  # đạt 100%
        ("A.3.1.2.3.g", "ge", 30, None, "percent"),  # 30% trở lên
        ("A.3.1.2.4.a", "by_date", 20181031, None, "date"),  # trước tháng 11
        ("A.3.1.2.4.b", "eq", 100, None, "percent"),  # trên 100%: cannot be
        ("A.3.1.2.4.d", "eq", 0, None, "count"),  # không có
        ("B.3.1.2.3.f", "gt", 98, None, "percent"),  # đạt trên 98%
        ("B.3.1.2.3.g", "ge", 25, None, "percent"),  # 25% trở lên
        ("B.3.1.2.6.g", "gt", 10, None, "percent"),  # trên 10% … của phường, xã
        ("B.3.1.2.7.a", "gt", 25, None, "percent_change"),  # tăng trên 25% so với năm trước
        ("B.3.1.2.7.b", "gt", 30, None, "percent_change"),  # tăng so với năm trước trên 30%
        ("B.3.1.2.7.c", "gt", 0, None, "percent_change"),  # tăng so với năm trước
        ("B.3.1.2.7.d", "lt", 0, None, "percent_change"),  # giảm so với năm trước
    ],
)
def test_words_are_read_as_their_comparator(
    targets: dict[str, Target], code: str, comparator: str, value: int, high: int | None, unit: str
) -> None:
    target = targets[code]
    assert (target.comparator, target.value, target.high, target.unit) == (comparator, value, high, unit)
    assert target.baseline_year is None  # a change is one against the own year before


def test_of_which_targets_depend_on_the_target_before(targets: dict[str, Target]) -> None:
    children = {code: target.parent for code, target in targets.items() if target.parent}
    assert children == {
        "A.3.1.2.1.b": "A.3.1.2.1.a",
        "A.3.1.2.3.g": "A.3.1.2.3.f",
        "B.3.1.2.1.b": "B.3.1.2.1.a",
        "B.3.1.2.3.g": "B.3.1.2.3.f",
    }


def test_the_one_rule_that_no_number_measures_says_why(plan: PlanFile) -> None:
    [rule] = [target for target in plan.targets if not target.is_measurable]
    assert rule.code == "A.3.1.2.7"
    assert rule.unmeasurable


def test_one_stop_targets_are_of_the_procedures_and_surveys_of_the_surveys(
    targets: dict[str, Target],
) -> None:
    """The document files both under the apparatus; the reform areas are those of all plans."""
    areas = {code: target.area for code, target in targets.items() if target.citation.endswith(".3.1.2.3")}
    assert [areas[f"A.3.1.2.3.{letter}"] for letter in "efghi"] == ["2", "2", "2", "7", "7"]
    assert [areas[f"B.3.1.2.3.{letter}"] for letter in "efghij"] == ["2", "2", "2", "7", "7", "7"]


def test_departments_report_part_a_and_the_city_of_vinh_part_b(targets: dict[str, Target]) -> None:
    assert {target.reported_by for code, target in targets.items() if code[0] == "A"} == {"NA-SBN"}
    assert {target.reported_by for code, target in targets.items() if code[0] == "B"} == {"NA-VINH"}


# ---------------------------------------------------------------- duties
def test_duties_with_their_dates(plan: PlanFile) -> None:
    dated = {
        task.stt: [item.due for item in plan.deadline_of(task).obligations]
        for task in plan.tasks
        if task.kind == "duty" and task.stt.startswith("DIEU")
    }
    assert dated == {
        "DIEU-2.1": [date(2018, 2, 14)],  # before 15/02/2018
        "DIEU-2.2": [date(2018, 3, 31)],  # within Quý I/2018
        "DIEU-3-01": [date(2018, 2, 28)],  # within tháng 2/2018
    }
    assert Counter(task.kind for task in plan.tasks) == {"duty": 6, "standing": 12}


def test_seven_pilots_owe_the_first_date_and_everybody_else_the_second(
    catalogue: Catalogue, plan: PlanFile
) -> None:
    tasks = {task.stt: task for task in plan.tasks}
    first = {member.code for member in tasks["DIEU-2.1"].leads}
    second = {member.code for member in tasks["DIEU-2.2"].leads}
    due = date(2018, 3, 31)
    reporting = {
        agency.code
        for agency in catalogue.agencies.agencies
        if agency.parent == "NA" and agency.reports and agency.valid_from <= due <= agency.last_day
    }
    assert first == PILOTS
    assert first & second == set()
    assert first | second == reporting


# ---------------------------------------------------------------- the decision itself
@needs_seed
def test_every_bound_stands_in_its_section(plan: PlanFile, sections: dict[str, str]) -> None:
    spelled = {Decimal(20180331): "trước tháng 4", Decimal(20181031): "trước tháng 11"}
    wrong = []
    for target in plan.targets:
        text = sections[target.citation]
        for bound in filter(None, (target.value, target.high)):
            words = spelled.get(bound, f"{bound}")
            if re.search(rf"(?<!\d){re.escape(words)}(?!\d)", text) is None:
                wrong.append((target.code, words))
    assert wrong == []


@needs_seed
def test_labels_are_not_the_decisions_sentences(plan: PlanFile, sections: dict[str, str]) -> None:
    keys = {address: match_key(text) for address, text in sections.items()}
    copied = [
        item.citation
        for item in (*plan.tasks, *plan.targets)
        if len(match_key(item.label).split()) > 6 and match_key(item.label) in keys.get(item.citation, "")
    ]
    assert copied == []


@needs_seed
def test_cited_sections_are_those_of_the_decision(plan: PlanFile, sections: dict[str, str]) -> None:
    cited = {target.citation for target in plan.targets} | {
        place for item in plan.findings for place in item.at
    }
    cited |= {re.sub(r"-\d\d$", "", task.citation) for task in plan.tasks}
    assert {re.sub(r"-\d\d$", "", place) for place in cited} - set(sections) == set()
