"""A small invented jurisdiction for the intake's tests, and workbooks filled for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa

from sources.forms.content import form_content
from sources.forms.definition import FormDefinition, load_definition
from sources.forms.files.workbook import SheetCells, open_workbook
from sources.forms.findings import Findings, load_rules
from sources.forms.issue_workbook import write_workbook
from sources.forms.reference import Reference, index_reference
from sources.forms.report import Report, read_report
from sources.names import name_key
from tests.sources.intake.landing_places import (  # noqa: F401 (fixtures)
    denying_endpoint,
    make_place,
    place,
    s3_endpoint,
    ssh_server,
)
from warehouse import schema
from warehouse.engine import engine
from warehouse.reference import load_version
from warehouse.settings import Settings
from warehouse.text import match_key, sort_key

PERIOD = "2023-Q1"
DEPARTMENT, WARD, OTHER_WARD = 14, 31, 32


def _agency(
    key: int, code: str, name: str, kind: str, parent: int | None, order: int, **more: Any
) -> dict[str, Any]:
    return {
        "agency_key": key,
        "agency_code": code,
        "jurisdiction_code": "XX",
        "agency_name": name,
        "short_name": name,
        "agency_kind": kind,
        "agency_level": "district",
        "parent_agency_key": parent,
        "valid_from": date(2020, 1, 1),
        "sort_order": order,
        "sort_key": sort_key(name),
        "reports": key > 10,
        "consolidates": key == 10,
        "source": "test",
        **more,
    }


AGENCIES = [
    _agency(10, "XX", "Ủy ban nhân dân quận Thử", "people_committee", None, 1),
    _agency(14, "XX-TCKH", "Phòng Tài chính - Kế hoạch", "department", 10, 2),
    _agency(31, "XX-P-A", "Ủy ban nhân dân phường Hòa An", "ward", 10, 3),
    _agency(32, "XX-P-B", "Ủy ban nhân dân phường Hòa Bình", "ward", 10, 4),
    # another unit, which asks for another round, and an office below it that is no unit
    _agency(50, "YY", "Ủy ban nhân dân thành phố Khác", "people_committee", None, 5, consolidates=True)
    | {"reports": False},
    _agency(51, "YY-SO", "Sở Khác", "department", 50, 6),
    _agency(52, "YY-TT", "Trung tâm Khác", "public_service", 51, 7),
]
NAMES = {
    10: ["UBND quận Thử", "Ủy ban nhân dân quận Thử"],
    14: ["Phòng Tài chính - Kế hoạch", "Phòng TCKH", "Văn phòng chung"],
    31: ["Ủy ban nhân dân phường Hòa An", "UBND P. Hoà An", "Phường Hòa An"],
    32: ["Ủy ban nhân dân phường Hòa Bình", "Phường Hòa Bình", "Văn phòng chung"],
}


def _period(period_id: str, label: str, start: date, end: date, order: int, **more: Any) -> dict[str, Any]:
    return {
        "period_id": period_id,
        "period_kind": period_id[5:],
        "label_vi": label,
        "label_en": period_id,
        "year": 2023,
        "period_order": order,
        "window_start": start,
        "window_end": end,
        "closes_on": end,
        "calendar_end": end,
        "review_date": end,
        "is_cumulative": period_id.endswith(("H1", "Y")),
        "is_derived": False,
        **more,
    }


PERIODS = [
    _period("2023-Q1", "Quý I năm 2023", date(2022, 12, 15), date(2023, 3, 14), 1),
    _period("2023-H1", "6 tháng đầu năm 2023", date(2022, 12, 15), date(2023, 6, 14), 3),
    _period("2023-Y", "Năm 2023", date(2022, 12, 15), date(2023, 12, 14), 6),
    _period("2023-Q2", "Quý II năm 2023", date(2023, 3, 15), date(2023, 6, 14), 2, is_derived=True),
    _period("2023-9M", "9 tháng năm 2023", date(2022, 12, 15), date(2023, 9, 14), 5),
    _period("2023-N11", "Báo cáo 15/11 năm 2023", date(2023, 9, 15), date(2023, 11, 15), 7)
    | {"window_start": None, "window_end": None},
]
ASKED = {10: ["2023-Q1", "2023-H1", "2023-Y"], 50: ["2023-Q1", "2023-N11"]}
"""The rounds: by unit, the periods that it asks for. Nobody asks for 2023-9M."""


def _due(unit: int, period_id: str, stated: str | None = None, **more: Any) -> dict[str, Any]:
    """A due date: the last day of the window, unless it says otherwise."""
    closes_on = next(p["closes_on"] for p in PERIODS if p["period_id"] == period_id)
    day = date.fromisoformat(stated) if stated else closes_on
    return {
        "unit_agency_key": unit,
        "period_id": period_id,
        "agency_kind": "*",
        "stated_date": day,
        "due_date": date.fromisoformat(more["due"]) if "due" in more else day,
        "effective_from": date.fromisoformat(more.get("since", "2022-12-30")),
        "assumed": more.get("assumed", True),
    }


def _task(stt: str, order: int, **more: Any) -> dict[str, Any]:
    return {
        "plan_code": "XX-2023-1",
        "task_code": f"XX-2023-1/{stt}",
        "stt": stt,
        "task_kind": "task",
        "task_order": order,
        "area_code": "0",
        "task_label": f"Việc thử {stt}",
        "deadline_label": "Trong năm 2023",
        "citation": f"1/QĐ-THU, phụ lục {stt}",
        **more,
    }


def _obligation(stt: str, number: int, kind: str, due: date | None) -> dict[str, Any]:
    return {
        "plan_code": "XX-2023-1",
        "task_code": f"XX-2023-1/{stt}",
        "obligation_no": number,
        "obligation_kind": kind,
        "obligation_label": f"mốc {number}",
        "due_date": due,
        "due_year": 2023,
        "is_ongoing": False,
    }


def _role(stt: str, role: str, order: int, **more: Any) -> dict[str, Any]:
    resolution = "collective" if "collective_code" in more else "agency"
    return {
        "plan_code": "XX-2023-1",
        "task_code": f"XX-2023-1/{stt}",
        "task_role": role,
        "member_order": order,
        "resolution": resolution,
        **more,
    }


def _target(section: str, order: int, unit: str, **more: Any) -> dict[str, Any]:
    return {
        "plan_code": "XX-2023-1",
        "target_code": f"XX-2023-1/CT-{section}",
        "year": 2023,
        "target_order": order,
        "area_code": "2",
        "target_label": f"Chỉ tiêu thử {section}",
        "indicator_code": "thu",
        "comparator": "ge",
        "direction": "higher",
        "unit": unit,
        "low_value": 98,
        "scope_level": "unit",
        "quantifier": "overall",
        "is_measurable": True,
        "is_ambiguous": False,
        "fed_by": "target_row",
        "reporter_collective_code": "XX-TAT-CA",
        "roll_up": "sum",
        "citation": f"1/QĐ-THU, {section}",
        "also_cited": [],
        **more,
    }


def _field(code: str, name: str, order: int, kinds: list[str]) -> dict[str, Any]:
    return {
        "field_code": code,
        "field_name": name,
        "handled_by_kinds": kinds,
        "handled_by_agency_keys": [],
        "sort_order": order,
        "assumed": True,
    }


FIELDS = [
    _field("ho-tich", "Hộ tịch", 1, ["ward"]),
    _field("chung-thuc", "Chứng thực", 2, ["ward"]),
    _field("dat-dai", "Đất đai", 3, ["ward", "department"]),
]


def small_datasets() -> dict[str, dict[sa.Table, list[dict[str, Any]]]]:
    """The invented jurisdiction as reference data: rows by data set and table."""
    return {
        "agencies": {
            schema.ref_agency: AGENCIES,
            schema.ref_agency_name: [
                {
                    "agency_key": key,
                    "name": name,
                    "match_key": name_key(name),
                    "name_kind": "variant",
                    "valid_from": date(2020, 1, 1),
                }
                for key, names in NAMES.items()
                for name in names
            ],
            schema.ref_collective: [
                {
                    "collective_code": code,
                    "collective_label": code,
                    "parent_agency_key": 10,
                    "agency_kind": kind,
                }
                for code, kind in [
                    ("XX-TAT-CA", "ward"),
                    ("XX-TAT-CA", "department"),
                    ("XX-PHUONG", "ward"),
                ]
            ],
        },
        "calendar": {
            schema.ref_period: PERIODS,
            schema.ref_round: [
                {"unit_agency_key": unit, "period_id": period_id}
                for unit, asked in ASKED.items()
                for period_id in asked
            ],
            schema.ref_period_due: [_due(unit, p) for unit, asked in ASKED.items() for p in asked]
            + [
                _due(10, "2023-H1", "2023-06-17", due="2023-06-19", since="2023-06-05"),
                _due(50, "2023-N11", "2023-11-18", due="2023-11-20", since="2023-11-01", assumed=False),
            ],
        },
        "fields": {
            schema.ref_field: FIELDS,
            schema.ref_field_name: [
                {"field_code": "dat-dai", "name": "Nhà đất", "match_key": match_key("Nhà đất")}
            ],
        },
        "areas": {
            schema.ref_area: [
                {
                    "area_code": "0",
                    "label_vi": "Chỉ đạo, điều hành",
                    "label_en": "Direction",
                    "sort_order": 1,
                },
                {
                    "area_code": "2",
                    "label_vi": "Thủ tục hành chính",
                    "label_en": "Procedures",
                    "sort_order": 2,
                },
            ]
        },
        "plan:XX-2023-1": {
            schema.ref_task: [
                _task("1.1", 1),
                _task("1.2", 2),
                _task("2", 3),
                _task("3", 4, task_kind="standing"),
                _task("4", 5),
            ],
            schema.ref_obligation: [
                _obligation("1.1", 1, "whole_year", date(2023, 12, 31)),
                _obligation("1.2", 1, "milestone", date(2023, 3, 31)),
                _obligation("1.2", 2, "milestone", date(2023, 9, 30)),
                _obligation("2", 1, "whole_year", date(2023, 12, 31)),
                _obligation("3", 1, "standing", None),
                _obligation("4", 1, "whole_year", date(2022, 12, 31)) | {"due_year": 2022},
            ],
            schema.ref_task_agency: [
                _role("1.1", "lead", 1, agency_key=14),
                _role("1.1", "cooperate", 1, collective_code="XX-TAT-CA"),
                _role("1.2", "lead", 1, collective_code="XX-PHUONG"),
                _role("2", "lead", 1, agency_key=14),
                _role("3", "lead", 1, collective_code="XX-PHUONG"),
                _role("4", "lead", 1, collective_code="XX-PHUONG"),
            ],
            schema.ref_target: [
                _target("II.1", 1, "percent"),
                _target("II.2", 2, "date", low_value=None, comparator="by_date"),
                _target("II.3", 3, "percent", fed_by="dossier", measure="on_time"),
                _target("II.4", 4, "count", reporter_collective_code=None, reporter_agency_key=14),
                _target("II.5", 5, "percent", year=2022),
            ],
        },
    }


def load_small_reference(settings: Settings) -> None:
    """Load the invented jurisdiction into a warehouse."""
    with engine(settings, "loader").begin() as connection:
        for dataset, rows in small_datasets().items():
            load_version(connection, dataset, rows, "test")


@pytest.fixture(scope="session")
def form() -> FormDefinition:
    return load_definition()


@pytest.fixture
def small(settings: Settings) -> Settings:
    """A warehouse that knows the invented jurisdiction."""
    load_small_reference(settings)
    return settings


@pytest.fixture(scope="session")
def reference() -> Reference:
    """The invented jurisdiction without a database."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for tables in small_datasets().values():
        for table, of_table in tables.items():
            blank = dict.fromkeys(table.columns.keys()) | {"assumed": False}
            rows[table.name] = [blank | row for row in of_table]
    return index_reference(rows)


