"""The models of sources/data/agencies/: agencies over time, units in lists, collectives, links, counts.

Field names are those of the files; codes are explained there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from sources.catalogue.model import AgencyKind, AgencyLevel, Strict, Text

Key = Annotated[int, Field(ge=0, le=2**31 - 1)]
Count = Annotated[int, Field(ge=0)]


def _written_as_day(cell: Any) -> Any:
    """Only 2025-07-01 is a day in a cell: a bare number would be taken for seconds since 1970."""
    if isinstance(cell, str) and not re.fullmatch(r"\d{4}-\d\d-\d\d", cell):
        raise ValueError("a day is written as 2025-07-01")
    return cell


Day = Annotated[date, BeforeValidator(_written_as_day)]


class Line(BaseModel):
    """A line of a CSV file: cells are text, read as the type of their column."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NamePattern(Strict):
    """How agencies of one make are written; `{name}` stands for the agency's `name`.

    `local` holds the ways that need the unit: they mean the agency in papers of its own unit alone.
    """

    official: Text
    short: Text
    variants: list[Text] = []
    head_titles: list[Text] = []
    local: list[Text] = []


class Agency(Strict):
    """An agency in one span of validity, with its names written out."""

    key: Key
    code: Text
    kind: AgencyKind
    level: AgencyLevel
    parent: Text | None = None
    official: Text
    short: Text
    variants: list[Text] = []
    head_titles: list[Text] = []
    bare: Text | None = None
    local: list[Text] = []
    gso: Text | None = None
    valid_from: date
    valid_to: date | None = None
    reports: bool
    consolidates: bool
    source: Text
    assumed: bool = False
    jurisdiction: Text

    @model_validator(mode="before")
    @classmethod
    def _names_are_written_out(cls, content: Any) -> Any:
        if isinstance(content, dict) and "pattern" in content:
            raise ValueError(f"needs `name`, and the pattern {content['pattern']!r} in name_patterns")
        return content

    @property
    def last_day(self) -> date:
        """The last day of validity; far in the future where none is set."""
        return self.valid_to or date.max

    def is_valid(self, on: date) -> bool:
        """Whether the agency was there, in this span, on a day."""
        return self.valid_from <= on <= self.last_day


class Member(Strict):
    """Agencies of one kind, of one level or of any, below the parent of a collective."""

    kind: AgencyKind
    level: AgencyLevel | None = None


class Collective(Strict):
    """An open collective: the agencies of some kinds below a parent, at any depth or `direct`ly below it."""

    code: Text
    label: Text
    parent: Text
    members: Annotated[list[Member], Field(min_length=1)]
    direct: bool = False
    names: list[Text]
    source: Text
    assumed: bool = False


class PartFile(Strict):
    """agencies/<part>.yml: agencies written one by one, and the collectives that go with them."""

    jurisdiction: Text
    name_patterns: dict[str, NamePattern] = {}
    agencies: list[Agency]
    collectives: list[Collective] = []
    connecting_words: list[Text] = []

    @model_validator(mode="before")
    @classmethod
    def _write_out(cls, content: Any) -> Any:
        """Fill defaults and patterns in; what does not fit is left as it is, for the fields to refuse."""
        if not isinstance(content, dict) or not isinstance(content.get("agencies"), list):
            return content
        patterns = content.get("name_patterns")
        patterns = patterns if isinstance(patterns, dict) else {}
        defaults = content.get("defaults")
        defaults = defaults if isinstance(defaults, dict) else {}
        common = {**defaults, "jurisdiction": content.get("jurisdiction")}
        agencies = [
            _written_out({**common, **agency} if isinstance(agency, dict) else agency, patterns)
            for agency in content["agencies"]
        ]
        return {**{key: value for key, value in content.items() if key != "defaults"}, "agencies": agencies}


class Source(Strict):
    """A source that lines of the CSV files name by its id."""

    id: Text
    text: Text
    assumed: bool = False


class SourcesFile(Strict):
    """agencies/sources.yml."""

    sources: list[Source]


class Unit(Line):
    """A line of <jurisdiction>-units.csv: a district, ward or commune in one span of validity."""

    key: Key
    code: Text
    name: Text
    parent: Text
    valid_from: Day
    valid_to: Day | None = None
    gso: Text | None = None
    source: Text


class UnitsFile(Line):
    """<jurisdiction>-units.csv."""

    units: list[Unit]


class CodeChange(Line):
    """A line of <jurisdiction>-codes.csv: from a day on, an agency has another statistical code."""

    code: Text
    gso: Text
    valid_from: Day
    source: Text


class CodesFile(Line):
    """<jurisdiction>-codes.csv."""

    codes: list[CodeChange]


class Link(Line):
    """A line of <jurisdiction>-links.csv: what part of a predecessor went to a successor."""

    predecessor: Text | None = None
    label: Text
    successor: Text
    effective_on: Day
    weight: Annotated[Decimal, Field(gt=0, le=1)]
    is_estimated: bool = False
    source: Text


class LinksFile(Line):
    """<jurisdiction>-links.csv."""

    links: list[Link]


class KnownCount(Line):
    """A line of counts.csv: how many there were of a kind on a day, by a source."""

    jurisdiction: Text
    level: AgencyLevel
    kind: AgencyKind
    counted_on: Day
    known: Count
    missing: Count = 0
    missing_vi: Text | None = None
    beside: Text | None = None
    source: Text

    def counts(self, agency: Agency) -> bool:
        """Whether an agency is of what was counted, on the day of the count."""
        same = (agency.jurisdiction, agency.level, agency.kind) == (self.jurisdiction, self.level, self.kind)
        return same and agency.is_valid(self.counted_on)


class CountsFile(Line):
    """agencies/counts.csv."""

    counts: list[KnownCount]


@dataclass(frozen=True)
class AgenciesFile:
    """The files of sources/data/agencies/, read as one: agencies in the administration's order."""

    agencies: list[Agency]
    collectives: list[Collective]
    connecting_words: list[str]
    codes: list[CodeChange]
    links: list[Link]
    counts: list[KnownCount]

    @property
    def jurisdictions(self) -> set[str]:
        """The cities and provinces that the agencies belong to."""
        return {agency.jurisdiction for agency in self.agencies}


def _written_out(agency: Any, patterns: dict[str, Any]) -> Any:
    """The agency with the names of its pattern; unchanged, for its own check to refuse, where that fails."""
    if not isinstance(agency, dict) or "pattern" not in agency:
        return agency
    pattern, name = patterns.get(agency["pattern"]), agency.get("name")
    if not isinstance(pattern, dict) or not isinstance(name, str):
        return agency
    full = {key: value for key, value in agency.items() if key not in ("pattern", "name")}
    for key in ("official", "short"):
        full.setdefault(key, _filled(pattern.get(key), name))
    for key in ("variants", "head_titles", "local"):
        own = agency.get(key) or []
        full[key] = [_filled(text, name) for text in pattern.get(key) or []] + list(own)
    return full


def _filled(text: Any, name: str) -> Any:
    return text.replace("{name}", name) if isinstance(text, str) else text
