"""Agencies over time: the lists hold what their sources hold, with keys, parents, codes and links by date."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from sources.catalogue import DATA_DIR, register_catalogue
from sources.catalogue.agencies import AgenciesFile, Agency
from sources.catalogue.agency_folder import read_agency_folder
from sources.catalogue.agency_rows import agency_keys, agency_rows
from sources.forms.reference import Reference, index_reference, load_reference
from warehouse import schema
from warehouse.reference import current_rows
from warehouse.settings import Settings
from warehouse.text import match_key

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
OLD_LAST, MERGED, WARDS_MERGED = date(2020, 12, 31), date(2021, 1, 1), date(2025, 1, 1)
TWO_LEVELS = date(2025, 7, 1)
UNITS = {("district", "people_committee"), ("commune", "ward")}
OTHER_DISTRICTS = {  # of Bình Dương and Bà Rịa - Vũng Tàu in June 2025
    *("Thủ Dầu Một", "Dĩ An", "Thuận An", "Tân Uyên", "Bến Cát", "Dầu Tiếng", "Bàu Bàng", "Phú Giáo"),
    *("Bắc Tân Uyên", "Vũng Tàu", "Bà Rịa", "Phú Mỹ", "Châu Đức", "Xuyên Mộc", "Long Đất", "Côn Đảo"),
}


@pytest.fixture(scope="module")
def agencies() -> AgenciesFile:
    return read_agency_folder(DATA_DIR / "agencies").content()


@pytest.fixture(scope="module")
def rows(agencies: AgenciesFile) -> dict[str, list[dict[str, Any]]]:
    return {table.name: listed for table, listed in agency_rows(agencies).items()}


def there(agencies: AgenciesFile, on: date, jurisdiction: str = "HCM") -> list[Agency]:
    return [a for a in agencies.agencies if a.is_valid(on) and a.jurisdiction == jurisdiction and a.key]


def counted(agencies: AgenciesFile, on: date, kind: str, level: str, jurisdiction: str = "HCM") -> int:
    found = there(agencies, on, jurisdiction)
    return len({a.code for a in found if (a.kind, a.level) == (kind, level)})


def spans_of(agencies: AgenciesFile, code: str) -> list[tuple[str | None, date, date | None]]:
    return [(a.parent, a.valid_from, a.valid_to) for a in agencies.agencies if a.code == code]


# ---------------------------------------------------------------- counts
@pytest.mark.parametrize(
    ("on", "districts", "communes"),
    [
        (date(2018, 9, 10), 24, 322),
        (OLD_LAST, 24, 322),
        (MERGED, 22, 312),
        (date(2024, 12, 31), 22, 312),
        (WARDS_MERGED, 22, 273),
        (date(2025, 6, 30), 22, 273),
        (TWO_LEVELS, 0, 168),
    ],
)
def test_the_city_has_the_districts_and_communes_of_the_day(
    agencies: AgenciesFile, on: date, districts: int, communes: int
) -> None:
    assert counted(agencies, on, "people_committee", "district") == districts
    assert counted(agencies, on, "ward", "commune") == communes


def test_units_of_2025_are_wards_communes_and_one_special_zone(agencies: AgenciesFile) -> None:
    words = Counter(a.short.split()[0] for a in there(agencies, TWO_LEVELS) if a.kind == "ward")
    assert words == {"Phường": 113, "Xã": 54, "Đặc": 1}


@pytest.mark.parametrize(
    ("on", "listed", "beside"),
    [
        (date(2018, 12, 31), 20, 0),
        (date(2023, 12, 31), 20, 0),
        (date(2024, 1, 1), 21, 0),
        (date(2025, 2, 28), 21, 0),
        (date(2025, 3, 1), 16, 1),
        (date(2025, 6, 30), 16, 1),
        (TWO_LEVELS, 15, 1),
        (date(2025, 9, 30), 15, 1),
        (date(2025, 10, 1), 16, 1),
    ],
)
def test_departments_of_the_city_by_date(agencies: AgenciesFile, on: date, listed: int, beside: int) -> None:
    assert counted(agencies, on, "department", "city") == listed + beside


def test_nghe_an_has_its_districts_and_the_communes_of_vinh(agencies: AgenciesFile) -> None:
    assert counted(agencies, MERGED, "people_committee", "district", "NA") == 21
    assert counted(agencies, MERGED, "ward", "commune", "NA") == 25
    assert counted(agencies, WARDS_MERGED, "people_committee", "district", "NA") == 20
    assert counted(agencies, WARDS_MERGED, "ward", "commune", "NA") == 33
    assert counted(agencies, TWO_LEVELS, "people_committee", "district", "NA") == 0
    assert counted(agencies, date(2018, 6, 1), "department", "city", "NA") == 20


def test_what_a_list_lacks_is_said(agencies: AgenciesFile) -> None:
    missing = {(c.jurisdiction, c.level): c.missing_vi for c in agencies.counts if c.missing}
    assert set(missing) == {("NA", "commune")}
    assert all(missing.values())


# ---------------------------------------------------------------- keys, spans, parents
def test_keys_are_the_ones_assigned_once(agencies: AgenciesFile) -> None:
    keys = agency_keys(agencies)
    assert keys["UNKNOWN"] == 0
    assert (keys["HCM"], keys["BT"], keys["BT-VP"], keys["BT-BHXH"]) == (1, 10, 11, 25)
    assert sorted(key for code, key in keys.items() if code.startswith("BT-P-")) == list(range(31, 41))
    assert (keys["HCM-SNV"], keys["HCM-Q-1"], keys["HCM-TP-THU-DUC"]) == (101, 200, 223)
    assert (keys["HCM-Q-1-P-BEN-NGHE"], keys["NA"], keys["NA-VINH-P-LE-LOI"]) == (1001, 5000, 5210)


def test_wards_of_three_districts_hang_below_thu_duc_from_2021(agencies: AgenciesFile) -> None:
    assert spans_of(agencies, "HCM-Q-2-P-THAO-DIEN") == [
        ("HCM-Q-2", date(2018, 1, 1), OLD_LAST),
        ("HCM-TP-THU-DUC", MERGED, date(2025, 6, 30)),
    ]
    moved = {a.code for a in there(agencies, MERGED) if a.parent == "HCM-TP-THU-DUC"}
    assert len(moved) == 34
    assert {code for code in moved if len(spans_of(agencies, code)) == 1} == {"HCM-TP-THU-DUC-P-AN-KHANH"}


def test_a_unit_whose_name_went_to_another_is_another_agency(agencies: AgenciesFile) -> None:
    assert spans_of(agencies, "HCM-Q-2-P-AN-KHANH") == [("HCM-Q-2", date(2018, 1, 1), OLD_LAST)]
    assert spans_of(agencies, "HCM-TP-THU-DUC-P-AN-KHANH")[0][1] == MERGED
    assert spans_of(agencies, "BT")[0][2] == date(2025, 6, 30)
    assert spans_of(agencies, "HCM-2025-P-BINH-TAN") == [("HCM", TWO_LEVELS, None)]


def test_twenty_seven_new_units_bear_the_name_of_an_old_district(agencies: AgenciesFile) -> None:
    before = [a for a in there(agencies, date(2025, 6, 30)) if a.kind == "people_committee"]
    old = {a.bare for a in before} | OTHER_DISTRICTS
    bearing = [a.code for a in there(agencies, TWO_LEVELS) if a.kind == "ward" and a.bare in old]
    assert len(bearing) == 27
    assert set(bearing).isdisjoint(a.code for a in before)


def test_an_unchanged_commune_goes_on_below_the_city(agencies: AgenciesFile) -> None:
    assert spans_of(agencies, "HCM-H-CAN-GIO-X-THANH-AN") == [
        ("HCM-H-CAN-GIO", date(2018, 1, 1), date(2025, 6, 30)),
        ("HCM", TWO_LEVELS, None),
    ]


def test_validity_can_have_gaps_and_names_change_within_an_agency(agencies: AgenciesFile) -> None:
    assert spans_of(agencies, "HCM-SQHKT") == [
        ("HCM", date(2018, 1, 1), date(2025, 2, 28)),
        ("HCM", date(2025, 10, 1), None),
    ]
    names = [a.short for a in agencies.agencies if a.code == "NA-VINH-X-NGHI-PHU"]
    assert names == ["Xã Nghi Phú", "Phường Nghi Phú"]


def test_who_reports_and_who_consolidates(agencies: AgenciesFile) -> None:
    before, after = there(agencies, date(2023, 3, 14)), there(agencies, TWO_LEVELS)
    assert {a.level for a in before if a.parent == "HCM" and a.reports} == {"city", "district"}
    assert {a.code for a in before if not a.reports} == {"HCM"}
    assert {a.level for a in before if a.consolidates} == {"city", "district"}
    assert sum(a.consolidates for a in before) == 23
    assert {a.parent for a in after if a.kind == "ward"} == {"HCM"}
    assert [a.code for a in there(agencies, MERGED, "NA") if a.consolidates] == ["NA", "NA-VINH"]
    reporting = Counter(a.kind for a in before if a.parent == "BT" and a.reports)
    assert reporting == {"department": 10, "public_service": 1, "vertical": 4, "ward": 10}


# ---------------------------------------------------------------- against the lists
@pytest.mark.skipif(not SHARED.is_dir(), reason="the lists of units are not beside the project")
@pytest.mark.parametrize("on", ["2021-01-01", "2025-01-01", "2025-07-01"])
def test_units_names_parents_and_codes_are_those_of_the_list(
    agencies: AgenciesFile, rows: dict[str, list[dict[str, Any]]], on: str
) -> None:
    with (SHARED / "hcmc_units.csv").open(encoding="utf-8", newline="") as file:
        listed = [line for line in csv.DictReader(file) if line["as_of"] == on]
    _assert_listed(agencies, rows, listed, date.fromisoformat(on), "HCM", "79")


@pytest.mark.skipif(not SHARED.is_dir(), reason="the lists of units are not beside the project")
def test_units_of_nghe_an_are_those_of_the_list(
    agencies: AgenciesFile, rows: dict[str, list[dict[str, Any]]]
) -> None:
    with (SHARED / "nghe_an_units.csv").open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file))
    _assert_listed(agencies, rows, listed, MERGED, "NA", "40")


def _assert_listed(
    agencies: AgenciesFile,
    rows: dict[str, list[dict[str, Any]]],
    listed: list[dict[str, str]],
    on: date,
    jurisdiction: str,
    top: str,
) -> None:
    gso = {
        row["agency_key"]: row["code"]
        for row in rows["ref_agency_code"]
        if row["valid_from"] <= on and (row["valid_to"] is None or on <= row["valid_to"])
    }
    keys = agency_keys(agencies)
    units = [a for a in there(agencies, on, jurisdiction) if (a.level, a.kind) in UNITS]
    ours = {
        (gso[a.key], _plain(a.variants[0] if a.variants else a.short), gso.get(keys[str(a.parent)], top))
        for a in units
    }
    assert ours == {(line["gso_code"], _plain(line["name"]), line["parent_gso_code"]) for line in listed}


def _plain(name: str) -> str:
    return match_key(name).replace(" 0", " ")


@pytest.mark.skipif(not SHARED.is_dir(), reason="the lists of units are not beside the project")
def test_every_former_unit_that_the_list_of_successors_names_is_linked(
    agencies: AgenciesFile, rows: dict[str, list[dict[str, Any]]]
) -> None:
    with (SHARED / "hcmc_successors_2025.csv").open(encoding="utf-8", newline="") as file:
        listed = {
            line["new_gso_code"]: 1
            if "Không sáp nhập" in line["former_units"]
            else line["former_units"].count(",") + 1
            for line in csv.DictReader(file)
        }
    gso = {row["agency_key"]: row["code"] for row in rows["ref_agency_code"] if row["valid_to"] is None}
    keys = agency_keys(agencies)
    linked = Counter(
        gso[keys[link.successor]]
        for link in agencies.links
        if link.effective_on == TWO_LEVELS and keys[link.successor] in gso
    )
    unchanged = {gso[keys["HCM-H-CAN-GIO-X-THANH-AN"]]: 1}
    assert linked + Counter(unchanged) == listed


# ---------------------------------------------------------------- codes, links, collectives
def test_statistical_codes_change_and_are_reused(
    rows: dict[str, list[dict[str, Any]]], agencies: AgenciesFile
) -> None:
    keys = agency_keys(agencies)
    of_ward = [
        (row["code"], row["valid_from"], row["valid_to"])
        for row in rows["ref_agency_code"]
        if row["agency_key"] == keys["HCM-Q-GO-VAP-P-15"]
    ]
    assert of_ward == [
        ("26869", date(2018, 1, 1), date(2024, 12, 31)),
        ("26872", WARDS_MERGED, date(2025, 6, 30)),
    ]
    holders = defaultdict(set)
    for row in rows["ref_agency_code"]:
        holders[row["code"]].add(row["agency_key"])
    assert len({code for code, of_code in holders.items() if len(of_code) > 1}) > 100


def test_parts_of_a_predecessor_make_a_whole_on_the_day_after_its_end(agencies: AgenciesFile) -> None:
    wholes: dict[tuple[str, date], Decimal] = defaultdict(Decimal)
    last = {a.code: a.last_day for a in agencies.agencies}
    for link in agencies.links:
        wholes[link.predecessor or link.label, link.effective_on] += link.weight
        assert link.is_estimated or link.weight == 1
        if link.predecessor:
            assert last[link.predecessor] + timedelta(days=1) == link.effective_on
    assert set(wholes.values()) == {Decimal(1)}


def test_every_commune_that_ended_has_successors(agencies: AgenciesFile) -> None:
    linked = {link.predecessor for link in agencies.links}
    last = {a.code: a.last_day for a in agencies.agencies if a.level == "commune" and a.jurisdiction == "HCM"}
    assert {code for code, day in last.items() if day != date.max} - linked == set()


@pytest.mark.parametrize(
    ("predecessor", "successors"),
    [
        ("HCM-Q-2", {"HCM-TP-THU-DUC": Decimal(1)}),
        ("HCM-Q-3-P-7", {"HCM-Q-3-P-VO-THI-SAU": Decimal(1)}),
        ("HCM-Q-2-P-AN-KHANH", {"HCM-Q-2-P-THU-THIEM": Decimal(1)}),
        ("HCM-Q-6-P-5", {"HCM-Q-6-P-2": Decimal("0.5"), "HCM-Q-6-P-9": Decimal("0.5")}),
        ("HCM-Q-1-P-DA-KAO", {"HCM-2025-P-TAN-DINH": Decimal("0.5"), "HCM-2025-P-SAI-GON": Decimal("0.5")}),
        ("HCM-H-BINH-CHANH-X-QUY-DUC", {"HCM-2025-X-HUNG-LONG": Decimal(1)}),
        ("HCM-STNMT", {"HCM-SNNMT": Decimal(1)}),
    ],
)
def test_who_came_after_whom(
    agencies: AgenciesFile, predecessor: str, successors: dict[str, Decimal]
) -> None:
    links = [link for link in agencies.links if link.predecessor == predecessor]
    assert {link.successor: link.weight for link in links} == successors
    assert all(link.is_estimated == (len(links) > 1) for link in links)


def test_units_of_other_provinces_are_named_but_no_agencies(agencies: AgenciesFile) -> None:
    others = [link for link in agencies.links if link.predecessor is None]
    assert {link.label.rsplit(", ", 1)[1] for link in others} == {"Bình Dương", "Bà Rịa - Vũng Tàu"}
    assert all(link.effective_on == TWO_LEVELS for link in others)


@pytest.mark.parametrize(
    ("collective", "on", "size"),
    [
        ("HCM-SBN", date(2019, 1, 1), 20),
        ("HCM-QH", OLD_LAST, 24),
        ("HCM-QH", MERGED, 22),
        ("HCM-QH", TWO_LEVELS, 0),
        ("HCM-XA", OLD_LAST, 322),
        ("HCM-XA", TWO_LEVELS, 168),
        ("HCM-SBN-QH", date(2023, 3, 14), 42),
        ("HCM-NGANH-DOC", date(2023, 3, 14), 3),
        ("HCM-TAT-CA", date(2023, 3, 14), 20 + 3 + 3 + 22),
        ("HCM-TAT-CA", TWO_LEVELS, 16 + 3 + 3 + 168),
        ("BT-TAT-CA", date(2023, 3, 14), 25),
        ("BT-PHUONG", date(2023, 3, 14), 10),
        ("NA-SBN", date(2018, 6, 1), 20),
        ("NA-HUYEN", date(2018, 6, 1), 21),
        ("NA-VINH-XA", date(2018, 6, 1), 25),
    ],
)
def test_collectives_expand_by_the_hierarchy_of_the_day(
    registered: Reference, collective: str, on: date, size: int
) -> None:
    assert len(registered.members(collective, on)) == size


@pytest.fixture(scope="module")
def registered(agencies: AgenciesFile) -> Reference:
    """The reference that the forms read, of the agencies alone."""
    return index_reference(defaultdict(list, {t.name: r for t, r in agency_rows(agencies).items()}))


# ---------------------------------------------------------------- loading
def test_agencies_are_loaded_with_names_codes_links_and_counts(
    settings: Settings, engine_as: Callable[[str], sa.Engine], agencies: AgenciesFile
) -> None:
    register_catalogue(settings, "r1", plans=())
    with engine_as("loader").connect() as connection:
        found = {
            table.name: current_rows(connection, table)
            for table in (schema.ref_agency, schema.ref_agency_link, schema.ref_agency_count)
        }
        reference = load_reference(connection)
    assert len(found["ref_agency"]) == len(agencies.agencies)
    assert sum(row["predecessor_agency_key"] is None for row in found["ref_agency_link"]) == 185
    beside = {tuple(row["beside_agency_keys"]) for row in found["ref_agency_count"]}
    assert beside == {(), (119,)}
    resolved = reference.named("UBND Bình Tân", date(2025, 8, 1))
    assert [candidate.agency_code for candidate in resolved.candidates] == ["HCM-2025-P-BINH-TAN", "BT"]
