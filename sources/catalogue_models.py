"""The schema of the catalogue's data files. Field names are those of the files; codes are explained there."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

AgencyKind = Literal["people_committee", "department", "public_service", "vertical", "ward", "unknown"]
AgencyLevel = Literal["city", "district", "commune", "unknown"]
FieldGroup = Literal["land", "construction", "investment", "complaints"]
PeriodKind = Literal["Q1", "Q2", "Q3", "Q4", "H1", "9M", "Y"]
ObligationKind = Literal["milestone", "recurring", "whole_year", "on_event", "external"]
Comparator = Literal["gt", "ge", "eq", "lt", "le", "range", "rank_le", "by_date", "none"]
Unit = Literal["percent", "count", "count_per_quarter", "rank", "score", "date", "none"]
Scope = Literal["district", "department", "ward", "unit", "field"]
Quantifier = Literal["overall", "every_field", "every_agency"]
FedBy = Literal["dossier", "satisfaction", "feedback", "task", "target_row", "figure", "external", "none"]
Measure = Literal[
    "on_time",
    "late",
    "apology",
    "satisfied",
    "satisfied_service",
    "feedback_answered",
    "feedback_published",
]
RollUp = Literal["own", "sum", "share_of_agencies", "none"]

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Citation = Annotated[
    str, StringConstraints(pattern=r"^(PL(\.\d+)*|[IVX]+(\.\d+)*|Điều \d+)$", strip_whitespace=True)
]
Number = Annotated[Decimal, Field(strict=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


# ---------------------------------------------------------------- agencies.yml
class NamePattern(_Strict):
    """How agencies of one make are written; `{name}` stands for the agency's `name`."""

    official: Text
    short: Text
    variants: list[Text] = []
    head_titles: list[Text] = []


class Agency(_Strict):
    """An agency in one span of validity, with its names written out."""

    key: Annotated[int, Field(ge=0)]
    code: Text
    kind: AgencyKind
    level: AgencyLevel
    parent: Text | None = None
    official: Text
    short: Text
    variants: list[Text] = []
    head_titles: list[Text] = []
    valid_from: date
    valid_to: date | None = None
    reports: bool
    consolidates: bool
    source: Text
    assumed: bool = False

    @model_validator(mode="before")
    @classmethod
    def _names_are_written_out(cls, content: Any) -> Any:
        if isinstance(content, dict) and "pattern" in content:
            raise ValueError(f"needs `name`, and the pattern {content['pattern']!r} in name_patterns")
        return content

    @property
    def last_day(self) -> date:
        """The last day of validity; far in the future where none is set."""
        return self.valid_to or date.max


class Collective(_Strict):
    """An open collective: the agencies of some kinds below a parent."""

    code: Text
    label: Text
    parent: Text
    kinds: Annotated[list[AgencyKind], Field(min_length=1)]
    names: list[Text]
    source: Text
    assumed: bool = False


class AgenciesFile(_Strict):
    """sources/data/agencies.yml."""

    jurisdiction: Text
    name_patterns: dict[str, NamePattern]
    agencies: list[Agency]
    collectives: list[Collective]
    connecting_words: list[Text] = []

    @model_validator(mode="before")
    @classmethod
    def _write_names_out(cls, content: Any) -> Any:
        """Fill the name patterns in; what does not fit is left as it is, for the fields to refuse."""
        if not isinstance(content, dict) or not isinstance(content.get("agencies"), list):
            return content
        patterns = content.get("name_patterns")
        patterns = patterns if isinstance(patterns, dict) else {}
        agencies = [_written_out(agency, patterns) for agency in content["agencies"]]
        return {**content, "agencies": agencies}


def _written_out(agency: Any, patterns: dict[str, Any]) -> Any:
    """The agency with the names of its pattern; unchanged, for its own check to refuse, where that fails."""
    if not isinstance(agency, dict) or "pattern" not in agency:
        return agency
    pattern, name = patterns.get(agency["pattern"]), agency.get("name")
    if not isinstance(pattern, dict) or not isinstance(name, str):
        return agency
    full = {key: value for key, value in agency.items() if key not in ("pattern", "name")}
    for key in ("official", "short"):
        full.setdefault(key, _filled(pattern.get(key), name))
    for key in ("variants", "head_titles"):
        own = agency.get(key) or []
        full[key] = [_filled(text, name) for text in pattern.get(key) or []] + list(own)
    return full


def _filled(text: Any, name: str) -> Any:
    return text.replace("{name}", name) if isinstance(text, str) else text


# ---------------------------------------------------------------- calendar.yml
class DaysOff(_Strict):
    """Days on which nothing falls due."""

    source: Text
    days: list[date]


class Window(_Strict):
    """First and last day that a period's data cover."""

    start: date
    end: date


class Derived(_Strict):
    """A period that nobody reports: flows of one less the flows of others."""

    minuend: Text
    subtrahends: Annotated[list[Text], Field(min_length=1)]


