"""Delimited text (docs/intake.md, ruling 8)."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest

from sources.encodings import _data, _tables
from sources.forms.files.workbook import SheetCells
from sources.forms.report import Report
from sources.packages import RefusedError

Open = Callable[[bytes], list[SheetCells]]
Read = Callable[..., Report]

REPORT = """Cơ quan báo cáo;Ủy ban nhân dân phường Hòa An
Kỳ báo cáo;Quý I năm 2023
Ngày báo cáo;15/3/2023
Người lập;"Nguyễn Văn A
chuyên viên"

Nhiệm vụ
STT;Mã nhiệm vụ;Nhiệm vụ;Tình trạng;Tiến độ (%);Ghi chú
1;XX-2023-1/1.2#1;Việc thử;Hoàn thành;100;"một; hai ""ba\"""

Phản ánh, kiến nghị
STT;Kênh tiếp nhận;Tiếp nhận;Đã xử lý đúng hạn
1;1022;1.234;abc
"""


def _refusal(opened: Open, data: bytes) -> RefusedError:
    with pytest.raises(RefusedError) as refusal:
        opened(data)
    return refusal.value


def _tcvn3(text: str) -> bytes:
    table = _data()["tcvn3"]
    return text.translate(str.maketrans(table["to"], table["from"])).encode("latin-1")


def _vni(text: str) -> bytes:
    letters: dict[str, str] = {}
    for given, letter in _tables()["vni"][1].items():
        letters.setdefault(letter, given)
    return "".join(letters.get(char, char) for char in text).encode("latin-1")


def _cp1258(text: str) -> bytes:
    """Base letters with their marks, the tone apart, as Windows writes them."""
    written = b""
    for char in text:
        try:
            written += char.encode("cp1258")
        except UnicodeEncodeError:
            parts = unicodedata.normalize("NFD", char)
            tones = "".join(part for part in parts if part in "\u0300\u0301\u0303\u0309\u0323")
            base = unicodedata.normalize("NFC", "".join(part for part in parts if part not in tones))
            written += (base + tones).encode("cp1258")
    return written


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_report_is_read_in_every_dialect(read: Read, encoding: str, separator: str, line_end: str) -> None:
    text = REPORT.replace("một; hai", "một: hai").replace("Phản ánh, kiến nghị", '"Phản ánh, kiến nghị"')
    data = text.replace(";", separator).replace("\n", line_end).encode(encoding)
    report = read(data)
    assert report.heading is not None
    tasks = report.sheet("task")
    assert tasks is not None
    assert [(r["task_code"], r["progress_percent"], r["note"]) for r in tasks.loaded] == [
        ("XX-2023-1/1.2", 100, 'một: hai "ba"')
    ]
    channels = report.sheet("feedback")
    assert channels is not None
    assert [(r["channel_code"], r["received"]) for r in channels.loaded] == [("1022", 1234)]


def test_a_cell_is_addressed_as_a_spreadsheet_shows_the_file(read: Read) -> None:
    finding = next(f for f in read(REPORT.encode()).findings.items if f.rule_id == "intake.cell_number")
    assert (finding.sheet_name, finding.cell, finding.given) == ("Phản ánh, kiến nghị", "D12", "abc")


def test_blocks_become_sheets_that_keep_the_rows_of_the_file(opened: Open) -> None:
    info, tasks, channels = opened(REPORT.encode())
    assert (info.name, tasks.name, channels.name) == ("Thông tin", "Nhiệm vụ", "Phản ánh, kiến nghị")
    assert info.rows[3] == ["Người lập", "Nguyễn Văn A\nchuyên viên"]
    assert tasks.rows[:5] == [[]] * 5
    assert tasks.rows[5] == ["Nhiệm vụ"]
    assert tasks.rows[7][5] == 'một; hai "ba"'
    assert len(channels.rows) == 12


def test_trailing_separators_of_a_spreadsheet_and_a_named_separator_do_not_matter(opened: Open) -> None:
    lines = [line + ";;;;" for line in REPORT.replace('"', "").split("\n")]
    sheets = opened(("sep=;\n" + "\n".join(lines)).encode())
    assert [sheet.name for sheet in sheets] == ["Thông tin", "Nhiệm vụ", "Phản ánh, kiến nghị"]
    assert sheets[0].rows[0] == ["Cơ quan báo cáo", "Ủy ban nhân dân phường Hòa An"]


def test_a_table_under_a_name_of_its_own_is_a_block_too(opened: Open) -> None:
    sheets = opened(REPORT.replace("\nNhiệm vụ\n", "\nBảng tổng hợp của phường\n").encode())
    assert sheets[1].name == "Bảng tổng hợp của phường"


def test_words_of_a_row_that_name_a_sheet_begin_no_block(opened: Open) -> None:
    sheets = opened(REPORT.replace("1;XX-2023", "Nhiệm vụ\n1;XX-2023").encode())
    assert len(sheets) == 3


def test_without_agency_and_period_a_table_is_refused(read: Read) -> None:
    report = read(REPORT[REPORT.index("Nhiệm vụ") :].encode())
    assert report.findings.verdict()[0] == "refused"
    assert {f.rule_id for f in report.findings.items if f.severity == "fatal"} == {"intake.agency_unknown"}


@pytest.mark.parametrize(("encoding", "encode"), [("TCVN3", _tcvn3), ("VNI", _vni), ("cp1258", _cp1258)])
def test_a_legacy_encoding_is_converted_with_a_note(
    opened: Open, encoding: str, encode: Callable[[str], bytes]
) -> None:
    text = REPORT.replace("Ủy", "ủy").replace("Đ", "đ")  # TCVN3 has few capitals
    sheets = opened(encode(text))
    assert [sheet.name for sheet in sheets] == ["Thông tin", "Nhiệm vụ", "Phản ánh, kiến nghị"]
    assert sheets[0].rows[0] == ["Cơ quan báo cáo", "ủy ban nhân dân phường Hòa An"]
    assert sheets[0].remarks == [("intake.file_encoding", None, encoding, "CSV UTF-8")]


def test_the_note_about_an_encoding_reaches_the_agency(read: Read) -> None:
    report = read(_tcvn3(REPORT.replace("Ủy", "ủy")))
    finding = next(f for f in report.findings.items if f.rule_id == "intake.file_encoding")
    assert "TCVN3" in finding.message_vi
    assert report.heading is not None


def test_in_a_converted_file_a_cell_that_does_not_read_as_vietnamese_is_not_loaded(opened: Open) -> None:
    sheets = opened(_tcvn3(REPORT.replace("Ủy", "ủy")).replace(b"Vi\xd6c th\xf6", b"Vi\xd6c Mxn\xdc"))
    assert sheets[1].rows[7][2] == ""
    assert sheets[1].encodings == {(7, 2): None}


@pytest.mark.parametrize(
    "data",
    [
        "Cơ quan;Café Münster à la carte, naïve Zürich".encode("cp1258", errors="ignore"),
        bytes(range(0xA0, 0x100)) * 20,
        "Cơ quan báo cáo;Phường".encode("utf-16")[:-1],
        b"C? quan b?o c?o;Ph??ng H?a An\nK? b?o c?o;Qu? I n?m 2023\nSTT;Ghi ch?",
        "C? quan báo cáo;Ph??ng Hòa An\nK? báo cáo;Quý I n?m 2023\nNhi?m v?;Ti?n ??".encode("cp1252"),
    ],
)
def test_an_encoding_that_is_not_certain_is_refused(opened: Open, data: bytes) -> None:
    assert _refusal(opened, data).rule_id == "intake.file_encoding_unknown"


def test_utf16_is_said(opened: Open) -> None:
    assert opened(REPORT.encode("utf-16"))[0].remarks[0][2] == "UTF-16"


def test_a_letter_that_was_lost_before_is_not_guessed(opened: Open) -> None:
    sheet = opened(REPORT.replace("Việc thử", "Vi\ufffdc thử").encode())[1]
    assert (sheet.rows[7][2], sheet.encodings) == ("", {(7, 2): None})


def test_a_quote_that_is_left_open_does_not_swallow_the_rest(opened: Open) -> None:
    refusal = _refusal(opened, REPORT.replace('""ba"""', '""ba').encode())
    assert (refusal.rule_id, "dòng 9" in refusal.given) == ("intake.file_damaged", True)


