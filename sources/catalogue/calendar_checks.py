"""What no schema can say about the calendar: windows that overlap or leave gaps, due dates that cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from sources.catalogue.agencies import AgenciesFile
from sources.catalogue.calendar import EVERY_KIND, Calendar, DueDate, Period, PeriodsFile
from sources.catalogue.codes import known
from sources.catalogue.days_off import ONE_DAY, DaysOffFile
from warehouse.data_files import Place, Problem


def check_periods(file: PeriodsFile) -> Iterator[Problem]:
    """Windows that cannot be, periods given twice, overlaps, gaps, derived periods that do not add up."""
    yield from _check_rules(file)
    said: set[Place] = set()
    for place, message in _check_all(file):
        # what is wrong with a line of a rule is wrong in every year: the first one says it
        if place not in said:
            yield place, message
        said.add(place)


def _check_all(file: PeriodsFile) -> Iterator[Problem]:
    by_id: dict[str, Period] = {}
    for period in file.all():
        if period.id in by_id:
            yield period.place, f"{period.id} is given twice"
        by_id.setdefault(period.id, period)
    orders: dict[int, str] = {}
    for kind, form in file.kinds.items():
        if form.order in orders:
            yield ("kinds", kind, "order"), f"{form.order} is the order of {orders[form.order]} already"
        orders.setdefault(form.order, kind)
    for period in by_id.values():
        yield from _check_period(period)
        yield from _check_derived(period, by_id)
    yield from _check_neighbours([p for p in by_id.values() if not p.form.cumulative])
    yield from _check_cumulative(by_id)


def check_years_known(file: PeriodsFile, days: DaysOffFile) -> Iterator[Problem]:
    """Years whose days off nobody listed: a due date of theirs could not be moved."""
    missing = {period.year: period.place for period in file.all()}
    for year in missing.keys() - {entry.year for entry in days.years}:
        yield missing[year], f"the days off of {year} are not known: add the year to days_off.yml"


def _check_rules(file: PeriodsFile) -> Iterator[Problem]:
    for number, rule in enumerate(file.rules):
        place = ("rules", number)
        if rule.years.last < rule.years.first:
            yield (*place, "years", "to"), f"lies before {rule.years.first}"
        for kind in rule.derived.keys() - rule.windows.keys():
            yield (*place, "derived", kind), "has no window in this rule"


def _check_period(period: Period) -> Iterator[Problem]:
    window = period.window
    if window is None:
        if period.closes_on.year != period.year:
            yield (*period.place, "closes_on"), f"does not lie in {period.year}"
        return
    if window.end < window.start:
        yield (*period.place, "window", "end"), f"lies before the window's start {window.start}"
    if (window.end.year, window.end.month) != (period.year, period.form.month):
        message = f"{period.id} ends on {window.end}, not in month {period.form.month} of {period.year}"
        yield (*period.place, "window", "end"), message
    if period.in_force and window.end < period.in_force:
        message = f"{period.id} ends on {window.end}, before its document was in force ({period.in_force})"
        yield period.place, message
    if period.province_due and period.province_due <= window.end:
        yield period.place, f"{period.id}: province_due is not after the cut-off {window.end}"


def _check_neighbours(plain: list[Period]) -> Iterator[Problem]:
    """Periods that are not cumulative follow each other without overlap and without gap."""
    windows = [(p.window, p) for p in plain if p.window is not None and p.window.start <= p.window.end]
    for (before, first), (after, second) in pairwise(sorted(windows, key=lambda item: item[0].start)):
        place = (*second.place, "window")
        if after.start <= before.end:
            yield place, f"that of {second.id!r} overlaps that of {first.id!r}, and neither is cumulative"
        elif after.start > before.end + ONE_DAY:
            message = f"no period has the days from {before.end + ONE_DAY} to {after.start - ONE_DAY}"
            yield place, f"{message}, between {first.id!r} and {second.id!r}"


def _check_cumulative(by_id: dict[str, Period]) -> Iterator[Problem]:
    """Cumulative windows begin with their year's first quarter: else one less the other means nothing."""
    for period in by_id.values():
        first = by_id.get(f"{period.year}-Q1")
        if not period.form.cumulative or period.window is None or first is None or first.window is None:
            continue
        if period.window.start != first.window.start:
            message = f"{period.id} begins on {period.window.start}, {first.id} on {first.window.start}"
            yield (*period.place, "window", "start"), message


