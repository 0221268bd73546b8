"""The year end to end, as `make demo` runs it: figures against those that the scenario itself gives."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from cli.demo import ON_TIME_QUERY
from sources.synthetic.generate import Generator
from sources.synthetic.scenario import Round, Scenario, load_scenario
from tests.conftest import TEST_HOME
from tests.demo import expected
from warehouse import server
from warehouse.engine import dispose_engines, engine
from warehouse.settings import PROJECT_ROOT, Settings, child_environment

pytestmark = pytest.mark.slow

SUMS = {"II.7.b": 35.0, "II.10.1": 100.0, "II.10.2": 100.0, "II.10.4": 100.0, "III.5.4.a": 100.0}
"""Targets that roll up by sums of counts, with the least percent that meets them."""


@dataclass
class Year:
    """A played year: its settings, what the command printed, and its scenario."""

    settings: Settings
    printed: str
    scenario: Scenario
    generator: Generator

    def rows(self, query: str) -> list[dict[str, Any]]:
        with engine(self.settings, "bi").connect() as connection:
            return [dict(row) for row in connection.execute(sa.text(query)).mappings()]

    def city(self, period: str) -> dict[str, Any]:
        return self.rows(
            f"select * from marts.review_city where unit_code = 'BT' and period_id = '{period}'"
        )[0]


def play(home: Path) -> str:
    """`cchc demo` in a process of its own; what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", "from cli.main import run; run()", "demo"],
        cwd=PROJECT_ROOT,
        env=child_environment(CCHC_HOME=str(home), COLUMNS="200"),
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def year() -> Iterator[Year]:
    home = TEST_HOME / f"year-{uuid4().hex[:8]}"
    settings = Settings(home=home)
    try:
        printed = play(home)
        scenario = load_scenario()
        yield Year(settings, printed, scenario, Generator.of(settings, scenario))
    finally:
        dispose_engines()
        if home.exists():
            server.stop(settings)
            shutil.rmtree(home)


def rounds() -> list[Any]:
    return [pytest.param(r, id=r.period) for r in load_scenario().rounds]


@pytest.mark.parametrize("reporting_round", rounds())
def test_who_reported(year: Year, reporting_round: Round) -> None:
    wanted = expected.reporting_counts(year.generator, reporting_round)
    city = year.city(reporting_round.period)
    assert {name: city[name] for name in wanted} == wanted


@pytest.mark.parametrize("reporting_round", rounds())
def test_the_districts_dossiers(year: Year, reporting_round: Round) -> None:
    sums = expected.dossier_sums(expected.current_sheets(year.generator, reporting_round))
    in_time = sums["resolved_early"] + sums["resolved_on_time"]
    city = year.city(reporting_round.period)
    assert city["dossiers_resolved_in_time"] == in_time
    assert city["dossiers_resolved_total"] == in_time + sums["resolved_late"]
    assert city["dossiers_resolved_late"] == sums["resolved_late"]
    assert float(city["dossier_on_time_rate"]) == pytest.approx(in_time / (in_time + sums["resolved_late"]))
    assert city["apology_letters"] == sums["apology_letters"]
    assert city["dossiers_pending_overdue"] == sums["pending_overdue"]


def test_the_printed_query_gives_the_first_quarters_rate(year: Year) -> None:
    sums = expected.dossier_sums(expected.current_sheets(year.generator, year.scenario.rounds[0]))
    in_time = sums["resolved_early"] + sums["resolved_on_time"]
    assert ON_TIME_QUERY in year.printed
    row = year.rows(ON_TIME_QUERY)[0]
    assert (row["in_time"], row["resolved"]) == (in_time, in_time + sums["resolved_late"])
    assert float(row["on_time_rate"]) == round(in_time / (in_time + sums["resolved_late"]), 4)


def test_the_second_quarter_is_derived_agency_by_agency(year: Year) -> None:
    first, half = (
        expected.current_sheets(year.generator, reporting_round)
        for reporting_round in year.scenario.rounds[:2]
    )
    both = first.keys() & half.keys()
    before = expected.dossier_sums({code: first[code] for code in both})
    after = expected.dossier_sums({code: half[code] for code in both})
    city = year.city("2023-Q2")
    assert city["is_derived"]
    assert city["dossiers_resolved_late"] == after["resolved_late"] - before["resolved_late"]
    assert city["dossier_agencies_covered"] == len([c for c in both if half[c].get("dossier")])


