"""Whose report it is: a name that may mean two is refused with both, and a code decides between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from sources.forms.definition import FormDefinition
from sources.forms.findings import Findings, load_rules
from sources.forms.reference import Reference
from sources.forms.report import Report, read_report
from sources.names import name_key
from sources.resolver import Resolver

Read, Make = Callable[..., Report], Callable[..., bytes]
OFFICE = 14
LAST_DAY = date(2022, 12, 31)


@pytest.fixture
def read(form: FormDefinition, reference: Reference) -> Read:
    """Read a delivery in the invented jurisdiction, where a ward took the name of a district that ended."""
    district = next(row for row in reference.agencies if row["agency_key"] == 10)
    ward = next(row for row in reference.agencies if row["agency_key"] == 31)
    old = district | {
        "agency_key": 60,
        "agency_code": "XX-CU",
        "agency_name": "Ủy ban nhân dân quận Hòa An",
        "parent_agency_key": None,
        "valid_to": LAST_DAY,
    }
    neighbour = district | {
        "agency_key": 61,
        "agency_code": "XX-BEN",
        "agency_name": "Ủy ban nhân dân quận Bên Cạnh",
    }
    names = [
        (61, "Ủy ban nhân dân quận Bên Cạnh", "official", None),
        (61, "Bên Cạnh", "bare", None),
        (OFFICE, "Phòng Tài chính - Kế hoạch quận Thử", "official", None),
        (OFFICE, "Phòng Tài chính - Kế hoạch", "variant", None),
        (OFFICE, "Phòng Tài chính - Kế hoạch quận", "variant", None),
        (60, "Ủy ban nhân dân quận Hòa An", "official", LAST_DAY),
        (60, "Hòa An", "bare", LAST_DAY),
        (31, "Ủy ban nhân dân phường Hòa An", "official", None),
        (31, "Hòa An", "bare", None),
        (10, "Ủy ban nhân dân quận Thử", "official", None),
        (10, "UBND quận", "local", None),
    ]
    agencies = [*reference.agencies, old, neighbour]
    resolver = Resolver(agencies, [_name(ward["valid_from"], *name) for name in names])
    changed = replace(reference, agencies=agencies, resolver=resolver)
    return lambda data: read_report(data, form, changed, Findings(load_rules()), date(2023, 3, 16))


def _name(first: date, key: int, name: str, kind: str, last: date | None) -> dict[str, Any]:
    row = {"agency_key": key, "name": name, "match_key": name_key(name), "name_kind": kind}
    return {**row, "valid_from": first, "valid_to": last}


@pytest.mark.parametrize(
    ("agency", "rule", "told"),
    [
        (
            "UBND Hoà An",
            "intake.agency_ambiguous",
            ["phường Hòa An (XX-P-A, từ 01/01/2020)", "quận Hòa An (XX-CU, đến 31/12/2022)"],
        ),
        ("UBND quận Hòa An", "intake.agency_not_valid", ["quận Hòa An (XX-CU, đến 31/12/2022)"]),
        ("UBND quận", "intake.agency_ambiguous", ["quận Thử (XX, từ 01/01/2020)"]),
        ("Công an phường Hòa An", "intake.agency_unknown", []),
        ("UBND phường Hòa An, phường Hòa Bình", "intake.agency_unknown", []),
    ],
)
def test_a_name_that_means_no_one_agency_is_refused_with_those_it_may_mean(
    filled: Make, read: Read, agency: str, rule: str, told: list[str]
) -> None:
    report = read(filled(info={"agency": agency, "agency_code": None}))
    verdict, message = report.findings.verdict()
    assert (verdict, report.findings.items[-1].rule_id) == ("refused", rule)
    assert message is not None
    assert agency in message
    assert [words for words in told if words not in message] == []
    assert not report.sheets


@pytest.mark.parametrize("code", [None, "XX-TCKH", "XX-P-A"])
@pytest.mark.parametrize("unit", ["quận Bên Cạnh", "Bên Cạnh", "UBND Q. Bên Cạnh"])
def test_an_office_of_another_unit_is_unknown_whatever_code_stands_beside_it(
    filled: Make, read: Read, unit: str, code: str | None
) -> None:
    agency = f"Phòng Tài chính - Kế hoạch {unit}"
    report = read(filled(info={"agency": agency, "agency_code": code}))
    assert report.findings.verdict()[0] == "refused"
    assert [finding.rule_id for finding in report.findings.items] == ["intake.agency_unknown"]
    assert not report.sheets


@pytest.mark.parametrize(
    ("agency", "code", "verdict", "key"),
    [
        ("UBND P. Hoà An", None, "accepted", 31),
        ("Phòng TC-KH", None, "accepted_with_findings", OFFICE),
        ("Phòng TC-KH quận Thử", None, "accepted_with_findings", OFFICE),
        ("Chủ tịch UBND phường Hòa An, quận Thử", None, "accepted", 31),
        ("UBND Hòa An", "XX-P-A", "accepted", 31),
        ("UBND quận Hòa An", "XX-P-A", "held", 31),
        ("UBND Hòa An", "XX-CU", "held", 60),
        ("UBND quận Hòa An", "XX-CU", "held", 60),
    ],
)
def test_a_code_decides_between_those_that_a_name_may_mean(
    filled: Make, read: Read, agency: str, code: str | None, verdict: str, key: int
) -> None:
    report = read(filled(info={"agency": agency, "agency_code": code}))
    assert (report.findings.verdict()[0], report.heading and report.heading.agency_key) == (verdict, key)


def test_a_code_and_a_name_that_agree_on_an_agency_of_the_past_do_not_disagree(
    filled: Make, read: Read
) -> None:
    report = read(filled(info={"agency": "UBND quận Hòa An", "agency_code": "XX-CU"}))
    rules = {finding.rule_id for finding in report.findings.items}
    assert "intake.agency_not_reporting" in rules
    assert "intake.agency_code_disagrees" not in rules
