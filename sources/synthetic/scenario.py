"""The scenario as data: who is how big, who reports when, and which faults the workbooks carry.

`scenario_2023.yml` is the single place that decides; this module gives it types and says where it is wrong.
Everything made from it is synthetic and says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from warehouse.clock import TIME_ZONE
from warehouse.data_files import read_model

SCENARIO_2023 = Path(__file__).parent / "scenario_2023.yml"
EVERY_OTHER = "*"
"""In a delivery's `agencies`: every agency that no other delivery of the round names."""

LocalTime = Annotated[datetime, AfterValidator(lambda moment: moment.replace(tzinfo=TIME_ZONE))]
"""A time of day in Vietnam, written without a zone."""
Quarterly = tuple[float, float, float, float]
ReportKind = Literal["first", "replacement", "supplement"]
Value = int | float | str


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AgencyProfile(_Data):
    """How one agency writes itself, numbers its documents, and how big and how careful it is."""

    code: str
    group: Literal["office", "vertical", "ward"]
    writes: str
    number_suffix: str
    signer_title: str
    size: float = Field(default=1.0, gt=0)
    late_factor: Quarterly = (1.0, 1.0, 1.0, 1.0)


class DossierProfile(_Data):
    """A procedure field as agencies of a group, or single ones, handle it. Shares are 0-1."""

    agencies: tuple[str, ...]
    field: str
    yearly: int = Field(gt=0, description="dossiers received in a year by an agency of size 1")
    online: float = Field(ge=0, le=1)
    early: float = Field(ge=0, le=1, description="of those not late, resolved before the date promised")
    late: Quarterly = Field(description="share resolved late, by quarter")
    days: float = Field(gt=0, description="days that a dossier is pending on average")
    letters: float = Field(default=1.0, ge=0, le=1, description="apology letters for each one late")


class SurveyProfile(_Data):
    """A satisfaction survey: of one field, of every field handled (`field` absent), of none (`*`)."""

    agencies: tuple[str, ...]
    field: str | None = None
    content: Literal["service", "procedure", "health", "education"]
    yearly: int = Field(gt=0, description="forms sent in a year by an agency of size 1")
    satisfied: Quarterly


class FeedbackProfile(_Data):
    """Citizens' feedback through one channel."""

    agencies: tuple[str, ...]
    channel: Literal["dvcqg", "1022", "direct"]
    kind: Literal["regulation", "other"]
    yearly: int = Field(gt=0)
    late: float = Field(ge=0, le=1)
    published: float = Field(ge=0, le=1)


class TargetProfile(_Data):
    """A figure that agencies state in the sheet Chỉ tiêu, by period; null = not reported.

    A later profile of the same target and agency takes the place of an earlier one.
    """

    target: str
    agencies: tuple[str, ...]
    denominator: int | tuple[int, ...] | None = Field(default=None, description="one, or one a period")
    by_size: bool = Field(default=False, description="the denominator is that of an agency of size 1")
    share: tuple[float | None, ...] = Field(default=(), description="numerator over denominator, by period")
    numerator: tuple[int | None, ...] = ()


class TaskOutcome(_Data):
    """What becomes of one obligation where the general rule would say otherwise."""

    task: str
    obligation: int | None = None
    agency: str | None = None
    done_on: date | None = None
    state: Literal["done", "running", "not_arisen", "paused"] = "done"
    difficulty: str | None = None


class TaskProfile(_Data):
    """The general rule for tasks: which share of the whole-year ones is done by the year's cut-off."""

    done_by_year_end: float = Field(ge=0, le=1)
    outcomes: tuple[TaskOutcome, ...]


class CellEdit(_Data):
    """Another value in one cell: stated (an empty text empties it), or so much more than it was."""

    sheet: str
    row: str = Field(description="its identity: field, task or target code; field/content; channel/kind")
    column: str
    value: Value | None = None
    add: int | None = None


class RowEdit(_Data):
    """A further row at the end of a sheet's table."""

    sheet: str
    values: dict[str, Value]


class RateEdit(_Data):
    """A row in the sheet Chỉ tiêu that states, wrongly, a rate that the dossier sheet gives."""

    target: str
    field: str
    over: Literal["received_total"]


class Edit(_Data):
    """One change to a faithful workbook. `fault` names what it makes; exactly one of the others says how."""

    fault: str
    cell: CellEdit | None = None
    row: RowEdit | None = None
    rate: RateEdit | None = None
    info: dict[str, str] | None = None
    copy_dossiers_of: str | None = None
    total_row: bool | None = None
    formulas: tuple[str, ...] | None = Field(default=None, description="dossier totals written as formulas")
    only_sheets: tuple[str, ...] | None = None
    without_sheets: tuple[str, ...] | None = None
    truncate_to: float | None = Field(default=None, gt=0, lt=1)
    decomposed: bool | None = Field(default=None, description="text in normal form D")

    def model_post_init(self, _context: object) -> None:
        """Refuse an edit that says nothing, or two things."""
        if len(self.model_fields_set - {"fault"}) != 1:
            raise ValueError(f"edit '{self.fault}' must say exactly one way of changing the workbook")


class Delivery(_Data):
    """What agencies send in one wave."""

    agencies: tuple[str, ...]
    kind: ReportKind = "first"
    report_date: date | None = None
    edits: tuple[Edit, ...] = ()
    name: str | None = Field(default=None, description="file name without extension, where not the usual one")


class Wave(_Data):
    """Files that reach the landing folder together."""

    received_at: LocalTime
    deliveries: tuple[Delivery, ...]


class Round(_Data):
    """One reporting period: its form is issued, waves arrive, the review looks at it."""

    period: str
    period_label: str
    quarters: tuple[int, ...]
    cut_off: date
    opened_at: LocalTime
    review_at: LocalTime
    missing: tuple[str, ...] = Field(default=(), description="agencies that send nothing")
    waves: tuple[Wave, ...]


class Scenario(_Data):
    """A whole synthetic year."""

    label: str
    author: str
    seed: str
    year: int
    plan: str
    season: Quarterly
    rounds: tuple[Round, ...]
    agencies: tuple[AgencyProfile, ...]
    dossiers: tuple[DossierProfile, ...]
    surveys: tuple[SurveyProfile, ...]
    feedback: tuple[FeedbackProfile, ...]
    targets: tuple[TargetProfile, ...]
    tasks: TaskProfile

    def agency(self, code: str) -> AgencyProfile:
        """The profile of one agency; KeyError when the scenario has none."""
        for profile in self.agencies:
            if profile.code == code:
                return profile
        raise KeyError(code)

    def members(self, names: tuple[str, ...]) -> list[str]:
        """Agency codes behind a list of codes and groups, in the scenario's order."""
        return [a.code for a in self.agencies if a.code in names or a.group in names]

    def expand(self, reporting_round: Round) -> Iterator[tuple[Wave, Delivery, str]]:
        """Every file of a round as (wave, delivery, agency_code), in the order of arrival."""
        named = {code for w in reporting_round.waves for d in w.deliveries for code in d.agencies}
        others = [a.code for a in self.agencies if a.code not in named | set(reporting_round.missing)]
        for wave in reporting_round.waves:
            for delivery in wave.deliveries:
                codes = others if EVERY_OTHER in delivery.agencies else self.members(delivery.agencies)
                for code in codes:
                    yield wave, delivery, code


def load_scenario(path: Path = SCENARIO_2023) -> Scenario:
    """Read a scenario file. Raises DataFileError naming the line and field of each fault."""
    return read_model(path, Scenario)
