"""Vietnamese text: normal form, keys to match by, keys to sort by."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_NOT_WORD = re.compile(r"[^0-9a-z]+")
_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = "\u0300\u0309\u0303\u0301\u0323"  # huyền, hỏi, ngã, sắc, nặng: the dictionary's order
_LONGEST_REMEMBERED = 500
"""Longer texts are no names, headings or words, and a file may hold many of them."""
_LAST_REMEMBERED = 0x22FF
"""Beyond are no letters or signs that Vietnamese texts hold in numbers."""
_FULL_WIDTH = {0xFF01 + place: 0x21 + place for place in range(94)}
_BASE_MARKS = {"\u0306", "\u0302", "\u031b"}  # breve, circumflex, horn: they make another letter


def narrow(text: str) -> str:
    """The text with full-width letters, digits and signs (pasted from East Asian systems) as common ones."""
    return text if text.isascii() else text.translate(_FULL_WIDTH)


def nfc(text: str) -> str:
    """The text in normal form C, with runs of white space (no-break space included) folded to one blank."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def match_key(text: str) -> str:
    """A key under which spellings of the same words meet: no case, accents, tone placement or punctuation.

    >>> match_key("Uỷ ban  nhân dân – Quận Bình Tân.")
    'uy ban nhan dan quan binh tan'
    """
    return _match_key(text) if len(text) <= _LONGEST_REMEMBERED else _match_key.__wrapped__(text)


@lru_cache(maxsize=16384)
def _match_key(text: str) -> str:
    return " ".join(text.translate(_PLAIN).split())


class _Plain(dict[int, str]):
    """What is left of a character in a key, by its code point: plain letters and digits, a blank for others.

    A character's key does not depend on its neighbours: marks are left out, in whatever order they stand.
    """

    def __missing__(self, code: int) -> str:
        decomposed = unicodedata.normalize("NFD", narrow(chr(code)).lower().replace("đ", "d"))
        left = _NOT_WORD.sub(" ", "".join(c for c in decomposed if not unicodedata.combining(c)))
        if code <= _LAST_REMEMBERED:
            self[code] = left
        return left


_PLAIN = _Plain()


@lru_cache(maxsize=65536)
def sort_key(text: str) -> str:
    """A key whose bytewise order is the Vietnamese dictionary's: letter by letter first, tones after.

    Stored beside names, because no database collation can be counted on.
    """
    letters: list[str] = []
    tones: list[str] = []
    for char in unicodedata.normalize("NFC", text.lower()):
        parts = unicodedata.normalize("NFD", char)
        tone = next((mark for mark in parts if mark in _TONES), "")
        letter = unicodedata.normalize("NFC", parts[0] + "".join(m for m in parts[1:] if m in _BASE_MARKS))
        if letter in _LETTERS:
            letters.append(f"L{_LETTERS.index(letter):02d}")
        elif letter.isdigit():
            letters.append(f"D{letter}")
        elif letter.isspace():
            letters.append(" ")
        else:
            continue
        tones.append(str(_TONES.index(tone) + 1) if tone else "0")
    return "".join(letters) + "|" + "".join(tones)
