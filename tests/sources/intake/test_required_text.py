"""What a target asks for is printed in the form in the words of the reports, with its unit and as a date."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from sources.forms.content import form_content
from sources.forms.definition import FormDefinition
from sources.forms.reference import Reference
from sources.forms.required_text import required_text


@pytest.mark.parametrize(
    ("comparator", "unit", "low", "more", "text"),
    [
        ("by_date", "date", 20240929, {}, "chậm nhất 29/09/2024"),
        ("le", "percent_change", -15, {"baseline_year": 2022}, "giảm ≥ 15 % so với 2022"),
        ("gt", "percent_change", 25, {}, "tăng > 25 % so với năm trước"),
        ("ge", "score_change", 0, {}, "không giảm so với năm trước"),
        ("eq", "count", 0, {}, "không có (0)"),
        ("eq", "count", 2, {}, "= 2"),
        ("ge", "count_per_quarter", 1, {}, "≥ 1 mỗi quý"),
        ("range", "percent", 20, {"high_value": 30}, "20–30 %"),
        ("ge", "percent", 97.5, {}, "≥ 97,5 %"),
        ("ge", "score", 6, {}, "≥ 6,00 điểm"),
        ("rank_le", "rank", 10, {}, "hạng ≤ 10"),
        ("le", "months", 6, {}, "≤ 6 tháng"),
        ("ge", "percent", None, {}, ""),
    ],
)
def test_a_bound_is_printed_as_people_write_it(
    form: FormDefinition, comparator: str, unit: str, low: float | None, more: dict[str, Any], text: str
) -> None:
    target = {"comparator": comparator, "unit": unit, "low_value": low, "high_value": None, **more}
    assert required_text(form, target) == text


def test_an_agency_without_known_fields_is_told_that_the_list_is_assumed(
    form: FormDefinition, reference: Reference
) -> None:
    agency, period = reference.agencies[1], reference.periods["2023-Q1"]
    content = form_content(form, replace(reference, fields=[]), agency, period, date(2023, 3, 1))
    assert content.sheets["dossier"].rows == []
    assert content.sheets["dossier"].remarks == [form.texts.assumed_fields_vi]
