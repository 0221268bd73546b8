"""Contradictions in the catalogue's own data, and reviewed findings against those that are computed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from sources.catalogue import Catalogue
from sources.plan_findings import CHECKS, catalogue_findings, cover, document_findings

SEEDS = Path(__file__).resolve().parents[3] / "shared" / "seeds"
needs_seeds = pytest.mark.skipif(not SEEDS.is_dir(), reason="the decisions are not beside the project")
DECISIONS = {
    "HCM-2018-5334": "000",
    "HCM-2022-CD": "001",
    "HCM-2018-3897": "002",
    "NA-2018-DA": "003",
    "BT-2022-7679": "004",
}


def found(catalogue: Catalogue, plan_code: str) -> dict[tuple[str, str], str]:
    findings = catalogue_findings(catalogue.plan(plan_code), catalogue.indices)
    return {(finding.check_code, finding.subject): finding.says_vi for finding in findings}


# ---------------------------------------------------------------- the data alone
def test_targets_that_are_said_again_with_another_bound(catalogue: Catalogue) -> None:
    told = found(catalogue, "BT-2022-7679")
    assert "≥ 90% ở II.8, > 90% ở III.6.3 và > 90% ở PL.6.6" in told["target-restated", "II.8"]
    assert "≥ 95% ở II.3.1 và > 95% ở PL.3.10" in told["target-restated", "II.3.1"]


def test_a_general_bound_and_what_goes_before_it(catalogue: Catalogue) -> None:
    told = found(catalogue, "BT-2022-7679")["target-overridden", "II.3.1"]
    assert "≥ 98%" in told
    assert "(II.3.2) < 3%" in told
    assert "(II.3.3) > 97%" in told


def test_a_plan_without_contradictions_in_its_data_is_silent(catalogue: Catalogue) -> None:
    plan = catalogue.plan("BT-2022-7679")
    plain = [
        target.model_copy(update={"restated": [], "overrides": None, "excluded_field_groups": None})
        for target in plan.targets
    ]
    assert catalogue_findings(plan.model_copy(update={"targets": plain}), catalogue.indices) == []


def test_scores_that_had_to_be_read_to_make_the_total(catalogue: Catalogue) -> None:
    """3897/QĐ-UBND gives two figures for two contents: which ones make its totals stands in indices.yml."""
    plan, indices = catalogue.plan("HCM-2018-3897"), catalogue.indices
    told = [f for f in catalogue_findings(plan, indices) if f.check_code == "index-sum"]
    assert [finding.document_place for finding in told] == ["3897/QĐ-UBND, I"] * 2
    assert told[0].says_vi.endswith("tổng ghi 34,91: khớp, với nội dung 1 hiểu là 4,70")
    assert told[1].says_vi == (
        "PAPI 2017: các nội dung cộng lại 35,88, tổng ghi 35,88: khớp, "
        "với nội dung 1 hiểu là 4,70 và nội dung 3 hiểu là 5,15"
    )
    assert all(f.check_code != "index-baseline" for f in catalogue_findings(plan, indices))
    assert all(f.check_code == "target-restated" for f in catalogue_findings(plan))  # without indices


def test_a_total_or_a_baseline_that_the_scores_do_not_give(catalogue: Catalogue) -> None:
    plan, indices = catalogue.plan("HCM-2018-3897"), catalogue.indices
    results = [
        result.model_copy(
            update={
                "contents": [
                    part.model_copy(update={"score": Decimal("4.27"), "read_as": None})
                    if part.content == 1
                    else part
                    for part in result.contents
                ]
            }
        )
        for result in indices.results
    ]
    findings = catalogue_findings(plan, indices.model_copy(update={"results": results}))
    told = {finding.check_code: finding.says_vi for finding in findings}
    assert "các nội dung cộng lại 35,45, tổng ghi 35,88: không khớp" in told["index-sum"]
    assert "mức so sánh năm 2017 ghi 4,70, kết quả PAPI được hiểu là 4,27" in told["index-baseline"]


# ---------------------------------------------------------------- reviewed against computed
def test_checks_that_reviewed_findings_name_are_known(catalogue: Catalogue) -> None:
    named = {item.check for plan in catalogue.plans.values() for item in plan.findings if item.check}
    assert named - set(CHECKS) == set()


@needs_seeds
@pytest.mark.parametrize("plan_code", DECISIONS)
def test_what_is_computed_has_been_reviewed_and_the_other_way_round(
    catalogue: Catalogue, plan_code: str
) -> None:
    """A reviewed finding covers a computed one of its check whose subject it cites, or names in its words."""
    text = next(SEEDS.glob(f"{DECISIONS[plan_code]}_*.txt")).read_text(encoding="utf-8")
    computed = document_findings(text)
    reviewed = [item for item in catalogue.plan(plan_code).findings if item.check]
    covered = cover(reviewed, computed)
    assert covered.not_reviewed == []
    assert [item.says for item, by in covered.reviewed if not by] == []
