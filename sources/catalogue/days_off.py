"""Days off: a reviewed list by year, held against the package `holidays` and the decisions that it lacks.

The list is what counts and what is loaded, so that an upgrade of the package never changes a due date of the
past. Where list, package and decisions disagree on a working day, the file is refused and the days are named.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.metadata import version
from typing import Annotated, Self

from pydantic import AfterValidator, StringConstraints, model_validator

from sources.catalogue.model import Strict, Text, Year
from warehouse.data_files import Problem, duplicates

ONE_DAY = timedelta(days=1)
SATURDAY = 5


def _day_and_month(text: str) -> str:
    for part in text.split("-"):
        day, month = (int(number) for number in part.split("/"))
        if not 1 <= month <= 12 or not 1 <= day <= monthrange(2023, month)[1]:
            raise ValueError(f"{part} is no day of every year")
    return text


_DAY = r"\d{1,2}/\d{1,2}"
DayOfYear = Annotated[str, StringConstraints(pattern=f"^{_DAY}$"), AfterValidator(_day_and_month)]
"""Day and month, '15/12'."""
SpanOfYear = Annotated[str, StringConstraints(pattern=f"^{_DAY}(-{_DAY})?$"), AfterValidator(_day_and_month)]
"""A day, or the first and last of several: '20/1-26/1'."""


class Decision(Strict):
    """What the package does not know: a day off, a Saturday or Sunday worked in exchange, or both."""

    day_off: DayOfYear | None = None
    worked: DayOfYear | None = None
    source: Text
    assumed: bool = False

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.day_off is None and self.worked is None:
            raise ValueError("give `day_off`, `worked`, or both")
        return self


class YearOff(Strict):
    """The days off of one year beside Saturdays and Sundays, as reviewed; spans may take week-ends in."""

    year: Year
    days: dict[SpanOfYear, Text]
    worked: dict[DayOfYear, Text] = {}
    decisions: list[Decision] = []
    source: Text
    assumed: bool = False

    def days_of(self, span: str) -> list[date]:
        """Every day of a span, in order; none where its end lies before its start."""
        first, _, last = span.partition("-")
        start, end = day_in(first, self.year), day_in(last or first, self.year)
        return [start + ONE_DAY * n for n in range((end - start).days + 1)]

    @property
    def days_off(self) -> set[date]:
        """Every day that the spans name."""
        return {day for span in self.days for day in self.days_of(span)}

    @property
    def days_worked(self) -> set[date]:
        """Week-end days that were worked."""
        return {day_in(day, self.year) for day in self.worked}


class DaysOffFile(Strict):
    """sources/data/calendar/days_off.yml."""

    years: list[YearOff]


@dataclass(frozen=True)
class DayOff:
    """A day off, or (`is_working`) a Saturday or Sunday that was worked."""

    day: date
    label_vi: str
    is_working: bool
    source: str
    assumed: bool


@dataclass(frozen=True)
class WorkingDays:
    """Which days are worked, in the years that are known."""

    off: frozenset[date]
    worked: frozenset[date]
    years: frozenset[int]
    listed: tuple[DayOff, ...]

    @classmethod
    def of(cls, file: DaysOffFile) -> WorkingDays:
        """The working days of the years in a file."""
        return cls(
            off=frozenset(day for year in file.years for day in year.days_off),
            worked=frozenset(day for year in file.years for day in year.days_worked),
            years=frozenset(year.year for year in file.years),
            listed=tuple(day for year in file.years for day in _listed(year)),
        )

    def is_off(self, day: date) -> bool:
        """Whether nothing falls due on a day."""
        return day in self.off or (day.weekday() >= SATURDAY and day not in self.worked)

    def working_day_from(self, day: date) -> date:
        """The day itself, or the first working day after it."""
        while self.is_off(day):
            day += ONE_DAY
        return day


def day_in(text: str, year: int) -> date:
    """A day of the year, '15/12', in one year."""
    day, month = (int(number) for number in text.split("/"))
    return date(year, month, day)


def check_days_off(file: DaysOffFile) -> Iterator[Problem]:
    """Years given twice, spans that cannot be, days that package and decisions do not bear out."""
    yield from duplicates(file.years, lambda year: year.year, ("years",), "year")
    for number, year in enumerate(file.years):
        place = ("years", number)
        seen: set[date] = set()
        for span in year.days:
            days = year.days_of(span)
            if not days:
                yield (*place, "days", span), "ends before it begins"
            if twice := seen & set(days):
                yield (*place, "days", span), f"{min(twice)} lies in another span too"
            seen |= set(days)
        for text in year.worked:
            day = day_in(text, year.year)
            if day.weekday() < SATURDAY:
                yield (*place, "worked", text), f"{day} is a {day:%A}, which is worked anyway"
            if day in seen:
                yield (*place, "worked", text), f"{day} is given as a day off too"
        yield from _check_against_package(year, number)


def _check_against_package(year: YearOff, number: int) -> Iterator[Problem]:
    place = ("years", number)
    decided_off = {day_in(item.day_off, year.year) for item in year.decisions if item.day_off}
    decided_worked = {day_in(item.worked, year.year) for item in year.decisions if item.worked}
    off, worked, package = by_package(year.year)
    expected = _weekdays((off | decided_off) - decided_worked)
    given = _weekdays(year.days_off)
    for day in sorted(expected - given):
        yield (*place, "days"), f"{day:%A} {day} is off by {package} or a decision, and in no span"
    for span in year.days:
        for day in year.days_of(span):
            if day in given - expected:
                message = f"{day:%A} {day} is no day off by {package}; what sets it belongs in `decisions`"
                yield (*place, "days", span), message
    expected_worked = worked | {day for day in decided_worked if day.weekday() >= SATURDAY}
    for day in sorted(expected_worked - year.days_worked):
        yield (*place, "worked"), f"{day:%A} {day} is worked by {package} or a decision, and not listed"
    for text in year.worked:
        if (day := day_in(text, year.year)) not in expected_worked and day.weekday() >= SATURDAY:
            message = f"{day:%A} {day} is not worked by {package}; what sets it belongs in `decisions`"
            yield (*place, "worked", text), message


@cache
def by_package(year: int) -> tuple[frozenset[date], frozenset[date], str]:
    """Days off and week-end days worked by the package `holidays`, and the package as a message names it."""
    import holidays  # takes a moment, and only the catalogue needs it

    # days worked in exchange for one of another year are known once that year is there
    found = holidays.country_holidays("VN", years=range(year - 1, year + 2))
    return (
        frozenset(day for day in found if day.year == year),
        frozenset(day for day in found.weekend_workdays if day.year == year),
        f"holidays {version('holidays')}",
    )


def _weekdays(days: set[date] | frozenset[date]) -> set[date]:
    return {day for day in days if day.weekday() < SATURDAY}


def _listed(year: YearOff) -> Iterator[DayOff]:
    decided = {
        day_in(text, year.year): item
        for item in year.decisions
        for text in (item.day_off, item.worked)
        if text
    }
    days = [(day, label, False) for span, label in year.days.items() for day in year.days_of(span)]
    days += [(day_in(text, year.year), label, True) for text, label in year.worked.items()]
    for day, label, is_working in sorted(days):
        decision = decided.get(day)
        yield DayOff(
            day=day,
            label_vi=label,
            is_working=is_working,
            source=decision.source if decision else year.source,
            assumed=decision.assumed if decision else year.assumed,
        )
