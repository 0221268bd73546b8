"""The schema of calendar/periods.yml and rounds.yml. Field names are those of the files, explained there."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sources.catalogue.days_off import DayOfYear, WorkingDays, day_in
from sources.catalogue.model import AgencyKind, Strict, Text, Year
from warehouse.data_files import Place

PeriodKind = Literal["Q1", "Q2", "H1", "Q3", "9M", "N11", "Q4", "Y"]
EVERY_KIND = "*"
"""In a round's due dates: every kind of agency without one of its own."""


class KindOfPeriod(Strict):
    """What is the same for every period of a kind, whatever sets its window."""

    order: Annotated[int, Field(ge=1)]
    month: Annotated[int, Field(ge=1, le=12)]
    quarters: Annotated[int, Field(ge=1, le=4)] | None
    cumulative: bool = False
    label_vi: Text
    label_en: Text


class Derivation(Strict):
    """A kind of period that nobody reports: flows of one less the flows of others, of the same year."""

    minuend: PeriodKind
    subtrahends: Annotated[list[PeriodKind], Field(min_length=1)]


class Years(Strict):
    """First and last year that a rule holds for."""

    first: Year = Field(alias="from")
    last: Year = Field(alias="to")


class YearlyWindow(Strict):
    """A window that comes every year. The start is the last such day before the end."""

    start: DayOfYear
    end: DayOfYear

    def of(self, year: int) -> Window:
        """The window that ends in a year."""
        start, end = day_in(self.start, year), day_in(self.end, year)
        return Window(start=start if start <= end else day_in(self.start, year - 1), end=end)


class PeriodRule(Strict):
    """A document that sets the same windows for every year."""

    source: Text
    in_force: date
    years: Years
    windows: dict[PeriodKind, YearlyWindow]
    derived: dict[PeriodKind, Derivation]
    province_due: Annotated[int, Field(ge=1, le=28)] | None = None
    assumed: bool = False


class Window(Strict):
    """First and last day that a period's data cover."""

    start: date
    end: date


class SinglePeriod(Strict):
    """A period that a document or a custom sets by itself; without a window, the day that stands for it."""

    kind: PeriodKind
    year: Year
    window: Window | None
    closes_on: date | None = None
    source: Text
    assumed: bool = False

    @model_validator(mode="after")
    def _window_or_day(self) -> Self:
        if (self.window is None) == (self.closes_on is None):
            raise ValueError("give a window, or `window: null` and the day `closes_on` that stands for it")
        return self


@dataclass(frozen=True)
class Period:
    """A reporting period as it stands after rules are written out year by year. `place` is its file place."""

    place: Place
    kind: PeriodKind
    year: int
    form: KindOfPeriod
    window: Window | None
    closes_on: date
    derived: Derivation | None
    province_due: date | None
    in_force: date | None
    source: str
    assumed: bool

    @property
    def id(self) -> str:
        """The id that people and scripts use."""
        return f"{self.year}-{self.kind}"

    @property
    def label_vi(self) -> str:
        """How a form and the review name it."""
        return self.form.label_vi.format(year=self.year)

    @property
    def label_en(self) -> str:
        """How engineers read it."""
        return self.form.label_en.format(year=self.year)

    @property
    def calendar_end(self) -> date:
        """Last day of the month that closes it (of the calendar quarter, but for a round within one)."""
        return date(self.year, self.form.month, monthrange(self.year, self.form.month)[1])

    @property
    def parts(self) -> list[str]:
        """Ids of the periods that a derived one is computed from, the minuend first."""
        if self.derived is None:
            return []
        return [f"{self.year}-{kind}" for kind in (self.derived.minuend, *self.derived.subtrahends)]


class PeriodsFile(Strict):
    """sources/data/calendar/periods.yml."""

    review_day: Annotated[int, Field(ge=1, le=28)]
    kinds: dict[PeriodKind, KindOfPeriod]
    rules: list[PeriodRule]
    periods: list[SinglePeriod]

    @model_validator(mode="after")
    def _kinds_are_described(self) -> Self:
        used = {kind for rule in self.rules for kind in rule.windows} | {p.kind for p in self.periods}
        if missing := used - self.kinds.keys():
            raise ValueError(f"`kinds` does not describe {', '.join(sorted(missing))}")
        return self

    def all(self) -> list[Period]:
        """Every period: rules written out year by year, then those set by themselves."""
        return sorted([*self._by_rule(), *self._by_themselves()], key=lambda p: (p.year, p.form.order))

    def _by_rule(self) -> Iterator[Period]:
        for number, rule in enumerate(self.rules):
            for year in range(rule.years.first, rule.years.last + 1):
                for kind, yearly in rule.windows.items():
                    form, window, derived = self.kinds[kind], yearly.of(year), rule.derived.get(kind)
                    day = None if derived else rule.province_due
                    yield Period(
                        place=("rules", number, "windows", kind),
                        kind=kind,
                        year=year,
                        form=form,
                        window=window,
                        closes_on=window.end,
                        derived=derived,
                        province_due=date(year, form.month, day) if day else None,
                        in_force=rule.in_force,
                        source=rule.source,
                        assumed=rule.assumed,
                    )

    def _by_themselves(self) -> Iterator[Period]:
        for number, single in enumerate(self.periods):
            closes_on = single.window.end if single.window else single.closes_on
            assert closes_on is not None  # noqa: S101 (its model says that one of the two is there)
            yield Period(
                place=("periods", number),
                kind=single.kind,
                year=single.year,
                form=self.kinds[single.kind],
                window=single.window,
                closes_on=closes_on,
                derived=None,
                province_due=None,
                in_force=None,
                source=single.source,
                assumed=single.assumed,
            )


class Round(Strict):
    """Periods that units ask for by one document or assumption, with the day that each kind owes them."""

    units: Annotated[list[Text], Field(min_length=1)]
    effective_from: date
    due: Annotated[dict[Text, dict[AgencyKind | Literal["*"], date]], Field(min_length=1)]
    source: Text
    assumed: bool = False


class RoundsFile(Strict):
    """sources/data/calendar/rounds.yml."""

    rounds: list[Round]


@dataclass(frozen=True)
class DueDate:
    """By when a kind of agency owes a unit a period's report, from a day on. `place` is its file place."""

    place: Place
    unit: str
    period_id: str
    agency_kind: str
    stated: date
    effective_from: date
    source: str
    assumed: bool


@dataclass(frozen=True)
class Calendar:
    """Periods, due dates and working days, as read from the folder calendar/."""

    periods: list[Period]
    review_day: int
    rounds: RoundsFile
    days: WorkingDays

    def dues(self) -> Iterator[DueDate]:
        """Every due date that the rounds state, by unit."""
        for number, asked in enumerate(self.rounds.rounds):
            for unit in asked.units:
                for period_id, by_kind in asked.due.items():
                    for kind, stated in by_kind.items():
                        yield DueDate(
                            place=("rounds", number, "due", period_id, kind),
                            unit=unit,
                            period_id=period_id,
                            agency_kind=kind,
                            stated=stated,
                            effective_from=asked.effective_from,
                            source=asked.source,
                            assumed=asked.assumed,
                        )
