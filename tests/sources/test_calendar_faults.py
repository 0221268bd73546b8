"""A wrong calendar is refused before anything is written, with the place and reason of every fault."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from sources.catalogue import DATA_DIR, load_catalogue, register_catalogue
from tests.sources.wrong_data import change, problems
from warehouse import schema
from warehouse.errors import DataFileError
from warehouse.settings import Settings

PERIODS, ROUNDS, DAYS = (f"calendar/{name}.yml" for name in ("periods", "rounds", "days_off"))
SINGLE = '{kind: N11, year: 2018, window: null, closes_on: 2018-11-15, source: "3897'
SECOND = "\n- {units: [BT], due: {2023-Q1: {ward: 2023-03-20}}, effective_from: %s, source: test}\n"


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A copy of the data without the plans, which are no concern of the calendar."""
    return Path(shutil.copytree(DATA_DIR, tmp_path / "data", ignore=shutil.ignore_patterns("plans")))


def line_of(data_dir: Path, name: str, text: str) -> int:
    """The line on which a text first stands, from 1."""
    content = (data_dir / name).read_text(encoding="utf-8")
    return content[: content.index(text)].count("\n") + 1


@pytest.mark.parametrize(
    ("name", "old", "new", "field", "reason"),
    [
        # windows
        (PERIODS, "Q3: {start: 15/6", "Q3: {start: 1/6", "windows.Q3", "overlaps that of '2019-Q2'"),
        (PERIODS, "Q3: {start: 15/6", "Q3: {start: 20/6", "windows.Q3", "days from 2019-06-15 to 2019-06-19"),
        (
            PERIODS,
            "Q3: {start: 15/6, end: 14/9",
            "Q3: {start: 15/6, end: 14/10",
            "windows.Q3",
            "not in month 9",
        ),
        (PERIODS, "H1: {start: 15/12", "H1: {start: 1/1", "windows.H1", "2019-Q1 on 2018-12-15"),
        (PERIODS, "Q1: {start: 15/12", "Q1: {start: 31/2", "windows.Q1", "31/2 is no day of every year"),
        (PERIODS, "from: 2019", "from: 2018", "windows.Q1", "before its document was in force (2019-03-12)"),
        (PERIODS, "to: 2026", "to: 2018", "years.to", "lies before 2019"),
        (PERIODS, "to: 2026", "to: 2027", "windows.Y", "days off of 2027 are not known"),
        (
            PERIODS,
            "province_due: 25",
            "province_due: 14",
            "windows.Q1",
            "province_due is not after the cut-off",
        ),
        (
            PERIODS,
            "end: 2019-09-14}",
            "end: 2018-09-14}",
            "window.end",
            "before the window's start 2018-12-15",
        ),
        (PERIODS, "start: 2018-12-15", "start: 2018-12-31", "window.start", "2019-Q1 on 2018-12-15"),
        # kinds and periods
        (PERIODS, "H1: {order: 3", "H1: {order: 2", "kinds.H1.order", "order of Q2 already"),
        (PERIODS, SINGLE, SINGLE.replace("N11", "N12"), "periods[1].kind", "Input should be 'Q1'"),
        (PERIODS, SINGLE, SINGLE.replace("N11", "9M"), "periods[1]", "2018-9M is given twice"),
        (PERIODS, "closes_on: 2018-11-15", "closes_on: 2019-11-15", "closes_on", "does not lie in 2018"),
        (PERIODS, ", closes_on: 2018-11-15", "", "periods[1]", "give a window, or `window: null`"),
        (PERIODS, "  N11: {order", "  Q9: {order", "kinds", "Input should be 'Q1'"),
        # derived periods
        (PERIODS, "subtrahends: [Q1]", "subtrahends: [Q4]", "derived.Q2", "which is derived itself"),
        (PERIODS, "minuend: H1", "minuend: 9M", "derived.Q2", "2019-03-15 to 2019-09-14, not its window"),
        (PERIODS, "[H1, Q3]", "[Q3]", "derived.Q4", "leave a gap or overlap at 2018-12-15"),
        (
            PERIODS,
            "    Q2: {minuend: H1",
            "    N11: {minuend: H1",
            "derived.N11",
            "has no window in this rule",
        ),
        # rounds
        (ROUNDS, "units: [BT]", "units: [BX]", "units[0]", "unknown unit 'BX' (known: "),
        (ROUNDS, "units: [BT]", "units: [BT-NV]", "units[0]", "does not consolidate"),
        (ROUNDS, "2023-Y: {", "2025-Y: {", "units[0]", "no consolidating unit on 2025-12-14"),
        (ROUNDS, "2023-Y: {", "2023-5M: {", "due.2023-5M", "unknown period '2023-5M' (known: "),
        (ROUNDS, "2023-H1: {", "2023-Q2: {", "due.2023-Q2", "nobody owes a derived period"),
        (ROUNDS, "ward: 2023-03-16", "ward: 2023-03-14", "due.2023-Q1.ward", "after the cut-off 2023-03-14"),
        (ROUNDS, "ward: 2023-03-16", "ward: 2023-03-32", "due.2023-Q1.ward", "valid date"),
        (ROUNDS, "ward: 2023-03-16", "wards: 2023-03-16", "due.2023-Q1", "Input should be"),
        (
            ROUNDS,
            "ward: 2023-03-16",
            "ward: 2031-03-17",
            "due.2023-Q1.ward",
            "the days off of 2031 are not known",
        ),
        (ROUNDS, "2022-12-30", "2023-03-17", "due.2023-Q1.ward", "2023-03-16 would be set on 2023-03-17"),
        (ROUNDS, '{ward: 2023-03-16, "*": 2023-03-17}', "{ward: 2023-03-16}", "due.2023-Q1", "BT needs '*'"),
        (ROUNDS, '{ward: 2023-03-16, "*"', '{"*": 2023-03-16, "*"', "due.2023-Q1.*", "given twice"),
        # days off
        (DAYS, "20/1-26/1:", "20/1-25/1:", "years[5].days", "Thursday 2023-01-26 is off by holidays"),
        (DAYS, "1/9-4/9:", "1/9-5/9:", "days.1/9-5/9", "Tuesday 2023-09-05 is no day off by holidays"),
        (DAYS, "20/1-26/1:", "26/1-20/1:", "days.26/1-20/1", "ends before it begins"),
        (DAYS, "29/4-3/5:", "29/4-1/9:", "days.1/9-4/9", "2023-09-01 lies in another span too"),
        (DAYS, "20/1-26/1:", "20/1-26/13:", "days.20/1-26/13", "is no day of every year"),
        (DAYS, "    26/4: Làm", "    27/4: Làm", "worked", "Saturday 2025-04-26 is worked by holidays"),
        (
            DAYS,
            "    26/4: Làm",
            "    27/4: Làm",
            "worked.27/4",
            "Sunday 2025-04-27 is not worked by holidays",
        ),
        (DAYS, "    26/4: Làm", "    25/4: Làm", "worked.25/4", "a Friday, which is worked anyway"),
        (
            DAYS,
            "{day_off: 2/1, worked: 10/1",
            "{worked: 10/1",
            "days.2/1",
            "what sets it belongs in `decisions`",
        ),
        (DAYS, "{day_off: 2/1, worked: 10/1", "{day_off: 2/1", "worked.10/1", "belongs in `decisions`"),
        (DAYS, "{day_off: 2/1, worked: 10/1, ", "{", "decisions[0]", "give `day_off`, `worked`, or both"),
        (DAYS, "year: 2019", "year: 2018", "years[1]", "year 2018 is given twice"),
    ],
)
def test_each_fault_is_refused_with_its_place(
    data_dir: Path, name: str, old: str, new: str, field: str, reason: str
) -> None:
    change(data_dir, name, old, new)
    found = problems(data_dir)
    place = [problem for problem in found if problem.startswith(f"{data_dir / name}:") and reason in problem]
    assert place, found
    assert any(field in problem.split(": ")[0] for problem in place), place


