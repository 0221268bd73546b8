"""The years of targets: none in a plan of several years, two for one target, one beyond the plan."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from sources.plan_findings.bounds import Bound
from sources.plan_findings.findings import DocumentFinding, found, lines_vi, listed_vi, number_vi
from sources.plan_findings.passages import Passage
from sources.plan_findings.restated import clusters, comparable, likeness, measures
from sources.plan_findings.year_words import COMPARED, EVERY

_SPAN = re.compile(r"(?:giai đoạn|năm)\s*((?:19|20)\d\d)\s*[-–]\s*((?:19|20)\d\d)\b", re.I)
_AIM = re.compile(r"ph[ấầ]n đ[ấầ]u|mục tiêu|nâng|đạt", re.I)
_GROUNDS = ("Căn cứ", "Xét", "Thực hiện")
ALIKE = 0.6
SAME_MEASURE = 0.15  # two bounds of one measure (hài lòng) and one value: so much of their words is enough


def check_years(passages: list[Passage], bounds: list[Bound]) -> Iterator[DocumentFinding]:
    """What the years of a document's targets contradict or leave open."""
    yield from _two_bases(passages)
    yield from _repeated_change(bounds)
    span = plan_years(passages)
    if span is None:
        return
    targets = [bound for bound in bounds if _is_target(bound)]
    yield from _without_year(targets, span)
    yield from _two_years(targets)
    yield from _outside(targets, span)


def plan_years(passages: list[Passage]) -> tuple[int, int] | None:
    """First and last year that the document's title names; None where it is of one year, or names none."""
    for passage in passages:
        if passage.kind in ("chapter", "article", "numbered"):
            return None
        match = _SPAN.search(passage.text)
        if match and not passage.text.startswith(_GROUNDS):
            first, last = int(match.group(1)), int(match.group(2))
            return (first, last) if first < last else None
    return None


def _is_target(bound: Bound) -> bool:
    """A bound of the plan's text: not of a table, which has year columns, nor points that tell what was."""
    if bound.passage.kind in ("row", "cell") or bound.passage.chapter is None:
        return False
    return bound.unit == "%" or bound.comparator in ("gt", "lt", "le")


def _without_year(targets: list[Bound], span: tuple[int, int]) -> Iterator[DocumentFinding]:
    for _, chapter in groupby(targets, key=lambda bound: (bound.passage.part, bound.passage.chapter)):
        open_ones = [bound for bound in chapter if not bound.years]
        if open_ones:
            places = list(dict.fromkeys(bound.passage.address for bound in open_ones))
            lines = [line for bound in open_ones for line in bound.passage.lines]
            says = (
                f"{len(open_ones)} mức không nêu năm phải đạt, trong kế hoạch của các năm "
                f"{span[0]}-{span[1]}: {', '.join(places)} ({lines_vi(lines)})"
            )
            yield found("target-without-year", places[0], lines, says)


def _two_years(targets: list[Bound]) -> Iterator[DocumentFinding]:
    """One bound said of every year in one place and of a single year in another."""
    dated = [bound for bound in targets if bound.unit == "%" and bound.years]
    for group in clusters(dated, _said_again):
        scopes: dict[str, list[Bound]] = {}
        for bound in group:
            scopes.setdefault(_scope(bound), []).append(bound)
        if len(scopes) > 1:
            places = (
                f"{scope} ở {', '.join(dict.fromkeys(b.passage.address for b in bounds))} "
                f"({lines_vi(line for b in bounds for line in b.passage.lines)})"
                for scope, bounds in scopes.items()
            )
            subject = group[0].passage.address
            says = f"Cùng mức {group[0].says}: {listed_vi(places)}"
            lines = [line for bound in group for line in bound.passage.lines]
            yield found("target-without-year", subject, lines, says)


def _said_again(one: Bound, two: Bound) -> bool:
    if not comparable(one, two) or (one.comparator, one.value) != (two.comparator, two.value):
        return False
    common, _, alike = likeness(one, two)
    same_measure = bool(measures(one)) and measures(one) == measures(two)
    return common > 2 and (alike >= ALIKE or (same_measure and alike >= SAME_MEASURE))


def _scope(bound: Bound) -> str:
    years = sorted(bound.years)
    return years[0] if years == [EVERY] else f"năm {listed_vi(years)}"


def _outside(targets: list[Bound], span: tuple[int, int]) -> Iterator[DocumentFinding]:
    for bound in targets:
        beyond = [year for year in bound.years - {EVERY} if int(year) > span[1]]
        if beyond:
            lines = bound.passage.lines
            says = f"{bound.says} đặt cho năm {listed_vi(sorted(beyond))} ({lines_vi(lines)})"
            says += f", kế hoạch chỉ đến {span[1]}"
            yield found("year-outside-plan", bound.passage.address, lines, says)


def _two_bases(passages: list[Passage]) -> Iterator[DocumentFinding]:
    """Targets in points that are compared with two different years."""
    bases: dict[str, list[Passage]] = {}
    for passage in passages:
        if passage.chapter is not None and "điểm" in passage.text and _AIM.search(passage.text):
            for year in dict.fromkeys(COMPARED.findall(passage.text)):
                bases.setdefault(year, []).append(passage)
    if len(bases) > 1:
        places = (
            f"năm {year} ở {', '.join(dict.fromkeys(p.address for p in where))} "
            f"({lines_vi(line for p in where for line in p.lines)})"
            for year, where in bases.items()
        )
        lines = [line for where in bases.values() for passage in where for line in passage.lines]
        subject = next(iter(bases.values()))[0].address
        yield found("base-years", subject, lines, f"Điểm phải đạt có hai năm so sánh: {listed_vi(places)}")


def _repeated_change(bounds: list[Bound]) -> Iterator[DocumentFinding]:
    """One rise or fall in every year's cell of a row: added up over the years, or met once?"""
    cells = [bound for bound in bounds if bound.passage.kind == "cell" and bound.is_change]
    for (address, _), group in groupby(cells, key=lambda bound: (bound.passage.address, bound.passage.text)):
        same = list(group)
        if len({bound.passage.lines for bound in same}) > 1:
            verb = "giảm" if "giảm" in same[0].lead.lower() else "tăng"
            lines = [line for bound in same for line in bound.passage.lines]
            says = (
                f"{address}: ghi {verb} {number_vi(same[0].value)}% như nhau ở {len(same)} cột năm "
                f"({lines_vi(lines)}): không rõ là mức lũy kế hay mỗi năm {verb} thêm"
            )
            yield found("repeated-change", address, lines, says)
