"""An invented city of 355 reporting agencies as reference data; plan, fields, calendar are the catalogue's.

One unit asks 21 departments, 22 districts and 312 wards for a report; every agency has its part of the plan's
tasks, its targets and its procedure fields, so that a report has about 170 rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import product
from typing import Any

import sqlalchemy as sa

from sources.catalogue import Catalogue, load_catalogue
from sources.catalogue.agency_rows import agency_keys
from sources.catalogue.calendar_rows import calendar_rows
from sources.catalogue.field_rows import area_rows
from sources.catalogue.plan_rows import plan_rows
from sources.forms.reference import Reference, index_reference
from sources.names import name_key
from warehouse import schema
from warehouse.text import match_key, sort_key

Row = dict[str, Any]
Datasets = dict[str, dict[sa.Table, list[Row]]]

PLAN = "BT-2022-7679"
PERIODS = ("2023-Q1", "2023-H1", "2023-Q3", "2023-Y")
CITY = 900_000
DEPARTMENTS, DISTRICTS, WARDS = 21, 22, 312
KINDS = ("department", "people_committee", "ward")
COLLECTIVES = {"department": "XX-SO", "people_committee": "XX-QUAN", "ward": "XX-PHUONG"}
EVERYONE = "XX-TAT-CA"
BRANCHES = ("", ", có yếu tố nước ngoài", ", thủ tục liên thông")
"""The catalogue's fields are a district's; a city's are split further."""
_OFFICES = """
    Nội vụ, Tư pháp, Tài chính, Công Thương, Xây dựng, Giao thông vận tải, Y tế, Giáo dục và Đào tạo, Du lịch,
    Văn hóa và Thể thao, Khoa học và Công nghệ, Thông tin và Truyền thông, Tài nguyên và Môi trường, Ngoại vụ,
    Kế hoạch và Đầu tư, Quy hoạch - Kiến trúc, Nông nghiệp và Phát triển nông thôn, An toàn thực phẩm,
    Lao động - Thương binh và Xã hội, Công nghiệp hỗ trợ, Chuyển đổi số
"""
_FIRST = """
    An Bình Châu Đông Gia Hòa Khánh Long Mỹ Nam Ninh Phú Quang Sơn Tân Thạnh Trung Vĩnh Xuân Yên
"""
_SECOND = """
    Ba Cẩm Dũng Điền Giang Hậu Hưng Kiều Lộc Lợi Mai Nghĩa Phong Quý Sen Thiện Thới Tiến Trạch Vân
"""


def agencies() -> list[Row]:
    """The city, its departments, districts and wards, in the administration's order."""
    names = (f"{a} {b}" for a, b in product(_FIRST.split(), _SECOND.split()))
    offices = [name.strip() for name in _OFFICES.split(",")]
    found = [_agency(CITY, "XX", "Ủy ban nhân dân thành phố Thử Nghiệm", "people_committee", "city", None)]
    found += [
        _agency(CITY + n, f"XX-SO-{n:02}", f"Sở {offices[n - 1]}", "department", "city", CITY)
        for n in range(1, DEPARTMENTS + 1)
    ]
    for number in range(DISTRICTS):
        key, name = CITY + 100 + number, f"Ủy ban nhân dân quận {next(names)}"
        found.append(_agency(key, f"XX-Q-{number + 1:02}", name, "people_committee", "district", CITY))
    for number in range(WARDS):
        district = CITY + 100 + number % DISTRICTS
        name = f"Ủy ban nhân dân phường {next(names)}"
        found.append(
            _agency(CITY + 1000 + number, f"XX-P-{number + 1:03}", name, "ward", "commune", district)
        )
    return [row | {"sort_order": order} for order, row in enumerate(found, start=1)]


def datasets() -> Datasets:
    """The reference rows by data set and table, as `warehouse.reference.load_version` takes them."""
    catalogue = load_catalogue()
    city = agencies()
    return {
        "agencies": {
            schema.ref_agency: city,
            schema.ref_agency_name: [_name(row, text) for row in city for text in _written(row)],
            schema.ref_collective: [
                _collective(code, kind) for kind, own in COLLECTIVES.items() for code in (own, EVERYONE)
            ],
        },
        "calendar": _calendar(catalogue),
        "fields": _fields(catalogue),
        "areas": dict(area_rows(catalogue.areas)),
        f"plan:{PLAN}": _plan(catalogue),
    }


