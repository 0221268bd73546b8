"""Keys of Vietnamese text, and moments."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.clock import TIME_ZONE, local_date, parse_time
from warehouse.errors import UsageError
from warehouse.text import match_key, nfc, sort_key


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
