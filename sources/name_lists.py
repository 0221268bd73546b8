"""Names in a cell, in whatever way they are listed: "UBND quận 1, 3 và huyện Củ Chi", "- Giám đốc Sở …;"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sources.names import Tokens, is_spoken_alike, name_words, spoken
from sources.resolver import Resolution, Resolver

_SEPARATOR = re.compile(r"[,;:.()\n+–-]|\bvà\b", re.IGNORECASE)
_ITEM_ENDS = re.compile(r"[;:.\n+]|\bvà\b", re.IGNORECASE)
"""What ends an item of a list for sure: after a comma or a hyphen, the unit of an office may follow."""
_PROPER = frozenset({"official", "variant", "head_title"})


@dataclass(frozen=True)
class CellRead:
    """What a cell names: agencies, phrases that the caller knows (collectives, bodies), words left over."""

    agencies: tuple[Resolution, ...]
    phrases: tuple[str, ...]
    unread: tuple[str, ...]


def read_names(
    resolver: Resolver,
    cell: str,
    on: date,
    within: int | None = None,
    phrases: Mapping[Tokens, str] | None = None,
) -> CellRead:
    """Every name in a cell; the longest that fits goes first.

    `phrases` are words with a meaning of the caller's own (`token_tuples`); '' stands for nobody. A name that
    goes on from words nobody knows ("Công an Quận 1") is part of an unknown body, and stays unread with them;
    so does the name of an office that goes on with that of another unit than its own.
    """
    return _Cell(resolver, cell, on, within, phrases or {}).read()


class _Cell:
    def __init__(
        self, resolver: Resolver, cell: str, on: date, within: int | None, phrases: Mapping[Tokens, str]
    ) -> None:
        self._resolver, self._on, self._within, self._phrases = resolver, on, within, phrases
        self._text = unicodedata.normalize("NFC", cell)
        self._words = name_words(self._text)
        self._tokens = tuple(word.key for word in self._words)
        self._longest_phrase = max(map(len, phrases), default=0)
        self._counted: tuple[str, str] | None = None  # what numbers in a list go on from: "quận 1, 3 và 5"

    def read(self) -> CellRead:
        agencies: list[Resolution] = []
        meant: list[str] = []
        unread: list[str] = []
        at, unknown_end = 0, None
        while at < len(self._words):
            phrase = self._phrase_end(at)
            end, named = self._named(at)
            starts_anew = unknown_end is None or _SEPARATOR.search(self._text, unknown_end, self._start(at))
            if phrase >= end:
                meaning = self._phrases[self._tokens[at:phrase]]
                meant += [meaning] if meaning else []
                at, unknown_end = phrase, None
            elif named is not None and starts_anew and (of_other := self._of_other_unit(at, end, named)):
                unread.append(self._shown(at, of_other))
                at, unknown_end = of_other, self._words[of_other - 1].end
            elif named is not None and starts_anew:
                agencies.append(named)
                at, unknown_end = end, None
            else:
                unread.append(self._shown(at, end))
                at, unknown_end = end, self._words[end - 1].end
        return CellRead(tuple(agencies), tuple(meant), tuple(unread))

    def _phrase_end(self, at: int) -> int:
        """Where the longest phrase from a place ends; the place itself where none begins there."""
        longest = min(at + self._longest_phrase, len(self._tokens))
        return next((end for end in range(longest, at, -1) if self._tokens[at:end] in self._phrases), at)

    def _named(self, at: int) -> tuple[int, Resolution | None]:
        """Where the name from a place ends, and what it means; None where none begins there."""
        match = self._resolver.match(self._tokens, at, self._on)
        end, shown = match.end, self._shown(at, match.end)
        if end <= at and self._counted and self._tokens[at].isdigit():
            token, written = self._counted
            tokens = (*self._tokens[:at], token, *self._tokens[at:])
            match = self._resolver.match(tokens, at, self._on)
            end = match.end - 1
            shown = f"{written} {self._shown(at, end)}"
        elif end > at + 1 and self._tokens[at + 1].isdigit():
            self._counted = self._tokens[at], self._shown(at, at + 1)
        else:
            self._counted = None
        if end <= at:
            return at + 1, None
        heard = [r for r in match.readings if r.kind in _PROPER or self._is_heard(r.text, shown)]
        named = self._resolver.decide(shown, heard, self._on, self._within)
        return (end, named) if named.outcome != "unknown" else (at + 1, None)

    def _of_other_unit(self, at: int, end: int, named: Resolution) -> int | None:
        """Where the name of another unit ends that goes on from an office's: "Phòng Nội vụ quận Gò Vấp".

        The name of the office may have taken its first word. In a list, a unit of the office's own follows.
        """
        office = named.candidates[0].agency_key
        if self._resolver.is_unit(office, self._on):
            return None
        counted = self._counted
        found: int | None = None
        for start in range(at + 1, min(end + 1, len(self._words))):
            between = self._text[self._words[start - 1].end : self._start(start)]
            if _ITEM_ENDS.search(between):
                continue
            unit_end, unit = self._named(start)
            if unit is None or unit.agency_key is None or unit_end <= end:
                continue
            other = unit.agency_key
            in_list = _SEPARATOR.search(between) is not None
            if self._resolver.is_unit(other, self._on) and (
                not in_list or self._resolver.is_foreign(other, office, self._on)
            ):
                found = unit_end
                break
        self._counted = counted
        return found

    def _is_heard(self, name: str, shown: str) -> bool:
        """Whether a name of few words is spoken so: "quận", not "quản", where the cell has accents."""
        return self._text.isascii() or is_spoken_alike(name, spoken(shown))

    def _start(self, at: int) -> int:
        return self._words[at].start

    def _shown(self, at: int, end: int) -> str:
        return self._text[self._start(at) : self._words[end - 1].end] if end > at else ""
