"""Readers of numbers, percentages and dates as Vietnamese offices write them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.forms.definition import Column, load_definition
from sources.forms.values import ValueReader, parse_date, parse_number, plain

READER = ValueReader(load_definition())
COUNT = Column(code="c", heading="", type="count")
NUMBER = Column(code="n", heading="", type="number", low=0)
PERCENT = Column(code="p", heading="", type="percent", low=0, high=100)
BY_UNIT = Column(code="u", heading="", type="by_unit")
DATE = Column(code="d", heading="", type="date")


def _vietnamese(value: int, decimals: str = "") -> str:
    return f"{value:,}".replace(",", ".") + (f",{decimals}" if decimals else "")


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_grouped_integers_read_back(value: int) -> None:
    assert parse_number(_vietnamese(value)) == value
    assert parse_number(str(value)) == value
    assert parse_number(f"{value:,}".replace(",", " ")) == value


@given(st.integers(min_value=0, max_value=10**12), st.from_regex(r"[0-9]{1,6}", fullmatch=True))
def test_decimals_read_back(whole: int, decimals: str) -> None:
    expected = Decimal(f"{whole}.{decimals}")
    assert parse_number(_vietnamese(whole, decimals)) == expected
    assert parse_number(f"{whole},{decimals}") == expected


@given(st.text(max_size=40))
def test_no_text_breaks_the_readers(text: str) -> None:
    for column in (COUNT, NUMBER, PERCENT, BY_UNIT, DATE):
        read = READER.read(column, text)
        assert read.value is None or read.rule is None
    parse_number(text)
    parse_date(text)


@given(
    st.one_of(
        st.floats(), st.integers(), st.booleans(), st.datetimes(), st.dates(), st.times(), st.timedeltas()
    )
)
def test_no_cell_breaks_the_readers(cell: Any) -> None:
    for column in (COUNT, NUMBER, PERCENT, BY_UNIT, DATE):
        read = READER.read(column, cell)
        assert read.value is None or read.rule is None


@given(st.integers(min_value=0, max_value=10**12))
def test_counts_are_exact(value: int) -> None:
    assert READER.read(COUNT, float(value)).value == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("585.336", 585336),
        (1234.0, 1234),
        ("1.234.567", 1234567),
        ("1 234", 1234),
        ("1,234,567", 1234567),
        ("12,0", 12),
        ("Không phát sinh", 0),
        ("KHONG PHAT SINH", 0),
        (0.0, 0),
        ("0", 0),
        (" 7 ", 7),
    ],
)
def test_counts(cell: Any, value: int) -> None:
    assert READER.read(COUNT, cell) == (value, None, None)


@pytest.mark.parametrize("cell", ["", " ", "\u00a0", "-", "–", "—", "…", "...", "x", "X", "---", "xx"])
def test_silence_is_not_reported_and_no_fault(cell: str) -> None:
    for column in (COUNT, NUMBER, PERCENT, DATE):
        assert READER.read(column, cell) == (None, None, None)


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        (-1.0, "intake.cell_negative"),
        ("-5", "intake.cell_negative"),
        (1.234, "intake.cell_count"),
        ("1,234", "intake.cell_count"),
        (1e19, "intake.cell_range"),
        ("K", "intake.cell_number"),
        ("12 hồ sơ", "intake.cell_number"),
        ("98%", "intake.cell_number"),
        (True, "intake.cell_number"),
        (dt.date(2023, 1, 2), "intake.cell_date_for_number"),
        (dt.time(1, 2), "intake.cell_date_for_number"),
    ],
)
def test_what_is_no_count(cell: Any, rule: str) -> None:
    assert READER.read(COUNT, cell) == (None, rule, None)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("99,96", "99.96"),
        ("99.96", "99.96"),
        ("1.234,5", "1234.5"),
        ("1,234.5", "1234.5"),
        ("585.336", "585336"),
        ("0.985", "0.985"),
        ("007", "7"),
        ("−3", "-3"),
        ("1.23.456", None),
        ("12.34,5.6", None),
        ("1..2", None),
        ("", None),
        ("१२", None),
    ],
)
def test_numbers(text: str, value: str | None) -> None:
    assert parse_number(text) == (None if value is None else Decimal(value))


@pytest.mark.parametrize(
    ("cell", "is_percent", "value"),
    [
        (98.5, False, "98.5"),
        ("98,5", False, "98.5"),
        ("98,5%", False, "98.5"),
        ("９８，５％", False, "98.5"),
        ("98.500", False, "98.5"),
        (0.985, True, "98.5"),
        (1.0, True, "100"),
        (1.0, False, "1"),
        ("0,5 %", False, "0.5"),
        (0.0, False, "0"),
    ],
)
def test_percentages(cell: Any, is_percent: bool, value: str) -> None:
    assert READER.read(PERCENT, cell, is_percent=is_percent).value == Decimal(value)


@pytest.mark.parametrize(
    ("cell", "is_percent", "rule"),
    [
        (0.985, False, "intake.cell_fraction"),
        ("0,985", False, "intake.cell_fraction"),
        (101.0, False, "intake.cell_range"),
        (98.5, True, "intake.cell_range"),
        (-0.1, True, "intake.cell_negative"),
        ("gần xong", False, "intake.cell_number"),
    ],
)
def test_what_is_no_percentage(cell: Any, is_percent: bool, rule: str) -> None:
    assert READER.read(PERCENT, cell, is_percent=is_percent) == (None, rule, None)


def test_a_negative_zero_is_zero() -> None:
    assert (plain(-0.0), READER.read(COUNT, -0.0).value) == ("0", 0)


def test_the_targets_unit_decides() -> None:
    assert READER.read(BY_UNIT, 0.985, "percent").rule == "intake.cell_fraction"
    assert READER.read(BY_UNIT, 0.985, "score").value == Decimal("0.985")
    assert READER.read(BY_UNIT, "tháng 3/2023", "date").value == dt.date(2023, 3, 31)


@given(st.dates(min_value=dt.date(1990, 1, 1), max_value=dt.date(2099, 12, 31)))
def test_days_read_back_in_every_notation(day: dt.date) -> None:
    notations = [
        f"{day.day}/{day.month}/{day.year}",
        f"{day.day:02}-{day.month:02}-{day.year}",
        f"{day.day}.{day.month}.{day.year}",
        f"ngày {day.day} tháng {day.month} năm {day.year}",
        day.isoformat(),
    ]
    assert {parse_date(text) for text in notations} == {(day, "day")}
    serial = (day - dt.date(1899, 12, 30)).days
    assert READER.read(DATE, float(serial)) == (day, None, "day")
    assert READER.read(DATE, dt.datetime.combine(day, dt.time(8))).value == day


@pytest.mark.parametrize(
    ("text", "day", "precision"),
    [
        ("Quý I/2023", dt.date(2023, 3, 31), "quarter"),
        ("Quý I năm 2023", dt.date(2023, 3, 31), "quarter"),
        ("quí 3/2025", dt.date(2025, 9, 30), "quarter"),
        ("Quý IV/2023", dt.date(2023, 12, 31), "quarter"),
        ("tháng 2/2023", dt.date(2023, 2, 28), "month"),
        ("tháng 02 năm 2024", dt.date(2024, 2, 29), "month"),
        ("2/2018", dt.date(2018, 2, 28), "month"),
        ("năm 2023", dt.date(2023, 12, 31), "year"),
        ("10/11//2025", dt.date(2025, 11, 10), "day"),
        ("15/3/23", dt.date(2023, 3, 15), "day"),
        ("2023-03-15 00:00:00", dt.date(2023, 3, 15), "day"),
        ("45000", dt.date(2023, 3, 15), "day"),
    ],
)
def test_dates_keep_their_precision(text: str, day: dt.date, precision: str) -> None:
    assert parse_date(text) == (day, precision)


@pytest.mark.parametrize(
    "text", ["31/2/2023", "32/1/2023", "9/15/2023", "15/9", "quý 5/2023", "13/2023", "1/1/1023"]
)
def test_impossible_dates_are_findings(text: str) -> None:
    assert READER.read(DATE, text) == (None, "intake.cell_date", None)


def test_a_year_as_a_number_is_a_year_and_no_serial() -> None:
    assert READER.read(DATE, 2023.0) == (dt.date(2023, 12, 31), None, "year")
    assert READER.read(DATE, 5.0).rule == "intake.cell_date"


def test_a_cell_over_the_limit_is_not_loaded() -> None:
    text = Column(code="t", heading="", type="text")
    assert READER.read(text, "a" * 32767).value == "a" * 32767
    assert READER.read(text, "a" * 32768) == (None, "intake.cell_too_long", None)


@pytest.mark.parametrize("cell", [1e30, "9" * 400, -1e16, 1e-9, "0,0000000001"])
def test_a_number_beyond_every_report_is_not_loaded(cell: Any) -> None:
    for unit in ("count", "percent", "score"):
        assert READER.read(BY_UNIT, cell, unit).rule in ("intake.cell_range", "intake.cell_fraction")


@pytest.mark.parametrize("cell", [10**12 + 1, 2**63 - 1, 1e30, "9" * 400])
def test_a_count_beyond_every_report_is_not_loaded(cell: Any) -> None:
    assert READER.read(COUNT, cell).rule == "intake.cell_range"
    assert READER.read(COUNT, 10**12).value == 10**12


@pytest.mark.parametrize("cell", [0, 1e15, 0.000001, "585.336", 12.5])
def test_a_large_or_fine_number_is_loaded(cell: Any) -> None:
    assert READER.read(BY_UNIT, cell, "score").rule is None
