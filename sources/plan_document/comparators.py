"""The grammar of comparators: what the words around a number bind it to.

trên 80% → more than 80; từ 90%, 90% trở lên, tối thiểu, ít nhất → at least; dưới → less; không quá → at most;
a bare 40% → at least 40, a bare 100% → 100; từ 20 đến 30% → both bounds; nhóm 10 địa phương dẫn đầu → rank 10
or better; giảm 10% → a change by −10 or more. All of it is read from a skeleton, so accents do not matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import islice

_MOST = 60
"""No sentence sets more bounds of one kind."""
GT, GE, EQ, LT, LE = "gt", "ge", "eq", "lt", "le"
RANGE, RANK_LE, BY_DATE = "range", "rank_le", "by_date"

_WORDS = {
    GT: ["tren", "hon", "vuot", "cao hon", "lon hon", "nhieu hon", ">"],
    GE: [
        "tu", "toi thieu", "it nhat", "thap nhat", "khong duoi", "khong thap hon", "khong it hon",
        "khong nho hon", "khong kem", "bang hoac cao hon", "bang hoac lon hon", ">=", "≥",
    ],
    LT: ["duoi", "thap hon", "nho hon", "it hon", "chua den", "khong den", "<"],
    LE: [
        "khong qua", "khong vuot", "khong vuot qua", "toi da", "nhieu nhat", "cao nhat", "khong tren",
        "khong cao hon", "khong lon hon", "khong nhieu hon", "khong hon", "<=", "≤",
    ],
}  # fmt: skip
_COMPARATOR = {word: code for code, words in _WORDS.items() for word in words}
_LONGEST_FIRST = "|".join(re.escape(word) for word in sorted(_COMPARATOR, key=len, reverse=True))
_FILL = (
    r"(?:\s+(?:la|dat|ty|le|tuong|ung|muc|o|phai|duoc|bang|co|so|tu|den|khoang|tang|them|binh|quan|trung"
    r"|thanh|con"
    r"|xuong|len|cua|toi|do|diem|chi|so luong))"
)
_BEFORE = re.compile(rf"(?:(?<![a-z])({_LONGEST_FIRST}))(?={_FILL}{{0,5}}\s*:?\s*$)")
_AFTER = re.compile(r"^[^;.:%\d]{0,90}?\btro (len|xuong|lai)\b")
_CHANGE = re.compile(
    r"(?<![a-z])(?<!cat )(?<!tinh )(tang|giam|keo giam)"
    r"(?:\s+(?:them|bot|it|nhat|toi|thieu|tren|duoi|tu|khoang|binh|quan|trung|hang|moi|nam|deu|dan|ty|le|la"
    rf"|khong|da|qua|hon|so|voi|truoc|cung|ky|cua|\d{4}))*\s*$"
)
_LEVEL = re.compile(
    r"(?<![a-z])(con|xuong|xuong con|con lai)(?:\s+(?:la|muc|khoang|duoi|tren|toi da|khong qua))*\s*$"
)
_AGAINST = re.compile(r"so voi (?:[a-z ]{0,40}?)?(?:(nam truoc|cung ky|nam lien ke|nam ngoai)|nam (\d{4}))")
_NUMBER = r"\d{1,3}(?:[.,]\d{1,3})?"
_PERCENT = re.compile(rf"(?<![\d/.,:])({_NUMBER})\s*(?:%|phan tram)")
_ALL_OF = re.compile(r"(?:\bty le|\bdat)\s+((\d{1,3})\s*/\s*\2)\s+(?=[a-z])(?!diem|phieu)")
_RANGE = re.compile(
    rf"(?<![\d/.,:])(?:tu\s+)?({_NUMBER})\s*(?:%|phan tram)?\s*(?:-|den|toi)\s*({_NUMBER})\s*(?:%|phan tram)"
)
_RISE = re.compile(
    rf"(?<![a-z])tu\s+({_NUMBER})\s*(?:%|diem)?\s*(?:nam \d{{4}}\s*)?(?:len|xuong)(?:\s+[a-z]+){{0,3}}?\s+$"
)
_GOES_UP = re.compile(rf"^\s*(?:nam \d{{4}}\s*)?(?:len|xuong)\b[^.;%\d]{{0,25}}{_NUMBER}\s*(?:%|diem)")
_SCORE = re.compile(
    rf"(?<![\d/.,:])({_NUMBER})\s*(?:/\s*10{{1,2}}\s*)?diem(?!\s*(?:phan|%|du lich|tiep|den|moi))\b"
)
_DIFFERENCE = re.compile(
    rf"\(\s*(?:tang|giam|nang)\s+(?:them\s+)?({_NUMBER})\s*diem[^()]{{0,30}}"
    rf"so voi\s*({_NUMBER})\s*diem[^()]*\)"
)
_LEADING = r"\b(?:dan dau|dung dau|cao nhat|tot nhat)\b"
_RANKS = [
    re.compile(r"\b(?:nhom|top)\s+(?:nhom\s+)?(?:cac\s+)?(\d{1,3})\b(?!\s*[%/])"),
    re.compile(
        r"\b(?:thuoc|trong(?: so)?|vao)\s+(\d{1,3})\s+"
        rf"(?=(?:tinh|thanh|dia phuong|don vi|quan|huyen|xa)[a-z, -]{{0,60}}{_LEADING})"
    ),
    re.compile(
        r"\b(?:xep(?: hang| vi tri)?|thu hang|vi tri|hang|dung)\s+(?:vi tri\s+)?(?:tu\s+)?(?:thu\s+)?"
        r"(?:1\s*(?:-|den)\s*)?(?:thu\s+)?(\d{1,3})\b(?!\s*/)(?=\s+tro len)"
    ),
    re.compile(
        r"\b(?:xep hang|thu hang|vi tri|xep)\s+tu\s+(?:thu\s+)?0?1\s*(?:-|den)\s*"
        r"(?:thu\s+)?(\d{1,3})\b(?!\s*[/%])"
    ),
]


@dataclass(frozen=True)
class Bound:
    """A number of a text and what binds it. `start` and `end` span number and comparator."""

    comparator: str
    value: Decimal
    unit: str
    start: int
    end: int
    high: Decimal | None = None
    is_explicit: bool = False
    """A word says the comparator; otherwise a bare number was read by the rule for bare numbers."""
    is_impossible: bool = False
    """The words say more than all of it: trên 100%."""
    baseline: Decimal | None = None
    baseline_year: int | None = None
    shares: bool = False
    """It follows another number in a list and shares that number's comparator."""


