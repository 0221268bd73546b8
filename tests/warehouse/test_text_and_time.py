"""Keys of Vietnamese text, and moments."""

from __future__ import annotations

import re
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.clock import TIME_ZONE, local_date, parse_time
from warehouse.errors import UsageError
from warehouse.text import match_key, narrow, nfc, sort_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Uỷ ban nhân dân quận Bình Tân", "ủy ban  nhân dân Quận Bình Tân."),
        ("Phường Bình Hưng Hòa", "PHƯỜNG BÌNH HƯNG HOÀ"),
        ("Tài chính – Kế hoạch", "Tài chính - Kế hoạch"),
        ("Đất đai", "dat dai"),
        ("Quý\u00a0I", unicodedata.normalize("NFD", "quý i")),
    ],
)
def test_spellings_of_the_same_words_meet(one: str, other: str) -> None:
    assert match_key(one) == match_key(other)


def test_different_names_do_not_meet() -> None:
    names = ["Phường Tân Tạo", "Phường Tân Tạo A", "Phường An Lạc", "Phường An Lạc A"]
    assert len({match_key(name) for name in names}) == len(names)


@given(st.text())
def test_keys_do_not_depend_on_the_normal_form(text: str) -> None:
    assert match_key(unicodedata.normalize("NFD", text)) == match_key(unicodedata.normalize("NFC", text))
    assert sort_key(unicodedata.normalize("NFD", text)) == sort_key(unicodedata.normalize("NFC", text))
    assert nfc(nfc(text)) == nfc(text)


def _key_of_the_whole(text: str) -> str:
    """A key made of the whole text at once, instead of character by character."""
    decomposed = unicodedata.normalize("NFD", narrow(text).lower().replace("đ", "d"))
    return re.sub("[^0-9a-z]+", " ", "".join(c for c in decomposed if not unicodedata.combining(c))).strip()


def test_the_key_of_a_text_is_that_of_its_characters() -> None:
    for code in (*range(0x3000), *range(0xFF00, 0xFFFF), *range(0x3000, sys.maxunicode, 101)):
        text = f"a{chr(code)}b"
        assert match_key(text) == _key_of_the_whole(text), hex(code)


@given(st.text(), st.text(alphabet="aĐđêỆ\u0323\u0302\u034fΣİßＡ９ \u00a0-"))
def test_neighbours_do_not_change_a_key(one: str, other: str) -> None:
    assert match_key(one + other) == _key_of_the_whole(one + other)


def test_long_texts_have_keys_too() -> None:
    assert match_key("Ủy ban " * 1000) == ("uy ban " * 1000).strip()


def test_vietnamese_order_letters_first_then_tones() -> None:
    words = ["đa", "da", "dạ", "ăn", "an", "ân", "bà", "ba", "bá", "bả", "bã", "bạ"]
    assert sorted(words, key=sort_key) == [
        "an",
        "ăn",
        "ân",
        "ba",
        "bà",
        "bả",
        "bã",
        "bá",
        "bạ",
        "da",
        "dạ",
        "đa",
    ]


def test_a_day_means_its_end_in_vietnam() -> None:
    moment = parse_time("2023-03-17")
    assert moment.isoformat() == "2023-03-17T23:59:59+07:00"
    assert local_date(parse_time("2023-03-17T18:00:00+00:00")).isoformat() == "2023-03-18"
    assert parse_time("2023-03-17T09:30").tzinfo is TIME_ZONE


@pytest.mark.parametrize("text", ["", "17/03/2023", "soon", "2023-13-01"])
def test_what_is_no_moment_is_refused_with_what_is_expected(text: str) -> None:
    with pytest.raises(UsageError, match="ISO 8601"):
        parse_time(text)
