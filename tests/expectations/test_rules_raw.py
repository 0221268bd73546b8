"""Rules of the raw gate: conservation, held rows, copied figures."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from sources.forms.definition import load_definition
from sources.forms.values import ValueReader
from tests.expectations.factories import AS_OF, COLUMNS, World, dossier
from warehouse.clock import TIME_ZONE

THREE_FIELDS = [
    dossier(field_name="Đất đai", field_code="dat-dai"),
    dossier(field_name="Hộ tịch", field_code="ho-tich", received_online=5, received_total=11),
    dossier(field_name="Chứng thực", field_code="chung-thuc", received_online=6, received_total=12),
]


def _finding(world: World, delivery_id: int, **changed: Any) -> None:
    finding = {
        "delivery_id": delivery_id,
        "agency_key": 31,
        "period_id": "2023-Q1",
        "finding_no": 1,
        "sheet_no": 4,
        "sheet_name": "Hồ sơ TTHC",
        "cell": "C8",
        "rule_id": "intake.field_missing",
        "severity": "error",
        "given": "Hộ tich",
        "message_vi": "Thiếu lĩnh vực",
    }
    world.insert("raw.intake_finding", **(finding | changed))


def _held(world: World, delivery_id: int, cell: str | None = "C8", **changed: Any) -> None:
    place = {"delivery_id": delivery_id, "sheet_no": 4, "agency_key": 31, "period_id": "2023-Q1"}
    held = {"sheet_row": 8, "rule_id": "intake.field_missing", "given": {"stt": "2"}}
    world.insert("raw.held_row", **place, **(held | {k: v for k, v in changed.items() if k in held}))
    if cell:
        _finding(world, delivery_id, cell=cell, **changed)


def test_raw_rows_conserved__passes(world: World) -> None:
    delivery_id = world.sheet("dossier", [dossier()], rows_read=4, rows_held=1)
    _held(world, delivery_id)
    assert world.offending("raw_rows_conserved") == []


def test_raw_rows_conserved__counts_each_of_several_sheets_of_one_kind(world: World) -> None:
    delivery_id = world.sheet("dossier", [dossier()])
    again = world.second_sheet("dossier", [dossier(field_code="ho-tich")], delivery_id)
    assert world.offending("raw_rows_conserved") == []
    world.connection.exec_driver_sql(
        f"update raw.dossier_row set sheet_no = 4, sheet_row = 8 where sheet_no = {again}"
    )
    assert [row["sheet_name"] for row in world.offending("raw_rows_conserved")] == [
        "Hồ sơ TTHC",
        "Hồ sơ TTHC (2)",
    ]


@pytest.mark.parametrize(
    "counts",
    [
        {"rows_read": 9},
        {"rows_loaded": 2, "rows_read": 4},
        {"rows_held": 1, "rows_read": 4},
    ],
)
def test_raw_rows_conserved__fails(world: World, counts: dict[str, int]) -> None:
    delivery_id = world.sheet("dossier", [dossier()], **counts)
    found = world.offending("raw_rows_conserved")
    assert [(row["delivery_id"], row["sheet_name"]) for row in found] == [(delivery_id, "Hồ sơ TTHC")]


def test_raw_rows_conserved__fails_on_rows_of_no_section(world: World) -> None:
    delivery_id = world.delivery()
    world.insert(
        "raw.dossier_row",
        delivery_id=delivery_id,
        sheet_no=9,
        sheet_row=7,
        agency_key=31,
        period_id="2023-Q1",
        field_name="Đất đai",
        given={},
    )
    assert [row["delivery_id"] for row in world.offending("raw_rows_conserved")] == [delivery_id]


def test_raw_rows_conserved__counts_what_is_new_and_everything_on_full_refresh(world: World) -> None:
    world.sheet("dossier", [dossier()], rows_read=99)
    served = world.build()
    world.connection.exec_driver_sql("update raw.reading set read_at = now() - interval '1 day'")
    world.insert("audit.build_step", build_id=served, step="promote", outcome="done")
    world.build()
    assert world.offending("raw_rows_conserved") == []
    world.build(full_refresh=True)
    assert len(world.offending("raw_rows_conserved")) == 1


def test_raw_rows_conserved__leaves_what_was_received_after_as_of(world: World) -> None:
    late = world.delivery(received_at=AS_OF + timedelta(days=1))
    world.sheet("dossier", [dossier()], delivery_id=late, rows_read=99)
    assert world.offending("raw_rows_conserved") == []


def test_raw_held_row_explained__passes(world: World) -> None:
    _held(world, world.delivery())
    assert world.offending("raw_held_row_explained") == []


def test_raw_held_row_explained__passes_where_a_whole_sheet_is_held(world: World) -> None:
    delivery_id = world.delivery()
    _held(world, delivery_id, None, rule_id="intake.headings_not_found")
    no_headings = {"cell": None, "given": None, "expected": "Lĩnh vực"}
    _finding(world, delivery_id, rule_id="intake.headings_not_found", **no_headings)
    assert world.offending("raw_held_row_explained") == []


@pytest.mark.parametrize("cell", [None, "C9", "C88"])
def test_raw_held_row_explained__fails(world: World, cell: str | None) -> None:
    _held(world, world.delivery(), cell)
    assert world.cells("raw_held_row_explained") == ["A8"]


@pytest.mark.parametrize("changed", [{"sheet_no": 5}, {"given": None}, {"cell": None}])
def test_raw_held_row_explained__fails_on_words_about_something_else(
    world: World, changed: dict[str, Any]
) -> None:
    delivery_id = world.delivery()
    _held(world, delivery_id, None)
    _finding(world, delivery_id, **changed)
    assert world.cells("raw_held_row_explained") == ["A8"]


def test_raw_finding_complete__passes(world: World) -> None:
    delivery_id = world.delivery()
    _finding(world, delivery_id)
    _finding(world, delivery_id, finding_no=2, sheet_no=None, sheet_name=None, cell=None)
    assert world.offending("raw_finding_complete") == []


@pytest.mark.parametrize(
    "changed", [{"message_vi": " "}, {"sheet_no": None}, {"sheet_name": None}, {"sheet_name": ""}]
)
def test_raw_finding_complete__fails(world: World, changed: dict[str, Any]) -> None:
    _finding(world, world.delivery(), **changed)
    assert world.cells("raw_finding_complete") == ["C8"]


@pytest.mark.parametrize("said", ["-", " … ", "x", "\u00a0"])
def test_raw_cell_explained__passes(world: World, said: str) -> None:
    unread = dossier(received_total=None, given={"received_total": said, "stt": "1"})
    world.sheet("dossier", [dossier(given={"received_total": "10"}), unread])
    assert world.offending("raw_cell_explained") == []


FORM = load_definition()


@pytest.mark.parametrize("word", [*FORM.not_reported, *FORM.zero, "KHÔNG PHÁT SINH.", "khong phat sinh"])
@pytest.mark.parametrize("column", ["progress_percent", "completed_on"])
def test_raw_cell_explained__agrees_with_the_reader_on_what_says_nothing(
    world: World, word: str, column: str
) -> None:
    read = ValueReader(FORM).read(FORM.sheet("task").column(column), word)
    assert (read.value, read.rule) == (None, None)
    world.sheet("task", [{"task_code": "T", "given": {column: word}}])
    assert world.offending("raw_cell_explained") == []


def test_raw_cell_explained__passes_where_a_finding_speaks_of_the_cell(world: World) -> None:
    delivery_id = world.sheet("dossier", [dossier(received_total=None, given={"received_total": "mười"})])
    _finding(world, delivery_id, cell="C7", rule_id="intake.cell_number")
    assert world.offending("raw_cell_explained") == []


def test_raw_cell_explained__fails(world: World) -> None:
    delivery_id = world.sheet("dossier", [dossier(received_total=None, given={"received_total": "mười"})])
    _finding(world, delivery_id, cell="C8", rule_id="intake.cell_number")
    (found,) = world.offending("raw_cell_explained")
    assert (found["sheet_name"], found["cell"], found["given"]) == ("Hồ sơ TTHC", "C7", "mười")


@pytest.mark.parametrize(
    ("sheet_code", "row", "column", "cell"),
    [
        ("task", {"task_code": "T"}, "progress_percent", "E7"),
        ("target", {"target_code": "T"}, "numerator", "F7"),
        ("satisfaction", {"survey_content": "service"}, "sent", "D7"),
        ("feedback", {"channel_name": "1022", "feedback_kind": "other"}, "received", "E7"),
    ],
)
def test_raw_cell_explained__judges_every_sheet(
    world: World, sheet_code: str, row: dict[str, Any], column: str, cell: str
) -> None:
    said = row | {"given": {column: "5"}}
    world.sheet(sheet_code, [said | {column: 5}])
    assert world.offending("raw_cell_explained") == []
    world.sheet(sheet_code, [said])
    assert world.cells("raw_cell_explained") == [cell]


def test_raw_cell_explained__takes_a_date_for_the_value_of_a_target(world: World) -> None:
    stated = {"target_code": "T", "given": {"reported_value": "9/2023"}}
    world.sheet("target", [stated | {"reported_date": "2023-09-30"}])
    assert world.offending("raw_cell_explained") == []
    world.sheet("target", [stated])
    assert world.cells("raw_cell_explained") == ["H7"]


def test_dossier_identical_to_other_agency__passes(world: World) -> None:
    rows = [dict(row) for row in THREE_FIELDS]
    world.sheet("dossier", rows, agency_key=31)
    world.sheet("dossier", [*rows[:2], rows[2] | {"resolved_early": 2}], agency_key=32)
    world.sheet("dossier", rows, agency_key=33, period_id="2023-Q3")
    world.sheet("dossier", rows, agency_key=31)  # its own figures, sent again
    assert world.offending("dossier_identical_to_other_agency") == []


def test_dossier_identical_to_other_agency__passes_where_few_fields_have_figures(world: World) -> None:
    empty = dict.fromkeys(COLUMNS["dossier"], 0) | {"field_name": "Thuế", "field_code": "thue"}
    for agency_key in (31, 32):
        world.sheet("dossier", [*THREE_FIELDS[:2], empty], agency_key=agency_key)
    assert world.offending("dossier_identical_to_other_agency") == []


def test_dossier_identical_to_other_agency__fails(world: World) -> None:
    first = world.sheet("dossier", THREE_FIELDS, agency_key=31)
    copy = world.sheet("dossier", THREE_FIELDS[::-1], agency_key=32)
    (found,) = world.offending("dossier_identical_to_other_agency")
    assert (found["delivery_id"], found["agency_key"], found["cell"]) == (copy, 32, "C7:M9")
    assert f"lượt nộp {first}" in found["given"]


def test_dossier_identical_to_other_agency__passes_once_rejected(world: World) -> None:
    world.sheet("dossier", THREE_FIELDS, agency_key=31)
    copy = world.sheet("dossier", THREE_FIELDS, agency_key=32)
    world.insert(
        "raw.delivery_decision",
        delivery_id=copy,
        decision="reject",
        reason="sao chép",
        decided_by="test",
        decided_at=datetime(2023, 4, 1, tzinfo=TIME_ZONE),
    )
    assert world.offending("dossier_identical_to_other_agency") == []
