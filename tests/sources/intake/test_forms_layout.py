"""Sheets and headings are matched by meaning, wherever they stand."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from sources.forms.definition import FormDefinition, heading_key, is_column_number
from sources.forms.files.workbook import SheetCells
from sources.forms.layout import Layout, find_sheet, locate

Merges = list[tuple[int, int, int, int]]


def _locate(
    form: FormDefinition, code: str, rows: list[list[Any]], merges: Merges | None = None
) -> Layout | None:
    cells: list[list[Any]] = [["" if value is None else value for value in row] for row in rows]
    merged = [((top, left), (bottom, right)) for top, left, bottom, right in merges or []]
    return locate(form.sheet(code), SheetCells(1, "S", False, cells, merged))


def _letters(layout: Layout | None) -> dict[str, str]:
    assert layout is not None
    return {code: "ABCDEFGHIJKLMNOP"[place] for code, place in layout.columns.items()}


DOSSIER = {
    "stt": "A",
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
}
STATE_FORM: list[list[Any]] = [
    ["Biểu số II.06a/VPCP/KSTT"],
    ["Đơn vị tính: Số hồ sơ"],
    [
        "STT", "Lĩnh vực giải quyết", "Số lượng hồ sơ tiếp nhận", None, None, None,
        "Số lượng hồ sơ đã giải quyết", None, None, None, "Số lượng hồ sơ đang giải quyết", None, None,
    ],
    [
        None, None, "Tổng số", "Trong kỳ", None, "Từ kỳ trước",
        "Tổng số", "Trước hạn", "Đúng hạn", "Quá hạn", "Tổng số", "Trong hạn", "Quá hạn",
    ],
    [None, None, None, "Trực tuyến", "Trực tiếp,\ndịch vụ bưu chính"],
    ["(1)", "(2)", "(3)=(4)+(5)+(6)", *(f"({n})" for n in range(4, 14))],
    [1, "Hộ tịch", 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0],
]  # fmt: skip
STATE_MERGES: Merges = [
    (2, 0, 4, 0), (2, 1, 4, 1), (2, 2, 2, 5), (2, 6, 2, 9), (2, 10, 2, 12), (3, 2, 4, 2), (3, 3, 3, 4),
    *((3, place, 4, place) for place in range(5, 13)),
]  # fmt: skip


@pytest.mark.parametrize("merges", [STATE_MERGES, []])
def test_the_states_form_with_three_heading_rows(form: FormDefinition, merges: Merges) -> None:
    layout = _locate(form, "dossier", STATE_FORM, merges)
    assert layout is not None
    assert _letters(layout) == DOSSIER
    assert layout.header_row == 4
    assert layout.missing == []


def test_groups_written_into_each_heading(form: FormDefinition) -> None:
    row = [
        "TT",
        "Lĩnh vực",
        "Tiếp nhận - Tổng số",
        "Tiếp nhận: trực tuyến",
        "Đã giải quyết – Quá hạn",
        "Đang giải quyết Quá hạn",
    ]
    layout = _locate(form, "dossier", [row])
    assert _letters(layout) == {
        "stt": "A", "field_name": "B", "received_total": "C",
        "received_online": "D", "resolved_late": "E", "pending_overdue": "F",
    }  # fmt: skip


def _no_accents(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in plain if not unicodedata.combining(c))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: unicodedata.normalize("NFD", text),
        str.upper,
        _no_accents,
        lambda text: f"3. {text}",
        lambda text: text.replace(" ", "\n "),
        lambda text: f" {text}\u00a0:",
        lambda text: f"{text} (5)",
    ],
)
def test_spelling_of_headings_does_not_matter(form: FormDefinition, change: Any) -> None:
    sheet = form.sheet("task")
    layout = _locate(form, "task", [["Báo cáo"], [], [change(c.heading) for c in sheet.columns]])
    assert layout is not None
    assert list(layout.columns) == [c.code for c in sheet.columns]
    assert layout.header_row == 2


def test_order_of_columns_does_not_matter(form: FormDefinition) -> None:
    sheet = form.sheet("feedback")
    layout = _locate(form, "feedback", [[c.heading for c in reversed(sheet.columns)]])
    assert layout is not None
    assert list(layout.columns) == [c.code for c in reversed(sheet.columns)]


def test_every_listed_spelling_leads_to_its_column(form: FormDefinition) -> None:
    for sheet in form.sheets:
        for column in sheet.columns:
            for spelling in (column.heading, *column.synonyms):
                row = [c.heading if c.code != column.code else spelling for c in sheet.columns]
                top = [sheet.groups[c.group].label if c.group else None for c in sheet.columns]
                layout = _locate(form, sheet.code, [top, row] if sheet.groups else [row])
                assert layout is not None, (sheet.code, spelling)
                assert sheet.columns[layout.columns[column.code]] is column, (sheet.code, spelling)


def test_two_columns_of_one_heading_are_both_left_out(form: FormDefinition) -> None:
    layout = _locate(
        form, "satisfaction", [["Lĩnh vực", "Số phiếu hài lòng", "Số phiếu phát ra", "Phiếu phát ra"]]
    )
    assert layout is not None
    assert layout.ambiguous == {"sent": [2, 3]}
    assert "sent" not in layout.columns


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("3. HỒ SƠ TTHC", "dossier"),
        ("nhiem vu", "task"),
        ("Phản ánh kiến nghị", "feedback"),
        ("II.06a", None),
        ("06a", "dossier"),
        ("Chỉ  tiêu ", "target"),
        ("Sheet1", None),
    ],
)
def test_sheet_names(form: FormDefinition, name: str, code: str | None) -> None:
    found = find_sheet(form, name)
    assert (found.code if found else None) == (code or ("dossier" if name == "II.06a" else None))


def test_keys() -> None:
    assert heading_key("2. Tổng số (3)=(4)+(5)+(6)") == "tong so"
    assert heading_key("Kỳ báo cáo") == heading_key("KÌ BÁO CÁO")
    assert heading_key("1022") == "1022"
    assert all(is_column_number(text) for text in ("1", "(3)", "(3) = (4)+(5)", "A"))
    assert not any(is_column_number(text) for text in ("1022", "Đất đai", "", "B1"))


def test_unknown_columns_are_told_as_each_file_writes_them(form: FormDefinition) -> None:
    for heading in ("Ghi chú riêng", "Cột của phường"):
        rows: list[list[Any]] = [
            ["Tình hình", None, None],
            ["Mã nhiệm vụ", "Nhiệm vụ", heading],
            ["A", "B", "(3)"],
        ]
        layout = _locate(form, "task", rows, [(0, 0, 0, 2)])
        assert layout is not None
        assert layout.others == {2: heading}
        layout.others.clear()  # what one file's layout becomes is nothing to the next
        layout.columns.clear()


def test_numbers_and_truth_values_in_headings_are_not_taken_for_each_other(form: FormDefinition) -> None:
    for _again in range(2):
        for cell, others in ((1.0, {}), (True, {2: "TRUE"}), (1, {})):
            layout = _locate(form, "task", [["Mã nhiệm vụ", "Nhiệm vụ", cell]])
            assert layout is not None
            assert layout.others == others


def test_a_lower_row_wins_only_where_it_names_more(form: FormDefinition) -> None:
    headings = [column.heading for column in form.sheet("task").columns]
    fewer = [heading if heading != "Tình trạng" else None for heading in headings]
    data: list[Any] = ["1", "M.1", headings[2], "Chủ trì", "Quý I", "Hoàn thành"]
    equal = _locate(form, "task", [fewer, data, data, fewer])
    more = _locate(form, "task", [fewer, data, data, data, data, headings])
    assert equal is not None
    assert equal.header_row == 0
    assert equal.missing == ["status"]
    assert more is not None
    assert more.header_row == 5
    assert more.missing == []


def test_a_sheet_with_more_merged_ranges_than_any_form_is_read(form: FormDefinition) -> None:
    merges = [(0, place, 0, place) for place in range(1, 255)] * 4
    assert _letters(_locate(form, "dossier", STATE_FORM, merges + STATE_MERGES)) == DOSSIER