@pytest.fixture
def moment() -> Callable[[int, int], datetime]:
    """A moment of 2023 by month and day."""
    return lambda month, day: datetime(2023, month, day, 3, 0, tzinfo=UTC)


Edits = dict[tuple[str, str], dict[str, Any]]
"""(sheet code, text of a prefilled cell in the row) → values by column code."""


def fill(form: FormDefinition, issued: bytes, info: dict[str, Any], edits: Edits) -> bytes:
    """Fill an issued workbook: labels of the info sheet by code, cells by sheet, row and column code."""
    book = openpyxl.load_workbook(BytesIO(issued))
    for code, value in info.items():
        page = book[form.info.name]
        row = next(r[1].row for r in page.iter_rows() if r[1].value == form.info.labels[code].label)
        page.cell(row, 3).value = value
    for (sheet_code, row_text), values in edits.items():
        sheet = form.sheet(sheet_code)
        page = book[sheet.name]
        row = next(
            (c.row for r in page.iter_rows() for c in r if c.value == row_text and c.row > 3),
            page.max_row + 1,
        )
        for position, column in enumerate(sheet.columns, start=1):
            if column.code in values:
                page.cell(row, position).value = values[column.code]
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


GOOD_INFO: dict[str, Any] = {
    "report_date": date(2023, 3, 15),
    "document_number": "12/BC-UBND",
    "prepared_by": "Người lập thử",
}
DOSSIER = {
    "received_total": 100,
    "received_online": 60,
    "received_direct": 30,
    "carried_over": 10,
    "resolved_total": 90,
    "resolved_early": 70,
    "resolved_on_time": 15,
    "resolved_late": 5,
    "pending_total": 10,
    "pending_in_time": 9,
    "pending_overdue": 1,
    "apology_letters": 5,
}
GOOD_EDITS: Edits = {
    ("task", "XX-2023-1/1.2#1"): {
        "status": "Hoàn thành",
        "progress_percent": 100,
        "product": "Kế hoạch",
        "document_number": "45/KH-UBND",
        "completed_on": date(2023, 3, 10),
    },
    ("target", "XX-2023-1/CT-II.1"): {"numerator": 98, "denominator": 100},
    ("dossier", "Hộ tịch"): DOSSIER,
    ("satisfaction", "Hộ tịch"): {"sent": 50, "returned": 48, "satisfied": 47},
    ("feedback", "1022"): {"received": 3, "resolved_on_time": 3, "published": 3},
}


