"""A short draft of what a number counts: the clause around it, for a person to rewrite."""

from __future__ import annotations

import re
from itertools import pairwise

from warehouse.text import match_key, nfc

_WORDS = 14
_NEAR = 12
_BREAK = re.compile(r"[.;:]|,\s*(?=(?:riêng|trong đó|đồng thời|trong khi)\b)")
_LINK = re.compile(r",|;|\bvà\b")
_HEAD = re.compile(
    r"^(?:[\s,;:–-]|và\b|đồng thời\b|trong đó\b,?|phấn đấu\b|đảm bảo\b|bảo đảm\b|(?:đến |trong "
    r"|vào )?năm \d{4}\b|thực hiện\b|có\b|riêng\b"
    r"|trở lên\b|các\b(?= hồ sơ))+",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:[\s,;:–-]|\bđạt\b|\bmức\b|\btỷ lệ\b|\bít nhất\b|\btối thiểu\b|\blà\b|\bcó\b|\btừ\b|\bphải\b"
    r"|\bđều\b|\bvà\b)+$",
    re.IGNORECASE,
)
_EMPTY = frozenset(
    [
        "cac",
        "cua",
        "duoc",
        "co",
        "tai",
        "theo",
        "va",
        "voi",
        "cho",
        "trong",
        "tren",
        "ve",
        "nhung",
        "la",
        "phai",
        "deu",
        "den",
        "tu",
        "tro",
        "len",
        "dat",
        "bao",
        "dam",
        "dung",
    ]
)


def clause_of(text: str, start: int, end: int, after: int, before: int) -> str:
    """The words around text[start:end]; `before` and `after` are where its neighbours end and begin.

    What stands between two numbers belongs to the later one from the last link on: 'quận 40%, phường 35%'.
    """
    *cut, left = _BREAK.split(text[before:start])
    right = _BREAK.split(text[end:after])[0]
    if before and not cut and (links := list(_LINK.finditer(left))):
        left = left[links[-1].end() :]
    if after < len(text) and len(right) == after - end and (links := list(_LINK.finditer(right))):
        right = right[: links[-1].start()]
    right = re.sub(r"\btrở (?:lên|xuống)\b", " ", right)
    return nfc(f"{_trimmed(left)} {_trimmed(right)}").strip(" ,;:.-–")


def _trimmed(text: str) -> str:
    return _TAIL.sub("", _HEAD.sub("", text))


def shorten(text: str) -> str:
    """The first words of a text, as a label to be rewritten."""
    words = text.split()
    label = " ".join(words if len(words) <= _WORDS else [*words[:_WORDS], "…"])
    return label[:1].upper() + label[1:]


def near_words(text: str, start: int, end: int, after: int, before: int) -> str:
    """The words next to text[start:end]: what a number is of stands there, not far off in the sentence."""
    left = _BREAK.split(text[before:start])[-1].split()[-_NEAR:]
    right = _BREAK.split(text[end:after])[0].split()[:_NEAR]
    return " ".join([*left, *right])


def content_words(text: str) -> frozenset[str]:
    """The words of a text that tell it from others, as pairs: single syllables say little in Vietnamese."""
    words = [word for word in match_key(text).split() if word not in _EMPTY]
    return frozenset(map(" ".join, pairwise(words))) or frozenset(words)
