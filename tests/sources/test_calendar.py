"""Periods, rounds and days off are those of the documents; due dates on days off move."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from sources.catalogue import DATA_DIR, load_catalogue, register_catalogue
from sources.catalogue.calendar import Calendar, Period, PeriodsFile, RoundsFile
from sources.catalogue.calendar_rows import calendar_rows
from sources.catalogue.days_off import DaysOffFile, WorkingDays, by_package
from warehouse import schema
from warehouse.data_files import read_model
from warehouse.reference import current_rows
from warehouse.settings import Settings

SEEDS = Path(__file__).resolve().parents[3] / "shared" / "seeds"
ONE_DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    folder = DATA_DIR / "calendar"
    periods = read_model(folder / "periods.yml", PeriodsFile)
    days = WorkingDays.of(read_model(folder / "days_off.yml", DaysOffFile))
    return Calendar(periods.all(), periods.review_day, read_model(folder / "rounds.yml", RoundsFile), days)


@pytest.fixture(scope="module")
def periods(calendar: Calendar) -> dict[str, Period]:
    return {period.id: period for period in calendar.periods}


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A copy of the data without the plans, which are no concern of the calendar."""
    return Path(shutil.copytree(DATA_DIR, tmp_path / "data", ignore=shutil.ignore_patterns("plans")))


# ---------------------------------------------------------------- periods
@pytest.mark.parametrize("year", range(2019, 2027))
def test_windows_are_those_of_the_decree(periods: dict[str, Period], year: int) -> None:
    expected = {
        "Q1": (date(year - 1, 12, 15), date(year, 3, 14)),
        "Q2": (date(year, 3, 15), date(year, 6, 14)),
        "H1": (date(year - 1, 12, 15), date(year, 6, 14)),
        "Q3": (date(year, 6, 15), date(year, 9, 14)),
        "Q4": (date(year, 9, 15), date(year, 12, 14)),
        "Y": (date(year - 1, 12, 15), date(year, 12, 14)),
    }
    found = {kind: periods[f"{year}-{kind}"].window for kind in expected}
    assert {kind: (w.start, w.end) for kind, w in found.items() if w} == expected


def test_the_decree_sets_no_window_that_closed_before_it_was_in_force(periods: dict[str, Period]) -> None:
    set_by_it = [p for p in periods.values() if "09/2019/NĐ-CP, Điều 12" in p.source]
    assert min(p.closes_on for p in set_by_it) == date(2019, 3, 14)
    assert all(p.window is None for p in periods.values() if p.year == 2018)


def test_quarters_that_nobody_reports_are_derived_in_one_way(periods: dict[str, Period]) -> None:
    derived = {p.id: p.parts for p in periods.values() if p.parts}
    assert derived == {f"{year}-Q2": [f"{year}-H1", f"{year}-Q1"] for year in range(2019, 2027)} | {
        f"{year}-Q4": [f"{year}-Y", f"{year}-H1", f"{year}-Q3"] for year in range(2019, 2027)
    }


def test_what_is_cumulative_and_how_many_quarters_it_covers(periods: dict[str, Period]) -> None:
    of_2019 = {p.kind: (p.form.cumulative, p.form.quarters) for p in periods.values() if p.year == 2019}
    assert of_2019 == {
        "Q1": (False, 1),
        "Q2": (False, 1),
        "H1": (True, 2),
        "Q3": (False, 1),
        "9M": (True, 3),
        "N11": (False, None),
        "Q4": (False, 1),
        "Y": (True, 4),
    }


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the decisions are not beside the project")
def test_the_days_of_the_papi_plan_are_those_it_names(periods: dict[str, Period]) -> None:
    (document,) = SEEDS.glob("002_*.txt")
    named = re.search(
        r"vào ngày (\d+) tháng (\d+), ngày (\d+) tháng (\d+)", document.read_text(encoding="utf-8")
    )
    assert named is not None
    first_day, first_month, second_day, second_month = map(int, named.groups())
    assert (periods["2018-9M"].closes_on, periods["2018-N11"].closes_on) == (
        date(2018, first_month, first_day),
        date(2018, second_month, second_day),
    )
    assert periods["2019-N11"].closes_on == date(2019, second_month, second_day)


