"""What a period is compared with."""

from __future__ import annotations

import pytest

from review.figures import previous
from review.marts import Marts


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
