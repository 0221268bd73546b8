"""Where the text of a known plan reads otherwise than the catalogue: the bounds of targets, what tasks owe.

The text is read as a draft reads it; only what was read with some confidence is held against the catalogue.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sources.catalogue.plans import Obligation, PlanFile, Target, Task
from sources.plan_document.blocks import place
from sources.plan_document.deadlines import DeadlineRead, ObligationRead
from sources.plan_document.labels import content_words
from sources.plan_document.owed import deadline_of_duty, deadline_of_row
from sources.plan_document.reading import PlanReading
from sources.plan_document.targets import TargetRead
from warehouse.text import nfc

SURE = 0.7
"""What is read with less confidence says nothing against a reviewed catalogue."""
_SIGNS = {"gt": ">", "ge": "≥", "eq": "=", "lt": "<", "le": "≤", "rank_le": "≤", "by_date": "by"}
_QUOTED = 110
_BULLET = re.compile(r"(?<=[0-9a-zđIVX])-\d{2}$")


@dataclass(frozen=True)
class _Stated:
    """A target of the catalogue at one of its places, with the bound that it has there."""

    target: Target
    comparator: str
    values: dict[int, Decimal | None]
    high: Decimal | None

    def holds(self, said: TargetRead) -> bool:
        """Whether the text says this bound, in the years that it names."""
        bound = said.bound
        if bound is None or (bound.comparator, bound.unit, bound.high) != (
            self.comparator,
            self.target.unit,
            self.high,
        ):
            return False
        read = said.by_year or dict.fromkeys(said.years, bound.value)
        known = {year: value for year, value in read.items() if year in self.values}
        if known:
            return all(self.values[year] == value for year, value in known.items())
        return bound.value in self.values.values()

    def likeness(self, said: TargetRead) -> float:
        """How much the label says of what the text counts, and whether units agree."""
        label, words = content_words(self.target.label), content_words(f"{said.context} {said.clause}")
        same_unit = said.bound is not None and said.bound.unit == self.target.unit
        return same_unit + len(label & words) / (len(label) or 1)


def target_differences(plan: PlanFile, reading: PlanReading) -> list[str]:
    """A line for each bound that text and catalogue give otherwise, or that one of them lacks."""
    counts = reading.document.counts
    stated = _stated(plan)
    said: dict[str, list[TargetRead]] = defaultdict(list)
    for target in reading.said:
        said[target.section].append(target)
    lines: list[tuple[int, str]] = []
    seen: set[str] = set()
    for section in dict.fromkeys([*stated, *said]):
        there = list(stated[section])
        pairs, over, left = _matched(there, said[section])
        seen |= {one.target.code for one in pairs}
        for text in _sure(over):
            other = max(left, key=lambda one: one.likeness(text), default=None)
            where = place(text.lines, counts)
            if other is not None and text.bound is not None and other.likeness(text) >= 1:
                left.remove(other)
                seen.add(other.target.code)
                message = f"the document reads {_read(text)} ({where}), the catalogue has {_said(other)}"
                lines.append((text.lines[0], f"{other.target.code}: {message}"))
            elif text.section not in _also_above(text, reading):
                lines.append((text.lines[0], f"in the document, not in the catalogue: {_quote(text, where)}"))
    found = [line for _, line in sorted(lines)]
    found += [
        f"in the catalogue, not found in the document: {target.code} {_said(_whole(plan, target))}"
        for target in plan.targets
        if target.comparator != "none" and target.code not in seen and not _stands(plan, target, reading)
    ]
    return found


def _stated(plan: PlanFile) -> dict[str, list[_Stated]]:
    """The targets by the places that say them, each with its bound there."""
    found: dict[str, list[_Stated]] = defaultdict(list)
    for target in plan.targets:
        if target.comparator == "none":
            continue
        whole = _whole(plan, target)
        restated = {
            _section(again.citation): _Stated(
                target, again.comparator, dict.fromkeys(whole.values, again.value), again.high
            )
            for again in target.restated
        }
        for citation in dict.fromkeys([target.citation, *target.also_cited]):
            found[_section(citation)].append(whole)
        for section, other in restated.items():
            found[section].append(other)
    return found


def _whole(plan: PlanFile, target: Target) -> _Stated:
    return _Stated(target, target.comparator, plan.values_by_year(target), target.high)


def _section(citation: str) -> str:
    """The section of a bullet: the reader gives targets to sections. PL-07 is a row, and stays."""
    return citation if citation.startswith("PL-") else _BULLET.sub("", citation)


def _matched(
    stated: list[_Stated], said: list[TargetRead]
) -> tuple[list[_Stated], list[TargetRead], list[_Stated]]:
    """What agrees (the likest first), what the text says beyond that, and what it does not say.

    What a section says twice agrees twice.
    """
    fits = [(one.likeness(text), one, text) for one in stated for text in said if one.holds(text)]
    taken: list[_Stated] = []
    agreed: list[TargetRead] = []
    for _, one, text in sorted(fits, key=lambda fit: -fit[0]):
        if one not in taken and not any(text is other for other in agreed):
            taken.append(one)
            agreed.append(text)
    over = [
        text
        for text in said
        if not any(text is other for other in agreed) and not any(one.holds(text) for one in taken)
    ]
    codes = {one.target.code for one in taken}
    return taken, over, [one for one in stated if one.target.code not in codes]


def _sure(said: list[TargetRead]) -> Iterator[TargetRead]:
    return (text for text in said if text.bound is not None and text.confidence >= SURE)


def _also_above(text: TargetRead, reading: PlanReading) -> set[str]:
    """Sections whose target is known to say again what another one sets."""
    return {
        text.section
        for target in reading.targets
        if target is not text and (text.section in target.also or text in target.restated)
    }


def _stands(plan: PlanFile, target: Target, reading: PlanReading) -> bool:
    """Whether the words at one of its places hold its number: the reader may have missed what is there."""
    values = {abs(value) for value in plan.values_by_year(target).values() if value is not None}
    if (
        target.unit == "date"
        or (target.unit == "percent" and Decimal(100) in values)
        or values == {Decimal(0)}
    ):
        return any(reading.wording(place_) for place_ in [target.citation, *target.also_cited])
    for citation in [target.citation, *target.also_cited]:
        row = reading.tables.tasks.get(citation)
        words = " ".join([*row.cells.values(), *row.years.values()]) if row else ""
        words = words or (reading.wording(citation) or ("", []))[0]
        if values & {Decimal(number.replace(",", ".")) for number in re.findall(r"\d+(?:[.,]\d+)?", words)}:
            return True
    return False


def _said(one: _Stated) -> str:
    return _bound(one.comparator, one.values, one.high, one.target.unit)


def _read(text: TargetRead) -> str:
    bound = text.bound
    if bound is None:
        return "no number"
    values: dict[int, Decimal | None] = dict(text.by_year) or dict.fromkeys(text.years or [0], bound.value)
    return _bound(bound.comparator, values, bound.high, bound.unit)


def _bound(comparator: str, values: dict[int, Decimal | None], high: Decimal | None, unit: str) -> str:
    given = list(dict.fromkeys(values.values()))
    if high is not None and given[0] is not None:
        return f"{_number(given[0])} to {_number(high)} {unit}"
    sign = _SIGNS.get(comparator, comparator)
    if len(given) == 1:
        return f"{sign} {_number(given[0])} {unit}"
    return f"{sign} {', '.join(f'{_number(value)} in {year}' for year, value in values.items())} {unit}"


def _number(value: Decimal | None) -> str:
    return "no number" if value is None else f"{value.normalize():f}".replace("-", "−")


def _quote(text: TargetRead, where: str) -> str:
    words = nfc(text.words)
    return f"{where} “{words if len(words) <= _QUOTED else words[:_QUOTED] + '…'}” ({_read(text)})"


# ---------------------------------------------------------------- what tasks owe
def deadline_differences(plan: PlanFile, reading: PlanReading) -> Iterator[str]:
    """A line for each task whose deadline the text gives otherwise."""
    duties = {duty.address: duty for duty in reading.duties}
    for task in plan.tasks:
        row, duty = reading.tables.tasks.get(task.citation), duties.get(task.citation)
        if row is not None:
            read, lines = deadline_of_row(row, reading.head), list(row.lines)
        elif duty is not None and task.kind == "duty":
            read, lines = deadline_of_duty(duty, reading.head), list(duty.lines)
        else:
            continue
        where = place(lines, reading.document.counts)
        for words in read.impossible:
            yield f"{task.stt} deadline ({where}): the document names {words}, a day that does not exist"
        if read.obligations and read.confidence >= SURE:
            yield from _owed_otherwise(plan, task, read, where)


_Owed = tuple[str, date | None, int | None]


def _owed_otherwise(plan: PlanFile, task: Task, read: DeadlineRead, where: str) -> Iterator[str]:
    years = plan.plan.years
    listed = {one for owed in plan.deadline_of(task).obligations for one in _each(owed, years.all())}
    said = {one for owed in read.obligations for one in _each(owed, years.all())}
    if listed != said:
        yield (
            f"{task.stt} deadline ({where}): the document reads {_shown(said - listed)}; "
            f"the catalogue has {_shown(listed - said)}"
        )


def _each(owed: Obligation | ObligationRead, years: list[int]) -> Iterator[_Owed]:
    """What is owed, by year where no day is set: in every year of the plan where no year is named."""
    if owed.due is not None:
        yield owed.kind, owed.due, None
    else:
        yield from ((owed.kind, None, year) for year in ([owed.year] if owed.year else years))


def _shown(owed: set[_Owed]) -> str:
    undated: dict[str, list[int]] = defaultdict(list)
    for kind, due, year in sorted(owed, key=str):
        if due is None and year is not None:
            undated[kind].append(year)
    shown = [f"{kind} {due.isoformat()}" for kind, due, _ in sorted(owed, key=str) if due is not None]
    shown += [f"{kind} {', '.join(map(str, years))}" for kind, years in undated.items()]
    return ", ".join(shown) or "nothing more"
