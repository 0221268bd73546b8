"""How a draft is measured against the reviewed catalogue file of the same decision.

What is compared is the draft's YAML, not what the reader holds in memory.

Tasks: a row is found when a drafted task has its number (stt). Agencies: over all found rows, the drafted
members of a role against the reviewed ones, by code; a body that is no agency counts as "a body", for its
reviewed name is in our words and the drafted one in the document's. Deadlines: over all found rows, the
drafted obligations against the reviewed ones by kind, date, quarter and year; labels do not count.

Targets: only measurable ones. A drafted target hits a reviewed one when (a) they share a place: one of the
sections or rows that either cites, (b) unit, comparator, value, upper value and, for a stepped target, the
value of every year are equal, where for a place that the catalogue notes as saying it with another bound
(`restated`) that bound counts too. Each drafted target hits one reviewed target at most and the other way
round (a largest matching), so a target drafted twice is a miss of precision. Years of targets that do not
step, scope, labels and sources of figures do not count.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sources.catalogue.plans import Deadline, Member, PlanFile, Target

Fields = dict[str, Any]
ROLES = {"lead": "leads", "cooperate": "cooperating", "implement": "implementing"}


@dataclass(frozen=True)
class Rate:
    """Hits among what was drafted and among what should have been."""

    hits: int
    drafted: int
    reviewed: int

    @property
    def precision(self) -> float:
        return self.hits / self.drafted if self.drafted else 1.0

    @property
    def recall(self) -> float:
        return self.hits / self.reviewed if self.reviewed else 1.0

    def __str__(self) -> str:
        drafted, reviewed = f"({self.hits}/{self.drafted})", f"({self.hits}/{self.reviewed})"
        return f"precision {self.precision:.3f} {drafted}, recall {self.recall:.3f} {reviewed}"


# ---------------------------------------------------------------- tasks
def found_tasks(draft: Fields, plan: PlanFile, kinds: tuple[str, ...]) -> Rate:
    reviewed = {task.stt for task in plan.tasks if task.kind in kinds}
    drafted = {task["stt"] for task in draft["tasks"] if task.get("kind", "task") in kinds}
    return Rate(len(reviewed & drafted), len(drafted), len(reviewed))


def members(draft: Fields, plan: PlanFile, role: str) -> Rate:
    drafted_tasks = {task["stt"]: task for task in draft["tasks"]}
    drafted: Counter[tuple[str, str]] = Counter()
    reviewed: Counter[tuple[str, str]] = Counter()
    for task in plan.tasks:
        if task.kind != "task" or task.stt not in drafted_tasks:
            continue
        reviewed.update((task.stt, member.code or "a body") for member in task.members_by_role[role])
        given = drafted_tasks[task.stt].get(ROLES[role]) or []
        read = [Member.model_validate(item) for item in given]
        drafted.update((task.stt, member.code or "a body") for member in read)
    return Rate((drafted & reviewed).total(), drafted.total(), reviewed.total())


def deadlines(draft: Fields, plan: PlanFile) -> Rate:
    drafted_tasks = {task["stt"]: task for task in draft["tasks"]}
    drafted: Counter[tuple[object, ...]] = Counter()
    reviewed: Counter[tuple[object, ...]] = Counter()
    for task in plan.tasks:
        if task.kind != "task" or task.stt not in drafted_tasks:
            continue
        reviewed.update(_owed(task.stt, plan.deadline_of(task)))
        given = drafted_tasks[task.stt]["deadline"]
        if "obligations" in given:
            drafted.update(_owed(task.stt, Deadline.model_validate(given)))
    return Rate((drafted & reviewed).total(), drafted.total(), reviewed.total())


def _owed(stt: str, deadline: Deadline) -> list[tuple[object, ...]]:
    return [(stt, owed.kind, owed.due, owed.quarter, owed.year) for owed in deadline.obligations]


# ---------------------------------------------------------------- targets
def targets(draft: Fields, plan: PlanFile) -> tuple[Rate, list[str], list[str]]:
    """The rate, the reviewed targets that nothing hits, and the drafted ones that hit nothing."""
    reviewed = [target for target in plan.targets if target.is_measurable]
    drafted = [target for target in draft["targets"] if target["comparator"] != "none"]
    fits = [[place for place, target in enumerate(reviewed) if _hits(item, target)] for item in drafted]
    taken: dict[int, int] = {}
    for item in range(len(drafted)):
        _assign(item, fits, taken, set())
    missed = [target.code for place, target in enumerate(reviewed) if place not in taken]
    stray = [target["code"] for item, target in enumerate(drafted) if item not in taken.values()]
    return Rate(len(taken), len(drafted), len(reviewed)), missed, stray


def _assign(item: int, fits: list[list[int]], taken: dict[int, int], tried: set[int]) -> bool:
    for place in fits[item]:
        if place in tried:
            continue
        tried.add(place)
        if place not in taken or _assign(taken[place], fits, taken, tried):
            taken[place] = item
            return True
    return False


def _hits(item: Fields, target: Target) -> bool:
    places = {target.citation, *target.also_cited, *(again.citation for again in target.restated)}
    if not places & {item["citation"], *item.get("also_cited", [])} or item["unit"] != target.unit:
        return False
    if target.by_year is not None:
        given = {year: Decimal(str(value)) for year, value in item.get("by_year", {}).items()}
        return item["comparator"] == target.comparator and given == target.by_year
    said = (item["comparator"], _number(item.get("value")), _number(item.get("high")))
    bounds = {(target.comparator, target.value, target.high)}
    bounds |= {
        (again.comparator, again.value, again.high)
        for again in target.restated
        if again.citation == item["citation"]
    }
    return said in bounds


def _number(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))
