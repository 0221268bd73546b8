"""Every cell is accounted for: whatever is put into whatever place of a sheet, nothing of it gets lost."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sources.addresses import letters
from sources.forms.definition import VALUE_TYPES, Sheet, heading_key, is_column_number, load_definition
from sources.forms.files.cell_facts import Facts
from sources.forms.files.workbook import SheetCells
from sources.forms.findings import Findings, load_rules
from sources.forms.identity import Identifier
from sources.forms.layout import Layout, locate
from sources.forms.reading import SheetReading
from sources.forms.reference import index_reference
from sources.forms.table import KEY_TYPES, TableReader
from sources.forms.values import is_blank, plain, reader_of
from tests.sources.intake.conftest import PERIOD, WARD, small_datasets

FORM = load_definition()
REFERENCE = index_reference(
    {
        table.name: [dict.fromkeys(table.columns.keys()) | {"assumed": False} | row for row in rows]
        for tables in small_datasets().values()
        for table, rows in tables.items()
    }
)

NAMED = {
    "task": [{"task_code": "XX-2023-1/1.1"}, {"task_code": "XX-2023-1/1.2#1"}, {"task_code": "XX-2023-1/2"}],
    "target": [{"target_code": "XX-2023-1/CT-II.1"}, {"target_code": "XX-2023-1/CT-II.2"}],
    "dossier": [{"field_name": "Hộ tịch"}, {"field_name": "Chứng thực"}, {"field_name": "Đất đai"}],
    "satisfaction": [{"field_name": "Hộ tịch"}, {"survey_content": "phục vụ"}],
    "feedback": [{"channel_name": "1022"}, {"channel_name": "Trực tiếp", "feedback_kind": "khác"}],
    "figure": [{"indicator_code": "766"}, {"indicator_code": "767"}],
    "assessment": [{"topic": "Thể chế"}, {"topic": "Thủ tục"}],
}
ODD: list[Any] = [
    "-", "…", "x", " ", "\u00a0", "K", "abc", "NaN", "∞", "TRUE", True, False, float("nan"), float("inf"),
    -1.0, -0.0, 0.5, 1.0, 2.0, 3.0, 12.0, 1e13, 1e300, 10**18, "1.234", "585.336", "98,5%", "１２", "1²",
    "Không phát sinh", "KPS", "10/11//2025", "quý 3/2025", "31/2/2023", 45000.0, dt.date(2023, 2, 1),
    dt.datetime(2023, 2, 1, 8, 0),  # noqa: DTZ001 (cells have no time zone)
    dt.time(1, 2), dt.timedelta(hours=3), "Hoàn thành", "Tổng cộng", "TỔNG SỐ:",
    "Cộng (I)", "Cộng mục II", "Hộ tịch", "Đăng kiểm", "A. Cấp quận", "XX-2023-1/1.1", "XX-2023-1/9", "#1",
    "(1)", "(2)", "(3)", "A", "B", "Lĩnh vực", "STT", "Ghi chú", "x" * 40_000, "a\nb", "#" + "9" * 5000,
]  # fmt: skip
CELLS = st.one_of(
    st.sampled_from(ODD),
    st.text(max_size=8),
    st.floats(),
    st.integers(-(2**63), 2**63 - 1),
    st.dates(),
)
EDITS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 16), CELLS), max_size=25)
FAULTS = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 16), st.sampled_from(["#N/A", "#DIV/0!"])), max_size=2
)


def _page(
    code: str,
    edits: list[tuple[int, int, Any]],
    faults: Sequence[tuple[int, int, str]] = (),
) -> SheetCells:
    """A sheet as issued, two blank rows at its end, with cells put into it."""
    sheet = FORM.sheet(code)
    groups = [sheet.groups[c.group].label if c.group else "" for c in sheet.columns]
    rows: list[list[Any]] = [groups] if sheet.groups else []
    rows.append([column.heading for column in sheet.columns])
    rows += [[named.get(column.code, "") for column in sheet.columns] for named in NAMED[code]]
    rows = [[*row, *[""] * (17 - len(row))] for row in [*rows, *([""] for _ in range(10 - len(rows)))]]
    for row, place, value in edits:
        rows[row][place] = value
    for row, place, _ in faults:
        rows[row][place] = ""
    facts = Facts(faults={(row, place): fault for row, place, fault in faults})
    return SheetCells(2, sheet.name, False, rows, [], facts)


def _read(sheet: Sheet, page: SheetCells) -> tuple[Any, Findings]:
    findings, reader = Findings(load_rules()), reader_of(FORM)
    identifier = Identifier(FORM, REFERENCE, reader, REFERENCE.periods[PERIOD])
    return TableReader(FORM, reader, identifier, WARD, findings).read(sheet, [page])[0], findings


def _told(findings: Findings, cell: str) -> bool:
    return any(finding.cell == cell for finding in findings.items)


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(sorted(NAMED)), EDITS, FAULTS)
@example("dossier", [(8, 2, float("nan"))], [])
@example("dossier", [(8, 4, "K")], [])
@example("dossier", [(8, 5, True)], [])
@example("dossier", [(8, 0, "Tổng cộng"), (8, 2, "K")], [])
@example("dossier", [(2, 1, ""), (2, 2, 3.0), (2, 3, 2.0), (2, 4, 1.0)], [])
@example("dossier", [(2, 0, 1.0), (2, 1, ""), (2, 2, 2.0), (2, 3, 3.0), (2, 4, 4.0)], [])
@example("task", [(8, 7, "Kế hoạch")], [])
@example("task", [(8, 16, "ngoài bảng")], [])
@example("assessment", [(8, 3, "do thiếu người")], [])
@example("target", [], [(2, 6, "#N/A"), (3, 3, "#REF!")])
def test_no_cell_gets_lost(
    code: str,
    edits: list[tuple[int, int, Any]],
    faults: list[tuple[int, int, str]],
) -> None:
    sheet, page = FORM.sheet(code), _page(code, edits, faults)
    reading, findings = _read(sheet, page)
    assert (
        reading.rows_read == len(page.rows) == len(reading.lines) + len(reading.held) + reading.rows_structure
    )
    given = {row["sheet_row"]: row["given"] for row in reading.loaded}
    given |= {row["sheet_row"]: row["given"] for row in reading.held}
    assert len(given) == len(reading.lines) + len(reading.held)
    for row in reading.held:
        assert row["rule_id"] == "intake.headings_not_found" or any(
            (f.cell or "").lstrip("ABCDEFGHIJKLMNOPQ") == str(row["sheet_row"]) for f in findings.items
        )
    layout = locate(sheet, page)
    for number, row in enumerate(page.rows, start=1):
        if number in given:
            texts = Counter(filter(None, (_text(page, number, place) for place in range(len(row)))))
            assert not texts - Counter(given[number].values())
        elif layout is not None and number > layout.header_row + 1:
            assert _is_structure(sheet, layout, page, number, findings), row
    if layout is not None:
        _assert_values_told(sheet, layout, page, reading, findings)


def _text(page: SheetCells, number: int, place: int) -> str:
    at = (number - 1, place)
    cell = page.rows[number - 1][place]
    text = page.originals.get(at) or page.facts.faults.get(at, "") if is_blank(cell) else plain(cell)
    return page.originals.get(at, text).replace("\x00", "")


def _is_structure(sheet: Sheet, layout: Layout, page: SheetCells, number: int, findings: Findings) -> bool:
    """Whether a row that was neither loaded nor held is what the form calls structure, told otherwise."""
    reader, row = reader_of(FORM), page.rows[number - 1]
    filled = {n: plain(cell) for n, cell in enumerate(row) if not is_blank(cell)}
    if not filled and not any(at[0] == number - 1 for at in page.facts.faults):
        return True
    if all(map(is_column_number, filled.values())) and len(filled) > 2:
        names = [
            layout.columns[c.code] for c in sheet.columns if c.type in KEY_TYPES and c.code in layout.columns
        ]
        return any("(" in text for text in filled.values()) or all(place in filled for place in names)
    above = {heading_key(plain(cell)) for head in page.rows[: layout.header_row + 1] for cell in head}
    if all(heading_key(text) in above for text in filled.values()):
        return True
    if any(heading_key(text).startswith(("tong", "cong", "toan")) for text in filled.values()):
        return True
    types = (
        VALUE_TYPES
        if any(c.type in VALUE_TYPES and c.code in layout.columns for c in sheet.columns)
        else {"text"}
    )
    for column in sheet.columns:
        place = layout.columns.get(column.code)
        if place is None or column.type not in types or column.code in sheet.identity:
            continue
        if not reader.is_silent(row[place]) or (number - 1, place) in page.facts.faults:
            return False
    titles = 3 if sheet.code in ("task", "target") else 2
    beyond = [n for n in filled if n >= titles + 1 and not reader.is_silent(row[n])]
    said = [f for f in findings.items if f.rule_id == "intake.row_as_title" and f.cell is not None]
    return not beyond or any(f.cell is not None and f.cell.endswith(str(number)) for f in said)


def _assert_values_told(
    sheet: Sheet,
    layout: Layout,
    page: SheetCells,
    reading: SheetReading,
    findings: Findings,
) -> None:
    """What stands in a column of figures is loaded, or a finding names its cell."""
    reader = reader_of(FORM)
    for row in reading.loaded:
        for column in sheet.columns:
            place = layout.columns.get(column.code)
            if place is None or column.type not in VALUE_TYPES or row.get(column.code) is not None:
                continue
            if column.type == "by_unit" and row["reported_date"] is not None:
                continue
            at = (row["sheet_row"] - 1, place)
            cell = page.rows[at[0]][place]
            if reader.is_silent(cell) and at not in page.facts.faults and at not in page.originals:
                continue
            if isinstance(cell, str) and heading_key(cell) in {heading_key(word) for word in FORM.zero}:
                continue
            assert _told(findings, f"{letters(place)}{row['sheet_row']}"), (column.code, cell)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "K", "∞", True, "abc", "#", 5.0])
def test_a_row_that_names_nothing_but_holds_a_figure_is_held(value: Any) -> None:
    sheet = FORM.sheet("dossier")
    reading, findings = _read(sheet, _page("dossier", [(8, 6, value)]))
    assert [(row["sheet_row"], row["rule_id"]) for row in reading.held] == [(9, "intake.row_without_code")]
    assert reading.held[0]["given"] == {"resolved_total": plain(value)}
    assert [(f.cell, f.expected) for f in findings.items] == [("B9", "Lĩnh vực")]


def test_a_title_with_text_beyond_is_said_and_a_bare_one_is_not() -> None:
    sheet = FORM.sheet("task")
    edits = [(7, 0, "II. Nhiệm vụ phối hợp"), (8, 2, "Việc chưa có mã"), (8, 11, "xem công văn 12")]
    reading, findings = _read(sheet, _page("task", edits))
    assert reading.rows_structure == 7
    assert [
        (f.rule_id, f.severity, f.cell, f.given)
        for f in findings.items
        if f.rule_id != "intake.task_without_role"
    ] == [("intake.row_as_title", "note", "L9", "xem công văn 12")]


def test_cells_outside_the_table_and_under_one_heading_are_kept_apart() -> None:
    sheet = FORM.sheet("feedback")
    edits = [(0, 10, "Ý kiến"), (0, 11, "Ý kiến"), (1, 10, "a"), (1, 11, "b"), (1, 12, "c"), (1, 16, True)]
    reading, findings = _read(sheet, _page("feedback", edits))
    noted = {key: text for key, text in reading.loaded[0]["given"].items() if key.startswith("+")}
    assert noted == {"+Ý kiến": "a", "+Ý kiến (L)": "b", "+M": "c", "+Q": "TRUE"}
    told = [(f.cell, f.given) for f in findings.items if f.rule_id == "intake.column_unknown"]
    assert sorted(told) == [("K1", "Ý kiến"), ("L1", "Ý kiến"), ("M2", "M"), ("Q2", "Q")]


def test_cells_of_two_columns_of_one_heading_are_kept() -> None:
    sheet = FORM.sheet("satisfaction")
    page = _page("satisfaction", [(0, 9, "Phiếu phát ra"), (1, 3, 5.0), (1, 9, 6.0)])
    reading, findings = _read(sheet, page)
    given = reading.loaded[0]["given"]
    assert (given["+Số phiếu phát ra"], given["+Số phiếu phát ra (J)"]) == ("5", "6")
    assert "intake.column_ambiguous" in {f.rule_id for f in findings.items}


def test_an_error_in_the_cell_of_a_name_is_said() -> None:
    page = _page("target", [], [(1, 3, "#REF!")])
    _, findings = _read(FORM.sheet("target"), page)
    assert [(f.cell, f.given) for f in findings.items if f.rule_id == "intake.cell_error_value"] == [
        ("D2", "#REF!")
    ]


def test_a_name_longer_than_a_cell_can_be_names_nothing() -> None:
    page = _page("dossier", [(8, 1, "a" * 32_768), (8, 2, 5.0)])
    reading, findings = _read(FORM.sheet("dossier"), page)
    assert [row["rule_id"] for row in reading.held] == ["intake.row_without_code"]
    assert [f.rule_id for f in findings.items] == ["intake.cell_too_long", "intake.row_without_code"]


def test_a_signature_under_the_table_is_held_and_no_field() -> None:
    page = _page("dossier", [(8, 1, "Người lập biểu"), (8, 10, "Thủ trưởng đơn vị")])
    reading, findings = _read(FORM.sheet("dossier"), page)
    assert [(row["sheet_row"], row["rule_id"]) for row in reading.held] == [(9, "intake.row_without_code")]
    assert [(f.cell, f.given) for f in findings.items] == [("B9", "Người lập biểu")]


@pytest.mark.parametrize(
    "numbers", [range(1, 15), [f"({n})" for n in range(1, 15)], ["A", "B", *range(1, 13)]]
)
def test_headings_and_column_numbers_said_again_are_structure(numbers: Sequence[Any]) -> None:
    sheet = FORM.sheet("dossier")
    groups = [(7, n, sheet.groups[c.group].label) for n, c in enumerate(sheet.columns) if c.group]
    headings = [(8, n, c.heading) for n, c in enumerate(sheet.columns)]
    counted = [(9, n, float(cell) if isinstance(cell, int) else cell) for n, cell in enumerate(numbers)]
    reading, findings = _read(sheet, _page("dossier", [*groups, *headings, *counted]))
    assert (len(reading.lines), reading.held, reading.rows_structure) == (3, [], 7)
    assert not findings.items


@pytest.mark.parametrize(
    "words",
    [
        "Tổng cộng", "TỔNG SỐ:", "Cộng", "Cộng (I)", "Tổng cộng (I+II)", "tong cong", "Cộng mục A",
        "Tổng số 1", "Tổng cộng:", "TỔNG", "Cộng nhóm 2", "Tổng cộng (1+2+3)", "Toàn quận",
    ],
)  # fmt: skip
@pytest.mark.parametrize("place", [0, 1])
def test_totals_in_every_style_are_checked_and_not_loaded(words: str, place: int) -> None:
    edits = [(2, 2, 3.0), (3, 2, 4.0), (4, 2, 5.0), (5, place, words), (5, 2, 12.0)]
    reading, findings = _read(FORM.sheet("dossier"), _page("dossier", edits))
    assert (len(reading.lines), reading.held, [t["received_total"] for t in reading.totals]) == (3, [], [12])
    assert not findings.items
    wrong, findings = _read(FORM.sheet("dossier"), _page("dossier", [*edits, (5, 2, 13.0)]))
    assert len(wrong.lines) == 3
    told = [(f.rule_id, f.cell, f.given, f.expected) for f in findings.items]
    assert told == [("intake.total_row_differs", "C6", "13", "12")]


def test_totals_of_groups_and_of_all_are_each_held_against_their_rows() -> None:
    rows = [("Hộ tịch", 3.0), ("Cộng (I)", 3.0), ("Chứng thực", 4.0), ("Đất đai", 5.0), ("Cộng (II)", 9.0)]
    edits = [
        (n, place, cell) for n, row in enumerate(rows, 2) for place, cell in zip((1, 2), row, strict=True)
    ]
    for grand, told in ((12.0, []), (11.0, [("C8", "11", "12")])):
        page = _page("dossier", [*edits, (7, 1, "Tổng cộng"), (7, 2, grand)])
        reading, findings = _read(FORM.sheet("dossier"), page)
        assert (len(reading.lines), len(reading.totals)) == (3, 3)
        assert [(f.cell, f.given, f.expected) for f in findings.items] == told


def test_a_table_that_lost_all_columns_of_names_is_held_row_by_row() -> None:
    page = _page("satisfaction", [(0, 1, "Chả biết"), (0, 2, "Chả biết nữa"), (1, 6, 5.0), (2, 6, 6.0)])
    reading, _ = _read(FORM.sheet("satisfaction"), page)
    assert [row["rule_id"] for row in reading.held] == ["intake.row_without_code"] * 2


def test_true_is_no_one_and_false_no_zero() -> None:
    page = _page("dossier", [(2, 2, 1.0), (2, 3, 0.0), (3, 2, True), (3, 3, False)])
    reading, findings = _read(FORM.sheet("dossier"), page)
    read = [(row["received_total"], row["received_online"]) for row in reading.loaded]
    assert read == [(1, 0), (None, None), (None, None)]
    assert [(f.rule_id, f.cell, f.given) for f in findings.items] == [
        ("intake.cell_number", "C4", "TRUE"),
        ("intake.cell_number", "D4", "FALSE"),
    ]


def test_a_row_said_again_with_a_cell_that_cannot_be_read_does_not_say_the_same() -> None:
    page = _page("dossier", [(5, 1, "Hộ tịch"), (5, 2, "K")])
    reading, _ = _read(FORM.sheet("dossier"), page)
    assert [(row["sheet_row"], row["rule_id"]) for row in reading.held] == [
        (3, "intake.row_repeated"),
        (6, "intake.row_repeated"),
    ]
