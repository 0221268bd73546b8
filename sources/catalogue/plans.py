"""The schema of plans/<plan_code>.yml. Field names are those of the files; codes are explained there."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from sources.catalogue.model import FieldGroup, Number, Strict, Text, Year

TaskKind = Literal["task", "duty", "standing"]
ObligationKind = Literal[
    "milestone", "recurring", "whole_year", "on_event", "external", "ongoing", "standing"
]
Comparator = Literal["gt", "ge", "eq", "lt", "le", "range", "rank_le", "by_date", "none"]
Unit = Literal[
    "percent",
    "percent_change",
    "count",
    "count_per_quarter",
    "count_per_half",
    "count_per_year",
    "months",
    "rank",
    "score",
    "score_change",
    "date",
    "none",
]
Scope = Literal["city", "district", "department", "ward", "unit", "field"]
Quantifier = Literal["overall", "every_field", "every_agency"]
FedBy = Literal["dossier", "satisfaction", "feedback", "task", "target_row", "figure", "external", "none"]
Measure = Literal[
    "on_time",
    "late",
    "apology",
    "satisfied",
    "satisfied_service",
    "satisfied_public_service",
    "feedback_answered",
    "feedback_published",
]
RollUp = Literal["own", "sum", "share_of_agencies", "none"]
_SECTION = r"(PL|[IVX]+|[AB]|\d+)([.-][0-9a-zđ]+)*"
Citation = Annotated[
    str, StringConstraints(pattern=rf"^({_SECTION}|Điều \d+(\.\d+)?)$", strip_whitespace=True)
]


class Years(Strict):
    """First and last year of a plan."""

    first: Year = Field(alias="from")
    last: Year = Field(alias="to")

    def all(self) -> list[int]:
        """Every year of the plan, in order."""
        return list(range(self.first, self.last + 1))


class PlanArea(Strict):
    """A part of the plan (sections that begin with `group`) and the reform area that it belongs to."""

    group: Citation
    label: Text
    area: Text

    def takes(self, citation: str) -> bool:
        """Whether a section lies in this part."""
        return citation == self.group or citation.startswith((f"{self.group}.", f"{self.group}-"))


class PlanHead(Strict):
    """The plan as a document. Where its number is lost, `cited_as` says what citations begin with."""

    code: Text
    jurisdiction: Text
    unit: Text
    document_number: Text | None
    document_date: date | None
    cited_as: Text
    issuer: Text
    label: Text
    years: Years
    areas: list[PlanArea]

    @model_validator(mode="before")
    @classmethod
    def _cited_by_its_number(cls, content: Any) -> Any:
        if isinstance(content, dict) and content.get("document_number") is not None:
            return {"cited_as": content["document_number"], **content}
        return content


class Obligation(Strict):
    """One thing owed: by a date, by the end of a calendar quarter, on event, or by a date set elsewhere.

    Without a date it is owed in `year`, or in each year of the plan.
    """

    kind: ObligationKind
    label: Text
    due: date | None = None
    year: int | None = None
    quarter: Annotated[int, Field(ge=1, le=4)] | None = None
    ongoing: bool = False

    def years(self, plan_years: Years) -> list[int]:
        """The years it is owed in."""
        if self.due is not None:
            return [self.due.year]
        return plan_years.all() if self.year is None else [self.year]


class Deadline(Strict):
    """How the cell of a deadline is read."""

    label: Text
    obligations: Annotated[list[Obligation], Field(min_length=1)]
    read_as: Text | None = None


class DeadlineUse(Strict):
    """A deadline of a task: the name of a shared reading, or one of its own."""

    shared: Text | None = None
    own: Deadline | None = None

    @model_validator(mode="before")
    @classmethod
    def _name_or_reading(cls, content: Any) -> Any:
        return {"shared": content} if isinstance(content, str) else {"own": content}


class Member(Strict):
    """Who leads, cooperates or implements: a code, or a body that is no agency (with who reports for it)."""

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


class Task(Strict):
    """A row of the plan's appendix, or a duty of its text; `area` overrides the area of its part of the plan.

    A duty is owed like a task; a standing one has no end and owes no row of a report. Only leads owe: who
    cooperates, or is named as carrying it out (`implementing`), contributes.
    """

    stt: Annotated[str, StringConstraints(pattern=r"^[0-9A-ZĐ]+([.-][0-9a-zđ]+)*$")]
    kind: TaskKind = "task"
    citation: Citation
    area: Text | None = None
    label: Text
    product: Text | None = None
    leads: Annotated[list[Member], Field(min_length=1)]
    cooperating: list[Member]
    implementing: list[Member] = []
    deadline: DeadlineUse

    @property
    def members_by_role(self) -> dict[str, list[Member]]:
        """Everybody it names, by role."""
        return {"lead": self.leads, "cooperate": self.cooperating, "implement": self.implementing}

    @model_validator(mode="before")
    @classmethod
    def _cited_by_its_number(cls, content: Any) -> Any:
        if isinstance(content, dict) and "citation" not in content:
            stt, kind = str(content.get("stt", "")), content.get("kind", "task")
            return {**content, "citation": f"PL.{stt}" if kind == "task" and stt[:1].isdigit() else stt}
        return content


class IndexUse(Strict):
    """The external index that decides a target; content 0 is the index as a whole."""

    code: Text
    content: Annotated[int, Field(ge=0)] = 0


class Restated(Strict):
    """The same target said again with another bound."""

    citation: Citation
    comparator: Comparator
    value: Number
    high: Number | None = None


class Target(Strict):
    """A target; codes are those of the files, without the plan's prefix.

    `year` alone, or one value in several `years`, or `by_year` its value in each: (code, year) is the key.
    """

    code: Annotated[str, StringConstraints(pattern=rf"^{_SECTION}$")]
    year: int | None = None
    years: Annotated[list[int], Field(min_length=1)] | None = None
    by_year: Annotated[dict[int, Number], Field(min_length=1)] | None = None
    area: Text | None = None
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
    index: IndexUse | None = None
    reported_by: Text | None = None
    reporter_task: Text | None = None
    numerator: Text | None = None
    denominator: Text | None = None
    roll_up: RollUp
    citation: Citation
    also_cited: list[Citation] = []
    restated: list[Restated] = []
    ambiguity: Text | None = None
    unmeasurable: Text | None = None

    @property
    def is_measurable(self) -> bool:
        """Whether a number can decide it."""
        return self.unmeasurable is None


class Finding(Strict):
    """Where a document contradicts itself or another: what it says, how it was read, why; in Vietnamese.

    `check` names the check that computes it from the document's text; without it, people found it by reading.
    """

    at: Annotated[list[Citation], Field(min_length=1)]
    check: Text | None = None
    says: Text
    read_as: Text
    why: Text


class PlanFile(Strict):
    """sources/data/plans/<plan_code>.yml."""

    plan: PlanHead
    deadlines: dict[str, Deadline] = {}
    tasks: list[Task]
    targets: list[Target]
    findings: list[Finding] = []

    def deadline_of(self, task: Task) -> Deadline:
        """The reading of a task's deadline; the name of a shared one has been checked."""
        return task.deadline.own or self.deadlines[task.deadline.shared or ""]

    def values_by_year(self, target: Target) -> dict[int, Decimal | None]:
        """The value of a target in each year it is set for; a plan of one year need not repeat it."""
        if target.by_year is not None:
            return dict(target.by_year)
        years = target.years or [target.year or self.plan.years.first]
        return dict.fromkeys(years, target.value)

    def area_of(self, citation: str) -> str | None:
        """The reform area of the part of the plan that a section lies in: the longest part that takes it."""
        parts = [part for part in self.plan.areas if part.takes(citation)]
        return max(parts, key=lambda part: len(part.group)).area if parts else None
