"""One prefilled workbook per reporting agency; the same content gives the same bytes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy as sa

from sources.forms.issue import issue_forms
from warehouse.engine import engine
from warehouse.errors import UsageError
from warehouse.schema import period_opened
from warehouse.settings import Settings

ISSUED = datetime(2023, 3, 1, tzinfo=UTC)


def _column(path: Path, sheet: str, heading: str) -> list[object]:
    page = openpyxl.load_workbook(path)[sheet]
    place = next(cell for row in page.iter_rows() for cell in row if cell.value == heading)
    return [page.cell(row, place.column).value for row in range(place.row + 1, page.max_row + 1)]


def test_each_reporting_agency_gets_its_own_form(small: Settings) -> None:
    paths = issue_forms(small, "2023-Q1", "run", ISSUED)
    assert [p.name for p in paths] == ["XX-TCKH.xlsx", "XX-P-A.xlsx", "XX-P-B.xlsx"]
    info = openpyxl.load_workbook(paths[1])["Thông tin"]
    values = {row[1].value: row[2].value for row in info.iter_rows(min_row=4, max_row=14)}
    assert values["Cơ quan báo cáo"] == "Ủy ban nhân dân phường Hòa An"
    assert values["Mã cơ quan"] == "XX-P-A"
    assert values["Kỳ báo cáo"] == "Quý I năm 2023"
    assert values["Loại báo cáo"] == "Lần đầu"


def test_lead_tasks_come_first_and_milestones_have_rows_of_their_own(small: Settings) -> None:
    ward = issue_forms(small, "2023-Q1", "run", ISSUED)[1]
    codes = [code for code in _column(ward, "Nhiệm vụ", "Mã nhiệm vụ") if code]
    assert codes == ["XX-2023-1/1.2#1", "XX-2023-1/1.2#2", "XX-2023-1/1.1"]
    assert [role for role in _column(ward, "Nhiệm vụ", "Vai trò") if role] == [
        "Chủ trì",
        "Chủ trì",
        "Phối hợp",
    ]


def test_only_targets_asked_of_the_agency_are_listed(small: Settings) -> None:
    department, ward, _ = issue_forms(small, "2023-Q1", "run", ISSUED)
    assert _column(ward, "Chỉ tiêu", "Mã chỉ tiêu") == ["XX-2023-1/CT-II.1", "XX-2023-1/CT-II.2"]
    assert _column(department, "Chỉ tiêu", "Mã chỉ tiêu")[-1] == "XX-2023-1/CT-II.4"


def test_assumptions_are_said(small: Settings) -> None:
    ward = issue_forms(small, "2023-Q1", "run", ISSUED)[1]
    book = openpyxl.load_workbook(ward)
    texts = [str(c.value) for page in book for row in page.iter_rows() for c in row if c.value is not None]
    assert any("Hạn gửi báo cáo: 14/3/2023 (giả định" in text for text in texts)
    assert any("Danh mục lĩnh vực của cơ quan là giả định" in text for text in texts)


def test_issuing_again_gives_the_same_bytes_and_keeps_the_first_record(small: Settings) -> None:
    before = [p.read_bytes() for p in issue_forms(small, "2023-Q1", "run-1", ISSUED)]
    after = [p.read_bytes() for p in issue_forms(small, "2023-Q1", "run-2", datetime(2023, 3, 9, tzinfo=UTC))]
    assert before == after
    with engine(small, "loader").connect() as connection:
        rows = connection.execute(sa.select(period_opened)).all()
    assert {(r.run_id, r.issued_at) for r in rows} == {("run-1", ISSUED)}
    assert len(rows) == 3


@pytest.mark.parametrize(("period", "said"), [("2023-Q9", "2023-Q1"), ("2023-Q2", "derived")])
def test_a_period_that_nobody_reports_is_refused(small: Settings, period: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        issue_forms(small, period, "run", ISSUED)
