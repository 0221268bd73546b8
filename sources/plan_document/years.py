"""Which years a passage speaks of: named in it, in the titles above it, or in the head of its column."""

from __future__ import annotations

import re
from dataclasses import dataclass

_YEAR = r"((?:19|20)\d{2})"
_NAMED = re.compile(rf"\bnam(?: hoc)?\s+{_YEAR}\b")
_LIST = re.compile(rf"\(\s*(?:nam\s+)?{_YEAR}((?:\s*[,;]\s*(?:nam\s+)?(?:19|20)\d{{2}})+)\s*\)")
_SPAN = re.compile(rf"\b{_YEAR}\s*-\s*(?:nam\s+)?{_YEAR}\b")
_AGAINST = re.compile(r"so voi[a-z ]*$")
_EVERY = re.compile(r"\b(?:tung nam|hang nam|moi nam|qua cac nam)\b")


@dataclass(frozen=True)
class YearNamed:
    """A year and where it stands."""

    year: int
    start: int
    end: int


def years_named(plain: str, plan_years: list[int]) -> list[YearNamed]:
    """The years of the plan that a skeleton names one by one; years that it compares with are left out."""
    found = []
    for match in _NAMED.finditer(plain):
        year = int(match.group(1))
        if year in plan_years and not _AGAINST.search(plain[: match.start()]):
            found.append(YearNamed(year, match.start(), match.end()))
    return found


def years_listed(plain: str, plan_years: list[int]) -> list[int]:
    """Years given as a list in brackets or as a span: (2018, 2019, 2020), 2021 - 2025."""
    if match := _LIST.search(plain):
        years = [int(match.group(1)), *map(int, re.findall(r"\d{4}", match.group(2)))]
        return [year for year in years if year in plan_years]
    return []


def span_of_years(plain: str) -> tuple[int, int] | None:
    """The first span of years in a text: giai đoạn 2018 - 2020."""
    for match in _SPAN.finditer(plain):
        first, last = int(match.group(1)), int(match.group(2))
        if first < last <= first + 15:
            return first, last
    return None


def years_of_title(plain: str, plan_years: list[int]) -> list[int]:
    """The years that a title sets for what stands under it."""
    listed = years_listed(plain, plan_years)
    if listed:
        return listed
    named = sorted({named.year for named in years_named(plain, plan_years)})
    if not named and _EVERY.search(plain):
        return plan_years
    return named if len(named) == 1 else []
