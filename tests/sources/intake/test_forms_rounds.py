"""A report is for a period that the agency's own unit asks for; periods are the same for every unit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from sources.forms.reference import Reference
from sources.forms.report import Report

OFFICE = {"agency": None, "agency_code": "YY-SO"}
Make = Callable[..., bytes]
Read = Callable[..., Report]


def _finding(report: Report, rule_id: str) -> Any:
    return next(item for item in report.findings.items if item.rule_id == rule_id)


@pytest.mark.parametrize(
    "text",
    [
        "Báo cáo 15/11 năm 2023",
        "báo cáo ngày 15/11/2023",
        "Kỳ báo cáo 15 tháng 11 năm 2023",
        "2023-N11",
    ],
)
def test_the_round_of_15_november_is_recognised(filled: Make, read: Read, text: str) -> None:
    report = read(filled(info={**OFFICE, "period": text}, edits={}), date(2023, 11, 16))
    assert report.heading is not None
    assert (report.heading.agency_key, report.heading.period["period_id"]) == (51, "2023-N11")


def test_a_report_before_its_due_day_is_not_early_where_no_window_is_set(filled: Make, read: Read) -> None:
    report = read(filled(info={**OFFICE, "period": "2023-N11"}, edits={}), date(2023, 11, 10))
    assert "intake.period_not_over" not in {item.rule_id for item in report.findings.items}


@pytest.mark.parametrize(
    ("info", "asked"),
    [
        ({"period": "9 tháng năm 2023"}, "Quý I năm 2023; 6 tháng đầu năm 2023; Năm 2023"),  # nobody's round
        ({"period": "2023-N11"}, "Quý I năm 2023; 6 tháng đầu năm 2023; Năm 2023"),  # another unit's
        ({"period": "Quý V năm 2023"}, "Quý I năm 2023; 6 tháng đầu năm 2023; Năm 2023"),  # none at all
        ({**OFFICE, "period": "6 tháng đầu năm 2023"}, "Quý I năm 2023; Báo cáo 15/11 năm 2023"),
        (
            {"agency": "Phường Không Có", "agency_code": None, "period": "Quý V"},
            "Quý I năm 2023; 6 tháng đầu năm 2023; Năm 2023; Báo cáo 15/11 năm 2023",
        ),
    ],
)
def test_a_period_that_is_not_asked_of_the_agency_is_refused_with_those_that_are(
    filled: Make, read: Read, info: dict[str, Any], asked: str
) -> None:
    report = read(filled(info=info, edits={}), date(2024, 1, 5))
    assert report.findings.verdict()[0] == "refused"
    assert _finding(report, "intake.period_unknown").expected == asked


def test_an_agency_reports_to_the_nearest_unit_above_it(reference: Reference) -> None:
    on = date(2023, 3, 14)
    assert (reference.unit_of(31, on), reference.unit_of(52, on)) == (10, 50)
    assert reference.unit_of(10, on) is None
    assert reference.unit_of(31, date(2019, 12, 31)) is None  # the day before anybody was there


def test_the_newest_due_date_in_effect_counts(reference: Reference) -> None:
    def due(unit: int, on: date) -> date | None:
        row = reference.due(unit, "2023-H1", "ward", on)
        return row["due_date"] if row else None

    assert due(10, date(2022, 12, 29)) is None  # the day before anything set one
    assert due(10, date(2023, 6, 4)) == date(2023, 6, 14)
    assert due(10, date(2023, 6, 5)) == date(2023, 6, 19)
    assert due(50, date(2023, 6, 5)) is None
