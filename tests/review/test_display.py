"""Numbers as Vietnamese readers write them, and text made harmless."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review import display
from review.display import Measured, Ratio


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (1234567, 0, "1.234.567"),
        (Decimal("1234.55"), 1, "1.234,6"),
        (0, 0, "0"),
        (None, 0, "–"),
        (-5, 1, "-5,0"),
    ],
)
def test_numbers(value: Decimal | None, places: int, text: str) -> None:
    assert display.number(value, places) == text


def test_days_and_moments_are_vietnamese() -> None:
    assert display.day(date(2023, 3, 5)) == "05/03/2023"
    assert display.moment(datetime(2023, 3, 16, 17, 5, tzinfo=UTC)) == "17/03/2023 00:05"


@given(st.integers(0, 10_000_000), st.integers(1, 10_000_000))
def test_a_rate_is_whole_or_nothing_only_when_it_is(above: int, below: int) -> None:
    ratio = Ratio(min(above, below), below)
    text = display.percent(ratio.value).removesuffix("\u00a0%")
    shown = Decimal(text.replace(".", "").replace(",", "."))
    assert (shown == 100) == (above >= below) or below > 10**6
    assert (shown == 0) == (min(above, below) == 0) or below > 10**6


def test_nothing_to_divide_by_is_no_rate() -> None:
    assert display.percent(Ratio(0, 0).value) == display.NOTHING
    assert Ratio(None, 5).value is None


@pytest.mark.parametrize("counts", [(-3, 5), (3, -5), (-3, -5), (8, 5)])
def test_a_derived_count_below_zero_is_shown_and_gives_no_rate(counts: tuple[int, int]) -> None:
    ratio = Ratio(*counts)
    assert ratio.value is None
    assert display.counts(ratio) == f"{counts[0]}/{counts[1]}"


def test_what_is_no_part_can_exceed_the_whole() -> None:
    assert display.percent(Ratio(6, 5, is_part=False).value) == "120,0\u00a0%"


@pytest.mark.parametrize(
    ("value", "shown", "counts"),
    [
        (Measured(Decimal("97.4"), "percent", Decimal(390), Decimal(400)), "97,4\u00a0%", "390/400"),
        (Measured(Decimal(3), "count", Decimal(3), None), "3", ""),
        (Measured(None, "date", Decimal(12), Decimal(13), "cơ quan"), "12/13 cơ quan", ""),
        (Measured(None, "percent", Decimal(0), Decimal(0)), "–", "0/0"),
        (Measured(None, "none", None, None), "–", ""),
    ],
)
def test_a_target_shows_its_value_and_its_counts(value: Measured, shown: str, counts: str) -> None:
    assert display.measured(value) == shown
    assert display.behind(value) == counts


@pytest.mark.parametrize("start", [*"=+-@\t\r＝＋－＠", " =", "\n+", "\u202e="])
def test_what_could_start_a_formula_is_marked(start: str) -> None:
    assert display.harmless_cell(f"{start}cmd").startswith("'")


@given(st.text())
def test_no_text_leaves_as_a_formula(text: str) -> None:
    left = display.harmless_cell(text)
    assert left.lstrip()[:1] not in tuple("=+-@")


def test_marks_that_turn_the_reading_direction_are_taken_out() -> None:
    assert display.clean("abc\u202excel.exe\x07") == "abcxcel.exe"
