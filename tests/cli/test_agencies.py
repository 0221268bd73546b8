"""`cchc agencies`: who was there on a day, who a name means, and the lists against their counts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.agencies import app
from warehouse.errors import UsageError


def answer(*arguments: str) -> Any:
    result = CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.parametrize(
    ("on", "level", "parent", "size"),
    [
        ("2020-12-31", "district", "HCM", 24),
        ("2021-01-01", "commune", "HCM-TP-THU-DUC", 34),
        ("2025-06-30", "commune", "BT", 10),
        ("2025-07-01", "commune", "HCM", 168),
    ],
)
def test_agencies_are_listed_by_day_level_and_parent(on: str, level: str, parent: str, size: int) -> None:
    listed = answer("list", "--on", on, "--level", level, "--parent", parent)
    assert len(listed) == size
    assert {row["parent"] for row in listed} == {parent}


def test_an_ambiguous_name_is_shown_with_all_that_it_may_mean() -> None:
    (named,) = answer("find", "UBND Bình Tân", "--on", "2025-08-15")["names"]
    assert named["outcome"] == "ambiguous"
    assert [
        (agency["agency_code"], [span["to"] for span in agency["spans"]]) for agency in named["candidates"]
    ] == [("HCM-2025-P-BINH-TAN", [None]), ("BT", ["2025-06-30"])]


def test_a_list_of_names_is_taken_apart_and_what_is_not_read_is_said() -> None:
    found = answer("find", "UBND quận 1, quận 3; Công an quận 5", "--on", "2023-03-14")
    assert [name["candidates"][0]["agency_code"] for name in found["names"]] == ["HCM-Q-1", "HCM-Q-3"]
    assert found["unread"] == ["Công", "an", "quận 5"]


def test_names_are_read_as_a_unit_says_them() -> None:
    (named,) = answer("find", "Sở Nội vụ", "--on", "2019-01-01", "--within", "NA")["names"]
    assert [agency["agency_code"] for agency in named["candidates"]] == ["NA-SNV"]


def test_an_office_of_another_unit_is_not_offered() -> None:
    (named,) = answer("find", "Phòng Nội vụ quận Gò Vấp", "--on", "2024-01-12")["names"]
    assert (named["outcome"], named["candidates"], named["not_in"]) == ("unknown", [], "HCM-Q-GO-VAP")
    shown = (
        CliRunner()
        .invoke(app, ["find", "Phòng Nội vụ", "--on", "2024-01-12", "--unit", "HCM-Q-GO-VAP"])
        .stdout
    )
    assert "no agency of that name in HCM-Q-GO-VAP; by that name elsewhere: BT-NV" in shown


def test_an_agency_is_shown_with_the_unit_it_belongs_to() -> None:
    shown = CliRunner().invoke(app, ["find", "Phòng Nội vụ", "--on", "2024-01-12"]).stdout
    assert "BT-NV  Phòng Nội vụ quận Bình Tân (of Ủy ban nhân dân quận Bình Tân)" in shown


def test_every_known_count_fits_the_lists() -> None:
    counts = answer("counts")
    assert [c for c in counts if c["listed"] - bool(c["beside"]) + c["missing"] != c["known"]] == []
    city = {(c["on"], c["level"]): c["known"] for c in counts if c["jurisdiction"] == "HCM"}
    assert [city[day, "commune"] for day in ("2020-12-31", "2021-01-01", "2025-01-01", "2025-07-01")] == [
        322,
        312,
        273,
        168,
    ]


def test_people_get_lines_they_can_read() -> None:
    shown = CliRunner().invoke(app, ["find", "Sở QHKT TP.HCM", "--on", "2025-06-01"]).stdout
    assert "not_valid" in shown
    assert "01/01/2018 - 28/02/2025; 01/10/2025 - open" in shown
    assert "missing from NA" in CliRunner().invoke(app, ["counts"]).stdout
    listed = CliRunner().invoke(app, ["list", "--on", "2025-07-01", "--level", "commune"]).stdout
    assert listed.rstrip().endswith("168 on 01/07/2025")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["list", "--on", "01/07/2025"], "is no date"),
        (["list", "--level", "ward"], "'ward' is no level"),
        (["list", "--parent", "HCM-Q-99"], "unknown agency 'HCM-Q-99'"),
        (["find", "x", "--within", "XX"], "unknown agency 'XX'"),
    ],
)
def test_wrong_use_is_said(arguments: list[str], reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        CliRunner().invoke(app, arguments, catch_exceptions=False)