def reference() -> Reference:
    """The city's reference without a database, for writing its forms."""
    rows: dict[str, list[Row]] = {}
    for tables in datasets().values():
        for table, of_table in tables.items():
            blank = dict.fromkeys(table.columns.keys()) | {"assumed": False, "consolidates": False}
            rows[table.name] = [blank | row for row in of_table]
    return index_reference(rows)


def _agency(key: int, code: str, name: str, kind: str, level: str, parent: int | None) -> Row:
    return {
        "agency_key": key,
        "agency_code": code,
        "jurisdiction_code": "XX",
        "agency_name": name,
        "short_name": name,
        "agency_kind": kind,
        "agency_level": level,
        "parent_agency_key": parent,
        "valid_from": date(2018, 1, 1),
        "sort_key": sort_key(name),
        "reports": parent is not None,
        "consolidates": parent is None,
        "source": "invented",
    }


def _written(agency: Row) -> Iterator[str]:
    name = agency["agency_name"]
    yield name
    if name.startswith("Ủy ban nhân dân "):
        yield "UBND " + name.removeprefix("Ủy ban nhân dân ")


def _name(agency: Row, text: str) -> Row:
    return {
        "agency_key": agency["agency_key"],
        "name": text,
        "match_key": name_key(text),
        "name_kind": "official" if text == agency["agency_name"] else "variant",
        "valid_from": agency["valid_from"],
    }


def _collective(code: str, kind: str) -> Row:
    return {"collective_code": code, "collective_label": code, "parent_agency_key": CITY, "agency_kind": kind}


def _calendar(catalogue: Catalogue) -> dict[sa.Table, list[Row]]:
    rows = calendar_rows(catalogue.calendar, agency_keys(catalogue.agencies))
    periods = [row for row in rows[schema.ref_period] if row["year"] == 2023]
    closes = {row["period_id"]: row["closes_on"] for row in periods}
    return {
        schema.ref_period: periods,
        schema.ref_round: [{"unit_agency_key": CITY, "period_id": period_id} for period_id in PERIODS],
        schema.ref_period_due: [
            {
                "unit_agency_key": CITY,
                "period_id": period_id,
                "agency_kind": "*",
                "stated_date": closes[period_id],
                "due_date": closes[period_id],
                "effective_from": date(2022, 12, 30),
                "assumed": True,
            }
            for period_id in PERIODS
        ],
    }


def _fields(catalogue: Catalogue) -> dict[sa.Table, list[Row]]:
    fields: list[Row] = []
    for number, (branch, item) in enumerate(product(range(len(BRANCHES)), catalogue.fields.fields)):
        fields.append(
            {
                "field_code": item.code if not branch else f"{item.code}-{branch + 1}",
                "field_name": item.name + BRANCHES[branch],
                "field_group": item.group,
                "handled_by_kinds": [k for i, k in enumerate(KINDS) if not branch or (number + i) % 4],
                "handled_by_agency_keys": [],
                "sort_order": number,
                "assumed": True,
            }
        )
    names = [
        {"field_code": item.code, "name": name, "match_key": match_key(name)}
        for item in catalogue.fields.fields
        for name in item.names
    ]
    return {schema.ref_field: fields, schema.ref_field_name: names}


def _plan(catalogue: Catalogue) -> dict[sa.Table, list[Row]]:
    """The catalogue's plan, its parts given to the city's kinds of agencies in turn."""
    rows = plan_rows(catalogue.plan(PLAN), agency_keys(catalogue.agencies))
    nobody = {"reporter_agency_key": None, "only_agency_keys": None, "excluded_agency_keys": None}
    members: list[Row] = []
    for number, task in enumerate(rows[schema.ref_task]):
        roles = [("lead", KINDS[number % 3])] + (
            [("cooperate", KINDS[(number + 1) % 3])] if number % 8 else []
        )
        members += [
            {
                "plan_code": PLAN,
                "task_code": task["task_code"],
                "task_role": role,
                "member_order": 1,
                "resolution": "collective",
                "collective_code": COLLECTIVES[kind],
            }
            for role, kind in roles
        ]
    targets = [
        row | nobody | {"reporter_collective_code": EVERYONE, "quantifier": "overall"}
        for row in rows[schema.ref_target]
    ]
    return {
        schema.ref_task: rows[schema.ref_task],
        schema.ref_obligation: rows[schema.ref_obligation],
        schema.ref_task_agency: members,
        schema.ref_target: targets,
    }