def test_a_quote_within_a_text_is_a_quote(opened: Open) -> None:
    sheet = opened(REPORT.replace("Việc thử", 'Việc "thử"').encode())[1]
    assert sheet.rows[7][2] == 'Việc "thử"'


@pytest.mark.parametrize(
    ("more", "rule_id"),
    [
        ("x;" * 1_000_000, "intake.file_too_large"),
        ("1;2\n" * 1_000_000, "intake.file_too_large"),
        ("\n\nNhiệm vụ" * 100, "intake.file_too_large"),
        ('"' + "x\n" * 100_000, "intake.file_damaged"),
        ("\x00", "intake.file_kind"),
        ("\x1b[2J", "intake.file_kind"),
    ],
    ids=["columns", "rows", "blocks", "quote", "nul", "escape"],
)
def test_what_is_too_much_is_refused(opened: Open, more: str, rule_id: str) -> None:
    assert _refusal(opened, (REPORT + more).encode()).rule_id == rule_id


def test_a_cell_of_a_megabyte_costs_only_itself(opened: Open) -> None:
    sheet = opened(REPORT.replace("Việc thử", "x" * 1_000_000).encode())[1]
    assert len(str(sheet.rows[7][2])) == 1_000_000
    assert sheet.rows[7][3] == "Hoàn thành"


def test_text_that_says_nothing_of_the_form_is_no_report(opened: Open) -> None:
    refusal = _refusal(opened, b"a;b\n1;2\n")
    assert refusal.rule_id == "intake.file_kind"
    assert ".xlsx" in refusal.expected
    assert _refusal(opened, b" \r\n\t\r\n").rule_id == "intake.file_empty"
