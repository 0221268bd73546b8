"""Who a cell of a plan names: job titles, lists, collectives and bodies, read by the catalogue."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sources.catalogue.agencies import AgenciesFile
from sources.catalogue.agency_rows import agency_keys, name_rows, span_rows
from sources.catalogue.plans import Member, PlanFile
from sources.name_lists import read_names
from sources.names import Tokens, token_tuples
from sources.plan_document.cell_lists import cell_text, split_places
from sources.plan_document.labels import shorten
from sources.resolver import Resolver
from warehouse.text import match_key

_OF_THE_UNIT = re.compile(r"\s+(?:thành phố|tỉnh|quận|huyện)$", re.IGNORECASE)
"""A plan's own bodies are named with and without it: Đài Truyền hình (thành phố)."""


_LONGEST_CELL = 6000
_LONGEST_RUN = 8


@dataclass(frozen=True)
class NamesRead:
    """Codes (or names of bodies) found in a cell, and the words that stand for nobody known."""

    members: frozenset[str]
    unread: str


@dataclass(frozen=True)
class MemberRead:
    """A member of a draft: a code of the catalogue, or the words of a body that it does not know."""

    code: str | None
    body: str | None
    confidence: float


class Agencies:
    """The agencies of the catalogue by name; made once, asked for any plan."""

    def __init__(self, agencies: AgenciesFile) -> None:
        self.file = agencies
        self.keys = agency_keys(agencies)
        self.resolver = Resolver(span_rows(agencies), name_rows(agencies))
        self._consolidating = {agency.code for agency in agencies.agencies if agency.consolidates}

    def unit_named(self, issuer: str | None, on: date) -> str | None:
        """The code of the consolidating agency that a plan's issuer is; None where the catalogue has none."""
        if not issuer:
            return None
        read = self.resolver.resolve(issuer, on)
        code = read.candidates[0].agency_code if read.outcome == "found" else None
        return code if code in self._consolidating else None

    def jurisdiction_of(self, code: str) -> str:
        """The jurisdiction that an agency belongs to."""
        return next(agency.jurisdiction for agency in self.file.agencies if agency.code == code)


class Names:
    """Every name that the catalogue knows, read as a plan's unit says it, on the day the plan was made."""

    def __init__(
        self, agencies: Agencies, unit: str | None, on: date, bodies: Mapping[str, str] | None = None
    ) -> None:
        self._on = on
        self._resolver = agencies.resolver
        self._unit = agencies.keys[unit] if unit else None
        self._phrases: dict[Tokens, str] = dict.fromkeys(token_tuples(agencies.file.connecting_words), "")
        if self._unit is not None:
            near = {self._unit, *self._resolver.above(self._unit, on)}
            for collective in agencies.file.collectives:
                parent = agencies.keys[collective.parent]
                if parent in near or self._unit in self._resolver.above(parent, on):
                    self._add(collective.names, collective.code)
        for name, code in (bodies or {}).items():
            self._add([name], code)

    @classmethod
    def of_plan(cls, agencies: Agencies, plan: PlanFile) -> Names:
        """The names as a plan of the catalogue uses them, the bodies it knows among them."""
        bodies = {
            name: meaning(member)
            for task in plan.tasks
            for members in task.members_by_role.values()
            for member in members
            if member.body is not None
            for name in (member.body, _OF_THE_UNIT.sub("", member.body))
        }
        on = plan.plan.document_date or date(plan.plan.years.first, 1, 1)
        return cls(agencies, plan.plan.unit, on, bodies)

    def read(self, cell: str) -> NamesRead:
        """The members that a cell names, in whatever way they are listed."""
        members, unread = self._read(cell)
        return NamesRead(frozenset(members), match_key(unread))

    def members(self, cell: str) -> list[MemberRead]:
        """The members that a cell names, in order; what the catalogue does not know is kept as a body."""
        if len(cell) > _LONGEST_CELL:
            return [MemberRead(None, shorten(cell), 0.1)]
        codes, unread = self._read(cell) if self._unit is not None else ([], cell)
        if codes and not unread:
            return [MemberRead(code, None, 0.9) for code in dict.fromkeys(codes)]
        found: dict[str, MemberRead] = {}
        names, text = split_places(cell), cell_text(cell)
        at = 0
        while at < len(names):
            at, members = self._longest(names, text, at)
            for member in members:
                found.setdefault(member.code or match_key(member.body or ""), member)
        return list(found.values())

    def _longest(
        self, names: list[tuple[str, tuple[int, int]]], text: str, at: int
    ) -> tuple[int, list[MemberRead]]:
        """What the longest run of names from a place means: a collective may be written like a list."""
        if self._unit is not None:
            for end in range(min(len(names), at + _LONGEST_RUN), at, -1):
                codes, unread = self._read(text[names[at][1][0] : names[end - 1][1][1]])
                if codes and not unread:
                    return end, [MemberRead(code, None, 0.85) for code in dict.fromkeys(codes)]
        name = names[at][0]
        codes, unread = self._read(name) if self._unit is not None else ([], name)
        if codes and len(match_key(unread).split()) <= min(2, len(match_key(name).split()) // 3):
            return at + 1, [MemberRead(code, None, 0.6) for code in dict.fromkeys(codes)]
        return at + 1, [MemberRead(None, name, 0.3 if self._unit is not None else 0.5)]

    def _read(self, cell: str) -> tuple[list[str], str]:
        read = read_names(self._resolver, cell, self._on, self._unit, self._phrases)
        found = [named for named in read.agencies if named.outcome == "found"]
        codes = [named.candidates[0].agency_code for named in found] + list(read.phrases)
        unread = [named.text for named in read.agencies if named.outcome != "found"] + list(read.unread)
        return codes, " ".join(unread)

    def _add(self, names: list[str], code: str) -> None:
        for words in token_tuples(names):
            self._phrases.setdefault(words, code)


def meaning(member: Member) -> str:
    """What a member of the catalogue is compared by: its code, or its name for a body that is no agency."""
    return member.code or f"body: {match_key(member.body or '')}"
