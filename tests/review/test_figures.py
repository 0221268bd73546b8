"""What a period is compared with."""

from __future__ import annotations

from typing import Any

import pytest

from review.figures import headline, previous
from review.marts import Marts
from tests.review.mart_columns import COLUMNS


def _year(asked: str, *kinds: str) -> Marts:
    rows = [{"period_id": f"2023-{kind}"} for kind in kinds]
    city = next(row for row in rows if row["period_id"] == f"2023-{asked}")
    return Marts(1, city, rows, *([[]] * 8))


@pytest.mark.parametrize(
    ("asked", "before"),
    [("Q1", None), ("Q2", "Q1"), ("Q3", "Q2"), ("Q4", "Q3"), ("H1", "Q1"), ("9M", "H1"), ("Y", "9M")],
)
def test_quarters_go_with_quarters_and_cumulative_reports_with_shorter_ones(
    asked: str, before: str | None
) -> None:
    found = previous(_year(asked, "Q1", "Q2", "H1", "Q3", "9M", "Q4", "Y"))
    assert (found and found["period_id"]) == (before and f"2023-{before}")


def test_a_period_that_is_not_there_is_passed_over() -> None:
    found = previous(_year("Y", "Q1", "H1", "Q3", "Y"))
    assert found
    assert found["period_id"] == "2023-H1"


def _satisfaction(kind: str, satisfied: int, valid: int) -> dict[str, Any]:
    return dict.fromkeys(COLUMNS["review_city"]) | {
        "period_id": f"2023-{kind}",
        "period_label": kind,
        "is_derived": False,
        "satisfaction_satisfied": satisfied,
        "satisfaction_valid": valid,
    }


@pytest.mark.parametrize(
    ("then", "now", "said"),
    [
        ((9684, 10000), (9715, 10000), "96,8\u00a0% (tăng 0,4 điểm %)"),
        ((9715, 10000), (9684, 10000), "97,2\u00a0% (giảm 0,4 điểm %)"),
        ((9715, 10000), (9724, 10000), "97,2\u00a0% (không đổi)"),
        ((9715, 10000), (9997, 10000), "97,2\u00a0% (tăng 2,77 điểm %)"),
    ],
)
def test_the_change_is_that_of_the_rates_as_they_are_shown(
    then: tuple[int, int], now: tuple[int, int], said: str
) -> None:
    year = [_satisfaction("Q1", *then), _satisfaction("H1", *now)]
    figures = {figure.label: figure for figure in headline(Marts(1, year[1], year, *([[]] * 8)))}
    assert figures["Người dân hài lòng"].before == f"Q1: {said}"
