"""Figures that do not add up: totals against their parts, differences, rises that fall.

A total is read where a sentence gives one for a list of as many items as it names ("Tổng điểm 6 chỉ số …
năm 2017 là 35,88" under six items). An item that names itself in quotation marks and is given another
figure elsewhere in the document (under the paragraph of that name: "so với 5,15 điểm") is tried with both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice, product

from sources.plan_findings.findings import DocumentFinding, found, lines_vi, listed_vi, number_vi
from sources.plan_findings.passages import Passage
from warehouse.text import match_key

_FIGURE = r"(?:\d{1,3}(?:\.\d{3})+|\d{1,12})(?:,\d{1,6})?(?![\d/])"
_UNIT = r"(?:điểm phần trăm|điểm|%|tỷ đồng|triệu đồng|đơn vị|người|phường|xã|quận|huyện)"
_TOTAL = re.compile(
    r"^(?:- )?Tổng (?:số )?(?P<unit>điểm|số|tỷ lệ)?[^.;:]*?\b(?P<count>\d{1,2})\s+(?P<what>[^\d,.;:(]{3,60})",
    re.I,
)
_YEAR_VALUE = re.compile(rf"năm (?P<year>(?:19|20)\d\d)\s+là\s+(?P<value>{_FIGURE})")
_BARE_VALUE = re.compile(rf"\blà\s+(?P<value>{_FIGURE})")
_INCLUDING = re.compile(
    rf"[Tt]ổng (?:số|cộng)[^.;:]{{0,60}}?(?P<total>{_FIGURE})\s*(?P<unit>{_UNIT})?[^.;\d]{{0,60}}?"
    r"\b(?:gồm|bao gồm)\s*(?P<parts>[^.;]*)"
)
_FROM_TO = re.compile(
    rf"(?P<verb>tăng|nâng|giảm|hạ)(?:[^.;:()\d]{{0,40}}?)\btừ\s+(?P<first>{_FIGURE})\s*(?P<unit>{_UNIT})?\s*"
    rf"(?:[^.;:()\d]{{0,20}}?)\b(?P<way>lên|xuống|còn)(?:\s+còn|\s+đến)?\s+(?P<second>{_FIGURE})",
    re.I,
)
_DIFFERENCE = re.compile(
    rf"đạt (?:mức )?(?:trên |từ |tối thiểu |ít nhất )?(?P<target>{_FIGURE})\s*{_UNIT}[^.;()]{{0,120}}"
    rf"\((?P<verb>tăng|giảm)\s+(?P<difference>{_FIGURE})\s*{_UNIT}?\s+so với\s+(?P<base>{_FIGURE})",
    re.I,
)
_NAME = re.compile(r"[“\"]([^“”\"]{4,120})[”\"]")
_ITEM = re.compile(r"^[-+•]\s")
_TRIES = 256  # how many combinations of differing figures are tried for one total


@dataclass(frozen=True)
class Figure:
    """A number with the lines it stands on."""

    value: Decimal
    lines: tuple[int, ...]


@dataclass
class Item:
    """A part of a total: its name, and its figures in the year before and now, as everywhere given."""

    name: str
    label: str
    before: list[Figure] = field(default_factory=list)
    now: list[Figure] = field(default_factory=list)


def check_sums(passages: list[Passage]) -> Iterator[DocumentFinding]:
    """Totals, differences, and rises that fall."""
    elsewhere = _bases(passages)
    for at, passage in enumerate(passages):
        yield from _listed_total(passages, at, elsewhere)
        yield from _including(passage)
        yield from _wrong_way(passage)
    yield from _differences(passages)


def _listed_total(
    passages: list[Passage], at: int, elsewhere: dict[str, list[Figure]]
) -> Iterator[DocumentFinding]:
    passage = passages[at]
    total = _TOTAL.match(passage.text)
    if total is None:
        return
    count = int(total.group("count"))
    listed = passages[max(0, at - count) : at]
    if count < 2 or len(listed) != count or not all(_ITEM.match(item.text) for item in listed):
        return
    items = [_item(part, total.group("unit"), elsewhere) for part in listed]
    stated = [(int(m.group("year")), m.group("value")) for m in _YEAR_VALUE.finditer(passage.text)]
    if not stated and (bare := _BARE_VALUE.search(passage.text)):
        stated = [(0, bare.group("value"))]
    latest = max((year for year, _ in stated), default=0)
    for year, value in stated:
        parts = [item.now if year == latest else item.before for item in items]
        if year >= latest - 1 and all(parts):
            yield from _sum(items, parts, Figure(figure(value), passage.lines), year, passage)


def _sum(
    items: list[Item], parts: list[list[Figure]], total: Figure, year: int, passage: Passage
) -> Iterator[DocumentFinding]:
    """Whether the parts make the total, with every figure that the document gives for each."""
    tries = list(islice(product(*parts), _TRIES))
    fits = [one for one in tries if _adds_up([part.value for part in one], total.value)]
    if len(fits) == len(tries):
        return
    first = sum((part[0].value for part in parts), Decimal(0))
    named = f"Tổng năm {year}" if year else "Tổng"
    says = f"{named} ghi {number_vi(total.value)} ({lines_vi(total.lines)})"
    says += f", các phần liệt kê cộng lại được {number_vi(first)}"
    lines = [*total.lines, *(line for part in parts for line in part[0].lines)]
    moved = [at for at, part in enumerate(parts) if len({one.value for one in part}) > 1]
    if moved:
        given = (
            f"{items[at].label}: "
            + " hoặc ".join(f"{number_vi(f.value)} ({lines_vi(f.lines)})" for f in parts[at])
            for at in moved
        )
        says += f"; văn bản ghi hai số cho {listed_vi(given)}"
        lines += [line for at in moved for one in parts[at] for line in one.lines]
        if len(fits) == 1:
            right = listed_vi(f"{items[at].label} là {number_vi(fits[0][at].value)}" for at in moved)
            says += f"; tổng chỉ khớp khi {right}"
        elif not fits:
            says += "; chọn số nào thì tổng cũng không khớp"
    yield found("sum-of-parts", passage.address or "tổng", lines, says)


def _adds_up(values: list[Decimal], total: Decimal) -> bool:
    """Rounded parts may miss a rounded total by half a unit of the last place each."""
    places = max((-int(value.as_tuple().exponent) for value in (*values, total)), default=0)
    slack = Decimal(len(values)) / 2 * Decimal(10) ** -places if places else Decimal(0)
    return abs(sum(values, Decimal(0)) - total) <= slack


def _item(passage: Passage, unit: str | None, elsewhere: dict[str, list[Figure]]) -> Item:
    quoted = _NAME.search(passage.text)
    name = match_key(quoted.group(1)) if quoted else ""
    label = f"“{quoted.group(1)}”" if quoted else f"phần ở {lines_vi(passage.lines)}"
    item = Item(name, label)
    others = elsewhere.get(name, []) if name else []
    if moved := _FROM_TO.search(passage.text):
        item.before = [Figure(figure(moved.group("first")), passage.lines)]
        item.now = [Figure(figure(moved.group("second")), passage.lines), *others]
    else:
        after = rf"\s*{re.escape(unit)}" if unit in ("điểm",) else ""
        text = passage.text[quoted.end() :] if quoted else passage.text
        if only := re.search(rf"(?<![\d/])({_FIGURE}){after}", text):
            value = Figure(figure(only.group(1)), passage.lines)
            item.before, item.now = [value, *others], [value, *others]  # the same in both years
    item.before, item.now = _distinct(item.before), _distinct(item.now)
    return item


def _distinct(figures: list[Figure]) -> list[Figure]:
    by_value: dict[Decimal, Figure] = {}
    for one in figures:
        by_value.setdefault(one.value, one)
    return list(by_value.values())


def _bases(passages: list[Passage]) -> dict[str, list[Figure]]:
    """By quoted name of a paragraph's heading: the figures that its targets are compared with."""
    bases: dict[str, list[Figure]] = {}
    for passage in passages:
        stated = _DIFFERENCE.search(passage.text)
        name = _heading_name(passage)
        if stated and name:
            value = Figure(figure(stated.group("base")), passage.lines)
            bases.setdefault(match_key(name), []).append(value)
    return bases


