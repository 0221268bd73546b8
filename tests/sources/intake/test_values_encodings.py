"""TCVN3, VNI and mojibake: converted where that is certain, otherwise not loaded."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.encodings import is_badly_converted, is_syllable, mend
from sources.forms.files.text_cells import _CONTROLS
from sources.forms.report import Report

MOTTO = "Cộng hòa xã hội chủ nghĩa Việt Nam"


@pytest.mark.parametrize(
    ("given_text", "encoding", "text"),
    [
        ("Céng hßa x· héi chñ nghÜa ViÖt Nam", "TCVN3", MOTTO),
        ("Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam", "VNI", MOTTO),
        (MOTTO.encode().decode("latin-1"), "UTF-8/cp1252", MOTTO),
        ("UÛY BAN NHAÂN DAÂN QUAÄN", "VNI", "ỦY BAN NHÂN DÂN QUẬN"),
        ("hå s¬ quý I, 98%", "TCVN3", "hồ sơ quý I, 98%"),
        ("Ñaø Naüng", "VNI", "Đà Nẵng"),
    ],
)
def test_certain_conversions(given_text: str, encoding: str, text: str) -> None:
    assert mend(given_text) == (text, encoding, True)


@pytest.mark.parametrize("text", ["PhÆ°á»ng", "Thµnh phþ Münster"])
def test_what_is_not_certain_is_not_loaded(text: str) -> None:
    assert mend(text) == (text, None, False)


@pytest.mark.parametrize(
    "text", [MOTTO, "45/BC-UBND", "Café đen", "Nước 30°C", "– Không", "§ 5", "à", "100 m²"]
)
def test_unicode_is_left_alone(text: str) -> None:
    assert mend(text) == (text, None, True)


@given(st.text(max_size=30))
def test_no_text_breaks_it_and_what_was_mended_is_whole(text: str) -> None:
    mended = mend(text)
    assert mend(mended.text).text == mended.text


@pytest.mark.parametrize("word", ["quyền", "giếng", "nghĩa", "Uỷ", "thuở", "quốc", "gì", "yêu", "ươm"])
def test_syllables(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["nghÜa", "héiz", "céng", "ngàá", "bcd"])
def test_what_is_no_syllable(word: str) -> None:
    assert not is_syllable(word)


def test_a_run_of_letters_that_is_no_word_is_no_syllable() -> None:
    assert not is_syllable("nghiêng" * 2000)
    assert not is_badly_converted("cĩ" * 2000)
    assert is_badly_converted("cĩ " * 2000)


def test_a_wrong_conversion_is_found_whatever_text_was_seen_before() -> None:
    for text in ("Ủy ban, phường Cần Thơ.", "thị xã Hịa An", "thị xã Ba", "thị xã Hịa An", "Cần Thơ cĩ"):
        assert is_badly_converted(text) == ("Hịa" in text or "cĩ" in text)


def test_no_blank_and_what_follows_it_become_one_letter() -> None:
    blanks = [chr(code) for code in range(sys.maxunicode + 1) if chr(code).isspace()]
    marks = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.combining(chr(code))]
    for blank in blanks:
        assert all(unicodedata.normalize("NFC", blank + mark)[0].isspace() for mark in marks)


def test_every_control_character_makes_a_text_one_that_is_not_printable() -> None:
    assert not any(chr(code).isprintable() for code in _CONTROLS)


def test_a_converted_cell_is_loaded_with_a_note(
    filled: Callable[..., bytes], read: Callable[..., Report]
) -> None:
    edits: dict[Any, Any] = {("task", "XX-2023-1/1.1"): {"status": "§ang thùc hiÖn", "product": "KÕ ho¹ch"}}
    report = read(filled(edits=edits))
    row = next(r for r in report.sheets[1].loaded if r["status"])
    assert (row["status"], row["product"]) == ("running", "Kế hoạch")
    assert row["given"]["product"] == "KÕ ho¹ch"
    assert [f.rule_id for f in report.findings.items] == ["intake.cell_converted"] * 2
    assert report.findings.verdict()[0] == "accepted"


def test_a_cell_that_cannot_be_converted_is_not_loaded(
    filled: Callable[..., bytes], read: Callable[..., Report]
) -> None:
    report = read(filled(edits={("task", "XX-2023-1/1.1"): {"product": "PhÆ°á»ng", "status": "Hoàn thành"}}))
    row = next(r for r in report.sheets[1].loaded if r["status"])
    assert row.get("product") is None
    assert row["given"]["product"] == "PhÆ°á»ng"
    finding = next(f for f in report.findings.items if f.rule_id == "intake.cell_encoding")
    assert finding.given == "PhÆ°á»ng"


def test_a_field_that_cannot_be_converted_is_held(
    filled: Callable[..., bytes], read: Callable[..., Report]
) -> None:
    report = read(filled(edits={("dossier", "new"): {"field_name": "Æ°á»", "received_total": 3}}))
    sheet = next(s for s in report.sheets if s.sheet_code == "dossier")
    assert [h["given"]["field_name"] for h in sheet.held] == ["Æ°á»"]