def test_a_round_within_a_quarter_ends_with_its_month(periods: dict[str, Period]) -> None:
    assert periods["2018-N11"].calendar_end == date(2018, 11, 30)
    assert periods["2018-9M"].calendar_end == date(2018, 9, 30)
    assert periods["2023-H1"].calendar_end == date(2023, 6, 30)


# ---------------------------------------------------------------- days off
LUNAR = {  # first day of Tết; Hùng Kings (10/3 of the lunar year)
    2018: (date(2018, 2, 16), date(2018, 4, 25)),
    2019: (date(2019, 2, 5), date(2019, 4, 14)),
    2020: (date(2020, 1, 25), date(2020, 4, 2)),
    2021: (date(2021, 2, 12), date(2021, 4, 21)),
    2022: (date(2022, 2, 1), date(2022, 4, 10)),
    2023: (date(2023, 1, 22), date(2023, 4, 29)),
    2024: (date(2024, 2, 10), date(2024, 4, 18)),
    2025: (date(2025, 1, 29), date(2025, 4, 7)),
    2026: (date(2026, 2, 17), date(2026, 4, 26)),
}


@pytest.mark.parametrize("year", sorted(LUNAR))
def test_lunar_feasts_are_days_off(calendar: Calendar, year: int) -> None:
    new_year, hung_kings = LUNAR[year]
    tet = {new_year + ONE_DAY * n for n in range(-1, 4)}
    assert all(calendar.days.is_off(day) for day in {*tet, hung_kings})


def test_days_off_of_2023_are_those_announced(calendar: Calendar) -> None:
    january = {date(2023, 1, day) for day in (1, 2, *range(20, 27))}
    spring = {date(2023, 4, 29), date(2023, 4, 30), *(date(2023, 5, day) for day in (1, 2, 3))}
    autumn = {date(2023, 9, day) for day in (1, 2, 3, 4)}
    assert {day for day in calendar.days.off if day.year == 2023} == january | spring | autumn


def test_days_worked_in_exchange(calendar: Calendar) -> None:
    assert sorted(calendar.days.worked) == [
        date(2019, 1, 5),
        date(2019, 5, 4),
        date(2024, 5, 4),
        date(2025, 4, 26),
        date(2026, 1, 10),
        date(2026, 8, 22),
    ]
    assert not calendar.days.is_off(date(2024, 5, 4))
    assert calendar.days.is_off(date(2024, 4, 29))


def test_a_decision_adds_what_the_package_does_not_know(calendar: Calendar) -> None:
    off, worked, _ = by_package(2026)
    assert date(2026, 1, 2) not in off
    assert date(2026, 1, 10) not in worked
    assert calendar.days.working_day_from(date(2026, 1, 1)) == date(2026, 1, 5)
    assert calendar.days.working_day_from(date(2026, 1, 10)) == date(2026, 1, 10)
    sources = {day.day: day.source for day in calendar.days.listed}
    assert sources[date(2026, 1, 2)] == "12729/VPCP-KGVX"


# ---------------------------------------------------------------- due dates, as loaded
def add_round(data_dir: Path, text: str) -> None:
    with (data_dir / "calendar" / "rounds.yml").open("a", encoding="utf-8") as file:
        file.write(text)


def loaded(data_dir: Path, settings: Settings, engine_as: Callable[[str], sa.Engine]) -> dict[str, Any]:
    register_catalogue(settings, "test", (), data_dir)
    with engine_as("loader").connect() as connection:
        return {
            table.name: current_rows(connection, table)
            for table in (schema.ref_period, schema.ref_round, schema.ref_period_due, schema.ref_day_off)
        }