def find_bounds(plain: str) -> list[Bound]:
    """The bounds of a sentence, given as a masked skeleton, in their order."""
    found: list[Bound] = []
    spans: list[tuple[int, int]] = []

    def take(bounds: Iterator[Bound]) -> None:
        for bound in islice(bounds, _MOST):
            if not any(bound.start < end and start < bound.end for start, end in spans):
                found.append(bound)
                spans.append((bound.start, bound.end))

    differences = list(_DIFFERENCE.finditer(plain))
    spans += [difference.span() for difference in differences]
    take(_ranks(plain))
    take(_scores(plain, differences))
    take(_ranges(plain))
    take(_percents(plain))
    take(_all_of(plain))
    found.sort(key=lambda bound: bound.start)
    return _lists(plain, found)


def comparator_before(before: str) -> tuple[str, int] | None:
    """The comparator that the words right before a number say, and where it begins."""
    matches = list(_BEFORE.finditer(before))
    if not matches:
        return None
    last = matches[-1]
    # "không dưới" ends in "dưới", "từ trên" in "trên": the longest that ends at the same place counts
    longest = min((m for m in matches if m.end() == last.end()), key=lambda m: m.start())
    return _COMPARATOR[longest.group(1)], longest.start()


def against(after: str) -> tuple[bool, int | None]:
    """Whether words compare with another year, and with which; the year before has none."""
    found = _AGAINST.search(after)
    return (found is not None, int(found.group(2)) if found and found.group(2) else None)


def _percents(plain: str) -> Iterator[Bound]:
    for match in _PERCENT.finditer(plain):
        if not _is_start(plain, match):
            yield _bound(plain, match.start(), match.end(), _decimal(match.group(1)), "percent")


def _all_of(plain: str) -> Iterator[Bound]:
    """So many of as many: tỷ lệ 16/16 phường."""
    for match in _ALL_OF.finditer(plain):
        if int(match.group(2)):
            yield Bound(EQ, Decimal(100), "percent", match.start(1), match.end(1), is_explicit=True)


def _ranges(plain: str) -> Iterator[Bound]:
    for match in _RANGE.finditer(plain):
        low, high = _decimal(match.group(1)), _decimal(match.group(2))
        if low < high <= 100:
            yield Bound(RANGE, low, "percent", match.start(), match.end(), high=high, is_explicit=True)


def _scores(plain: str, differences: list[re.Match[str]]) -> Iterator[Bound]:
    for match in _SCORE.finditer(plain):
        if _is_start(plain, match):
            continue
        bound = _bound(plain, match.start(), match.end(), _decimal(match.group(1)), "score")
        if bound.unit == "percent_change":
            bound = replace(bound, unit="score_change", value=abs(bound.value), comparator=_upwards(bound))
        following = next((d for d in differences if 0 <= d.start() - match.end() < 60), None)
        if following is not None:
            bound = replace(bound, baseline=_decimal(following.group(2)))
        compared, year = against(plain[match.end() : match.end() + 60])
        if compared and year:
            bound = replace(bound, baseline_year=year)
        yield bound