def _check_derived(period: Period, by_id: dict[str, Period]) -> Iterator[Problem]:
    derived = period.derived
    if derived is None:
        return
    place = (*period.place[:-2], "derived", period.kind)
    needed = [by_id.get(part) for part in period.parts]
    for part_id, part in zip(period.parts, needed, strict=True):
        if part is None:
            yield place, f"{period.id} is derived from {part_id}, which is no period {known(by_id)}"
        elif part.derived is not None:
            yield place, f"{period.id} is derived from {part_id}, which is derived itself"
    windows = [part.window for part in needed if part is not None and part.window is not None]
    if len(windows) != len(needed) or period.window is None:
        return
    whole, *parts = windows
    day = whole.start
    for part_window in sorted(parts, key=lambda w: w.start):
        if part_window.start != day:
            yield place, f"{period.id}: the subtrahends leave a gap or overlap at {day}"
            return
        day = part_window.end + ONE_DAY
    if (period.window.start, period.window.end) != (day, whole.end):
        yield place, f"{period.id}: minuend less subtrahends is {day} to {whole.end}, not its window"


def check_rounds(calendar: Calendar, agencies: AgenciesFile) -> Iterator[Problem]:
    """Units and periods that are not there, due dates that cannot be or are set twice."""
    by_id = {period.id: period for period in calendar.periods}
    for number, asked in enumerate(calendar.rounds.rounds):
        for period_id in asked.due:
            place = ("rounds", number, "due", period_id)
            if period_id not in by_id:
                yield place, f"unknown period {period_id!r} {known(by_id)}"
            elif by_id[period_id].derived is not None:
                yield place, "nobody owes a derived period"
        closing = {by_id[period_id].closes_on: period_id for period_id in asked.due if period_id in by_id}
        for position, unit in enumerate(asked.units):
            yield from _check_unit(unit, closing, agencies, ("rounds", number, "units", position))
    yield from _check_set_once(calendar)
    by_place = {due.place: due for due in calendar.dues()}
    for due in by_place.values():
        if due.period_id in by_id:
            yield from _check_due(due, by_id[due.period_id], calendar)


def _check_unit(
    unit: str, closing: dict[date, str], agencies: AgenciesFile, place: Place
) -> Iterator[Problem]:
    spans = [agency for agency in agencies.agencies if agency.code == unit]
    if not spans:
        units = {agency.code for agency in agencies.agencies if agency.consolidates}
        yield place, f"unknown unit {unit!r} {known(units)}"
    elif not any(agency.consolidates for agency in spans):
        yield place, f"{unit} does not consolidate the reports of others"
    else:
        for day, period_id in closing.items():
            if not any(span.consolidates and span.valid_from <= day <= span.last_day for span in spans):
                yield place, f"{unit} is no consolidating unit on {day}, when {period_id} closes"


def _check_set_once(calendar: Calendar) -> Iterator[Problem]:
    """One due date for a unit, period and kind from a day on; and always one for the kinds not named."""
    for_all = {(due.unit, due.period_id) for due in calendar.dues() if due.agency_kind == EVERY_KIND}
    seen: dict[tuple[object, ...], DueDate] = {}
    for due in calendar.dues():
        same = (due.unit, due.period_id, due.agency_kind, due.effective_from)
        if same in seen:
            already = f"{due.unit} has {seen[same].stated} for {due.agency_kind!r} already"
            yield due.place, f"{already}, from the same day on ({due.effective_from})"
        seen.setdefault(same, due)
        if (due.unit, due.period_id) not in for_all:
            yield due.place[:-1], f"{due.unit} needs '*', the due date of every kind without one of its own"


def _check_due(due: DueDate, period: Period, calendar: Calendar) -> Iterator[Problem]:
    """The day a report falls due, moved past days off, leaves a working day after the cut-off."""
    falls_due = calendar.days.working_day_from(due.stated)
    if unknown := {due.stated.year, falls_due.year} - calendar.days.years:
        years = ", ".join(map(str, sorted(unknown)))
        yield due.place, f"{due.stated}: the days off of {years} are not known (days_off.yml)"
    if due.effective_from > due.stated:
        yield due.place, f"{due.stated} would be set on {due.effective_from}, when it has passed"
    if period.window is not None and falls_due <= period.window.end:
        cut_off = period.window.end
        message = f"{due.stated} leaves no working day after the cut-off {cut_off} (09/2019/NĐ-CP, Điều 8)"
        yield due.place, message
