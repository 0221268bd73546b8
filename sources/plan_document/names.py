"""Who a cell of a plan's appendix names: job titles, lists, collectives and bodies, read by the catalogue."""

from __future__ import annotations

from dataclasses import dataclass

from sources.catalogue.agencies import AgenciesFile
from sources.catalogue.plans import Member, PlanFile
from warehouse.text import match_key


@dataclass(frozen=True)
class NamesRead:
    """Codes (or names of bodies) found in a cell, and the words that stand for nobody known."""

    members: frozenset[str]
    unread: str


class Names:
    """Every name that the catalogue knows, to read cells by: the longest name that fits goes first."""

    def __init__(self, agencies: AgenciesFile, plan: PlanFile) -> None:
        self._meanings: dict[tuple[str, ...], str] = {}
        for words in agencies.connecting_words:
            self._add(words, "")
        for agency in agencies.agencies:
            for name in (agency.official, agency.short, *agency.variants, *agency.head_titles):
                self._add(name, agency.code)
        for collective in agencies.collectives:
            for name in collective.names:
                self._add(name, collective.code)
        for task in plan.tasks:
            for member in (*task.leads, *task.cooperating):
                if member.body is not None:
                    self._add(member.body, meaning(member))
        self._longest = max(len(words) for words in self._meanings)

    def read(self, cell: str) -> NamesRead:
        """The members that a cell names, in whatever way they are listed."""
        words = match_key(cell).split()
        members: set[str] = set()
        unread: list[str] = []
        start = 0
        while start < len(words):
            for length in range(min(self._longest, len(words) - start), 0, -1):
                code = self._meanings.get(tuple(words[start : start + length]))
                if code is not None:
                    members |= {code} if code else set()
                    start += length
                    break
            else:
                unread.append(words[start])
                start += 1
        return NamesRead(frozenset(members), " ".join(unread))

    def _add(self, name: str, code: str) -> None:
        self._meanings.setdefault(tuple(match_key(name).split()), code)


def meaning(member: Member) -> str:
    """What a member of the catalogue is compared by: its code, or its name for a body that is no agency."""
    return member.code or f"body: {match_key(member.body or '')}"
