"""Which agency a name means on a day. What may mean two is reported with both, never guessed.

Works on rows of ref_agency and ref_agency_name, from the database or from the catalogue alike. A name is an
agency's own name, and after it, in any number, those of the agencies above it: "Phường 1, Quận 3, TP.HCM".
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from sources.names import Tokens, is_spoken_alike, name_words, spoken

Row = Mapping[str, Any]
Outcome = Literal["found", "ambiguous", "not_valid", "unknown"]
UNITS = frozenset({"people_committee", "ward"})
"""Kinds of agencies whose names are proper names; names of others lean on the unit they belong to."""
YEARS_REMEMBERED = 2
"""A bare name ("UBND Bình Tân") goes on meaning an agency for so many years after its end."""


@dataclass(frozen=True)
class Candidate:
    """An agency that a name may mean, with the spans in which it is there."""

    agency_key: int
    agency_code: str
    name: str
    parent_name: str | None
    spans: tuple[tuple[date, date | None], ...]

    @property
    def label_vi(self) -> str:
        """Name, code and validity, for messages to agencies."""
        valid = ", ".join(
            f"từ {first:%d/%m/%Y}" if last is None else f"đến {last:%d/%m/%Y}" for first, last in self.spans
        )
        return f"{self.name} ({self.agency_code}, {valid})"


@dataclass(frozen=True)
class Resolution:
    """What a name means on a day. `not_valid`: known, but there is no such agency on that day.

    An unknown name that an office of another unit bears has that unit in `unit`: the one that the name, or
    whoever says it, belongs to. Those that bear it in other units are `elsewhere`; none of them is meant.
    """

    text: str
    outcome: Outcome
    candidates: tuple[Candidate, ...] = ()
    unit: Candidate | None = None
    elsewhere: tuple[Candidate, ...] = ()

    def listed_vi(self, most: int = 160) -> str:
        """The candidates for a message of limited length; the rest are counted."""
        labels = [candidate.label_vi for candidate in self.candidates]
        shown = 1
        while shown < len(labels) and len("; ".join(labels[: shown + 1])) <= most:
            shown += 1
        rest = len(labels) - shown
        return "; ".join(labels[:shown]) + (f" và {rest} cơ quan khác" if rest else "")

    @property
    def agency_key(self) -> int | None:
        """The agency, where the name means exactly one on that day."""
        return self.candidates[0].agency_key if self.outcome == "found" else None


@dataclass(frozen=True)
class _Name:
    agency_key: int
    text: str
    kind: str
    first: date
    last: date


@dataclass(frozen=True)
class Reading:
    """A name taken for an agency: on `day`, the nearest day on which it would be right."""

    agency_key: int
    kind: str
    text: str
    day: date
    is_qualified: bool


@dataclass
class Match:
    """Readings of the longest stretch of words from a place, and where it ends."""

    end: int = 0
    readings: list[Reading] = field(default_factory=list)

    def add(self, end: int, reading: Reading) -> None:
        """Keep a reading, unless a longer one is there; a longer one than those there takes their place."""
        if end > self.end:
            self.end, self.readings = end, []
        if end == self.end:
            self.readings.append(reading)


class Resolver:
    """Names in force, indexed. Build once, ask often."""

    def __init__(self, agencies: Iterable[Row], names: Iterable[Row]) -> None:
        self._spans: dict[int, list[Row]] = defaultdict(list)
        for row in agencies:
            if row["agency_key"]:
                self._spans[row["agency_key"]].append(row)
        for spans in self._spans.values():
            spans.sort(key=lambda span: span["valid_from"])
        self._names: dict[Tokens, list[_Name]] = defaultdict(list)
        self._of_agency: dict[int, list[tuple[Tokens, _Name]]] = defaultdict(list)
        for row in names:
            key = row["agency_key"]
            tokens = tuple(row["match_key"].split())
            if not tokens or key not in self._spans:
                continue
            name = _Name(key, row["name"], row["name_kind"], row["valid_from"], row["valid_to"] or date.max)
            self._names[tokens].append(name)
            self._of_agency[key].append((tokens, name))
        self._longest = max(map(len, self._names), default=0)

    def agency(self, agency_key: int, on: date) -> Row | None:
        """The agency as it was on a day, or None when it was not there."""
        spans = self._spans.get(agency_key, [])
        at = bisect_right(spans, on, key=lambda span: span["valid_from"]) - 1
        return spans[at] if at >= 0 and on <= _last(spans[at]) else None

    def above(self, agency_key: int, on: date) -> Iterator[int]:
        """The agencies above one on a day, the nearest first."""
        span = self.agency(agency_key, on)
        while span is not None and span["parent_agency_key"] is not None:
            yield span["parent_agency_key"]
            span = self.agency(span["parent_agency_key"], on)

    def candidate(self, agency_key: int, on: date) -> Candidate:
        """An agency for people to choose: named as on the day nearest to the one given."""
        spans = self._spans[agency_key]
        nearest = min(spans, key=lambda span: abs((_clamped(on, span) - on).days))
        parent = nearest["parent_agency_key"]
        above = self.agency(parent, _clamped(on, nearest)) if parent is not None else None
        return Candidate(
            agency_key,
            nearest["agency_code"],
            nearest["agency_name"],
            above["agency_name"] if above else None,
            tuple(_merged(spans)),
        )

    def resolve(self, text: str, on: date, within: int | None = None) -> Resolution:
        """What a name means on a day.

        `within` is the unit whose document says the name: its own offices then go first, and names that lean
        on it ("UBND quận", "Văn phòng UBND") mean its own.
        """
        written = unicodedata.normalize("NFC", text)
        tokens = tuple(word.key for word in name_words(written))
        match = self.match(tokens, 0, on)
        readings = match.readings if match.end == len(tokens) else []
        decided = self.decide(written.strip(), readings, on, within)
        return decided if decided.outcome != "unknown" else self._elsewhere(decided, tokens, on, within)

    def is_unit(self, agency_key: int, on: date) -> bool:
        """Whether an agency is a unit, by its proper name, on a day; an office is not."""
        span = self.agency(agency_key, on)
        return span is not None and span["agency_kind"] in UNITS

    def is_foreign(self, unit: int, office: int, on: date) -> bool:
        """Whether a unit is neither above an office on a day nor below the one that the office belongs to."""
        above = list(self.above(office, on))
        return unit not in above and not set(above[:1]) & set(self.above(unit, on))

    def _elsewhere(self, unknown: Resolution, tokens: Tokens, on: date, within: int | None) -> Resolution:
        """An unknown name, with the unit that lacks such an office and those that bear its name elsewhere.

        "Phòng Nội vụ quận Gò Vấp" is an office's name, of whatever unit, and after it the name of another.
        """
        for at in range(1, len(tokens)):
            tail, head = self.match(tokens, at, on), self.match(tokens[:at], 0, on)
            unit = self.decide("", tail.readings, on, None).agency_key if tail.end == len(tokens) else None
            if unit is None or head.end != at or not self.is_unit(unit, on):
                continue
            bearers = self._offices(head.readings, on)
            if bearers:
                return Resolution(unknown.text, "unknown", (), self.candidate(unit, on), bearers)
        match = self.match(tokens, 0, on)
        bearers = self._offices(match.readings, on) if match.end == len(tokens) else ()
        if within is None or not bearers:
            return unknown
        return Resolution(unknown.text, "unknown", (), self.candidate(within, on), bearers)

    def _offices(self, readings: list[Reading], on: date) -> tuple[Candidate, ...]:
        """The offices, no units, that a name may mean on a day, whoever says it."""
        meant = self.decide("", readings, on, None).candidates
        return tuple(office for office in meant if not self.is_unit(office.agency_key, on))

    # ------------------------------------------------------------ words → readings
    def match(self, tokens: Tokens, at: int, on: date) -> Match:
        """The longest stretch of words from a place that names agencies, with its readings."""
        match = Match()
        for length in range(min(self._longest, len(tokens) - at), 0, -1):
            for name in self._names.get(tokens[at : at + length], ()):
                for day in self._days(name, on):
                    end, is_qualified = self._qualified(tokens, at + length, name.agency_key, day)
                    match.add(end, Reading(name.agency_key, name.kind, name.text, day, is_qualified))
        return match

    def _days(self, name: _Name, on: date) -> Iterator[date]:
        """In each span of its agency, the day nearest to `on` on which a name was in use."""
        for span in self._spans[name.agency_key]:
            first, last = max(name.first, span["valid_from"]), min(name.last, _last(span))
            if first <= last:
                yield min(max(on, first), last)

    def _qualified(self, tokens: Tokens, at: int, agency_key: int, day: date) -> tuple[int, bool]:
        """Where the words end that name agencies above this one, and whether they tell it from its like.

        A unit may leave out the one right above it ("Phường Bến Nghé, TP.HCM"), an office may not: "Thanh tra
        Thành phố" is not that of a district. "UBND quận" names any district, and tells none.
        """
        if at == len(tokens):
            return at, False
        span = self.agency(agency_key, day)
        is_unit = span is not None and span["agency_kind"] in UNITS
        tells = False
        for above in self.above(agency_key, day):
            ends = [
                (at + len(own), name.kind != "local")
                for own, name in self._of_agency[above]
                if name.first <= day <= name.last and tokens[at : at + len(own)] == own
            ]
            if not ends and not is_unit:
                break
            at, is_proper = max(ends, default=(at, False))
            tells = tells or is_proper
        return at, tells

    # ------------------------------------------------------------ readings → what is meant
    def decide(self, text: str, readings: list[Reading], on: date, within: int | None) -> Resolution:
        """What a stretch of words means on a day, of its readings."""
        readings = self._in_context(readings, on, within)
        if not readings:
            return Resolution(text, "unknown")
        nearest = self._nearest(readings, on)
        if len(nearest) > 1:
            forms = spoken(text)
            alike = {key: found for key, found in nearest.items() if is_spoken_alike(found.text, forms)}
            nearest = alike or nearest
        is_bare = all(reading.kind == "bare" for reading in nearest.values())
        now = {key for key, reading in nearest.items() if reading.day == on}
        meant = (
            {key for key, reading in nearest.items() if _is_remembered(reading.day, on)} if is_bare else now
        )
        is_leaning = within is None and all(
            reading.kind == "local" and not reading.is_qualified for reading in nearest.values()
        )
        if not meant or (len(meant) == 1 and meant != now):
            outcome: Outcome = "not_valid"
        elif len(meant) > 1 or is_leaning:
            outcome = "ambiguous"
        else:
            outcome = "found"
        shown = meant or nearest.keys()
        candidates = [self.candidate(key, on) for key in shown]
        candidates.sort(key=lambda candidate: (candidate.agency_key not in now, candidate.agency_key))
        return Resolution(text, outcome, tuple(candidates))

    @staticmethod
    def _nearest(readings: list[Reading], on: date) -> dict[int, Reading]:
        """By agency the reading that fits best: in force on the day, by a full name, nearest to the day."""
        best: dict[int, Reading] = {}
        for reading in sorted(
            readings, key=lambda r: (r.day != on, r.kind == "bare", abs((r.day - on).days))
        ):
            best.setdefault(reading.agency_key, reading)
        return best

    def _in_context(self, readings: list[Reading], on: date, within: int | None) -> list[Reading]:
        """The readings that the unit whose document it is leaves; without a unit, local names come last."""
        if within is None:
            return [reading for reading in readings if reading.kind != "local"] or readings
        ranks = {unit: rank for rank, unit in enumerate((within, *self.above(within, on)))}
        ranked: list[tuple[int, Reading]] = []
        for reading in readings:
            rank = self._rank(reading, ranks, within)
            if rank is not None:
                ranked.append((rank, reading))
        first = min((rank for rank, _ in ranked), default=0)
        return [reading for rank, reading in ranked if rank == first]

    def _rank(self, reading: Reading, ranks: dict[int, int], within: int) -> int | None:
        """How near to the unit: 0 its own, 1 that of the unit above it …; None where it cannot be meant."""
        span = self.agency(reading.agency_key, reading.day)
        if span is None:
            return None
        own = reading.agency_key in ranks
        if span["agency_kind"] not in UNITS:
            rank = ranks.get(span["parent_agency_key"])
            return rank if rank is not None else len(ranks) if reading.is_qualified else None
        if reading.kind == "local":
            return ranks[reading.agency_key] if own else len(ranks) if reading.is_qualified else None
        if own or within in self.above(reading.agency_key, reading.day):
            return ranks.get(reading.agency_key, 0)
        return len(ranks)


def valid(row: Row, on: date) -> bool:
    """Whether a row with valid_from and valid_to is in force on a day."""
    return bool(row["valid_from"] <= on <= _last(row))


def _last(row: Row) -> date:
    last: date | None = row["valid_to"]
    return last or date.max


def _clamped(on: date, span: Row) -> date:
    first: date = span["valid_from"]
    return min(max(on, first), _last(span))


def _is_remembered(day: date, on: date) -> bool:
    """Whether a name that was last right on `day` may still be meant on `on`."""
    return day <= on and (on.year - day.year, on.month, on.day) <= (YEARS_REMEMBERED, day.month, day.day)


def _merged(spans: list[Row]) -> Iterator[tuple[date, date | None]]:
    """Spans in order of time, those that adjoin made one."""
    first, last = spans[0]["valid_from"], _last(spans[0])
    for span in spans[1:]:
        if (span["valid_from"] - last).days > 1:
            yield first, last
            first = span["valid_from"]
        last = _last(span)
    yield first, None if last == date.max else last
