"""The city around the small world's district: agencies that come, go, return and move, and a plan of its own.

All of it happens within 2023, so that the periods of the small world see it:

| agency | what happens |
|---|---|
| the city | has another name from 1/7 |
| SNV | a department of the city, there all the time |
| SQH | vanishes on 1/4 and returns on 1/7 |
| BT | reports to the city as a district; its own agencies report to it |
| Q2, TD | district Q2 goes up in the new city TD on 1/6 |
| ward A | below Q2; from 1/6 below TD, with another name; from 1/12 straight below the city, TD is no more |
| old ward | below Q2, divided on 1/6 between A (three quarters, estimated) and a unit that no list has |
"""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.dbt_project.world import (
    AGENCIES,
    COLLECTIVES,
    DUE,
    PERIODS,
    UNIT,
    YEAR_END,
    Datasets,
    agency,
    asked,
    load,
)
from warehouse import schema
from warehouse.settings import Settings

CITY, SNV, SQH, Q2, TD, MOVED, DIVIDED = 1, 2, 3, 11, 13, 41, 42
PLAN = "HCM-TEST"


def _span(first: date | None, last: date | None) -> dict[str, Any]:
    return ({"valid_from": first} if first else {}) | {"valid_to": last}


_TOP: dict[str, Any] = {
    "kind": "people_committee",
    "level": "city",
    "parent": None,
    "reports": False,
    "consolidates": True,
}
_DISTRICT: dict[str, Any] = {
    "kind": "people_committee",
    "level": "district",
    "parent": CITY,
    "consolidates": True,
}
_END_OF_Q2, _START_OF_TD = date(2023, 5, 31), date(2023, 6, 1)
_END_OF_TD, _AFTER_TD = date(2023, 11, 30), date(2023, 12, 1)
_CITY_AGENCIES = [
    agency(CITY, "HCM", **_TOP, **_span(None, date(2023, 6, 30))),
    agency(CITY, "HCM", **_TOP, **_span(date(2023, 7, 1), None), agency_name="TP"),
    agency(SNV, "HCM-SNV", "department", "city", CITY),
    agency(SQH, "HCM-SQH", "department", "city", CITY, **_span(None, date(2023, 3, 31))),
    agency(SQH, "HCM-SQH", "department", "city", CITY, **_span(date(2023, 7, 1), None)),
    agency(Q2, "HCM-Q-2", **_DISTRICT, **_span(None, _END_OF_Q2)),
    agency(TD, "HCM-TP-TD", **_DISTRICT, **_span(_START_OF_TD, _END_OF_TD)),
    agency(MOVED, "HCM-P-A", "ward", "commune", Q2, **_span(None, _END_OF_Q2)),
    agency(
        MOVED, "HCM-P-A", "ward", "commune", TD, **_span(_START_OF_TD, _END_OF_TD), agency_name="P. A (TD)"
    ),
    agency(MOVED, "HCM-P-A", "ward", "commune", CITY, **_span(_AFTER_TD, None), agency_name="P. A (TP)"),
    agency(DIVIDED, "HCM-P-CU", "ward", "commune", Q2, **_span(None, _END_OF_Q2)),
]
_LINKS = [
    {
        "predecessor_agency_key": old,
        "predecessor_label": str(old),
        "successor_agency_key": new,
        "effective_on": day,
        "weight": weight,
        "is_estimated": weight < 1,
    }
    for old, new, day, weight in (
        (Q2, TD, _START_OF_TD, 1),
        (DIVIDED, MOVED, _START_OF_TD, 0.75),
    )
]
# collective → level and whether right below the city
_COLLECTIVES = [
    {"collective_code": code, "collective_label": code, "parent_agency_key": CITY}
    | {"agency_kind": kind, "agency_level": level, "is_direct": is_direct}
    for code, kind, level, is_direct in (
        ("HCM-SBN", "department", "city", False),
        ("HCM-QH", "people_committee", "district", True),
        ("HCM-XA", "ward", "commune", False),
    )
]
# a round of November, of which no document says what it covers
_NOVEMBER = PERIODS[-1] | {
    "period_id": "2023-N11",
    "period_kind": "N11",
    "period_order": 5,
    "window_start": None,
    "window_end": None,
    "closes_on": date(2023, 11, 15),
    "quarters": None,
    "calendar_end": date(2023, 11, 30),
    "review_date": date(2023, 11, 25),
    "is_cumulative": False,
}
ROUNDS = {
    CITY: ["2023-Q1", "2023-H1", "2023-N11", "2023-Y"],
    UNIT: ["2023-Q1", "2023-H1", "2023-Q3", "2023-Y"],
    Q2: ["2023-Q1"],
    TD: ["2023-H1", "2023-Q3"],
}
# stt → task kind, obligation kind, who leads, who carries it out
_TASKS = {
    "1": ("task", "whole_year", ["HCM-QH", "HCM-XA"], []),
    "2": ("duty", "ongoing", ["HCM-SBN"], ["HCM-QH"]),
    "III": ("standing", "standing", ["HCM-SBN"], []),
}


def register_city(settings: Settings) -> None:
    """Register the city beside the district: its agencies, rounds and plan, as new versions."""
    district = [
        row | {"parent_agency_key": CITY, "reports": True} for row in AGENCIES if row["agency_key"] == UNIT
    ]
    others = [row for row in AGENCIES if row["agency_key"] != UNIT]
    tasks, members, obligations = [], [], []
    for order, (stt, (task_kind, obligation_kind, leads, implements)) in enumerate(_TASKS.items(), start=1):
        key = {"plan_code": PLAN, "task_code": f"{PLAN}/{stt}"}
        labels = {"task_label": stt, "deadline_label": "trong năm", "citation": f"{PLAN}, {stt}"}
        tasks.append(
            key | {"stt": stt, "task_kind": task_kind, "task_order": order, "area_code": "1"} | labels
        )
        members += [
            key
            | {"task_role": role, "member_order": number, "resolution": "collective", "collective_code": code}
            for role, codes in (("lead", leads), ("implement", implements))
            for number, code in enumerate(codes, start=1)
        ]
        due = YEAR_END if obligation_kind == "whole_year" else None
        obligations.append(
            key
            | {
                "obligation_no": 1,
                "obligation_kind": obligation_kind,
                "obligation_label": stt,
                "due_date": due,
            }
            | {"due_year": 2023, "is_ongoing": obligation_kind == "ongoing"}
        )
    plan = {
        "plan_code": PLAN,
        "jurisdiction_code": "HCM",
        "consolidating_agency_key": CITY,
        "cited_as": PLAN,
        "issuer": "UBND Thành phố",
        "label_vi": "Kế hoạch",
        "year_from": 2023,
        "year_to": 2024,
    }
    datasets: Datasets = {
        "agencies": {
            schema.ref_agency: [*others, *district, *_CITY_AGENCIES],
            schema.ref_collective: [*COLLECTIVES, *_COLLECTIVES],
            schema.ref_agency_link: _LINKS,
        },
        "calendar": {
            schema.ref_period: [*PERIODS, _NOVEMBER],
            **asked(ROUNDS, DUE | {"2023-N11": date(2023, 11, 15)}),
        },
        f"plan:{PLAN}": {
            schema.ref_plan: [plan],
            schema.ref_task: tasks,
            schema.ref_task_agency: members,
            schema.ref_obligation: obligations,
        },
    }
    load(settings, datasets)
