"""Targets that a plan says more than once are one: with every place, and where places differ, with both."""

from __future__ import annotations

from collections import Counter
from math import log

from sources.plan_document.comparators import EQ, GE, GT, LE, LT
from sources.plan_document.labels import content_words
from sources.plan_document.targets import TargetRead

_ALIKE = 0.42
_ALIKE_OTHERWISE = 0.5
_MOST = 2000
_BOUNDS_ALIKE = ({GT, GE}, {LT, LE}, {EQ, GE})


def merge_restated(targets: list[TargetRead]) -> list[TargetRead]:
    """The targets in order, each once: later places in `also`, places with another bound in `restated`."""
    if len(targets) > _MOST:
        return targets
    kept: list[TargetRead] = []
    words = _Words(targets)
    for target in targets:
        same = _find(target, kept, words)
        if same is None:
            kept.append(target)
            continue
        if (
            same.bound is not None
            and target.bound is not None
            and same.bound.comparator != target.bound.comparator
        ):
            same.restated.append(target)
        elif target.section not in (same.section, *same.also):
            same.also.append(target.section)
        same.task = same.task or target.task
    for target in kept:
        if target.parent is not None and target.parent not in kept:
            target.parent = next((other for other in kept if target.parent.section in other.also), None)
        if target.overrides is not None and target.overrides not in kept:
            target.overrides = None
    return kept


def _find(target: TargetRead, kept: list[TargetRead], words: _Words) -> TargetRead | None:
    """The earlier target of another section that says the same, in the same words for the most part."""
    best: tuple[float, TargetRead] | None = None
    for other in kept:
        if not _may_be_one(other, target):
            continue
        alike = words.alike(other, target)
        needed = _ALIKE if _comparator(other) == _comparator(target) else _ALIKE_OTHERWISE
        if alike >= needed and (best is None or alike > best[0]):
            best = (alike, other)
    return best[1] if best else None


def _comparator(target: TargetRead) -> str:
    return target.bound.comparator if target.bound else ""


def _may_be_one(one: TargetRead, other: TargetRead) -> bool:
    """Same unit and value, bounds of one kind; not two goals, not two rows, not two places of one section."""
    first, second = one.bound, other.bound
    if first is None or second is None or one.section == other.section:
        return False
    if first.unit != second.unit or first.high != second.high:
        return False
    values = set(one.by_year.values()) or {first.value}
    if not (set(other.by_year.values()) or {second.value}) <= values:
        return False
    if first.comparator != second.comparator and {first.comparator, second.comparator} not in _BOUNDS_ALIKE:
        return False
    if other.task is None:
        return not (one.is_goal and other.is_goal)
    return one.task is None or one.task == other.task


class _Words:
    """How alike targets are said, by the words next to the number and of the row it stands in.

    A word counts the more, the fewer targets of the plan use it: all speak of procedures and agencies.
    """

    def __init__(self, targets: list[TargetRead]) -> None:
        self._near = {id(target): content_words(target.near) for target in targets}
        self._all = {id(target): content_words(f"{target.context} {target.near}") for target in targets}
        used = Counter(word for words in self._all.values() for word in words)
        self._weight = {word: log(1 + len(targets) / used[word]) for word in used}

    def alike(self, one: TargetRead, other: TargetRead) -> float:
        """0 where no word is shared, 1 where all are; the words of its row too, where that is nearer."""
        by_number = self._alike(self._near[id(one)], self._near[id(other)])
        return max(by_number, self._alike(self._all[id(one)], self._all[id(other)]))

    def _alike(self, first: frozenset[str], second: frozenset[str]) -> float:
        whole = self._sum(first) + self._sum(second)
        return 2 * self._sum(first & second) / whole if whole else 0.0

    def _sum(self, words: frozenset[str]) -> float:
        return sum(self._weight.get(word, 0.0) for word in words)