def _is_start(plain: str, match: re.Match[str]) -> bool:
    """Whether the number is what another one rises from: từ 45% lên 60%."""
    before = plain[max(0, match.start() - 4) : match.start()]
    return bool(re.search(r"\btu\s*$", before) and _GOES_UP.match(plain[match.end() :]))


def _upwards(bound: Bound) -> str:
    return {LE: GE, LT: GT}.get(bound.comparator, bound.comparator) if bound.value < 0 else bound.comparator


def _ranks(plain: str) -> Iterator[Bound]:
    for pattern in _RANKS:
        for match in pattern.finditer(plain):
            rank = Decimal(int(match.group(1)))
            if 0 < rank <= 700 and _is_ranked(plain, match):
                yield Bound(RANK_LE, rank, "rank", match.start(), match.end(), is_explicit=True)


def _is_ranked(plain: str, match: re.Match[str]) -> bool:
    """A group of N means a rank only where it leads: nhóm 10 địa phương dẫn đầu."""
    if not match.group().startswith(("nhom", "top")):
        return True
    after = plain[match.end() : match.end() + 70]
    return match.group().startswith("top") or bool(
        re.match(r"[^.;]*\b(?:dan dau|dung dau|cao nhat|tot nhat)\b", after)
    )


def _bound(plain: str, start: int, end: int, value: Decimal, unit: str) -> Bound:
    before, after = plain[max(0, start - 110) : start], plain[end:]
    offset = max(0, start - 110)
    said = comparator_before(before)
    later = _AFTER.match(after)
    code, begin = (said[0], offset + said[1]) if said else ("", start)
    if not code and later:
        code = LE if later.group(1) == "xuong" else GE
    if code == GE and later and later.group(1) == "xuong":
        code = LE
    change = _change(before, unit)
    if change:
        sign, at = change
        return _changed(
            plain, sign, Bound(code or GE, value, "percent_change", min(begin, offset + at), end), after
        )
    rise = _RISE.search(before)
    level = _LEVEL.search(before)
    if not code:
        code = LE if level and not rise else EQ if unit == "percent" and value == 100 else GE
        bound = Bound(code, value, unit, begin, end)
    elif unit == "percent" and value == 100 and code in (GE, GT):
        # at least all of it is all of it; "more than all" cannot be
        bound = Bound(EQ, value, unit, begin, end, is_explicit=True, is_impossible=code == GT)
    else:
        bound = Bound(code, value, unit, begin, end, is_explicit=True)
    return (
        replace(bound, baseline=_decimal(rise.group(1)), start=min(begin, offset + rise.start()))
        if rise
        else bound
    )


def _change(before: str, unit: str) -> tuple[int, int] | None:
    """The sign of a change and where its verb stands; None where the number is a level."""
    found = _CHANGE.search(before)
    if found is None:
        return None
    if unit == "score" and "(" in before[found.start() - 2 : found.start()]:
        return None
    return (-1 if "giam" in found.group(1) else 1), found.start()


def _changed(plain: str, sign: int, bound: Bound, after: str) -> Bound:
    """A change: a fall is negative, and at least 2,5% less means −2,5 or below."""
    clause = re.split(r"[;.]", after, maxsplit=1)[0][:120]
    compared, year = against(clause)
    if not compared:
        compared, year = against(plain[bound.start : bound.end])
    code = bound.comparator
    if sign < 0:
        code = {GE: LE, GT: LT, LE: GE, LT: GT, EQ: LE}[code]
    return replace(
        bound,
        comparator=code,
        value=sign * bound.value,
        baseline_year=year,
        is_explicit=compared,
    )


def _lists(plain: str, bounds: list[Bound]) -> list[Bound]:
    """Numbers of one list share the comparator that stands before the first: tối thiểu 40%, 35%."""
    listed: list[Bound] = []
    for bound in bounds:
        before = listed[-1] if listed else None
        between = plain[before.end : bound.start] if before else None
        if (
            before is not None
            and between is not None
            and re.fullmatch(r"\s*(?:,|/|va|;|hoac)\s*", between)
            and not bound.is_explicit
            and bound.unit == before.unit == "percent"
        ):
            code = before.comparator if not (bound.value == 100 and before.comparator == GE) else EQ
            bound = replace(bound, comparator=code, is_explicit=before.is_explicit, shares=True)
        listed.append(bound)
    return listed


def _decimal(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))
