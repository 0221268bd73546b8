"""The bounds that a text sets: a number with its comparator and the words that say what it is a bound of.

'trên 90%' is > 90, 'từ 90%', '90% trở lên', 'đạt 90%' are ≥ 90, 'dưới 3%' is < 3, a bare 100% is = 100. The
words are those before the number up to the sentence's beginning or the number before; after it, where a
sentence begins with the number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from sources.plan_findings.findings import number_vi
from sources.plan_findings.passages import Passage
from sources.plan_findings.year_words import years_in
from warehouse.text import match_key

_NUMBER = r"\d{1,3}(?:,\d{1,3})?"
_BOUND = re.compile(
    r"(?P<before>\b(?:cao hơn|lớn hơn|trên|hơn|vượt|từ|tối thiểu|ít nhất|dưới|thấp hơn|không quá"
    r"|không vượt quá)\s+)?"
    rf"(?<![\d/.,])(?P<low>{_NUMBER})\s?%?(?:\s?(?:-|–|đến)\s?(?P<high>{_NUMBER}))?\s?(?P<unit>%|điểm\b)"
    rf"(?P<after>\s+(?:trở lên|trở xuống))?",
    re.I,
)
_STRICT = {"trên", "hơn", "cao hơn", "lớn hơn", "vượt"}
_BELOW = {"dưới", "thấp hơn"}
_AT_MOST = {"không quá", "không vượt quá"}
_CLAUSE = re.compile(r"[;:]|\.(?=\s|$)")
_SENTENCE = re.compile(r"\.(?=\s|$)")
_LEVEL_REACHED = re.compile(r"\b(?:lên|xuống|còn|đến)\s*$", re.I)
_CHANGE = re.compile(r"\b(?:tăng|giảm|rút ngắn|cắt giảm|nâng)\b", re.I)
SYMBOLS = {"gt": ">", "ge": "≥", "eq": "=", "lt": "<", "le": "≤", "range": "từ"}
# what abbreviations of the field stand for, so that both spellings meet
_SPELLED = {
    "tthc": "thủ tục hành chính",
    "ubnd": "ủy ban nhân dân",
    "cchc": "cải cách hành chính",
    "nsnn": "",
}
# words that stand with every target and tell none from another
_COMMON = """
các của và được có là từ trên đạt mức tỷ lệ so với theo về cho đến phấn đấu thực hiện đảm bảo tại trong đó đối
ít nhất tối thiểu trở lên phải những mọi riêng do này khi thì ở đều
"""
COMMON = frozenset(_COMMON.split())
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Bound:
    """A bound with the words that it is a bound of; `lead` and `rest` are its clause before and after it.

    `told`: its words stand before it; else they follow it ('100% các cơ quan …'). `years`: those it is for.
    """

    passage: Passage
    comparator: str
    value: Decimal
    high: Decimal | None
    unit: str
    words: tuple[str, ...]
    syllables: frozenset[str]
    lead: str
    rest: str
    told: bool
    years: frozenset[str]

    @property
    def says(self) -> str:
        """The bound as a sign and a number: '≥ 90%'."""
        unit = self.unit if self.unit == "%" else f" {self.unit}"
        if self.high is not None:
            return f"{number_vi(self.value)}-{number_vi(self.high)}{unit}"
        return f"{SYMBOLS[self.comparator]} {number_vi(self.value)}{unit}"

    @property
    def is_change(self) -> bool:
        """Whether it bounds a rise or a fall, not the level that is reached."""
        return bool(_CHANGE.search(self.lead)) and not _LEVEL_REACHED.search(self.lead)


def bounds(passages: list[Passage]) -> Iterator[Bound]:
    """Every bound in percent or points, in the order of the text."""
    for passage in passages:
        yield from _bounds(passage)


def _bounds(passage: Passage) -> Iterator[Bound]:
    for sentence in _SENTENCE.split(passage.text):
        for clause in _CLAUSE.split(sentence):
            matches = list(_BOUND.finditer(clause))
            for number, match in enumerate(matches):
                begin = matches[number - 1].end() if number else 0
                end = matches[number + 1].start() if number + 1 < len(matches) else len(clause)
                yield _bound(
                    passage, match, sentence, clause[begin : match.start()], clause[match.end() : end]
                )


def _bound(passage: Passage, match: re.Match[str], sentence: str, lead: str, rest: str) -> Bound:
    value = Decimal(match["low"].replace(",", "."))
    high = Decimal(match["high"].replace(",", ".")) if match["high"] else None
    before, after = match_key(match["before"] or ""), match_key(match["after"] or "")
    before_it, after_it = _words(lead), _words(rest)
    told = len(before_it) >= 4
    words = before_it if told else before_it + after_it[:12]
    return Bound(
        passage=passage,
        comparator=_comparator(before, after, value, high, match["unit"]),
        value=value,
        high=high,
        unit=match["unit"],
        words=words,
        syllables=frozenset(words),
        lead=lead,
        rest=rest,
        told=told,
        years=years_in(sentence, *passage.under),
    )


def _comparator(before: str, after: str, value: Decimal, high: Decimal | None, unit: str) -> str:
    if high is not None:
        return "range"
    if before in {match_key(word) for word in _STRICT}:
        return "gt"
    if before in {match_key(word) for word in _BELOW}:
        return "lt"
    if before in {match_key(word) for word in _AT_MOST} or after == "tro xuong":
        return "le"
    return "eq" if value == 100 and unit == "%" and not before and not after else "ge"


def _words(text: str) -> tuple[str, ...]:
    words = _WORD.findall(text.lower())
    spelled = " ".join(_SPELLED.get(word, word) for word in words).split()
    return tuple(word for word in spelled if word not in COMMON)
