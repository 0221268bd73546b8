"""A derived quarter in which a cumulative report fell: its counts below zero are shown, without a rate."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest

from review.draft import Draft, compose
from review.marts import Marts
from review.page import render
from review.workbook import write_book
from tests.review.mart_columns import COLUMNS
from tests.review.synthetic_marts import rows_of
from tests.review.synthetic_world import PERIODS

NEGATIVE = {
    "resolved_early": -20,
    "resolved_on_time": 4,
    "resolved_late": -3,
    "resolved_total_computed": -19,
    "resolved_in_time": -16,
}


@pytest.fixture(scope="module")
def draft() -> Draft:
    served = {
        name: [dict.fromkeys(COLUMNS[name]) | row | {"period_id": "2023-Q2"} for row in rows]
        for name, rows in rows_of(PERIODS[1]).items()
    }
    city = served["review_city"][0] | {
        "dossiers_resolved_in_time": -16,
        "dossiers_resolved_total": -19,
        "satisfaction_satisfied": 12,
        "satisfaction_valid": 10,
    }
    dossiers = [row | NEGATIVE if not place else row for place, row in enumerate(served["review_dossier"])]
    return compose(Marts(1, city, [city], [], [], [], [], dossiers, [], [], []), None)


def test_the_page_shows_them_and_no_rate(draft: Draft) -> None:
    page = re.sub(r"<wbr>|\s+", " ", render(draft))
    card = page[page.index("Hồ sơ giải quyết trong hạn") :][:300]
    assert '<span class="value">–</span>' in card
    assert "-16/-19 hồ sơ" in card
    assert "meter" not in card
    assert re.search(r'data-label="Đã giải quyết: quá hạn"> *-3', page)
    assert not re.search(r"-[\d.,]+\u00a0%", page)
    assert '"-' not in "".join(re.findall(r"<rect[^>]*>", page))


def test_the_workbook_holds_them_as_numbers_and_no_rate(draft: Draft, tmp_path: Path) -> None:
    write_book(tmp_path / "review.xlsx", draft)
    sheet = openpyxl.load_workbook(tmp_path / "review.xlsx")["Hồ sơ chi tiết"]
    headings = [cell.value for cell in sheet[4]]
    rows = [dict(zip(headings, row, strict=True)) for row in sheet.iter_rows(min_row=5, values_only=True)]
    row = next(row for row in rows if row["Đã giải quyết: trước hạn"] == -20)
    assert row["Tỷ lệ trong hạn"] == "–"
    assert (row["Tỷ lệ trong hạn: tử số"], row["Tỷ lệ trong hạn: mẫu số"]) == (-16, -19)
