"""Numbers that are counted, no shares: so many a year or quarter, at least so many, within so many months."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from sources.plan_document.comparators import EQ, GE, LE, Bound, comparator_before

_UNITS = {"nam": "count_per_year", "quy": "count_per_quarter", "nua nam": "count_per_half"}
_DONE = (
    r"(?:dot|lan|cuoc|buoi|luot|hoi nghi|hoi thao|toa dam|bai|tin|mo hinh|sang kien|giai phap|san pham"
    r"|chuyen de|ky|phien"
    r"|lop|chuyen muc|ban tin|doan|so|ke hoach|bao cao|to chuc|doi thoai)"
)
_SPOKEN = r"(?:\s*\([a-z ]{2,12}\))?"
_COUNT = rf"(?<![\d/.,:])(?!(?:19|20)\d\d\b)(\d{{1,4}}){_SPOKEN}"
_A_PERIOD = re.compile(
    rf"{_COUNT}\s+(?!trieu|ty|dong|nghin|gio|phut|ngay|thang|nam|quy)([a-z][a-z ,/-]{{0,60}}?)\s*/\s*(?:1 "
    rf"|01 |mot )?"
    r"(nam|quy|thang|tuan|6 thang|nua nam)\b"
)
_PERIOD_A_TIME = re.compile(
    r"(?<![\d/.,:])(\d{1,2})?\s*(thang|quy|nam|tuan)\s*/\s*(?:1 |01 |mot )?(?:lan|ky)\b"
)
_EACH = re.compile(
    rf"\b(?:moi|hang|tung)\s+(nam|quy|thang)\b[^.;%]{{0,140}}?{_COUNT}\s+(?=(?:[a-z]+ )?{_DONE}\b)"
)
_EACH_AFTER = re.compile(
    rf"{_COUNT}\s+(?=(?:[a-z]+ )?{_DONE}\b)[a-z ,]{{0,60}}?\b(?:trong|moi|hang|mot)\s+(?:mot )?(nam|quy"
    rf"|thang)\b"
)
_AT_LEAST = re.compile(
    rf"\b(it nhat|toi thieu|khong duoi|khong it hon|toi da|khong qua)\s+(?:(?:co|la|dat|duoc|them"
    rf"|co duoc)\s+)?{_COUNT}\s+"
    r"(?!%|phan|diem|thang|ngay|gio|phut|nam|quy|tuan|trieu|ty|dong|nghin|lan|tuoi|m2|km|cap|do|bac"
    r"|hang)(?=[a-z])"
)
_MONTHS = re.compile(
    rf"\b(khong qua|khong vuot qua|toi da|trong vong|cham nhat|trong thoi han)\s+{_COUNT}\s+thang\b"
)


def find_counts(plain: str) -> list[Bound]:
    """The counts and frequencies that a sentence sets, given as a masked skeleton, in their order."""
    found: list[Bound] = []
    for read in (_per_period, _every_so_often, _each, _months, _at_least):
        for bound in read(plain):
            if not any(bound.start < other.end and other.start < bound.end for other in found):
                found.append(bound)
    return sorted(found, key=lambda bound: bound.start)


def _per_period(plain: str) -> Iterator[Bound]:
    for match in _A_PERIOD.finditer(plain):
        yield from _frequency(plain, match.start(), match.end(), int(match.group(1)), match.group(3))


def _every_so_often(plain: str) -> Iterator[Bound]:
    for match in _PERIOD_A_TIME.finditer(plain):
        length, period = int(match.group(1) or 1), match.group(2)
        months = length * {"thang": 1, "quy": 3, "nam": 12}.get(period, 0)
        unit = {3: "count_per_quarter", 6: "count_per_half", 12: "count_per_year"}.get(months)
        if unit:
            yield Bound(GE, Decimal(1), unit, match.start(), match.end())
        elif months == 1:
            yield Bound(GE, Decimal(3), "count_per_quarter", match.start(), match.end())


def _each(plain: str) -> Iterator[Bound]:
    for match in _EACH.finditer(plain):
        yield from _frequency(plain, match.start(2), match.end(2), int(match.group(2)), match.group(1))
    for match in _EACH_AFTER.finditer(plain):
        yield from _frequency(plain, match.start(1), match.end(1), int(match.group(1)), match.group(2))


def _frequency(plain: str, start: int, end: int, count: int, period: str) -> Iterator[Bound]:
    if not count:
        return
    comparator = comparator_before(plain[max(0, start - 60) : start])
    begin = max(0, start - 60) + comparator[1] if comparator else start
    code = comparator[0] if comparator and comparator[0] != EQ else GE
    times = {"thang": 3, "tuan": 13}.get(period, 1)
    unit = _UNITS.get(period) or ("count_per_half" if period == "6 thang" else "count_per_quarter")
    yield Bound(code, Decimal(count * times), unit, begin, end, is_explicit=comparator is not None)


def _months(plain: str) -> Iterator[Bound]:
    for match in _MONTHS.finditer(plain):
        yield Bound(LE, Decimal(int(match.group(2))), "months", match.start(), match.end(), is_explicit=True)


def _at_least(plain: str) -> Iterator[Bound]:
    for match in _AT_LEAST.finditer(plain):
        code = LE if match.group(1) in ("toi da", "khong qua") else GE
        yield Bound(
            code, Decimal(int(match.group(2))), "count", match.start(), match.end(2), is_explicit=True
        )