@pytest.mark.parametrize(
    ("stated", "due"),
    [
        ("2023-06-16", "2023-06-16"),  # a Friday
        ("2023-06-17", "2023-06-19"),  # a Saturday
        ("2023-04-29", "2023-05-04"),  # Hùng Kings on a Saturday, 30/4, 1/5 and the days in lieu
        ("2024-05-04", "2024-05-04"),  # a Saturday that was worked
        ("2026-01-01", "2026-01-05"),  # with the exchange of 2/1
    ],
)
def test_a_due_date_on_a_day_off_moves_to_the_next_working_day(
    calendar: Calendar, stated: str, due: str
) -> None:
    asked = {
        "units": ["BT"],
        "effective_from": date(2022, 12, 30),
        "due": {"2023-Q1": {"*": date.fromisoformat(stated)}},
        "source": "test",
    }
    rounds = RoundsFile.model_validate({"rounds": [asked]})
    rows = calendar_rows(Calendar(calendar.periods, 25, rounds, calendar.days), {"BT": 10})
    (row,) = rows[schema.ref_period_due]
    assert (str(row["stated_date"]), str(row["due_date"])) == (stated, due)


def test_a_changed_due_date_is_another_row_of_the_same_round(
    data_dir: Path, settings: Settings, engine_as: Callable[[str], sa.Engine]
) -> None:
    before = loaded(data_dir, settings, engine_as)
    add_round(
        data_dir,
        """
- units: [BT]
  due: {2023-H1: {ward: 2023-06-24}}
  effective_from: 2023-06-12
  source: "a letter that gives wards a week more"
""",
    )
    after = loaded(data_dir, settings, engine_as)
    assert len(after["ref_round"]) == len(before["ref_round"])
    assert len(after["ref_period_due"]) == len(before["ref_period_due"]) + 1
    of_wards = [
        (str(row["effective_from"]), str(row["stated_date"]), str(row["due_date"]), row["assumed"])
        for row in after["ref_period_due"]
        if (row["unit_agency_key"], row["period_id"], row["agency_kind"]) == (10, "2023-H1", "ward")
    ]
    assert sorted(of_wards) == [
        ("2022-12-30", "2023-06-16", "2023-06-16", True),
        ("2023-06-12", "2023-06-24", "2023-06-26", False),
    ]


def test_the_warehouse_can_explain_a_moved_date(
    data_dir: Path, settings: Settings, engine_as: Callable[[str], sa.Engine]
) -> None:
    rows = loaded(data_dir, settings, engine_as)
    named = {row["day"]: (row["label_vi"], row["is_working"]) for row in rows["ref_day_off"]}
    assert named[date(2023, 5, 3)][0].startswith("Giỗ Tổ Hùng Vương")
    assert named[date(2024, 5, 4)] == ("Làm việc bù cho ngày 29/4", True)
    province = {row["period_id"]: row["province_due_date"] for row in rows["ref_period"]}
    assert province["2023-Q1"] == date(2023, 3, 27)  # 25/3/2023 is a Saturday
    assert province["2023-Q3"] == date(2023, 9, 25)
    assert province["2023-Q2"] is None  # nobody reports it


def test_the_round_of_the_demonstration_is_unchanged(
    data_dir: Path, settings: Settings, engine_as: Callable[[str], sa.Engine]
) -> None:
    rows = loaded(data_dir, settings, engine_as)["ref_period_due"]
    found = {
        (row["period_id"], row["agency_kind"]): row["due_date"]
        for row in rows
        if row["unit_agency_key"] == 10 and row["period_id"].startswith("2023")
    }
    assert found == {
        ("2023-Q1", "ward"): date(2023, 3, 16),
        ("2023-Q1", "*"): date(2023, 3, 17),
        ("2023-H1", "ward"): date(2023, 6, 16),
        ("2023-H1", "*"): date(2023, 6, 19),
        ("2023-Q3", "ward"): date(2023, 9, 15),
        ("2023-Q3", "*"): date(2023, 9, 18),
        ("2023-Y", "ward"): date(2023, 12, 15),
        ("2023-Y", "*"): date(2023, 12, 18),
    }


def test_registering_the_calendar_twice_writes_once(data_dir: Path, settings: Settings) -> None:
    assert register_catalogue(settings, "r1", (), data_dir)["calendar"] is True
    assert register_catalogue(settings, "r2", (), data_dir)["calendar"] is False


def test_the_catalogue_carries_the_calendar(data_dir: Path, calendar: Calendar) -> None:
    found = load_catalogue(data_dir).calendar
    assert [period.id for period in found.periods] == [period.id for period in calendar.periods]
