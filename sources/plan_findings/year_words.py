"""The years that words name for a target: not those it is compared with, nor those of a document."""

from __future__ import annotations

import re
from functools import lru_cache

EVERY = "từng năm"
COMPARED = re.compile(
    r"(?:so với|cao hơn|thấp hơn|bằng)\b[^.;,()]{0,30}?năm\s+((?:19|20)\d\d)(?!\s*[-–]\s*\d{4})", re.I
)
_NOT_ITS_OWN = re.compile(
    r"ngày\s+\d{1,2}(?:\s+tháng\s+\d{1,2}\s+năm\s+|[/.-]\d{1,2}[/.-])\d{4}"
    r"|/\d{4}/|“[^”]*”|giai đoạn\s+\d{4}\s*[-–]\s*\d{4}",
    re.I,
)
_YEAR = re.compile(r"(?<![:.,/\d])\b((?:19|20)\d\d)\b(?![/.:]\d)")  # no year: ISO 9001:2008
_EVERY = re.compile(r"\b(?:từng|mỗi|hằng|hàng|trong|qua các) năm\b(?!\s+(?:19|20)\d\d)", re.I)


@lru_cache(maxsize=1024)  # a sentence of many bounds is asked for each of them
def years_in(*texts: str) -> frozenset[str]:
    """The years of the first text that names one, or `EVERY` ('từng năm'); nothing where none does.

    A bound's own sentence goes first, then the paragraphs above it ('Chỉ tiêu từng năm (2018, 2019, 2020)').
    """
    for text in texts:
        own = _NOT_ITS_OWN.sub(" ", COMPARED.sub(" ", text))
        if _EVERY.search(own):
            return frozenset([EVERY])
        if years := _YEAR.findall(own):
            return frozenset(years)
    return frozenset()


def disjoint(one: frozenset[str], two: frozenset[str]) -> bool:
    """Whether two targets are of other years, so that they may well differ."""
    return bool(one and two) and EVERY not in one | two and not one & two
