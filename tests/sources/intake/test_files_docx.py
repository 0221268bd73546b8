"""Word documents with the tables of the form."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from sources.forms.files.workbook import SheetCells
from sources.forms.report import Report
from sources.packages import RefusedError

Open = Callable[[bytes], list[SheetCells]]

DOSSIER_HEADS = (
    ["STT", "Lĩnh vực", "Tiếp nhận", "", "", "", "Đã giải quyết", "", "", ""],
    [
        "",
        "",
        "Tổng số",
        "Trực tuyến",
        "Trực tiếp và bưu chính",
        "Từ kỳ trước",
        "Tổng số",
        "Trước hạn",
        "Đúng hạn",
        "Quá hạn",
    ],
)
DOSSIER_ROW = ["1", "Hộ tịch", "100", "60", "30", "10", "90", "70", "15", "5"]


def _saved(document: Any) -> bytes:
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _table(document: Any, rows: list[list[str]]) -> Any:
    table = document.add_table(len(rows), len(rows[0]))
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    return table


def _report() -> Any:
    document = docx.Document()
    document.add_heading("BÁO CÁO CẢI CÁCH HÀNH CHÍNH")
    document.add_paragraph("Cơ quan báo cáo: UBND P. Hoà An")
    document.add_paragraph("Kính gửi: Ủy ban nhân dân quận")
    _table(document, [["Kỳ báo cáo", "Quý I năm 2023"], ["Ngày báo cáo", "15/3/2023"]])
    document.add_paragraph("1. Hồ sơ TTHC")
    document.add_paragraph("")
    table = _table(document, [*DOSSIER_HEADS, DOSSIER_ROW])
    table.cell(0, 2).merge(table.cell(0, 5))
    table.cell(0, 6).merge(table.cell(0, 9))
    table.cell(0, 0).merge(table.cell(1, 0))
    table.cell(0, 1).merge(table.cell(1, 1))
    document.add_paragraph("Bảng kèm theo")
    _table(
        document,
        [
            ["STT", "Mã nhiệm vụ", "Nhiệm vụ", "Tình trạng", "Tiến độ (%)", "Sản phẩm",
             "Số, ký hiệu văn bản", "Ngày hoàn thành"],
            ["1", "XX-2023-1/1.2#1", "Việc", "Xong", "abc", "", "", ""],
        ],
    )  # fmt: skip
    return document


def test_a_report_is_read_from_its_tables(read: Callable[..., Report]) -> None:
    report = read(_saved(_report()))
    assert report.heading is not None
    assert report.heading.report_date is not None
    dossiers, tasks = report.sheet("dossier"), report.sheet("task")
    assert dossiers is not None
    assert tasks is not None
    assert [(r["field_name"], r["received_total"], r["resolved_late"]) for r in dossiers.loaded] == [
        ("Hộ tịch", 100, 5)
    ]
    assert [r["status"] for r in tasks.loaded] == ["done"]
    finding = next(f for f in report.findings.items if f.rule_id == "intake.cell_number")
    assert (finding.sheet_name, finding.cell, finding.given) == ("Bảng kèm theo", "E2", "abc")


def test_labels_come_first_and_each_table_is_a_sheet(opened: Open) -> None:
    info, dossiers, tasks = opened(_saved(_report()))
    assert info.name == "Thông tin"
    assert info.rows == [
        ["Cơ quan báo cáo: UBND P. Hoà An"],
        ["Kỳ báo cáo", "Quý I năm 2023"],
        ["Ngày báo cáo", "15/3/2023"],
    ]
    assert (dossiers.name, tasks.name) == ("1. Hồ sơ TTHC", "Bảng kèm theo")


def test_merged_cells_stand_in_their_first_and_are_known(opened: Open) -> None:
    sheet = opened(_saved(_report()))[1]
    assert sheet.rows[0] == ["STT", "Lĩnh vực", "Tiếp nhận", "", "", "", "Đã giải quyết", "", "", ""]
    assert sorted(sheet.merged) == [((0, 0), (1, 0)), ((0, 1), (1, 1)), ((0, 2), (0, 5)), ((0, 6), (0, 9))]


def test_deleted_text_is_not_read_and_inserted_text_is(opened: Open) -> None:
    document = _report()
    cell = document.tables[-1].cell(1, 2)
    names = nsdecls("w")
    for tag, text in (
        ("del", "w:delText>cũ</w:delText"),
        ("del", "w:t>cũ</w:t"),
        ("moveFrom", "w:t>đi</w:t"),
        ("ins", "w:t>mới</w:t"),
    ):
        cell.paragraphs[0]._p.append(
            parse_xml(f'<w:{tag} {names} w:id="1" w:author="a"><w:r><{text}></w:r></w:{tag}>')
        )
    row = document.tables[-1].add_row()
    row.cells[0].text = "2"
    row._tr.get_or_add_trPr().append(parse_xml(f'<w:del {names} w:id="2" w:author="a"/>'))
    sheet = opened(_saved(document))[2]
    assert sheet.rows[1][2] == "Việcmới"
    assert len(sheet.rows) == 2


def test_content_controls_and_line_breaks_are_read(opened: Open) -> None:
    document = _report()
    table = document.tables[-1]
    table.cell(1, 2).text = "một\nhai"
    table._tbl.append(
        parse_xml(
            f"<w:sdt {nsdecls('w')}><w:sdtContent>"
            "<w:tr><w:tc><w:p><w:r><w:t>2</w:t></w:r></w:p></w:tc></w:tr></w:sdtContent></w:sdt>"
        )
    )
    sheet = opened(_saved(document))[2]
    assert sheet.rows[1][2] == "một\nhai"
    assert sheet.rows[2] == ["2"]


def test_a_table_within_a_cell_is_said_to_be_unread(read: Callable[..., Report]) -> None:
    document = _report()
    nested = document.tables[-1].cell(1, 5).add_table(1, 1)
    nested.cell(0, 0).text = "lồng"
    finding = next(f for f in read(_saved(document)).findings.items if f.rule_id == "intake.file_part_unread")
    assert (finding.cell, finding.severity) == ("F2", "warning")


def test_text_in_legacy_letters_is_converted_like_any_other(opened: Open) -> None:
    document = _report()
    document.tables[-1].cell(1, 2).text = "KÕ ho¹ch"
    sheet = opened(_saved(document))[2]
    assert (sheet.rows[1][2], sheet.encodings) == ("Kế hoạch", {(1, 2): "TCVN3"})


def _with_body(body: str) -> bytes:
    buffer = BytesIO()
    source = BytesIO(_saved(_report()))
    with zipfile.ZipFile(source) as archive, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as other:
        for name in archive.namelist():
            part = archive.read(name).decode("utf-8", "replace")
            if name == "word/document.xml":
                part = f"<w:document {nsdecls('w')}><w:body>{body}</w:body></w:document>"
            other.writestr(name, part)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("body", "rule_id"),
    [
        ("<w:tbl>" + "<w:tr><w:tc/></w:tr>" * 20_001 + "</w:tbl>", "intake.file_too_large"),
        ("<w:tbl><w:tr>" + "<w:tc/>" * 257 + "</w:tr></w:tbl>", "intake.file_too_large"),
        (
            '<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="99999"/></w:tcPr></w:tc></w:tr></w:tbl>',
            "intake.file_too_large",
        ),
        ("<w:tbl><w:tr><w:tc/></w:tr></w:tbl>" * 64, "intake.file_too_large"),
        ("<w:tbl><w:tr><w:tc>" * 100_000, "intake.file_damaged"),
        ("<w:p>", "intake.file_damaged"),
    ],
    ids=["rows", "columns", "span", "tables", "depth", "broken"],
)
def test_what_is_too_much_or_broken_is_refused(opened: Open, body: str, rule_id: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        opened(_with_body(body))
    assert refusal.value.rule_id == rule_id


@pytest.mark.parametrize("value", ["999999999", "-1", "x", "9" * 5_000, "0"])
def test_spans_that_are_none_count_as_one(opened: Open, value: str) -> None:
    body = (
        f'<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="{value}"/></w:tcPr>'
        "<w:p><w:r><w:t>x</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    )
    assert opened(_with_body(body))[1].rows == [["x"]]


def test_a_document_that_begins_with_a_continued_merge_loses_nothing(opened: Open) -> None:
    cell = "<w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p><w:r><w:t>x</w:t></w:r></w:p></w:tc>"
    body = f"<w:tbl><w:tr>{cell}</w:tr></w:tbl>"
    assert opened(_with_body(body))[1].rows == [["x"]]
