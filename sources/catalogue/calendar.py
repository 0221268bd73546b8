"""The schema of calendar.yml. Field names are those of the file; codes are explained there."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from sources.catalogue.model import AgencyKind, Strict, Text

PeriodKind = Literal["Q1", "Q2", "Q3", "Q4", "H1", "9M", "Y"]


class DaysOff(Strict):
    """Days on which nothing falls due."""

    source: Text
    days: list[date]


class Window(Strict):
    """First and last day that a period's data cover."""

    start: date
    end: date


class Derived(Strict):
    """A period that nobody reports: flows of one less the flows of others."""

    minuend: Text
    subtrahends: Annotated[list[Text], Field(min_length=1)]


class Period(Strict):
    """A reporting period, the same for every jurisdiction."""

    id: Text
    kind: PeriodKind
    label_vi: Text
    label_en: Text
    year: int
    order: Annotated[int, Field(ge=1)]
    window: Window
    calendar_end: date
    review_date: date
    cumulative: bool
    derived: Derived | None = None
    source: Text
    assumed: bool = False


class Round(Strict):
    """A period that a unit asks for; `due` holds the due date by kind of agency, '*' for the rest."""

    unit: Text
    period: Text
    due: dict[AgencyKind | Literal["*"], date]
    effective_from: date
    source: Text
    assumed: bool = False


class CalendarFile(Strict):
    """sources/data/calendar.yml."""

    days_off: DaysOff
    periods: list[Period]
    rounds: list[Round]
