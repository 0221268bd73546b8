"""What a draft guesses from the words of a target or a title, for review: area, source of figures, scope."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from warehouse.text import match_key

_FILE = Path(__file__).with_name("guesses.yml")


@dataclass(frozen=True)
class Source:
    """Where the figures of a target are guessed to come from."""

    fed_by: str
    measure: str | None = None
    index: str | None = None


def area_of(*texts: str) -> str | None:
    """The reform area that the first telling text speaks of, the most special first."""
    for text in texts:
        key = match_key(text)
        for rule in _rules()["areas"]:
            if any(_holds(key, words) for words in rule["words"]):
                return str(rule["area"])
    return None


def source_of(text: str, unit: str) -> Source:
    """The source of figures for a target with these words; a row of the form where nothing tells better."""
    key = match_key(text)
    for rule in _rules()["sources"]:
        is_index = rule["fed_by"] == "external"
        fits = unit in ("rank", "score", "score_change") if is_index else unit == "percent"
        if fits and any(_holds_all(key, words) for words in rule["words"]):
            return Source(rule["fed_by"], rule.get("measure"), rule.get("index"))
    return Source("external") if unit in ("rank", "score", "score_change") else Source("target_row")


def field_groups_of(text: str) -> list[str]:
    """The groups of procedure fields that words single out: lĩnh vực đất đai, xây dựng."""
    _, found, named = match_key(text).partition("linh vuc ")
    groups = _rules()["field_groups"].items() if found else ()
    return [group for group, known in groups if any(_holds(named, one) for one in known)]


def scope_of(text: str, otherwise: str) -> str:
    """Whose figure it is, by the first words of what is counted."""
    key = " ".join(match_key(text).split()[:12])
    for rule in _rules()["scopes"]:
        if any(_holds(key, words) for words in rule["words"]):
            return str(rule["scope"])
    return otherwise


def _holds(key: str, words: str) -> bool:
    return f" {words} " in f" {key} "


def _holds_all(key: str, words: str) -> bool:
    """Every word in this order, others between them."""
    rest = f" {key} "
    for word in words.split():
        _, found, rest = rest.partition(f" {word} ")
        if not found:
            return False
        rest = f" {rest}"
    return True


@cache
def _rules() -> dict[str, Any]:
    return dict(yaml.safe_load(_FILE.read_text(encoding="utf-8")))
