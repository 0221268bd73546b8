"""The schema of agencies.yml. Field names are those of the file; codes are explained there."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field, model_validator

from sources.catalogue.model import AgencyKind, AgencyLevel, Strict, Text


class NamePattern(Strict):
    """How agencies of one make are written; `{name}` stands for the agency's `name`."""

    official: Text
    short: Text
    variants: list[Text] = []
    head_titles: list[Text] = []


class Agency(Strict):
    """An agency in one span of validity, with its names written out."""

    key: Annotated[int, Field(ge=0)]
    code: Text
    kind: AgencyKind
    level: AgencyLevel
    parent: Text | None = None
    official: Text
    short: Text
    variants: list[Text] = []
    head_titles: list[Text] = []
    valid_from: date
    valid_to: date | None = None
    reports: bool
    consolidates: bool
    source: Text
    assumed: bool = False

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


class Collective(Strict):
    """An open collective: the agencies of some kinds below a parent."""

    code: Text
    label: Text
    parent: Text
    kinds: Annotated[list[AgencyKind], Field(min_length=1)]
    names: list[Text]
    source: Text
    assumed: bool = False


class AgenciesFile(Strict):
    """sources/data/agencies.yml."""

    jurisdiction: Text
    name_patterns: dict[str, NamePattern]
    agencies: list[Agency]
    collectives: list[Collective]
    connecting_words: list[Text] = []

    @model_validator(mode="before")
    @classmethod
    def _write_names_out(cls, content: Any) -> Any:
        """Fill the name patterns in; what does not fit is left as it is, for the fields to refuse."""
        if not isinstance(content, dict) or not isinstance(content.get("agencies"), list):
            return content
        patterns = content.get("name_patterns")
        patterns = patterns if isinstance(patterns, dict) else {}
        agencies = [_written_out(agency, patterns) for agency in content["agencies"]]
        return {**content, "agencies": agencies}


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
    for key in ("variants", "head_titles"):
        own = agency.get(key) or []
        full[key] = [_filled(text, name) for text in pattern.get(key) or []] + list(own)
    return full


def _filled(text: Any, name: str) -> Any:
    return text.replace("{name}", name) if isinstance(text, str) else text
