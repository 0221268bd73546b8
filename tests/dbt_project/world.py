"""A world small enough to reckon by hand (one unit, two agencies, one plan, a year), and what it is sent."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count
from typing import Any

import sqlalchemy as sa

from warehouse import schema, transform
from warehouse.clock import TIME_ZONE
from warehouse.engine import copy_rows, engine
from warehouse.reference import Rows, load_version
from warehouse.settings import Settings, apply_environment

Datasets = dict[str, Rows]
UNIT, HOME_OFFICE, WARD = 10, 12, 31
PLAN = "BT-2022-7679"
YEAR_END = date(2023, 12, 31)


def at(text: str) -> datetime:
    """A moment in the warehouse's time zone, from `2023-03-16 09:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=TIME_ZONE)


def agency(key: int, code: str, kind: str, level: str, parent: int | None, **more: Any) -> dict[str, Any]:
    """A row of ref_agency; `more` changes columns of it."""
    return {
        "agency_key": key,
        "agency_code": code,
        "jurisdiction_code": "HCM",
        "agency_name": code,
        "short_name": code,
        "agency_kind": kind,
        "agency_level": level,
        "parent_agency_key": parent,
        "valid_from": date(2003, 1, 1),
        "sort_order": key,
        "sort_key": code,
        "reports": True,
        "consolidates": False,
        **more,
    }


AGENCIES = [
    agency(0, "UNKNOWN", "unknown", "unknown", None, reports=False),
    agency(UNIT, "BT", "people_committee", "district", None, reports=False, consolidates=True),
    agency(HOME_OFFICE, "BT-NV", "department", "district", UNIT),
    agency(WARD, "BT-P-AL", "ward", "commune", UNIT),
]
COLLECTIVES = [
    {
        "collective_code": "BT-TAT-CA",
        "collective_label": "các cơ quan, đơn vị",
        "parent_agency_key": UNIT,
        "agency_kind": kind,
        "agency_level": None,
        "is_direct": False,
    }
    for kind in ("department", "ward")
]


def _period(kind: str, order: int, window: tuple[date, date], closes: date, **more: Any) -> dict[str, Any]:
    return {
        "period_id": f"2023-{kind}",
        "period_kind": kind,
        "label_vi": kind,
        "label_en": kind,
        "year": 2023,
        "period_order": order,
        "window_start": window[0],
        "window_end": window[1],
        "closes_on": window[1],
        "quarters": {"H1": 2, "Y": 4}.get(kind, 1),
        "calendar_end": closes,
        "review_date": closes.replace(day=25),
        "is_cumulative": kind in {"H1", "Y"},
        "is_derived": kind in {"Q2", "Q4"},
        **more,
    }


_START = date(2022, 12, 15)
PERIODS = [
    _period("Q1", 1, (_START, date(2023, 3, 14)), date(2023, 3, 31)),
    _period("Q2", 2, (date(2023, 3, 15), date(2023, 6, 14)), date(2023, 6, 30))
    | {"minuend_period_id": "2023-H1", "subtrahend_period_ids": ["2023-Q1"]},
    _period("H1", 3, (_START, date(2023, 6, 14)), date(2023, 6, 30)),
    _period("Q3", 4, (date(2023, 6, 15), date(2023, 9, 14)), date(2023, 9, 30)),
    _period("Q4", 5, (date(2023, 9, 15), date(2023, 12, 14)), YEAR_END)
    | {"minuend_period_id": "2023-Y", "subtrahend_period_ids": ["2023-H1", "2023-Q3"]},
    _period("Y", 6, (_START, date(2023, 12, 14)), YEAR_END),
]
DUE = {"2023-Q1": date(2023, 3, 17), "2023-H1": date(2023, 6, 19), "2023-Q3": date(2023, 9, 18)} | {
    "2023-Y": date(2023, 12, 18)
}
FIELDS = [
    {
        "field_code": code,
        "field_name": code,
        "field_group": None,
        "handled_by_kinds": ["ward"],
        "handled_by_agency_keys": [],
        "sort_order": order,
    }
    for order, code in enumerate(("ho-tich", "chung-thuc"), start=1)
]
# stt → kind and due date of each obligation, and who leads
TASKS: dict[str, tuple[list[tuple[str, date | None]], int | str]] = {
    "1.1": ([("whole_year", YEAR_END)], HOME_OFFICE),
    "1.2": ([("milestone", date(2023, 3, 20)), ("milestone", date(2023, 9, 30))], "BT-TAT-CA"),
    "1.3": ([("recurring", day) for day in (date(2023, 3, 31), date(2023, 6, 30))], HOME_OFFICE),
    "2.1": ([("on_event", None)], WARD),
}