def _heading_name(passage: Passage) -> str | None:
    quoted = [match.group(1) for text in passage.under if (match := _NAME.search(text))]
    return quoted[0] if quoted else None


def _including(passage: Passage) -> Iterator[DocumentFinding]:
    """A total said with its parts in one sentence: 'tổng số 24 đơn vị, gồm 19 quận và 5 huyện'."""
    for match in _INCLUDING.finditer(passage.text):
        values = [figure(text) for text in re.findall(rf"(?<![\d/.,]){_FIGURE}", match.group("parts"))]
        total = figure(match.group("total"))
        if len(values) > 1 and not _adds_up(values, total):
            added = " + ".join(number_vi(value) for value in values)
            made = number_vi(sum(values, Decimal(0)))
            says = (
                f"Tổng ghi {number_vi(total)}, các phần cộng lại {added} = {made} ({lines_vi(passage.lines)})"
            )
            yield found("sum-of-parts", passage.address or "tổng", passage.lines, says)


def _wrong_way(passage: Passage) -> Iterator[DocumentFinding]:
    for match in _FROM_TO.finditer(passage.text):
        first, second = figure(match.group("first")), figure(match.group("second"))
        rises = match.group("verb").lower() in ("tăng", "nâng")
        if (second < first) if rises else (second > first):
            way = match.group("way").lower()
            said = f"{match.group('verb').lower()} từ {number_vi(first)} {way} {number_vi(second)}"
            than = "thấp" if rises else "cao"
            says = f"Ghi “{said}” ({lines_vi(passage.lines)}) nhưng số sau {than} hơn số trước"
            quoted = _NAME.search(passage.text[: match.start()])
            if quoted:
                says += f": “{quoted.group(1)}”"
            yield found("rise-that-falls", passage.address or said, passage.lines, says)


