"""The rounds of the documents: who asks whom for what, by when; and the forms that follow from them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sources.catalogue import Catalogue, register_catalogue
from sources.catalogue.agency_rows import agency_keys
from sources.catalogue.calendar_rows import calendar_rows
from sources.forms.issue import issue_forms
from tests.conftest import clone_settings
from warehouse import schema
from warehouse.settings import Settings

IN_2018, IN_2023 = (datetime(year, month, 11, tzinfo=UTC) for year, month in ((2018, 9), (2023, 3)))


@pytest.fixture(scope="module")
def dues(catalogue: Catalogue) -> list[dict[str, Any]]:
    """Rows of ref_period_due with the unit's code."""
    keys = agency_keys(catalogue.agencies)
    codes = {key: code for code, key in keys.items()}
    rows = calendar_rows(catalogue.calendar, keys)[schema.ref_period_due]
    return [{**row, "unit": codes[row["unit_agency_key"]]} for row in rows]


@pytest.fixture(scope="module")
def registered(
    server_home: Path, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """A warehouse with the whole catalogue."""
    for settings in clone_settings(server_home, template_database, tmp_path_factory.mktemp("rounds")):
        register_catalogue(settings, "test")
        yield settings


def test_the_city_asks_on_the_days_of_the_papi_plan_moved_off_week_ends(dues: list[dict[str, Any]]) -> None:
    stated = {
        row["period_id"]: (row["stated_date"], row["due_date"], row["agency_kind"])
        for row in dues
        if row["unit"] == "HCM" and not row["assumed"]
    }
    assert stated == {
        "2018-9M": (date(2018, 9, 15), date(2018, 9, 17), "*"),  # a Saturday
        "2018-N11": (date(2018, 11, 15), date(2018, 11, 15), "*"),
        "2019-9M": (date(2019, 9, 15), date(2019, 9, 16), "*"),  # a Sunday
        "2019-N11": (date(2019, 11, 15), date(2019, 11, 15), "*"),
    }


def test_what_no_document_sets_is_assumed(dues: list[dict[str, Any]]) -> None:
    by_document = {(row["unit"], row["period_id"]) for row in dues if not row["assumed"]}
    assert by_document == {("HCM", f"{year}-{kind}") for year in (2018, 2019) for kind in ("9M", "N11")}


def test_each_level_has_its_own_due_date(catalogue: Catalogue, dues: list[dict[str, Any]]) -> None:
    """Wards owe their district, it owes the city, the city owes the Government: never later than the next."""
    due = {(row["unit"], row["period_id"]): row["due_date"] for row in dues if row["agency_kind"] == "*"}
    province = {period.id: period.province_due for period in catalogue.calendar.periods}
    compared = 0
    for (unit, period_id), day in due.items():
        above = {"HCM": None, "NA": None, "NA-VINH": "NA"}.get(unit, "HCM")
        own = province[period_id] if above is None else due.get((above, period_id))
        if own is not None:
            compared += 1
            assert day <= own, (unit, period_id)
    assert compared == 24 * 6 + 9 + 8 + 8


def test_every_district_of_2018_asks_its_wards(catalogue: Catalogue, dues: list[dict[str, Any]]) -> None:
    on = date(2018, 9, 15)
    districts = {
        agency.code
        for agency in catalogue.agencies.agencies
        if (agency.kind, agency.level, agency.parent) == ("people_committee", "district", "HCM")
        and agency.valid_from <= on <= agency.last_day
    }
    assert len(districts) == 24
    for period_id in ("2018-9M", "2018-Y", "2019-Q1", "2019-H1", "2019-9M", "2019-Y"):
        asking = {row["unit"] for row in dues if row["period_id"] == period_id}
        assert asking - {"HCM", "NA", "NA-VINH"} == districts


def test_only_the_district_of_the_demonstration_asks_in_2023(dues: list[dict[str, Any]]) -> None:
    assert {row["unit"] for row in dues if row["period_id"].startswith("2023")} == {"BT"}


def test_forms_of_2023_go_to_the_agencies_of_the_district_alone(registered: Settings) -> None:
    names = {path.stem for path in issue_forms(registered, "2023-Q1", "test", IN_2023)}
    assert len(names) == 25
    assert all(name.startswith("BT-") for name in names)


def test_a_round_of_the_city_reaches_its_departments_and_districts_not_the_wards(
    registered: Settings,
) -> None:
    paths = issue_forms(registered, "2018-N11", "test", IN_2018)
    names = {path.stem for path in paths}
    assert {"HCM-SNV", "HCM-Q-2", "HCM-H-CAN-GIO", "BT"} <= names
    assert not {"HCM", "HCM-TP-THU-DUC", "BT-P-AL"} & names
    guidance = _texts(next(path for path in paths if path.stem == "HCM-Q-2"))
    assert any("Hạn gửi báo cáo: 15/11/2018." in text for text in guidance)
    assert any("Chưa có văn bản quy định thời gian lấy số liệu" in text for text in guidance)


def test_a_moved_due_date_is_explained_on_the_form(registered: Settings) -> None:
    (path, *_) = issue_forms(registered, "2018-9M", "test", IN_2018, "HCM")
    assert any("Hạn gửi báo cáo: 17/9/2018 (ngày 15/9/2018 là ngày nghỉ" in text for text in _texts(path)), (
        _texts(path)
    )


def test_forms_list_what_plans_of_that_year_ask_and_nothing_held_without_end(
    catalogue: Catalogue, registered: Settings
) -> None:
    paths = {path.stem: path for path in issue_forms(registered, "2020-H1", "test", IN_2023, "HCM")}
    codes = {
        str(cell.value).partition("#")[0]
        for path in (paths["HCM-SNV"], paths["HCM-Q-1"])
        for row in openpyxl.load_workbook(path)["Nhiệm vụ"].iter_rows()
        for cell in row
        if str(cell.value).partition("/")[0] in catalogue.plans
    }
    standing = {
        f"{code}/{task.stt}"
        for code, plan in catalogue.plans.items()
        for task in plan.tasks
        if task.kind == "standing"
    }
    assert standing
    assert not codes & standing
    assert {code.partition("/")[0] for code in codes} == {"HCM-2018-5334"}


def _texts(path: Path) -> list[str]:
    page = openpyxl.load_workbook(path)["Thông tin"]
    return [str(cell.value) for row in page.iter_rows() for cell in row if cell.value is not None]