def _task_code(stt: str) -> str:
    return f"{PLAN}/{stt}"


def load_reference(settings: Settings, *, fields: list[dict[str, Any]] | None = None) -> None:
    """Load the reference data of this world; with other fields it becomes a new version."""
    tasks, leads, obligations = [], [], []
    for order, (stt, (dues, lead)) in enumerate(TASKS.items(), start=1):
        key = {"plan_code": PLAN, "task_code": _task_code(stt)}
        tasks.append(
            key
            | {"stt": stt, "task_kind": "task", "task_order": order, "area_code": stt[0], "task_label": stt}
            | {"deadline_label": "trong năm", "citation": f"7679/QĐ-UBND, PL.{stt}"}
        )
        by_name = {"resolution": "agency", "agency_key": lead}
        by_collective = {"resolution": "collective", "collective_code": lead}
        leads.append(
            key
            | {"task_role": "lead", "member_order": 1}
            | (by_name if isinstance(lead, int) else by_collective)
        )
        obligations += [
            key
            | {"obligation_no": number, "obligation_kind": kind, "obligation_label": kind, "due_date": due}
            | {"due_year": 2023, "is_ongoing": False}
            for number, (kind, due) in enumerate(dues, start=1)
        ]
    plan = {
        "plan_code": PLAN,
        "jurisdiction_code": "HCM",
        "consolidating_agency_key": UNIT,
        "document_number": "7679/QĐ-UBND",
        "document_date": date(2022, 12, 30),
        "cited_as": "7679/QĐ-UBND",
        "issuer": "UBND quận Bình Tân",
        "label_vi": "Kế hoạch 2023",
        "year_from": 2023,
        "year_to": 2023,
    }
    areas = [
        {"area_code": code, "label_vi": code, "label_en": code, "sort_order": int(code)} for code in "0123"
    ]
    datasets: Datasets = {
        "agencies": {schema.ref_agency: AGENCIES, schema.ref_collective: COLLECTIVES},
        "calendar": {schema.ref_period: PERIODS, **asked({UNIT: list(DUE)})},
        "fields": {schema.ref_field: fields or FIELDS},
        "areas": {schema.ref_area: areas},
        f"plan:{PLAN}": {
            schema.ref_plan: [plan],
            schema.ref_task: tasks,
            schema.ref_task_agency: leads,
            schema.ref_obligation: obligations,
        },
    }
    load(settings, datasets)


def load(settings: Settings, datasets: Datasets) -> None:
    """Register data sets, each as a new version where its rows changed."""
    with engine(settings, "loader").begin() as connection:
        for dataset, rows in datasets.items():
            load_version(connection, dataset, rows, "test")


def asked(periods: dict[int, list[str]], due_on: dict[str, date] = DUE) -> Rows:
    """Rounds and due dates: the periods that each unit asks for, by its key."""
    pairs = [(unit, period_id) for unit, asks in periods.items() for period_id in asks]
    rounds = [{"unit_agency_key": unit, "period_id": period_id} for unit, period_id in pairs]
    due = [
        {
            "unit_agency_key": unit,
            "period_id": period_id,
            "agency_kind": "*",
            "stated_date": due_on[period_id],
        }
        | {"due_date": due_on[period_id], "effective_from": date(2022, 12, 30)}
        for unit, period_id in pairs
    ]
    return {schema.ref_round: rounds, schema.ref_period_due: due}