def _differences(passages: list[Passage]) -> Iterator[DocumentFinding]:
    """A stated rise against target and base, and a base that is another figure where the item is listed."""
    listed = _listed_figures(passages)
    for passage in passages:
        for match in _DIFFERENCE.finditer(passage.text):
            target, difference, base = (figure(match.group(n)) for n in ("target", "difference", "base"))
            verb = match.group("verb").lower()
            sign = 1 if verb == "tăng" else -1
            said = f"ghi {verb} {number_vi(difference)} so với {number_vi(base)} để đạt {number_vi(target)}"
            said += f" ({lines_vi(passage.lines)})"
            subject = passage.address or verb
            if sign * (target - base) != difference:
                says = f"{said[0].upper()}{said[1:]}; hai số chênh nhau {number_vi(abs(target - base))}"
                yield found("stated-difference", subject, passage.lines, says)
            name = _heading_name(passage)
            other = listed.get(match_key(name)) if name else None
            if other is not None and other.value != base:
                due = number_vi(sign * (target - other.value))
                says = f"“{name}”: {said}, nhưng số liệt kê là {number_vi(other.value)}"
                says += f" ({lines_vi(other.lines)}); với số này mức {verb} là {due}"
                yield found("stated-difference", subject, [*passage.lines, *other.lines], says)


def _listed_figures(passages: list[Passage]) -> dict[str, Figure]:
    """By quoted name of a listed item: its newest figure in points."""
    figures: dict[str, Figure] = {}
    for passage in passages:
        if _ITEM.match(passage.text) and (quoted := _NAME.search(passage.text)):
            item = _item(passage, "điểm", {})
            if item.now:
                figures.setdefault(match_key(quoted.group(1)), item.now[0])
    return figures


def figure(text: str) -> Decimal:
    """A number as Vietnamese documents write it: 1.234,5 is 1234.5."""
    return Decimal(text.replace(".", "").replace(",", "."))