@pytest.fixture(scope="session")
def filled(form: FormDefinition, reference: Reference) -> Callable[..., bytes]:
    """Make a filled workbook of an agency: a good one, unless `info` and `edits` say otherwise."""
    period = reference.periods[PERIOD]
    issued = {
        agency["agency_code"]: write_workbook(
            form, form_content(form, reference, agency, period, period["closes_on"])
        )
        for agency in reference.reporting_agencies(period, 10)
    }

    def make(agency: str = "XX-P-A", info: dict[str, Any] | None = None, edits: Edits | None = None) -> bytes:
        return fill(
            form, issued[agency], {**GOOD_INFO, **(info or {})}, GOOD_EDITS if edits is None else edits
        )

    return make


@pytest.fixture(scope="session")
def read(form: FormDefinition, reference: Reference) -> Callable[..., Report]:
    """Read bytes as a delivery received two days after the cut-off."""
    return lambda data, on=date(2023, 3, 16): read_report(data, form, reference, Findings(load_rules()), on)


@pytest.fixture(scope="session")
def opened(form: FormDefinition) -> Callable[[bytes], list[SheetCells]]:
    """Open bytes as sheets of cells, before anything is interpreted."""
    return lambda data: open_workbook(data, form)


@pytest.fixture
def drop(small: Settings) -> Callable[[str, bytes], Path]:
    """Put a file into the landing zone."""
    folder = Path(small.landing_url.removeprefix("file://"))

    def put(name: str, data: bytes) -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    return put