class Period(_Strict):
    """A reporting period; `due` holds the due date by kind of agency, '*' for the rest."""

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
    due: dict[AgencyKind | Literal["*"], date] = {}
    source: Text
    assumed: bool = False


class CalendarFile(_Strict):
    """sources/data/calendar.yml."""

    jurisdiction: Text
    days_off: DaysOff
    periods: list[Period]


# ---------------------------------------------------------------- fields.yml, areas.yml
class ProcedureField(_Strict):
    """A procedure field and who handles it."""

    code: Text
    name: Text
    group: FieldGroup | None = None
    kinds: list[AgencyKind]
    agencies: list[Text]
    names: list[Text] = []


class FieldsFile(_Strict):
    """sources/data/fields.yml."""

    source: Text
    assumed: bool
    fields: list[ProcedureField]


class Area(_Strict):
    """A reform area."""

    code: Text
    label_vi: Text
    label_en: Text


class AreasFile(_Strict):
    """sources/data/areas.yml."""

    source: Text
    areas: list[Area]


# ---------------------------------------------------------------- plans/<plan_code>.yml
class Years(_Strict):
    """First and last year of a plan."""

    first: int = Field(alias="from")
    last: int = Field(alias="to")


class PlanHead(_Strict):
    """The plan as a document; `groups` maps its own groups to reform areas."""

    code: Text
    jurisdiction: Text
    unit: Text
    document_number: Text
    document_date: date
    issuer: Text
    label: Text
    years: Years
    groups: dict[str, str]


class Obligation(_Strict):
    """One thing owed: by a date, by the end of a calendar quarter, on event, or by a date set elsewhere."""

    kind: ObligationKind
    label: Text
    due: date | None = None
    quarter: Annotated[int, Field(ge=1, le=4)] | None = None
    ongoing: bool = False


class Deadline(_Strict):
    """How the cell of a deadline is read."""

    label: Text
    obligations: Annotated[list[Obligation], Field(min_length=1)]
    read_as: Text | None = None


class DeadlineUse(_Strict):
    """A deadline of a task: the name of a shared reading, or one of its own."""

    shared: Text | None = None
    own: Deadline | None = None

    @model_validator(mode="before")
    @classmethod
    def _name_or_reading(cls, content: Any) -> Any:
        return {"shared": content} if isinstance(content, str) else {"own": content}


class Member(_Strict):
    """Who leads or cooperates: a code, or a body that is no agency (with the agency that reports for it)."""

    code: Text | None = None
    body: Text | None = None
    reported_by: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _code_or_body(cls, content: Any) -> Any:
        return {"code": content} if isinstance(content, str) else content

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.code is None) == (self.body is None):
            raise ValueError("give a code, or a mapping with `body`")
        return self


class Task(_Strict):
    """A row of the plan's appendix; `area` overrides the area of its group."""

    stt: Annotated[str, StringConstraints(pattern=r"^\d+(\.\d+)+$")]
    area: Text | None = None
    label: Text
    product: Text | None = None
    leads: Annotated[list[Member], Field(min_length=1)]
    cooperating: list[Member]
    deadline: DeadlineUse


class Target(_Strict):
    """A target; codes are those of the files, without the plan's prefix."""

    code: Annotated[str, StringConstraints(pattern=r"^(PL(\.\d+)+|[IVX]+(\.\d+)*)(\.[a-z])?$")]
    year: int | None = None
    area: Text
    label: Text
    indicator: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
    comparator: Comparator
    value: Number | None = None
    high: Number | None = None
    unit: Unit
    baseline: Number | None = None
    baseline_year: int | None = None
    scope: Scope
    quantifier: Quantifier
    field_groups: list[FieldGroup] | None = None
    excluded_field_groups: list[FieldGroup] | None = None
    only_agencies: list[Text] | None = None
    excluded_agencies: list[Text] | None = None
    parent: Text | None = None
    overrides: Text | None = None
    fed_by: FedBy
    measure: Measure | None = None
    reported_by: Text
    reporter_task: Text | None = None
    numerator: Text | None = None
    denominator: Text | None = None
    roll_up: RollUp
    citation: Citation
    also_cited: list[Citation] = []
    ambiguity: Text | None = None
    unmeasurable: Text | None = None

    @property
    def is_measurable(self) -> bool:
        """Whether a number can decide it."""
        return self.unmeasurable is None


class Finding(_Strict):
    """Where a document contradicts itself or another: what it says, how it was read, why."""

    at: Annotated[list[Citation], Field(min_length=1)]
    says: Text
    read_as: Text
    why: Text


class PlanFile(_Strict):
    """sources/data/plans/<plan_code>.yml."""

    plan: PlanHead
    deadlines: dict[str, Deadline] = {}
    tasks: list[Task]
    targets: list[Target]
    findings: list[Finding] = []

    def deadline_of(self, task: Task) -> Deadline:
        """The reading of a task's deadline; the name of a shared one has been checked."""
        return task.deadline.own or self.deadlines[task.deadline.shared or ""]

    def year_of(self, target: Target) -> int:
        """The year of a target; a plan of one year need not repeat it."""
        return target.year or self.plan.years.first
