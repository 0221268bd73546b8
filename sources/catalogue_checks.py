"""What no schema can say about agencies, calendar, fields and areas: references, overlaps, days off."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import combinations

from sources.catalogue_models import AgenciesFile, Agency, AreasFile, CalendarFile, FieldsFile, Period
from warehouse.data_files import Place, Problem, duplicates
from warehouse.text import match_key

ONE_DAY = timedelta(days=1)
SATURDAY = 5


def known(codes: Iterable[str]) -> str:
    """The codes that would have been right, for the end of a message."""
    return f"(known: {', '.join(sorted(codes))})"


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


def check_calendar(file: CalendarFile) -> Iterator[Problem]:
    """Windows that overlap, due dates that cannot be, derived periods that do not add up."""
    by_id = {period.id: period for period in file.periods}
    off = set(file.days_off.days)
    yield from duplicates(file.periods, lambda period: period.id, ("periods",), "id")
    yield from duplicates(file.periods, lambda period: (period.year, period.order), ("periods",), "order")
    for number, period in enumerate(file.periods):
        place = ("periods", number)
        if period.id != f"{period.year}-{period.kind}":
            yield (*place, "id"), f"is {period.id!r}, year and kind make {period.year}-{period.kind}"
        if period.window.end < period.window.start:
            yield (*place, "window", "end"), f"lies before the window's start {period.window.start}"
        if period.calendar_end < period.window.end:
            yield (*place, "calendar_end"), f"lies before the cut-off {period.window.end}"
        if period.review_date <= period.window.end:
            yield (*place, "review_date"), f"is not after the cut-off {period.window.end}"
        yield from _check_due(period, off, place)
        if period.derived is not None:
            yield from _check_derived(period, by_id, place)
    plain = [(number, period) for number, period in enumerate(file.periods) if not period.cumulative]
    for (_, first), (number, second) in combinations(plain, 2):
        if first.window.start <= second.window.end and second.window.start <= first.window.end:
            message = f"overlaps that of {first.id!r}, and neither is cumulative"
            yield ("periods", number, "window"), message


def _check_due(period: Period, off: set[date], place: Place) -> Iterator[Problem]:
    if period.derived is not None:
        if period.due:
            yield (*place, "due"), "nobody owes a derived period"
        return
    if "*" not in period.due:
        yield (*place, "due"), "needs '*', the due date of every kind without one of its own"
    for kind, due in period.due.items():
        if due <= period.window.end:
            yield (*place, "due", kind), f"{due} is not after the cut-off {period.window.end}"
        if _is_off(due, off):
            following = due
            while _is_off(following, off):
                following += ONE_DAY
            yield (*place, "due", kind), f"{due} is a day off; the next working day is {following}"


def _is_off(day: date, off: set[date]) -> bool:
    return day.weekday() >= SATURDAY or day in off


def _check_derived(period: Period, by_id: dict[str, Period], place: Place) -> Iterator[Problem]:
    derived = period.derived
    if derived is None:
        return
    needed = [derived.minuend, *derived.subtrahends]
    for needed_id in needed:
        if needed_id not in by_id:
            yield (*place, "derived"), f"unknown period {needed_id!r} {known(by_id)}"
        elif by_id[needed_id].derived is not None:
            yield (*place, "derived"), f"{needed_id!r} is derived itself"
    if any(needed_id not in by_id for needed_id in needed):
        return
    whole = by_id[derived.minuend].window
    day = whole.start
    for part in sorted((by_id[part_id].window for part_id in derived.subtrahends), key=lambda w: w.start):
        if part.start != day:
            yield (*place, "derived"), f"the subtrahends leave a gap or overlap at {day}"
            return
        day = part.end + ONE_DAY
    if (period.window.start, period.window.end) != (day, whole.end):
        message = f"minuend less subtrahends is {day} to {whole.end}, not this window"
        yield (*place, "window"), message


def check_fields(file: FieldsFile, agencies: AgenciesFile) -> Iterator[Problem]:
    """Handlers that exist, and names that mean one field."""
    codes = {agency.code for agency in agencies.agencies}
    kinds = {agency.kind for agency in agencies.agencies}
    yield from duplicates(file.fields, lambda item: item.code, ("fields",), "code")
    holders: dict[str, str] = {}
    for number, item in enumerate(file.fields):
        place = ("fields", number)
        for position, code in enumerate(item.agencies):
            if code not in codes:
                yield (*place, "agencies", position), f"unknown agency {code!r} {known(codes)}"
        for position, kind in enumerate(item.kinds):
            if kind not in kinds:
                yield (*place, "kinds", position), f"no agency is of the kind {kind!r}"
        for name in (item.name, *item.names):
            holder = holders.setdefault(match_key(name), item.code)
            if holder != item.code:
                yield (*place, "names"), f"{name!r} would also mean {holder!r}"


def check_areas(file: AreasFile) -> Iterator[Problem]:
    """Codes given once."""
    yield from duplicates(file.areas, lambda area: area.code, ("areas",), "code")