@dataclass
class Deliveries:
    """What agencies send, straight into raw, as the reader would leave it."""

    settings: Settings
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def send(
        self,
        agency_key: int,
        period_id: str,
        received_at: str,
        *,
        report_kind: str = "first",
        verdict: str = "accepted",
        report_date: date | None = None,
        tasks: dict[str, Any] | None = None,
        dossiers: dict[str, int] | None = None,
    ) -> int:
        """One delivery; returns its id.

        `tasks` holds a status, or columns, by STT (`1.2#1` names a milestone); `dossiers` what was received
        by field, all of it resolved early.
        """
        number = next(self._numbers)
        with engine(self.settings, "loader").begin() as connection:
            delivery_id = connection.execute(
                sa.insert(schema.delivery)
                .values(
                    delivery_id=schema.next_delivery_id(),
                    channel="cli",
                    source_name=f"{number}.xlsx",
                    source_path=f"{number}.xlsx",
                    sha256=f"{number:064d}",
                    size_bytes=1,
                    archive_path=f"{number:064d}",
                    received_at=at(received_at),
                    received_stated=True,
                    run_id="test",
                )
                .returning(schema.delivery.c.delivery_id)
            ).scalar_one()
            connection.execute(
                sa.insert(schema.reading).values(
                    delivery_id=delivery_id,
                    agency_key=agency_key,
                    period_id=period_id,
                    report_kind=report_kind,
                    report_date=report_date,
                    verdict=verdict,
                    run_id="test",
                )
            )
            key = {"delivery_id": delivery_id, "agency_key": agency_key, "period_id": period_id}
            if tasks is not None:
                self._sheet(connection, 1, "task", key, schema.task_row, [*_task_rows(tasks)])
            if dossiers is not None:
                self._sheet(connection, 2, "dossier", key, schema.dossier_row, [*_dossier_rows(dossiers)])
        return int(delivery_id)

    def issue(self, agency_key: int, period_id: str, issued_at: str) -> None:
        """A form is issued to an agency, which opens the round."""
        with engine(self.settings, "loader").begin() as connection:
            connection.execute(
                sa.insert(schema.period_opened).values(
                    period_id=period_id,
                    agency_key=agency_key,
                    form_code="test",
                    issued_at=at(issued_at),
                    file_name=f"{agency_key}.xlsx",
                    file_sha256="test",
                    run_id="test",
                )
            )

    def decide(self, delivery_id: int, decision: str, decided_at: str) -> None:
        """A person accepts or rejects a delivery."""
        with engine(self.settings, "loader").begin() as connection:
            connection.execute(
                sa.insert(schema.delivery_decision).values(
                    delivery_id=delivery_id,
                    decision=decision,
                    reason="test",
                    decided_by="test",
                    decided_at=at(decided_at),
                )
            )

    def hold(self, delivery_id: int, build_id: int) -> None:
        """A gate of a build holds a delivery."""
        with engine(self.settings, "builder").begin() as connection:
            connection.execute(
                sa.insert(schema.hold).values(
                    delivery_id=delivery_id, rule_id="test", build_id=build_id, reason_vi="thử"
                )
            )

    @staticmethod
    def _sheet(
        connection: sa.Connection,
        sheet_no: int,
        sheet_code: str,
        key: dict[str, Any],
        table: sa.Table,
        rows: list[dict[str, Any]],
    ) -> None:
        connection.execute(
            sa.insert(schema.section).values(
                **key,
                sheet_no=sheet_no,
                sheet_code=sheet_code,
                sheet_name=sheet_code,
                is_hidden=False,
                column_map={},
                rows_read=len(rows),
                rows_loaded=len(rows),
                rows_held=0,
                rows_structure=0,
            )
        )
        numbered = enumerate(rows, start=2)
        copy_rows(
            connection,
            table,
            [
                key | {"sheet_no": sheet_no, "sheet_row": number, "given": {}} | row
                for number, row in numbered
            ],
        )


def _task_rows(tasks: dict[str, Any]) -> Any:
    for name, said in tasks.items():
        stt, _, milestone = name.partition("#")
        columns = said if isinstance(said, dict) else {"status": said}
        yield {"task_code": _task_code(stt), "obligation_no": int(milestone) if milestone else None} | columns


def _dossier_rows(dossiers: dict[str, int]) -> Any:
    for code, received in dossiers.items():
        counts = {
            "received_total": received,
            "received_online": received,
            "received_direct": 0,
            "carried_over": 0,
        }
        counts |= {
            "resolved_total": received,
            "resolved_early": received,
            "resolved_on_time": 0,
            "resolved_late": 0,
        }
        counts |= {"pending_total": 0, "pending_in_time": 0, "pending_overdue": 0}
        yield {"field_name": code, "field_code": code} | counts


def run_part(settings: Settings, command: str, select: str, as_of: str, build_id: int | None) -> None:
    """Run a part of the project, unit tests included, as nobody does but a test."""
    from dbt.cli.main import dbtRunner

    apply_environment(transform.dbt_environment(settings))
    variables = json.dumps({"as_of": as_of, "build_id": build_id})
    arguments = [command, "--select", *select.split(), "--vars", variables, "--quiet"]
    outcome = dbtRunner().invoke([*arguments, "--project-dir", str(transform.PROJECT_DIR)])
    assert outcome.success, outcome.exception or [
        (result.node.name, result.message)
        for result in outcome.result.results
        if result.status not in ("success", "pass")
    ]
