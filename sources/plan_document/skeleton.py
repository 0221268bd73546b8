"""Vietnamese text without case and accents, letter for letter: what is found in it stands at that place."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_SIGNS = {"–": "-", "—": "-", "−": "-", "‑": "-", "“": '"', "”": '"', "’": "'", "\u00a0": " ", "：": ":"}


def skeleton(text: str) -> str:
    """A text of the same length by which words are found whatever their case, accents or tone placement.

    Documents lose accents (Phân đấu for Phấn đấu) and place them in two ways (hòa, hoà).

    >>> skeleton("Tối thiểu 80 %"), skeleton("Đạt – ĐỦ")
    ('toi thieu 80 %', 'dat - du')
    """
    return "".join(map(_base, text))


@lru_cache(maxsize=4096)
def _base(char: str) -> str:
    if char in "đĐ":
        return "d"
    if char in _SIGNS:
        return _SIGNS[char]
    base = unicodedata.normalize("NFD", char)[0].lower()
    return base if len(base) == 1 else char
