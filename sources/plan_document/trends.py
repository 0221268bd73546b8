"""Targets without a number: better than the year before, all of them, none, within what was assigned."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from sources.plan_document.comparators import EQ, GT, LE, LT, Bound

_RISES = {"tang", "cao hon", "nhieu hon", "lon hon", "tot hon"}
_YEAR_ON_YEAR = re.compile(
    r"\bnam sau\s+(?:deu\s+|luon\s+|phai\s+)?(cao hon|thap hon|nhieu hon|it hon|tot hon|tang|giam)\b"
)
_AGAINST_BEFORE = re.compile(
    r"\b(tang|giam|cao hon|thap hon|nhieu hon|it hon)\s+(?:hon\s+|dan\s+"
    r"|them\s+)?(?:so voi\s+)?(?:cung ky\s+)?"
    r"(?:voi\s+)?nam truoc\b"
)
_AGAINST_YEAR = re.compile(
    r"\b(cao hon|thap hon|tang so voi|giam so voi|tang hon|giam hon)\s+(?:diem\s+|ket qua\s+)?nam (\d{4})\b"
)
_FEWER = re.compile(
    r"\bso (?:luong )?[a-z][^.;]{3,120}?\b(it hon|thap hon|nhieu hon)\s+(?:so (?:luong )?)?[a-z]"
)
_AS_ASSIGNED = re.compile(
    r"\bkhong (?:vuot|vuot qua|qua|su dung vuot)\s+(?:so\s|tong so\s|chi tieu\s|muc\s|bien che)"
)
_ALL = re.compile(
    r"(?:^|[:,]\s*)(?:[-+]\s*)?(?:(?:dam bao|bao dam|phan dau)\s+)?(?:tat ca|toan bo)\s+(?:cac\s+"
    r"|nhung\s+)?(?=[a-z])"
)
_ALL_ACT = re.compile(r"\b(?:duoc|phai|deu|co|su dung|thuc hien)\b")
_MUST = re.compile(
    r"(?:^|,\s*|:\s*)(?:cac |moi )?[a-z][^.;%\d]{5,150}?\b(phai)\s+(?:duoc|su dung|co|thuc hien|ap dung"
    r"|hoan thanh)\b"
)
_NONE = re.compile(
    r"^(?:[-+]\s*)?(?:dam bao\s+|bao dam\s+|phan dau\s+|kien quyet\s+)?khong (?:de xay ra|de|co|con"
    r"|phat sinh)\s+(?=[a-z])"
)
_HIGHLY = re.compile(r"\b(?:duoc|xep)\b[^.;]{0,40}\bdanh gia (?:cao|tot)\b")
_ELSEWHERE = re.compile(
    r"\b(?:hoan thanh|dat|vuot)\s+(?:va vuot\s+)?(?:tat ca\s+)?(?:cac\s+)?chi tieu\b(?![^.;]{0,40}\bnay\b)"
    r"[^.;]{0,220}?\b(?:theo|tai|cua|nghi quyet|quyet dinh)\b"
)
_MORE = re.compile(r"\b(?:tang|nang)\s+(?:ty le|so luong|diem|thu hang|thu tuc)\b|\b(?:tang|giam)\s+ty le\b")
_A_STEP_UP = re.compile(r"\bmoi nam\b[^.;]{0,40}\bnang\b[^.;]{0,40}\bmot muc\b")


@dataclass(frozen=True)
class Unmeasurable:
    """A rule that no number of the text measures: why, and where it stands."""

    reason: str
    start: int
    end: int


def find_trends(plain: str, is_goal: bool, by_then: bool = False) -> list[Bound]:
    """The targets without a number in a sentence, given as a masked skeleton.

    All, none and "as assigned" are so common in any text that they count only among a plan's goals; what must
    be, only where the passage says by which year (`by_then`).
    """
    found: list[Bound] = []
    reads = [_changes, _fewer]
    reads += [_as_assigned, _all_or_none] if is_goal else []
    reads += [_must] if by_then else []
    for read in reads:
        for bound in read(plain):
            if not any(bound.start < other.end and other.start < bound.end for other in found):
                found.append(bound)
    return found


def find_unmeasurable(plain: str, is_goal: bool) -> Unmeasurable | None:
    """The first rule of a sentence that no number measures."""
    patterns = [(_ELSEWHERE, "con số nằm ở văn bản khác"), (_HIGHLY, "không nêu điểm số hay thứ hạng")]
    if is_goal:
        patterns += [(_A_STEP_UP, "mỗi năm một mức, không nêu con số"), (_MORE, "không nêu con số")]
    for pattern, reason in patterns:
        if match := pattern.search(plain):
            return Unmeasurable(reason, match.start(), match.end())
    return None


def _changes(plain: str) -> Iterator[Bound]:
    for pattern in (_YEAR_ON_YEAR, _AGAINST_BEFORE, _AGAINST_YEAR):
        for match in pattern.finditer(plain):
            rises = match.group(1).split(" so voi")[0] in _RISES or match.group(1) == "tang hon"
            year = int(match.group(2)) if pattern is _AGAINST_YEAR else None
            unit = "score_change" if re.search(r"\bdiem\b", plain[: match.end()]) else "percent_change"
            yield Bound(
                GT if rises else LT,
                Decimal(0),
                unit,
                match.start(),
                match.end(),
                is_explicit=True,
                baseline_year=year,
            )


def _fewer(plain: str) -> Iterator[Bound]:
    """One count of a report below another: as a share, less than 100%."""
    for match in _FEWER.finditer(plain):
        if "nam truoc" in plain[match.end(1) : match.end(1) + 30] or re.search(r"\d", match.group()):
            continue
        code = GT if match.group(1) == "nhieu hon" else LT
        yield Bound(code, Decimal(100), "percent", match.start(1), match.end(1), is_explicit=True)


def _must(plain: str) -> Iterator[Bound]:
    if match := _MUST.search(plain):
        yield Bound(EQ, Decimal(100), "percent", match.start(1), match.end(1))


def _as_assigned(plain: str) -> Iterator[Bound]:
    for match in _AS_ASSIGNED.finditer(plain):
        if not re.match(r"\s*(?:la\s+)?\d", plain[match.end() :]):
            yield Bound(LE, Decimal(100), "percent", match.start(), match.end(), is_explicit=True)


def _all_or_none(plain: str) -> Iterator[Bound]:
    if (match := _ALL.search(plain)) and _ALL_ACT.search(plain[match.end() :]):
        yield Bound(EQ, Decimal(100), "percent", match.start(), match.end(), is_explicit=True)
    if match := _NONE.search(plain):
        yield Bound(EQ, Decimal(0), "count", match.start(), match.end(), is_explicit=True)
