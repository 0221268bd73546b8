"""Small worlds for the rules: deliveries with their rows, and the facts and marts that follow from them."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from expectations.catalogue import load
from expectations.runner import escape_colons
from warehouse.clock import TIME_ZONE
from warehouse.schema import build

LAYERS = Path(__file__).with_name("layers.sql")
AS_OF = datetime(2023, 12, 31, tzinfo=TIME_ZONE)
PERIODS = {
    "2023-Q1": ("Quý I", 1, "2022-12-15", "2023-03-14"),
    "2023-H1": ("6 tháng", 3, "2022-12-15", "2023-06-14"),
    "2023-Q3": ("Quý III", 4, "2023-06-15", "2023-09-14"),
    "2023-Y": ("Năm", 6, "2022-12-15", "2023-12-14"),
}
SHEETS = {
    "task": ("Nhiệm vụ", "raw.task_row"),
    "target": ("Chỉ tiêu", "raw.target_row"),
    "dossier": ("Hồ sơ TTHC", "raw.dossier_row"),
    "satisfaction": ("Hài lòng", "raw.satisfaction_row"),
    "feedback": ("Phản ánh, kiến nghị", "raw.feedback_row"),
}
COLUMNS = {
    "task": {
        "task_code": "B",
        "status": "D",
        "progress_percent": "E",
        "product": "F",
        "document_number": "G",
    },
    "target": {
        "target_code": "B",
        "field_name": "D",
        "numerator": "F",
        "denominator": "G",
        "reported_value": "H",
    },
    "dossier": {
        "field_name": "B",
        "received_total": "C",
        "received_online": "D",
        "received_direct": "E",
        "carried_over": "F",
        "resolved_total": "G",
        "resolved_early": "H",
        "resolved_on_time": "I",
        "resolved_late": "J",
        "pending_total": "K",
        "pending_in_time": "L",
        "pending_overdue": "M",
        "apology_letters": "N",
    },
    "satisfaction": {"field_name": "B", "sent": "D", "returned": "E", "valid": "F", "satisfied": "G"},
    "feedback": {
        "channel_name": "B",
        "received": "E",
        "resolved_on_time": "F",
        "resolved_late": "G",
        "published": "J",
    },
}


def dossier(**changed: Any) -> dict[str, Any]:
    """A dossier row whose identities hold: 10 received, 8 resolved of which 1 late, 2 pending."""
    row = {
        "field_name": "Đất đai",
        "field_code": "dat-dai",
        "received_total": 10,
        "received_online": 4,
        "received_direct": 5,
        "carried_over": 1,
        "resolved_total": 8,
        "resolved_early": 3,
        "resolved_on_time": 4,
        "resolved_late": 1,
        "pending_total": 2,
        "pending_in_time": 2,
        "pending_overdue": 0,
        "apology_letters": 1,
    }
    return row | changed


class World:
    """A warehouse in one transaction of the test; what a rule selects is read as the role builder."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self._tolerances()
        self.build()
        for period_id, (label, order, start, end) in PERIODS.items():
            self.insert(
                "core.dim_period",
                period_id=period_id,
                label_vi=label,
                year=2023,
                period_order=order,
                window_start=start,
                window_end=end,
                closes_on=end,
                is_derived=False,
            )

    def insert(self, table: str, **values: Any) -> None:
        """Insert one row; dicts are JSON."""
        names = ", ".join(values)
        marks = ", ".join(f":{name}" for name in values)
        bound = {
            name: json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value
            for name, value in values.items()
        }
        self.connection.execute(sa.text(f"insert into {table} ({names}) values ({marks})"), bound)

    def rounds(self) -> None:
        """Every period is in view of the unit."""
        for period_id, (_, _, _, end) in PERIODS.items():
            self.insert("core.int_round", unit_code="BT", period_id=period_id, closes_on=end)

    def lose_windows(self) -> None:
        """No document sets the windows of the periods."""
        self.connection.exec_driver_sql("update core.dim_period set window_start = null, window_end = null")

    def build(self, as_of: datetime = AS_OF, *, full_refresh: bool = False) -> int:
        """Open a build; returns its id."""
        opened = sa.insert(build).values(
            as_of=as_of,
            full_refresh=full_refresh,
            fingerprint="f",
            models_sha256="m",
            rules_sha256="r",
            reason="test",
            run_id="test",
        )
        return int(self.connection.execute(opened.returning(build.c.build_id)).scalar_one())

    def delivery(
        self,
        agency_key: int = 31,
        period_id: str = "2023-Q1",
        received_at: datetime = datetime(2023, 3, 20, tzinfo=TIME_ZONE),
        verdict: str = "accepted",
    ) -> int:
        """A delivery with its reading; returns its id."""
        delivery_id = int(
            self.connection.execute(
                sa.text(
                    "insert into raw.delivery (delivery_id, channel, source_name, source_path, sha256,"
                    " size_bytes, archive_path, received_at, received_stated, run_id)"
                    " values ((select coalesce(max(delivery_id), 0) + 1 from raw.delivery),"
                    " 'cli', 'a.xlsx', gen_random_uuid()::text, 'h', 1, 'h', :received_at, true, 't')"
                    " returning delivery_id"
                ),
                {"received_at": received_at},
            ).scalar_one()
        )
        self.insert(
            "raw.reading",
            delivery_id=delivery_id,
            agency_key=agency_key,
            period_id=period_id,
            report_kind="first",
            verdict=verdict,
            run_id="test",
        )
        return delivery_id

    def sheet(
        self,
        sheet_code: str,
        rows: list[dict[str, Any]],
        agency_key: int = 31,
        period_id: str = "2023-Q1",
        *,
        delivery_id: int | None = None,
        current: bool = True,
        **counts: int,
    ) -> int:
        """A sheet with its rows from sheet row 7 on, in force unless said otherwise; returns its delivery."""
        delivery_id = delivery_id or self.delivery(agency_key, period_id)
        sheet_no = list(SHEETS).index(sheet_code) + 2
        self._sheet(
            sheet_code, rows, (agency_key, period_id, delivery_id, sheet_no), current=current, **counts
        )
        return delivery_id

    def second_sheet(self, sheet_code: str, rows: list[dict[str, Any]], delivery_id: int) -> int:
        """Another sheet of a kind in a delivery; returns its number."""
        sheet_no = len(SHEETS) + 2
        self._sheet(sheet_code, rows, (31, "2023-Q1", delivery_id, sheet_no), current=True, more=" (2)")
        return sheet_no

    def _sheet(
        self,
        sheet_code: str,
        rows: list[dict[str, Any]],
        at: tuple[int, str, int, int],
        *,
        current: bool,
        more: str = "",
        **counts: int,
    ) -> None:
        agency_key, period_id, delivery_id, sheet_no = at
        name, table = SHEETS[sheet_code]
        section = {
            "delivery_id": delivery_id,
            "sheet_no": sheet_no,
            "agency_key": agency_key,
            "period_id": period_id,
            "sheet_code": sheet_code,
            "sheet_name": name + more,
            "column_map": COLUMNS[sheet_code],
        }
        read = {"rows_read": len(rows) + 2, "rows_loaded": len(rows), "rows_held": 0, "rows_structure": 2}
        self.insert("raw.section", **section, is_hidden=False, **(read | counts))
        if current:
            self.insert("staging.int_section_current", **section)
        for index, row in enumerate(rows):
            place = {"delivery_id": delivery_id, "sheet_no": sheet_no, "sheet_row": 7 + index}
            values = {"given": {}, **row}
            self.insert(table, **place, agency_key=agency_key, period_id=period_id, **values)

    def dossiers(
        self, rows: list[dict[str, Any]], agency_key: int = 31, period_id: str = "2023-Q1", **more: Any
    ) -> int:
        """A dossier sheet and the facts that follow from it."""
        delivery_id = self.sheet("dossier", rows, agency_key, period_id, **more)
        for index, row in enumerate(rows):
            values = {name: value for name, value in row.items() if name != "field_name"}
            values["field_code"] = row["field_code"] or "?" + row["field_name"].lower()
            self.insert(
                "core.fct_dossier",
                agency_key=agency_key,
                period_id=period_id,
                delivery_id=delivery_id,
                sheet_no=4,
                sheet_row=7 + index,
                sheet_rows=str(7 + index),
                received_total_computed=_sum(row, "received_online", "received_direct", "carried_over"),
                resolved_total_computed=_sum(row, "resolved_early", "resolved_on_time", "resolved_late"),
                pending_total_computed=_sum(row, "pending_in_time", "pending_overdue"),
                resolved_in_time=_sum(row, "resolved_early", "resolved_on_time"),
                **values,
            )
        return delivery_id

    def offending(self, rule_id: str) -> list[dict[str, Any]]:
        """What the rule's SQL selects, read as the role builder."""
        rule = next(rule for rule in load().rules if rule.id == rule_id)
        self.connection.exec_driver_sql("set local role cchc_builder")
        found = self.connection.execute(sa.text(escape_colons(rule.sql))).mappings().all()
        self.connection.exec_driver_sql("reset role")
        return [dict(row) for row in found]

    def cells(self, rule_id: str) -> list[str]:
        """The cells that the rule's SQL selects."""
        return sorted(row["cell"] for row in self.offending(rule_id))

    def _tolerances(self) -> None:
        version = self.connection.execute(
            sa.text(
                "insert into raw.ref_version (dataset, content_sha256, run_id)"
                " values ('tolerances', 'h', 'test') returning version_id"
            )
        ).scalar_one()
        for entry in load().tolerances:
            self.insert(
                "raw.ref_tolerance",
                version_id=version,
                tolerance_code=entry.code,
                value=entry.value,
                unit=entry.unit,
            )


def _sum(row: dict[str, Any], *names: str) -> int | None:
    counts = [row[name] for name in names if row[name] is not None]
    return sum(counts) if counts else None
