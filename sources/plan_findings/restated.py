"""Bounds that cannot be, and targets that two places of a document say with two bounds.

Two bounds are about the same thing where their words are mostly the same: at least `COMMON_WORDS` syllables
in common, `CONTAINED` of the shorter, `ALIKE` of both together, and not two different measures (hài lòng,
thời hạn, công khai …). What is late is compared as what is in time: 'trễ hạn dưới 3%' is 'đúng hạn trên
97%'. Compared are different sections, and the cells of a numbered row; never items of one section, the
parts of a document (a template for two kinds of units sets two bounds), or tables without numbers, whose
cells are years.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import TypeVar

from sources.plan_findings.bounds import Bound
from sources.plan_findings.findings import DocumentFinding, found, lines_vi, listed_vi
from sources.plan_findings.year_words import disjoint

Item = TypeVar("Item")
COMMON_WORDS = 5
MOST = 1000  # so many bounds are compared with each other; a decision sets some hundred
CONTAINED = 0.75
ALIKE = 0.45
_MEASURES = {
    "hài lòng": r"hài lòng",
    "thời hạn": r"(?:đúng|trước|trễ|quá|sớm) (?:hạn|hẹn)|chậm",
    "công khai": r"công khai|niêm yết",
    "kiểm tra": r"kiểm tra",
    "trực tuyến": r"trực tuyến|mức độ [34]",
    "bưu chính": r"bưu chính",
    "số hóa": r"số h[oó][óa]",
    "điện tử": r"điện tử|chữ ký số",
    "bồi dưỡng": r"bồi dưỡng|đào tạo",
    "xin lỗi": r"xin lỗi",
    "đạt chuẩn": r"đạt chuẩn",
}
_LATE = re.compile(r"(?:trễ|quá) (?:hạn|hẹn)|chậm", re.I)
_COMPLEMENT = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le", "eq": "eq"}
# after these a ratio may well pass 100: it is one to a plan or to another year, not a share
_RATIO = re.compile(
    r"^\s*(?:\S+\s){0,3}?(?:kế hoạch|dự toán|chỉ tiêu|nghị quyết|so với|cùng kỳ|năm trước|mức|được giao)",
    re.I,
)


@dataclass(frozen=True)
class Level:
    """A bound as it is compared: late shares turned into shares in time."""

    bound: Bound
    comparator: str
    value: Decimal

    @property
    def compared(self) -> tuple[str, Decimal, Decimal | None]:
        """What two levels are compared by."""
        return self.comparator, self.value, self.bound.high


def check_bounds(bounds: list[Bound]) -> Iterator[DocumentFinding]:
    """Shares that cannot be, and targets said again with another bound."""
    yield from _impossible(bounds)
    levels = [_level(bound) for bound in bounds if bound.unit == "%" and not _in_a_year_column(bound)]
    for group in clusters(
        levels, lambda one, two: comparable(one.bound, two.bound) and _alike(one.bound, two.bound)
    ):
        yield from _restated([level for level in group if len({other.compared for other in group}) > 1])


def measures(bound: Bound) -> frozenset[str]:
    """What a bound is about, of the measures that plans set: hài lòng, thời hạn …"""
    text = f"{bound.lead} {bound.rest}".lower() if len(bound.words) < COMMON_WORDS else _told(bound)
    return frozenset(name for name, pattern in _MEASURES.items() if re.search(pattern, text))


def likeness(one: Bound, two: Bound) -> tuple[int, float, float]:
    """Syllables in common, their share of the shorter wording, and of both together."""
    first, second = one.syllables, two.syllables
    common = len(first & second)
    if not common:
        return 0, 0.0, 0.0
    return common, common / min(len(first), len(second)), common / len(first | second)


def comparable(one: Bound, two: Bound) -> bool:
    """Whether two bounds can be one target said twice: in one part, in two sections or two cells of a row."""
    first, second = one.passage, two.passage
    if first.part != second.part or first is second:
        return False
    in_rows = {first.kind, second.kind} <= {"row", "cell"}
    return first.address != second.address or in_rows


def clusters(items: list[Item], linked: Callable[[Item, Item], bool]) -> Iterator[list[Item]]:
    """Items that hang together by some chain of links, in their order; single ones left out."""
    items = items[:MOST]
    groups = {at: {at} for at in range(len(items))}
    for one, two in combinations(range(len(items)), 2):
        if groups[one] is not groups[two] and linked(items[one], items[two]):
            joined = groups[one] | groups[two]
            for at in joined:
                groups[at] = joined
    seen: set[int] = set()
    for at, group in groups.items():
        if at not in seen and len(group) > 1:
            seen |= group
            yield [items[member] for member in sorted(group)]


def _impossible(bounds: list[Bound]) -> Iterator[DocumentFinding]:
    for bound in bounds:
        if bound.unit != "%" or bound.is_change or _RATIO.match(bound.rest):
            continue
        above = bound.value > 100 or (bound.comparator == "gt" and bound.value == 100)
        below = bound.comparator == "lt" and bound.value == 0
        if above or below:
            lines, subject = bound.passage.lines, bound.passage.address or bound.says
            says = (
                f"{bound.says} ({lines_vi(lines)}): một tỷ lệ không thể {'vượt 100%' if above else 'dưới 0%'}"
            )
            yield found("impossible-percent", subject, lines, says)


def _restated(group: list[Level]) -> Iterator[DocumentFinding]:
    if not group:
        return
    chapters = [level for level in group if not level.bound.passage.address.startswith("PL")]
    subject = (chapters or group)[0].bound.passage.address
    by_bound: dict[str, list[Bound]] = {}
    for level in group:
        by_bound.setdefault(_said(level.bound), []).append(level.bound)
    places = (
        f"{said} ở {', '.join(dict.fromkeys(b.passage.address for b in bounds))} "
        f"({lines_vi(line for b in bounds for line in b.passage.lines)})"
        for said, bounds in by_bound.items()
    )
    shared = frozenset.intersection(*(level.bound.syllables for level in group))
    shortest = min((level.bound.words for level in group), key=len)
    common = " ".join(word for word in shortest if word in shared)
    says = f"Cùng một nội dung ({common}) mà ghi nhiều mức: {listed_vi(places)}"
    yield found(
        "restated-bound", subject, [line for level in group for line in level.bound.passage.lines], says
    )


def _said(bound: Bound) -> str:
    return f"{bound.says} trễ hạn" if _is_late(bound) else bound.says


def _alike(one: Bound, two: Bound) -> bool:
    common, contained, alike = likeness(one, two)
    if common < COMMON_WORDS or contained < CONTAINED or alike < ALIKE or disjoint(one.years, two.years):
        return False
    first, second = measures(one), measures(two)
    return (first == second or not first or not second) and one.is_change == two.is_change


def _level(bound: Bound) -> Level:
    if _is_late(bound):
        return Level(bound, _COMPLEMENT.get(bound.comparator, bound.comparator), 100 - bound.value)
    return Level(bound, bound.comparator, bound.value)


def _is_late(bound: Bound) -> bool:
    """Whether it bounds the share of what is late ('trễ hạn dưới 3%'), not a share of the late ones."""
    return bool(_LATE.search(bound.lead)) and bound.told


def _told(bound: Bound) -> str:
    return (bound.lead if bound.told else f"{bound.lead} {bound.rest}").lower()


def _in_a_year_column(bound: Bound) -> bool:
    return bound.passage.address.startswith("PL-")