def test_the_line_of_an_overlapping_window_is_named_once(data_dir: Path) -> None:
    line = change(data_dir, PERIODS, "Q3: {start: 15/6", "Q3: {start: 1/6")
    overlaps = [problem for problem in problems(data_dir) if "overlaps" in problem]
    assert overlaps == [
        f"{data_dir / PERIODS}:{line} rules[0].windows.Q3: "
        "that of '2019-Q3' overlaps that of '2019-Q2', and neither is cumulative"
    ]


def test_one_due_date_from_one_day_on(data_dir: Path) -> None:
    path = data_dir / ROUNDS
    path.write_text(path.read_text(encoding="utf-8") + SECOND % "2022-12-30", encoding="utf-8")
    line = line_of(data_dir, ROUNDS, "{ward: 2023-03-20}")
    (problem,) = problems(data_dir)
    assert problem.startswith(f"{path}:{line} ")
    assert "BT has 2023-03-16 for 'ward' already, from the same day on (2022-12-30)" in problem


def test_a_later_day_of_effect_is_a_change_and_no_fault(data_dir: Path) -> None:
    path = data_dir / ROUNDS
    path.write_text(path.read_text(encoding="utf-8") + SECOND % "2023-01-09", encoding="utf-8")
    dues = [due for due in load_catalogue(data_dir).calendar.dues() if due.agency_kind == "ward"]
    assert len([due for due in dues if (due.unit, due.period_id) == ("BT", "2023-Q1")]) == 2


def test_nothing_is_written_where_the_calendar_is_wrong(
    data_dir: Path, settings: Settings, engine_as: Callable[[str], sa.Engine]
) -> None:
    change(data_dir, PERIODS, "Q3: {start: 15/6", "Q3: {start: 1/6")
    change(data_dir, ROUNDS, "units: [BT]", "units: [BX]")
    change(data_dir, DAYS, "20/1-26/1:", "20/1-25/1:")
    with pytest.raises(DataFileError) as caught:
        register_catalogue(settings, "r1", data_dir=data_dir)
    files = {problem.split(":")[0] for problem in caught.value.problems}
    assert files == {str(data_dir / name) for name in (PERIODS, ROUNDS, DAYS)}
    with engine_as("loader").connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(schema.ref_version)).scalar() == 0


def test_a_missing_file_of_the_calendar_is_named(data_dir: Path) -> None:
    (data_dir / ROUNDS).unlink()
    assert f"{data_dir / ROUNDS}:1 (file): cannot be read" in problems(data_dir)[0]
