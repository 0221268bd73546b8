"""What no schema can say about the calendar: windows that overlap, due dates that cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import combinations

from sources.catalogue.calendar import CalendarFile, Period, Round
from sources.catalogue.codes import known
from warehouse.data_files import Place, Problem, duplicates

ONE_DAY = timedelta(days=1)
SATURDAY = 5


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
        if period.derived is not None:
            yield from _check_derived(period, by_id, place)
    for number, asked in enumerate(file.rounds):
        yield from _check_round(asked, by_id, off, ("rounds", number))
    plain = [(number, period) for number, period in enumerate(file.periods) if not period.cumulative]
    for (_, first), (number, second) in combinations(plain, 2):
        if first.window.start <= second.window.end and second.window.start <= first.window.end:
            message = f"overlaps that of {first.id!r}, and neither is cumulative"
            yield ("periods", number, "window"), message


def _check_round(asked: Round, by_id: dict[str, Period], off: set[date], place: Place) -> Iterator[Problem]:
    period = by_id.get(asked.period)
    if period is None:
        yield (*place, "period"), f"unknown period {asked.period!r} {known(by_id)}"
        return
    if period.derived is not None:
        yield (*place, "period"), "nobody owes a derived period"
    if "*" not in asked.due:
        yield (*place, "due"), "needs '*', the due date of every kind without one of its own"
    for kind, due in asked.due.items():
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
