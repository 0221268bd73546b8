"""Every target of the five plans can be evaluated: for the agencies of the day, in its year: met, missed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.conftest import clone_settings
from tests.dbt_project.city import PLAN as CITY_PLAN
from tests.dbt_project.city import register_city
from tests.dbt_project.plans_world import ROUNDS, Plans, Reports
from tests.dbt_project.world import PLAN, UNIT, WARD, Deliveries, at, load, load_reference
from warehouse import builds, schema, transform
from warehouse.engine import engine
from warehouse.settings import Settings

pytestmark = [
    pytest.mark.slow,
    # dbt leaves its log file open for the garbage collector
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
COUNTS = {"HCM-2018-5334": 29, "HCM-2022-CD": 5, "HCM-2018-3897": 10, "NA-2018-DA": 81, "BT-2022-7679": 35}
"""Targets of each plan, as the documents count them."""
Row = dict[str, Any]


class World:
    """The built warehouse, and what the catalogue says beside it."""

    def __init__(self, settings: Settings, plans: Plans) -> None:
        self.settings = settings
        self.plans = plans

    def rows(self, query: str, **values: Any) -> list[Row]:
        """Rows of a query, read as the one who builds."""
        with engine(self.settings, "builder").connect() as connection:
            return [dict(row) for row in connection.execute(sa.text(query), values).mappings()]

    def results(self) -> list[Row]:
        """What was evaluated, with the code of the agency."""
        return self.rows(
            "select f.*, a.agency_code from core.fct_target_result as f"
            " join core.dim_agency as a on a.agency_key = f.agency_key"
        )


@pytest.fixture(scope="module")
def world(
    server_home: Path, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """The five plans, their rounds reported and built once."""
    plans = Plans()
    for settings in clone_settings(server_home, template_database, tmp_path_factory.mktemp("plans")):
        plans.register(settings)
        plans.send_all(settings)
        build_id = builds.open_build(settings, at("2024-01-10 08:00"), "test", "test")
        assert build_id is not None
        transform.run_dbt(settings, build_id, "core")
        transform.run_dbt(settings, build_id, "candidate")
        yield World(settings, plans)


def test_every_target_of_every_plan_is_evaluated_or_said_to_be_unmeasurable(world: World) -> None:
    results = world.results()
    codes = {row["target_code"] for row in results}
    assert Counter(code.partition("/")[0] for code in codes) == COUNTS
    in_rounds = {(a.code, a.year) for a in world.plans.asked if (a.unit, a.year) in ROUNDS}
    assert {(row["target_code"], row["year"]) for row in results} == in_rounds
    without_number = {a.code for a in world.plans.asked if not a.target.is_measurable}
    said = {row["target_code"] for row in results if row["outcome"] == "not_measurable"}
    assert said == without_number
    assert len(codes) - len(said) == sum(COUNTS.values()) - len(without_number) > 140


def test_each_target_is_met_by_what_is_just_enough_and_missed_by_what_is_just_too_little(
    world: World,
) -> None:
    outcomes: dict[tuple[str, str, str], set[str]] = {}
    for row in world.results():
        key = (row["target_code"], row["period_id"], row["agency_code"])
        outcomes.setdefault(key, set()).add(row["outcome"])
    of_units = {
        (row["target_code"], row["period_id"]): row["outcome"]
        for row in world.rows("select target_code, period_id, outcome from candidate.review_target")
    }
    wrong, judged = [], Counter[str]()
    for asked in filter(lambda asked: asked.is_reported, world.plans.asked):
        for period_id, expected in zip(ROUNDS[asked.unit, asked.year], ("met", "missed"), strict=True):
            senders = world.plans.senders(asked, period_id)
            found = {
                code: outcomes.get((asked.code, period_id, code), set()) & {"met", "missed"}
                for code in senders
            }
            evaluated = {code: given for code, given in found.items() if given}
            if not evaluated or any(given != {expected} for given in evaluated.values()):
                wrong.append((asked.code, period_id, found))
            if of_units[asked.code, period_id] != expected:
                wrong.append((asked.code, period_id, "the unit", of_units[asked.code, period_id]))
            judged[f"{asked.target.comparator} {asked.target.unit}"] += 1
    assert wrong == []
    assert {kind.partition(" ")[0] for kind in judged} >= {"gt", "ge", "eq", "lt", "le", "range", "by_date"}
    assert {kind.partition(" ")[2] for kind in judged} >= {
        *("percent", "percent_change", "count", "count_per_half", "count_per_year", "months", "date")
    }


def test_the_agencies_of_the_day_are_asked_and_no_others(world: World) -> None:
    asked_of: dict[tuple[str, str], set[str]] = {}
    for row in world.results():
        if row["is_expected"]:
            asked_of.setdefault((row["target_code"], row["period_id"]), set()).add(row["agency_code"])

    wrong = [
        (asked.code, period_id)
        for asked in world.plans.asked
        for period_id in ROUNDS.get((asked.unit, asked.year), ())
        # who is asked for what is counted from procedure fields is the list of fields' matter
        if asked.target.fed_by != "dossier" and asked.target.measure != "satisfied"
        if asked_of.get((asked.code, period_id), set()) != world.plans.reporters(asked, period_id)
    ]
    assert wrong == []


def test_districts_and_departments_come_and_go(world: World) -> None:
    districts_of = "select distinct agency_code from candidate.review_agency_target where unit_code = 'HCM'"
    of = {
        year: {row["agency_code"] for row in world.rows(f"{districts_of} and year = :year", year=year)}
        for year in (2018, 2019, 2020, 2022)
    }
    merged = {"HCM-Q-2", "HCM-Q-9", "HCM-Q-THU-DUC"}
    assert merged <= of[2018] & of[2019] & of[2020]
    assert not merged & of[2022]
    assert "HCM-TP-THU-DUC" in of[2022] - of[2020]
    assert len([code for code in of[2019] if "-Q-" in code or "-H-" in code or code == "BT"]) == 24
    assert len([code for code in of[2022] if "-Q-" in code or "-H-" in code or code == "BT"]) == 21
    assert not {"HCM-SATTP", "HCM-SNNMT", "HCM-SDTTG"} & set().union(*of.values())


def test_a_stepped_target_has_the_bound_of_its_year(world: World) -> None:
    bounds = world.rows(
        "select target_code, year, low_value, target_text_vi from candidate.review_target"
        " where period_id in ('2018-Y', '2019-Y', '2020-Y') and target_code like 'HCM-2018-5334/%'"
    )
    of = {(row["target_code"].partition("CT-")[2], row["year"]): row for row in bounds}
    stepped = {
        a.target.code for a in world.plans.asked if a.target.by_year and a.plan_code == "HCM-2018-5334"
    }
    assert len(stepped) >= 4
    for asked in world.plans.asked:
        if asked.plan_code == "HCM-2018-5334" and asked.target.code in stepped:
            assert of[asked.target.code, asked.year]["low_value"] == asked.bound
    assert {"≥ 70 %", "≥ 80 %", "≥ 90 %"} <= {row["target_text_vi"] for row in bounds}


def test_bounds_are_written_as_people_write_them(world: World) -> None:
    written = {
        row["target_text_vi"]
        for row in world.rows("select distinct target_text_vi from candidate.review_target")
    }
    assert {
        *("hạng ≤ 7", "hạng ≤ 16", "> 6,00 điểm", "tăng so với năm trước", "tăng so với 2015"),
        *("giảm ≥ 2,5 % so với 2015", "tăng > 25 % so với năm trước", "≤ 3 tháng", "≥ 2 mỗi năm"),
        *("20–30 %", "< 100 %", "chậm nhất 31/03/2018"),
    } <= written


def test_indices_decide_what_nobody_reports(world: World) -> None:
    rows = world.rows("select * from candidate.review_index where unit_code = 'HCM'")
    outcome = {
        (row["index_code"], row["content_no"], row["year"], row["unit_of_measure"]): row["outcome"]
        for row in rows
    }
    assert {year: outcome["PAR", 0, year, "rank"] for year in (2018, 2019, 2020)} == {
        2018: "met",
        2019: "missed",
        2020: "no_data",
    }
    assert {year: outcome["PAR", 0, year, "score_change"] for year in (2018, 2019, 2020)} == {
        2018: "met",
        2019: "missed",
        2020: "no_data",
    }
    assert outcome["PAPI", 0, 2018, "rank"] == "met"
    # no document gives the year that it is to be held against
    assert outcome["PAPI", 0, 2018, "score_change"] == "no_data"
    assert [outcome["PAPI", content, 2018, "score"] for content in (1, 2, 3)] == ["missed", "met", "no_data"]
    told = next(
        row for row in rows if (row["index_code"], row["content_no"], row["year"]) == ("PAPI", 0, 2017)
    )
    assert (float(told["score"]), told["rank"], told["ranked_of"], float(told["score_before"])) == (
        35.88,
        39,
        63,
        34.91,
    )
    assert (told["outcome"], told["figure_source"][:14]) == ("no_target", "3897/QĐ-UBND, ")
    # the same in every round of the year, in the unit's own name
    facts = [row for row in world.results() if row["basis"] == "published"]
    assert {row["agency_code"] for row in facts} == {"HCM"}
    assert {(row["period_id"], row["outcome"]) for row in facts if "II.2.2" in row["target_code"]} == {
        (period, word) for year, word in ((2018, "met"), (2019, "missed")) for period in ROUNDS["HCM", year]
    }


def test_findings_of_every_plan_are_a_mart(world: World) -> None:
    rows = world.rows("select * from candidate.review_plan_finding")
    reviewed = Counter(row["plan_code"] for row in rows if row["is_reviewed"])
    assert reviewed == {code: len(file.findings) for code, file in world.plans.catalogue.plans.items()}
    assert all(
        row["read_as_vi"] and row["why_vi"] and row["citations_text"] for row in rows if row["is_reviewed"]
    )


def test_what_falls_due_next_is_of_the_next_quarter_and_of_members(world: World) -> None:
    rows = world.rows(
        "select d.*, p.calendar_end from candidate.review_task_due as d"
        " join core.dim_period as p on p.period_id = d.period_id"
    )
    assert {row["unit_code"] for row in rows} == {"HCM", "NA", "BT"}
    assert all(0 < (row["due_date"] - row["calendar_end"]).days <= 92 for row in rows)
    assert not [row for row in rows if row["task_code"].startswith("BT-") and row["unit_code"] != "BT"]
    wards = [row for row in rows if row["unit_code"] == "HCM" and "-P-" in row["agency_code"]]
    assert wards == []


def test_targets_built_round_by_round_equal_those_of_a_full_refresh(settings: Settings) -> None:
    plans, reports = Plans(), Reports(settings)
    plans.register(settings)

    def build(as_of: str, *, full_refresh: bool = False) -> list[str]:
        build_id = builds.open_build(settings, at(as_of), "test", "test", full_refresh=full_refresh)
        assert build_id is not None
        transform.run_dbt(settings, build_id, "core")
        with engine(settings, "builder").connect() as connection:
            texts = connection.scalars(sa.text("select f::text from core.fct_target_result as f"))
            return sorted(texts)

    plans.send_round(reports, "HCM", 2018, "2018-9M", passes=True)
    first = build("2018-09-20 08:00")
    # another unit's round opens, the next one closes, and an agency amends what it had sent
    plans.send_round(reports, "NA", 2018, "2018-9M", passes=False)
    plans.send_round(reports, "HCM", 2018, "2018-Y", passes=False)
    home_office = plans.keys["HCM-SNV"]
    reports.send(
        home_office, "2018-9M", "2018-12-22 09:00", report_kind="replacement", dossiers={"ho-tich": 3}
    )
    step_by_step = build("2018-12-23 08:00")

    assert build("2018-12-23 08:00", full_refresh=True) == step_by_step
    assert len(step_by_step) > len(first) > 100


def test_a_round_that_opens_later_brings_its_own_targets_to_an_agency_that_has_others(
    settings: Settings,
) -> None:
    load_reference(settings)
    register_city(settings)
    common = {"year": 2023, "target_order": 1, "area_code": "1", "target_label": "1", "indicator_code": "1"}
    common |= {
        "comparator": "ge",
        "direction": "higher",
        "unit": "percent",
        "low_value": 1,
        "fed_by": "target_row",
    }
    common |= {"scope_level": "district", "quantifier": "overall", "roll_up": "own", "citation": "1"}
    common |= {"is_measurable": True, "is_ambiguous": False, "also_cited": []}
    targets = [
        common
        | {"plan_code": CITY_PLAN, "target_code": f"{CITY_PLAN}/CT-1", "reporter_collective_code": "HCM-QH"},
        # nobody below reports it: it is the district's own
        common | {"plan_code": PLAN, "target_code": f"{PLAN}/CT-1"},
    ]
    load(settings, {"plan:targets": {schema.ref_target: targets}})
    deliveries = Deliveries(settings)

    def asked_of_the_district(as_of: str) -> set[str]:
        build_id = builds.open_build(settings, at(as_of), "test", "test")
        assert build_id is not None
        transform.run_dbt(settings, build_id, "core")
        with engine(settings, "builder").connect() as connection:
            query = sa.text("select target_code from core.fct_target_result where agency_key = :district")
            return set(connection.scalars(query, {"district": UNIT}))

    # what the district sends opens the city's round, what its ward sends opens the district's
    deliveries.send(UNIT, "2023-Q1", "2023-03-16 09:00")
    assert asked_of_the_district("2023-04-05 08:00") == {f"{CITY_PLAN}/CT-1"}
    deliveries.send(WARD, "2023-Q1", "2023-04-06 09:00")
    assert asked_of_the_district("2023-04-07 08:00") == {f"{CITY_PLAN}/CT-1", f"{PLAN}/CT-1"}
