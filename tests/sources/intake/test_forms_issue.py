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
    assert [p.name for p in paths][:3] == ["XX-TCKH.xlsx", "XX-P-A.xlsx", "XX-P-B.xlsx"]
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
    department, ward, *_ = issue_forms(small, "2023-Q1", "run", ISSUED)
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
    assert len(rows) == 5


def _guidance(path: Path) -> list[str]:
    page = openpyxl.load_workbook(path)["Thông tin"]
    return [str(c.value) for row in page.iter_rows() for c in row if str(c.value).startswith("•")]


def test_tasks_held_without_end_and_those_of_other_years_owe_no_row(small: Settings) -> None:
    ward = next(p for p in issue_forms(small, "2023-Q1", "run", ISSUED) if p.name == "XX-P-A.xlsx")
    codes = {str(code).partition("#")[0] for code in _column(ward, "Nhiệm vụ", "Mã nhiệm vụ") if code}
    assert codes == {"XX-2023-1/1.1", "XX-2023-1/1.2"}
    assert "XX-2023-1/CT-II.5" not in _column(ward, "Chỉ tiêu", "Mã chỉ tiêu")


def test_every_unit_that_asks_gets_forms_or_the_one_named(small: Settings) -> None:
    of_xx = ["XX-TCKH.xlsx", "XX-P-A.xlsx", "XX-P-B.xlsx"]
    of_yy = ["YY-SO.xlsx", "YY-TT.xlsx"]  # the centre stands below an office, and reports to the unit above
    assert [p.name for p in issue_forms(small, "2023-Q1", "run", ISSUED)] == of_xx + of_yy
    assert [p.name for p in issue_forms(small, "2023-Q1", "run", ISSUED, "YY")] == of_yy
    assert [p.name for p in issue_forms(small, "2023-H1", "run", ISSUED)] == of_xx
    with engine(small, "loader").connect() as connection:
        opened = connection.execute(sa.select(period_opened.c.period_id, period_opened.c.agency_key)).all()
    assert {key for period_id, key in opened if period_id == "2023-H1"} == {14, 31, 32}


def test_the_form_states_the_due_date_in_effect_when_it_is_issued(small: Settings) -> None:
    before = issue_forms(small, "2023-H1", "run", datetime(2023, 6, 4, 16, 59, tzinfo=UTC))[0]
    assert any(line.startswith("• Hạn gửi báo cáo: 14/6/2023") for line in _guidance(before))
    after = issue_forms(small, "2023-H1", "run", datetime(2023, 6, 4, 17, 0, tzinfo=UTC))[0]  # 5/6 in Vietnam
    assert any(line.startswith("• Hạn gửi báo cáo: 19/6/2023 (") for line in _guidance(after))
    assert any("ngày 17/6/2023 là ngày nghỉ" in line for line in _guidance(after))


def test_a_window_that_no_document_sets_is_not_guessed(small: Settings) -> None:
    guidance = _guidance(issue_forms(small, "2023-N11", "run", datetime(2023, 11, 2, tzinfo=UTC))[0])
    assert any("Chưa có văn bản quy định thời gian lấy số liệu" in line for line in guidance)
    assert not any("Số liệu tính từ" in line for line in guidance)
    moved = "ngày 18/11/2023 là ngày nghỉ nên chuyển sang ngày làm việc tiếp theo"
    assert f"• Hạn gửi báo cáo: 20/11/2023 ({moved})." in guidance


@pytest.mark.parametrize(
    ("period", "unit", "said"),
    [
        (
            "2023-Q9",
            None,
            r"no period of the calendar\. Periods with a round: 2023-Q1, 2023-H1, 2023-Y, 2023-N11",
        ),
        ("2023-Q2", None, r"derived from other periods.*2023-Q1, 2023-H1, 2023-Y"),
        ("2023-9M", None, r"No unit asks for 2023-9M\. Periods with a round: 2023-Q1, "),
        ("2023-Q1", "ZZ", r"'ZZ' is no unit that asks for reports\. Units that ask for 2023-Q1: XX, YY"),
        ("2023-Q1", "XX-P-A", r"'XX-P-A' is no unit that asks for reports"),
        ("2023-H1", "YY", r"YY does not ask for 2023-H1; it asks for 2023-Q1, 2023-N11\. .*2023-H1: XX"),
    ],
)
def test_what_nobody_is_asked_for_is_refused_with_what_there_is(
    small: Settings, period: str, unit: str | None, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        issue_forms(small, period, "run", ISSUED, unit)
    with engine(small, "loader").connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(period_opened)).scalar() == 0
