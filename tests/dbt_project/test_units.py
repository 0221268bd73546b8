"""Two units at once and agencies that move between them: who owes what to whom on the day a period closes."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from tests.dbt_project.city import DIVIDED, MOVED, SNV, SQH, TD, register_city
from tests.dbt_project.world import HOME_OFFICE, UNIT, WARD, Deliveries, at, load_reference
from warehouse import builds, transform
from warehouse.engine import engine
from warehouse.settings import Settings

pytestmark = [
    pytest.mark.slow,
    # dbt leaves its log file open for the garbage collector
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
AS_OF = "2023-12-20 08:00"
OF_THE_DISTRICT = {
    "obligations": """
        select f::text from core.fct_task_obligation as f
        join core.dim_task as t on t.task_code = f.task_code and t.unit_agency_key = 10
    """,
    "reports": "select f::text from core.fct_reporting as f where unit_agency_key = 10",
    "dossiers": "select f::text from core.fct_dossier as f join core.int_unit_agency_period as u"
    " on u.agency_key = f.agency_key and u.period_id = f.period_id and u.unit_code = 'BT'",
    "city": "select (to_jsonb(m) - 'as_of')::text from candidate.review_city as m where unit_code = 'BT'",
    "tasks": "select m::text from candidate.review_task as m where unit_code = 'BT'",
    "agencies": "select m::text from candidate.review_agency as m where unit_code = 'BT'",
}


def _build(settings: Settings, as_of: str = AS_OF) -> None:
    """Core and candidate with their data tests, which hold the marts against the facts, unit by unit."""
    build_id = builds.open_build(settings, at(as_of), "test", "test")
    assert build_id is not None
    transform.run_dbt(settings, build_id, "core")
    transform.run_dbt(settings, build_id, "candidate")


def _rows(settings: Settings, query: str) -> list[Any]:
    with engine(settings, "builder").connect() as connection:
        return sorted(tuple(row) if len(row) > 1 else row[0] for row in connection.execute(sa.text(query)))


def _of_the_district(settings: Settings) -> dict[str, list[Any]]:
    return {name: _rows(settings, query) for name, query in OF_THE_DISTRICT.items()}


def _district_reports(settings: Settings) -> Deliveries:
    deliveries = Deliveries(settings)
    deliveries.send(HOME_OFFICE, "2023-Q1", "2023-03-16 09:00", tasks={"1.1": "running", "1.2": "done"})
    deliveries.send(WARD, "2023-Q1", "2023-03-20 09:00", tasks={"1.2": "running"}, dossiers={"ho-tich": 5})
    deliveries.send(WARD, "2023-H1", "2023-06-16 09:00", dossiers={"ho-tich": 9})
    return deliveries


def test_a_city_that_is_registered_and_not_opened_changes_nothing_for_the_district(
    settings: Settings,
) -> None:
    load_reference(settings)
    deliveries = _district_reports(settings)
    _build(settings)
    alone = _of_the_district(settings)
    assert all(alone.values())

    register_city(settings)
    _build(settings)

    rounds = _rows(settings, "select unit_code, period_id from core.int_round")
    assert rounds == [("BT", "2023-H1"), ("BT", "2023-Q1"), ("BT", "2023-Q2")]
    assert not _rows(settings, "select 1 from core.fct_task_obligation where task_code like 'HCM%'")
    assert _of_the_district(settings) == alone

    # what the district sends to the city is no report of the district's own round
    deliveries.send(UNIT, "2023-Y", "2023-12-16 09:00")
    deliveries.send(SNV, "2023-Q1", "2023-03-16 09:00")
    _build(settings)

    rounds = _rows(settings, "select unit_code, period_id from core.int_round where unit_code <> 'BT'")
    assert rounds == [("HCM", "2023-Q1"), ("HCM", "2023-Y")]
    assert _of_the_district(settings) == alone


def test_who_reports_to_whom_goes_by_the_day_the_period_closes(settings: Settings) -> None:
    load_reference(settings)
    register_city(settings)
    deliveries = _district_reports(settings)
    deliveries.send(SNV, "2023-Q1", "2023-03-16 09:00")
    deliveries.issue(UNIT, "2023-H1", "2023-06-01 08:00")
    deliveries.issue(SQH, "2023-Y", "2023-12-01 08:00")
    # a ward of the old district opens the round of the new one, and none of a district that is no more
    deliveries.issue(MOVED, "2023-H1", "2023-06-01 08:00")
    deliveries.issue(TD, "2023-Q3", "2023-09-01 08:00")
    deliveries.send(DIVIDED, "2023-Q1", "2023-03-16 09:00", dossiers={"ho-tich": 100})

    # a round without a window
    deliveries.send(SNV, "2023-N11", "2023-11-14 09:00", dossiers={"ho-tich": 3})

    _build(settings)

    expected = _rows(
        settings,
        "select unit_code, period_id, string_agg(agency_code, ' ' order by agency_code)"
        " from candidate.review_reporting where unit_code <> 'BT' group by 1, 2",
    )
    assert expected == [
        ("HCM", "2023-H1", "BT HCM-SNV HCM-TP-TD"),
        ("HCM", "2023-N11", "BT HCM-SNV HCM-SQH HCM-TP-TD"),
        ("HCM", "2023-Q1", "BT HCM-Q-2 HCM-SNV HCM-SQH"),
        ("HCM", "2023-Y", "BT HCM-P-A HCM-SNV HCM-SQH"),
        ("HCM-Q-2", "2023-Q1", "HCM-P-A HCM-P-CU"),
        ("HCM-TP-TD", "2023-H1", "HCM-P-A"),
    ]
    # named as it was called then
    names = "select period_id, agency_name from candidate.review_reporting where agency_code = 'HCM-P-A'"
    called = [("2023-H1", "P. A (TD)"), ("2023-Q1", "HCM-P-A"), ("2023-Y", "P. A (TP)")]
    assert _rows(settings, names) == called
    units = (
        "select period_id, unit_name from candidate.review_city where unit_code = 'HCM' and not is_derived"
    )
    called = [("2023-H1", "HCM"), ("2023-N11", "TP"), ("2023-Q1", "HCM"), ("2023-Y", "TP")]
    assert _rows(settings, units) == called
    # the districts owe the task, and wards only once they stand right below the city; who carries it out owes
    # nothing, and nobody owes what is held without end
    owed = _rows(
        settings,
        "select f.period_id, right(f.task_code, 1), string_agg(a.agency_code, ' ' order by a.agency_code)"
        " from core.fct_task_obligation as f join core.dim_agency as a using (agency_key)"
        " where f.task_code like 'HCM%' group by 1, 2",
    )
    assert owed == [
        ("2023-H1", "1", "BT HCM-TP-TD"),
        ("2023-H1", "2", "HCM-SNV"),
        ("2023-N11", "1", "BT HCM-TP-TD"),
        ("2023-N11", "2", "HCM-SNV HCM-SQH"),
        ("2023-Q1", "1", "BT HCM-Q-2"),
        ("2023-Q1", "2", "HCM-SNV HCM-SQH"),
        ("2023-Y", "1", "BT HCM-P-A"),
        ("2023-Y", "2", "HCM-SNV HCM-SQH"),
    ]
    ongoing = "select distinct obligation_state from core.fct_task_obligation where task_code like 'HCM%/2'"
    assert _rows(settings, ongoing) == ["not_due"]
    # the units' own marts: the district's report to the city is none of its own
    city = "select unit_code, period_id, agencies_expected, tasks_total from candidate.review_city"
    assert _rows(settings, f"{city} where not is_derived") == [
        ("BT", "2023-H1", 2, 4),
        ("BT", "2023-Q1", 2, 4),
        ("HCM", "2023-H1", 3, 2),
        ("HCM", "2023-N11", 4, 2),
        ("HCM", "2023-Q1", 4, 2),
        ("HCM", "2023-Y", 4, 2),
        ("HCM-Q-2", "2023-Q1", 2, 0),
        ("HCM-TP-TD", "2023-H1", 1, 0),
    ]
    november = "select resolved_total from candidate.review_dossier where period_id = '2023-N11'"
    assert _rows(settings, november) == [3]
    # as of the agencies of today: of the divided ward the moved one is given three quarters, by an estimate
    today = """
        select unit_code, today_agency_code, resolved_total, is_estimated, is_known
        from core.agg_dossier_today where period_id = '2023-Q1'
    """
    assert _rows(settings, today) == [
        ("BT", "BT-P-AL", 5, False, True),
        ("HCM-Q-2", "HCM-P-A", 75, True, True),
        ("HCM-Q-2", "UNKNOWN", 25, False, False),
    ]
