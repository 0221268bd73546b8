"""The ways an agency is written, as its file has them, each with the words that decide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sources.catalogue.agencies import Agency
from sources.names import name_key
from warehouse.text import nfc


@dataclass(frozen=True)
class Spelling:
    """A name of an agency: official, variant, head_title, bare (without the word for its kind) or local."""

    name: str
    kind: str
    key: str


def spellings(agency: Agency) -> Iterator[Spelling]:
    """Every name of an agency that differs from those before it in the words that decide.

    The short name is a variant, unless it is among the local ones: then it needs the unit as they do.
    """
    local = {name_key(name) for name in agency.local}
    written = [(agency.official, "official")]
    written += [(agency.short, "variant")] if name_key(agency.short) not in local else []
    written += [(name, "variant") for name in agency.variants]
    written += [(name, "head_title") for name in agency.head_titles]
    written += [(agency.bare, "bare")] if agency.bare else []
    written += [(name, "local") for name in agency.local]
    seen: set[str] = {""}
    for name, kind in written:
        key = name_key(name)
        if key not in seen:
            yield Spelling(nfc(name), kind, key)
        seen.add(key)
