"""The workbook: text that cannot become a formula, links that land, filters, frozen headings, charts."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from datetime import datetime

import openpyxl
import pytest
from openpyxl.cell import Cell
from openpyxl.workbook import Workbook

from review.pack import ReviewPack
from tests.review.synthetic_world import LABEL


@pytest.fixture(scope="module")
def book(half_year: ReviewPack) -> Workbook:
    return openpyxl.load_workbook(half_year.xlsx)


def filled(book: Workbook) -> Iterator[Cell]:
    return (cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None)


def test_no_cell_is_or_could_become_a_formula(book: Workbook) -> None:
    texts = [cell.value for cell in filled(book) if isinstance(cell.value, str)]
    assert not [cell.coordinate for cell in filled(book) if cell.data_type == "f"]
    assert not [text for text in texts if text.lstrip()[:1] in ("=", "+", "-", "@")]
    assert [text for text in texts if text.startswith("'=HYPERLINK")]
    assert "'+84 công văn" in texts
    assert "'- Thiếu nhân sự chuyên trách" in texts


def test_nothing_points_outside(half_year: ReviewPack) -> None:
    with zipfile.ZipFile(half_year.xlsx) as archive:
        relations = [archive.read(name).decode() for name in archive.namelist() if name.endswith(".rels")]
    assert relations
    assert not [text for text in relations if 'TargetMode="External"' in text]


def test_a_figure_links_to_the_row_of_its_evidence(book: Workbook) -> None:
    targets, sources = book["Chỉ tiêu"], book["Nguồn số liệu"]
    headings = {cell.value: cell.column for cell in targets[4]}
    linked = 0
    for row in range(5, targets.max_row + 1):
        cell = targets.cell(row, headings["Kết quả"])
        if cell.hyperlink is None:
            continue
        linked += 1
        found = re.fullmatch(r"'Nguồn số liệu'!A(\d+)", cell.hyperlink.location)
        assert found
        assert isinstance(cell.value, int | float)
        assert sources.cell(int(found[1]), 1).value == targets.cell(row, headings["Mã chỉ tiêu"]).value
    assert linked == 2
    evidence = {cell.value for cell in sources[4]}
    assert {"Tệp", "Tên tệp", "Mã băm SHA-256", "Trang tính", "Ô", "Căn cứ"} <= evidence


def test_every_link_inside_lands_on_a_sheet(book: Workbook) -> None:
    places = [cell.hyperlink.location for cell in filled(book) if cell.hyperlink]
    assert len(places) > 40
    assert {place.split("!")[0].strip("'") for place in places} <= set(book.sheetnames)


def test_rates_are_numbers_beside_their_counts(book: Workbook) -> None:
    sheet = book["Hồ sơ theo cơ quan"]
    headings = [cell.value for cell in sheet[4]]
    at = headings.index("Tỷ lệ trong hạn")
    assert headings[at + 1 : at + 3] == ["Tỷ lệ trong hạn: tử số", "Tỷ lệ trong hạn: mẫu số"]
    for row in sheet.iter_rows(min_row=5, values_only=True):
        assert row[at] == pytest.approx(row[at + 1] / row[at + 2])
    assert row[0] == "Cộng"


def test_tables_have_filters_frozen_headings_and_labels(book: Workbook) -> None:
    for sheet in book:
        assert "BẢN DỰ THẢO" in sheet["A2"].value
        assert LABEL in sheet["A2"].value
        if sheet.title not in ("Tổng hợp", "Biểu đồ", "Cách đọc"):
            assert sheet.auto_filter.ref
            assert sheet.freeze_panes == "B5"


def test_charts_are_native(half_year: ReviewPack) -> None:
    with zipfile.ZipFile(half_year.xlsx) as archive:
        charts = [name for name in archive.namelist() if name.startswith("xl/charts/chart")]
        drawn = archive.read(charts[0]).decode()
    assert len(charts) == 6
    assert "<c:barChart>" in drawn


def test_it_is_dated_by_its_figures(book: Workbook) -> None:
    assert book.properties.created == datetime(2023, 9, 25, 16, 59, 59)  # noqa: DTZ001


def test_words_stand_off_the_figures_and_headings_stand_over_them(book: Workbook) -> None:
    sheet = book["Nhiệm vụ"]
    headings = {cell.value: cell for cell in sheet[4]}
    assert headings["Phần việc quá hạn"].alignment.horizontal == "right"
    assert headings["Chủ trì"].alignment.horizontal == "left"
    for cell in next(sheet.iter_rows(min_row=5, max_row=5)):
        assert cell.alignment.horizontal == "right" or cell.alignment.indent == 1


def test_a_chart_of_single_bars_stands_beside_one_column(book: Workbook) -> None:
    sheet = book["Biểu đồ"]
    title = next(cell for cell in sheet["A"] if str(cell.value).startswith("Phần việc của"))
    assert [sheet.cell(title.row + 1, column).value for column in (2, 3)] == ["Số phần việc", None]
    assert [sheet.cell(title.row + 2 + row, 2).value for row in range(3)] == [5, 18, 4]
    assert [sheet.cell(title.row + 2 + row, 3).value for row in range(8)] == [None] * 8
