"""What no schema can say about agencies: references, spans of validity, names that would mean two."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import combinations

from sources.catalogue.agencies import AgenciesFile, Agency
from sources.catalogue.codes import known
from warehouse.data_files import Place, Problem, duplicates
from warehouse.text import match_key


def check_agencies(file: AgenciesFile) -> Iterator[Problem]:
    """References, spans of validity, keys, and names that would mean two agencies."""
    by_code = {agency.code: agency for agency in file.agencies}
    if not any(agency.key == 0 for agency in file.agencies):
        yield ("agencies",), "key 0, the unknown agency, is missing"
    for number, agency in enumerate(file.agencies):
        place = ("agencies", number)
        if agency.last_day < agency.valid_from:
            yield (*place, "valid_to"), f"lies before valid_from {agency.valid_from}"
        if agency.reports and agency.parent is None:
            yield (*place, "reports"), "an agency that reports needs a parent to report to"
        if agency.parent is not None:
            yield from _check_parent(agency, by_code, place)
            yield from _check_span(agency, file.agencies, place)
    for (one, first), (two, second) in combinations(enumerate(file.agencies), 2):
        if (first.key == second.key) != (first.code == second.code):
            message = f"key {second.key} and code {second.code!r} do not go together in item [{one}]"
            yield ("agencies", two, "key"), message
        elif first.key == second.key and _overlap(first, second):
            yield ("agencies", two, "valid_from"), f"span overlaps that of item [{one}], the same agency"
    yield from _check_names(file.agencies)
    yield from duplicates(file.collectives, lambda item: item.code, ("collectives",), "code")
    for number, collective in enumerate(file.collectives):
        place = ("collectives", number)
        if collective.code in by_code:
            yield (*place, "code"), f"{collective.code!r} is the code of an agency"
        if collective.parent not in by_code:
            yield (*place, "parent"), f"unknown agency {collective.parent!r} {known(by_code)}"
        elif not any(a.parent == collective.parent and a.kind in collective.kinds for a in file.agencies):
            yield (*place, "kinds"), f"no agency of these kinds below {collective.parent!r}"


def _check_parent(agency: Agency, by_code: dict[str, Agency], place: Place) -> Iterator[Problem]:
    chain = [agency.code]
    above = agency.parent
    while above is not None:
        if above not in by_code:
            if len(chain) == 1:
                yield (*place, "parent"), f"unknown agency {above!r} {known(by_code)}"
            return
        if above in chain:
            yield (*place, "parent"), f"the chain of parents comes back: {' → '.join([*chain, above])}"
            return
        chain.append(above)
        above = by_code[above].parent


def _check_span(agency: Agency, agencies: list[Agency], place: Place) -> Iterator[Problem]:
    spans = [parent for parent in agencies if parent.code == agency.parent]
    if not spans:
        return
    first, last = min(span.valid_from for span in spans), max(span.last_day for span in spans)
    if agency.valid_from < first or agency.last_day > last:
        own, parents = _span(agency.valid_from, agency.last_day), _span(first, last)
        side = "valid_from" if agency.valid_from < first else "valid_to"
        yield (*place, side), f"{own} is not within the span of its parent {agency.parent!r}, {parents}"


def _span(first: date, last: date) -> str:
    return f"{first} - {'open' if last == date.max else last}"


def _check_names(agencies: list[Agency]) -> Iterator[Problem]:
    seen: dict[str, list[tuple[int, Agency]]] = {}
    for number, agency in enumerate(agencies):
        for name in (agency.official, agency.short, *agency.variants, *agency.head_titles):
            holders = seen.setdefault(match_key(name), [])
            for other_number, other in holders:
                if other.code != agency.code and _overlap(other, agency):
                    message = f"{name!r} would also mean {other.code!r} (item [{other_number}])"
                    yield ("agencies", number), message
            if all(other.code != agency.code for _, other in holders):
                holders.append((number, agency))


def _overlap(one: Agency, two: Agency) -> bool:
    return one.valid_from <= two.last_day and two.valid_from <= one.last_day
