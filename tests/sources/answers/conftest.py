"""The intake's small jurisdiction and workbooks, and what is told of a delivery that never was."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from sources.answers.told import SheetCounts, Told, ToldFinding, VersionInForce
from sources.forms.definition import load_definition
from tests.sources.intake.conftest import drop, filled, form, read, reference, small

__all__ = ["drop", "filled", "form", "read", "reference", "small"]

ANSWER_SHEET = load_definition().answer_sheet
RECEIVED = datetime(2023, 3, 16, 2, 0, tzinfo=UTC)


def finding(cell: str | None = "B2", sheet_no: int | None = 1, **more: Any) -> ToldFinding:
    """An error in a cell of the first sheet, unless `more` says otherwise."""
    values: dict[str, Any] = {
        "rule_id": "intake.cell_number",
        "severity": "error",
        "message_vi": "Không đọc được thành số.",
        "sheet_no": sheet_no,
        "sheet_name": "Bảng" if sheet_no else None,
        "cell": cell,
        "given": "abc",
        "expected": "số nguyên từ 0",
    }
    return ToldFinding(**{**values, **more})


@pytest.fixture
def tell() -> Callable[..., Told]:
    """What is told of an accepted delivery with some findings; keywords change it."""

    def make(*findings: ToldFinding, data: bytes = b"", **more: Any) -> Told:
        values: dict[str, Any] = {
            "delivery_id": 17,
            "channel": "landing",
            "source_name": "báo cáo quý.xlsx",
            "size_bytes": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "archive_path": "aa/bb",
            "received_at": RECEIVED,
            "received_stated": False,
            "verdict": "accepted_with_findings",
            "reason_vi": None,
            "standing": "counts",
            "duplicate_of": None,
            "form_code": "CCHC-Q v1",
            "answer_sheet": ANSWER_SHEET,
            "agency_code": "XX-P-A",
            "agency_name": "Ủy ban nhân dân phường Hòa An",
            "unit_name": "Ủy ban nhân dân quận Thử",
            "period_id": "2023-Q1",
            "period_label": "Quý I năm 2023",
            "report_kind": "first",
            "report_kind_label": "Lần đầu",
            "document_number": "12/BC-UBND",
            "report_date": date(2023, 3, 15),
            "due_date": date(2023, 3, 20),
            "due_assumed": True,
            "sheets": (SheetCounts(1, "Bảng", False, 9, 6, 1, 2),),
            "findings": findings,
            "in_force": (VersionInForce(17, RECEIVED, "first"),),
        }
        return Told(**{**values, **more})

    return make