@pytest.mark.parametrize("reporting_round", rounds())
def test_targets_that_are_sums(year: Year, reporting_round: Round) -> None:
    sheets = expected.current_sheets(year.generator, reporting_round)
    rows = {
        row["target_code"]: row
        for row in year.rows(
            "select * from marts.review_target where unit_code = 'BT' "
            f"and period_id = '{reporting_round.period}'"
        )
    }
    for section, least in SUMS.items():
        code = f"{year.scenario.plan}/CT-{section}"
        above, below = expected.target_sums(sheets, code)
        assert (rows[code]["numerator"], rows[code]["denominator"]) == (above, below), code
        assert rows[code]["outcome"] == ("met" if 100 * above / below >= least else "missed"), code


def test_outcomes_of_every_kind_occur(year: Year) -> None:
    for period in ("2023-Q1", "2023-Y"):
        city = year.city(period)
        for outcome in ("met", "missed", "no_data"):
            assert city[f"targets_{outcome}"] > 0, (period, outcome)
    assert year.city("2023-Q1")["targets_not_applicable"] > 0


def test_tasks_that_the_scenario_leaves_late(year: Year) -> None:
    rows = year.rows(
        "select stt, task_state, obligations_overdue from marts.review_task "
        "where unit_code = 'BT' and period_id = '2023-Y' and stt in ('1.8', '3.9', '4.6', '4.8', '5.6')"
    )
    states = {row["stt"]: (row["task_state"], row["obligations_overdue"]) for row in rows}
    assert states == {
        "1.8": ("done_late", 0),
        "3.9": ("done_late", 0),
        "4.6": ("overdue", 1),
        "4.8": ("overdue", 1),
        "5.6": ("awaiting", 0),
    }


def test_every_file_has_the_verdict_that_the_form_rules(year: Year) -> None:
    with engine(year.settings, "builder").connect() as connection:
        rows = connection.execute(
            sa.text(
                "select d.source_name, r.verdict from raw.delivery d join raw.reading r using (delivery_id)"
            )
        ).tuples()
        verdicts = dict(rows.all())
    files = [f.name for r in year.scenario.rounds for f in year.generator.files(r)]
    assert verdicts.keys() == set(files)
    assert {n for n, v in verdicts.items() if v == "refused"} == expected.REFUSED
    assert {n for n, v in verdicts.items() if v == "duplicate"} == expected.DOUBLE
    # The copied figures are found at the raw gate, after intake.
    assert {n for n, v in verdicts.items() if v == "held"} == expected.HELD - {"BT-P-BTDB 2023-Q3.xlsx"}


@pytest.mark.parametrize("reporting_round", rounds())
def test_each_fault_is_found_and_nothing_else(year: Year, reporting_round: Round) -> None:
    rows = year.rows(
        "select rule_id, agency_code from marts.review_finding where unit_code = 'BT' "
        f"and period_id = '{reporting_round.period}' and severity in ('warning', 'error', 'fatal')"
    )
    assert {(r["rule_id"], r["agency_code"]) for r in rows} == expected.FINDINGS[reporting_round.period]


def test_the_reviews_are_there_and_say_that_they_are_synthetic(year: Year) -> None:
    for reporting_round in year.scenario.rounds:
        folder = year.settings.output_dir / "review" / "BT" / reporting_round.period
        assert (folder / "review.xlsx").stat().st_size > 10_000
        assert "DỮ LIỆU TỔNG HỢP" in (folder / "index.html").read_text(encoding="utf-8")


def test_a_second_run_gives_the_same_figures(year: Year) -> None:
    once = every_mart(year)
    printed = play(year.settings.home)
    assert every_mart(year) == once
    waves = sum(len(reporting_round.waves) for reporting_round in year.scenario.rounds)
    assert re.findall(r"synthetic files \d+, new (\d+)", printed) == ["0"] * waves
    assert summary_of(printed) == summary_of(year.printed)


def every_mart(year: Year) -> dict[str, list[str]]:
    """Every row of every mart as sorted text."""
    names = year.rows(
        "select table_name from information_schema.tables "
        "where table_schema = 'marts' and table_name <> 'serving'"
    )
    assert len(names) >= 9
    return {
        n["table_name"]: sorted(str(row) for row in year.rows(f"select * from marts.{n['table_name']}"))
        for n in names
    }


def summary_of(printed: str) -> str:
    """The summary table alone: the steps above it carry seconds."""
    return printed[printed.index("SYNTHETIC · quận Bình Tân 2023") : printed.index("Reviews (SYNTHETIC)")]
