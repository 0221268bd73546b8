"""Text of cells: plain where that is certain, otherwise not loaded (docs/intake.md, ruling 5)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.encodings import decode, is_badly_converted, mend, mend_by_font
from sources.forms.files.sheet_cells import SheetCells
from sources.forms.report import Report

MOTTO = "Cộng hòa xã hội chủ nghĩa Việt Nam"
Sheet = Callable[[str], SheetCells]


@pytest.fixture
def sheet() -> Sheet:
    return lambda text: SheetCells(1, "S", False, [["đầu", text]])


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("12&nbsp;", "12"),
        ("Tài chính &amp; Kế hoạch", "Tài chính & Kế hoạch"),
        ("Ti&#7871;p nh&#x1EAD;n", "Tiếp nhận"),
        ("một<br>hai<BR />ba", "một\nhai\nba"),
        ("<p>một</p><p>hai</p>", "một\nhai"),
        ('<span style="color:red">Hoàn thành</span>', "Hoàn thành"),
    ],
)
def test_markup_of_web_pages_is_cleaned_with_a_note(sheet: Sheet, text: str, plain: str) -> None:
    cells = sheet(text)
    assert cells.rows[0][1] == plain
    assert (cells.originals, cells.encodings) == ({(0, 1): text}, {(0, 1): "HTML"})


@pytest.mark.parametrize(
    "text", ["a < b & c > d", "R&D", "<5%", "x <= y", "&", "<Tên cơ quan>", "AT&T; khác"]
)
def test_signs_that_are_no_markup_stay(sheet: Sheet, text: str) -> None:
    cells = sheet(text)
    assert (cells.rows[0][1], cells.encodings) == (text, {})


def test_control_characters_become_blanks_without_a_word(sheet: Sheet) -> None:
    cells = sheet("a\x00b\x0bc\x1fd\ufffee\nf\tg")
    assert (cells.rows[0][1], cells.encodings) == ("ab c d e\nf\tg", {})


@pytest.mark.parametrize(
    "text", [MOTTO, "Hòa Bình", "\u00a0", "Phu\u031bo\u031b\u0300ng", "Đắk Lắk", "tỉ lệ 5‰"]
)
def test_good_text_stays(sheet: Sheet, text: str) -> None:
    cells = sheet(text)
    assert (cells.rows[0][1], cells.encodings) == (text, {})


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (MOTTO.encode().decode("latin-1"), "UTF-8/cp1252"),
        (MOTTO.encode().decode("latin-1").encode().decode("latin-1"), "UTF-8/cp1252 hai lần"),
        ("Céng hßa x· héi chñ nghÜa ViÖt Nam", "TCVN3"),
        ("Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam", "VNI"),
    ],
)
def test_what_is_certain_is_converted(sheet: Sheet, text: str, encoding: str) -> None:
    cells = sheet(text)
    assert (cells.rows[0][1], cells.encodings) == (MOTTO, {(0, 1): encoding})


@pytest.mark.parametrize(
    "text",
    [
        "PhÆ°á»ng",  # a byte was lost
        "Phường PhÆ°á»ng",  # good and broken text together
        "CỘNG HỊA XÃ HỘI",
        "PHỊNG NỘI VỤ",
        "khơng cĩ",
        "Ph\ufffdng",
        "Phường \ufffd",
        "Thµnh phþ Münster",
    ],
)
def test_what_is_not_certain_is_not_loaded(sheet: Sheet, text: str) -> None:
    cells = sheet(text)
    assert cells.rows[0][1] == ""
    assert (cells.originals, cells.encodings) == ({(0, 1): text}, {(0, 1): None})


@pytest.mark.parametrize(
    "text", ["Hòa An", "đĩa", "thị xã", "nghĩa vụ", "ở nơi khác", "cơ sở", "Hoà", "tĩnh"]
)
def test_good_words_are_no_wrong_conversions(text: str) -> None:
    assert not is_badly_converted(text)


def test_a_font_of_capitals_shows_capitals() -> None:
    assert mend_by_font("ñy ban", ".VnTimeH") == ("ỦY BAN", "TCVN3", True)
    assert mend_by_font("ñy ban", "Times New Roman") == ("ñy ban", None, True)


def test_few_words_tell_no_encoding() -> None:
    assert decode("Céng".encode("latin-1")) is None


@given(st.text(max_size=40), st.sampled_from([".VnTime", ".VnTimeH", "VNI-Times", "Arial"]))
def test_no_text_breaks_it(text: str, font: str) -> None:
    mend_by_font(text, font)
    mend(text)
    cells = SheetCells(1, text, False, [[text]])
    again = SheetCells(1, cells.name, False, [list(cells.rows[0])])
    assert (again.name, again.rows) == (cells.name, cells.rows) or "&" in text or "<" in text


@given(st.binary(max_size=200))
def test_no_bytes_break_the_search_for_an_encoding(data: bytes) -> None:
    decode(data)


def test_cleaned_numbers_are_loaded(filled: Callable[..., bytes], read: Callable[..., Report]) -> None:
    report = read(filled(edits={("dossier", "Hộ tịch"): {"received_total": "1.234&nbsp;"}}))
    dossiers = report.sheet("dossier")
    assert dossiers is not None
    assert [row["received_total"] for row in dossiers.loaded if row["field_name"] == "Hộ tịch"] == [1234]
    assert "intake.cell_converted" in {f.rule_id for f in report.findings.items}
