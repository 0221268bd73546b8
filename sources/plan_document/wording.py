"""The official wording of a known plan's tasks and targets: the cells, paragraphs and bullets they cite."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sources.catalogue.plan_rows import target_code, task_code
from sources.catalogue.plans import PlanFile, Target, Task
from sources.plan_document.blocks import place
from sources.plan_document.names import Names, meaning
from sources.plan_document.reading import PlanReading
from sources.plan_document.tables import TableRow
from sources.plan_document.targets import TargetRead
from warehouse.text import match_key, nfc

PARTS = {
    "wording": "task",
    "product": "product",
    "lead": "lead",
    "cooperate": "cooperate",
    "implement": "implement",
    "deadline": "deadline",
}
"""Parts of an official text and the columns that they come from."""
_FITS = 0.6
_HOLDS = 0.7
_FEW = 4


@dataclass(frozen=True)
class Fit:
    """How well a document fits a plan: citations that it has, targets whose number stands there."""

    cited: int
    found: int
    numbers: int
    held: int

    @property
    def is_good(self) -> bool:
        """Most citations are there, and most numbers stand where the plan cites them."""
        has_numbers = self.numbers < _FEW or self.held >= self.numbers * _HOLDS
        return self.found >= self.cited * _FITS and has_numbers


def fit_of(plan: PlanFile, reading: PlanReading) -> Fit:
    """Compare a document with a plan by its citations and by the numbers of its targets."""
    cited = {task.citation for task in plan.tasks} | {target.citation for target in plan.targets}
    found = {citation for citation in cited if reading.wording(citation)}
    numbered = [target for target in plan.targets if _values(target) and target.citation in found]
    held = sum(_holds(target, reading) for target in numbered)
    return Fit(len(cited), len(found), len(numbered), held)


def _values(target: Target) -> list[Decimal]:
    """The number that the cited words should hold: of a stepped target, any of its years'."""
    values = [target.value, *(target.by_year or {}).values()]
    return [
        abs(value) for value in values if value is not None and target.unit in ("percent", "rank", "score")
    ]


def _holds(target: Target, reading: PlanReading) -> bool:
    row = reading.tables.tasks.get(target.citation)
    texts = (
        [*row.cells.values(), *row.years.values()]
        if row
        else [(reading.wording(target.citation) or ("", []))[0]]
    )
    numbers = re.findall(r"\d+(?:[.,]\d+)?", " ".join(texts))
    given = {Decimal(number.replace(",", ".")) for number in numbers}
    return any(value in given for value in _values(target)) or bool(
        re.search(r"tất cả|không (?:có|vượt)|ít hơn", " ".join(texts), re.IGNORECASE)
    )


def official_texts(plan: PlanFile, reading: PlanReading) -> Iterator[dict[str, Any]]:
    """Rows of raw.official_text without their document: item, part, wording, place."""
    counts = reading.document.counts
    for task in plan.tasks:
        code = task_code(plan.plan.code, task.stt)
        if row := reading.tables.tasks.get(task.citation):
            yield from _cells(code, row, counts)
        elif found := reading.outline.wording(task.citation):
            yield _text(code, "wording", found[0], found[1], counts)
    for target, said in _said(plan, reading):
        code = target_code(plan.plan.code, target.code)
        if row := reading.tables.tasks.get(target.citation):
            yield from (text for text in _cells(code, row, counts) if text["part"] in ("wording", "product"))
        elif found := reading.outline.wording(target.citation):
            if said is not None:  # of a section of many bullets, the one that sets it
                found = said.paragraph, list(said.lines)
            yield _text(code, "wording", found[0], found[1], counts)


def _said(plan: PlanFile, reading: PlanReading) -> Iterator[tuple[Target, TargetRead | None]]:
    """Each target with the place in its section that says it, where the reader found one that fits it."""
    left = list(reading.said)
    for target in plan.targets:
        fitting = next((said for said in left if _is_said(target, said)), None)
        if fitting is not None:
            left.remove(fitting)
        section = reading.outline.sections.get(target.citation)
        several = section is not None and len(section.pieces) > 1
        yield target, fitting if several else None


def _is_said(target: Target, said: TargetRead) -> bool:
    bound = said.bound
    if said.section != target.citation:
        return False
    if bound is None:
        return not target.is_measurable
    values = (target.by_year or {}).get(min(target.by_year)) if target.by_year else target.value
    return (bound.comparator, bound.value, bound.unit) == (target.comparator, values, target.unit)


def differences(plan: PlanFile, reading: PlanReading, names: Names) -> Iterator[str]:
    """A line for every cell of agencies that document and catalogue fill differently."""
    for task in plan.tasks:
        row = reading.tables.tasks.get(task.citation)
        if row is not None:
            yield from _compare(task, row, names, reading.document.counts)


def _compare(task: Task, row: TableRow, names: Names, counts: str) -> Iterator[str]:
    for role, members in task.members_by_role.items():
        if role not in row.cells:
            continue
        read = names.read(row.cells[role])
        listed = {meaning(member) for member in members}
        where = f"{task.stt} {role} ({place(row.lines, counts)})"
        if read.members != listed:
            document, catalogue = (", ".join(sorted(side)) or "nobody" for side in (read.members, listed))
            yield f"{where}: the document names {document}; the catalogue {catalogue}"
        if read.unread and match_key(read.unread):
            yield f"{where}: not understood: {read.unread}"


def _cells(item_code: str, row: TableRow, counts: str) -> Iterator[dict[str, Any]]:
    for part, role in PARTS.items():
        cell = row.cells.get(role, "")
        if part == "deadline" and not cell:
            cell = "; ".join(f"{year}: {nfc(text)}" for year, text in row.years.items() if text)
        if cell:
            yield _text(item_code, part, cell, row.lines, counts)


def _text(item_code: str, part: str, wording: str, lines: list[int], counts: str) -> dict[str, Any]:
    return {
        "item_code": item_code,
        "part": part,
        "wording": nfc(wording),
        "document_place": place(lines, counts),
    }
