"""What becomes of the plan's tasks in the synthetic year: status, progress, product and date at a cut-off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sources.forms.content import STANDING
from sources.forms.reference import LEAD, Reference
from sources.synthetic.scenario import Scenario, TaskOutcome
from sources.synthetic.simulation import Draw

TaskCell = int | float | str | date


@dataclass(frozen=True)
class Duty:
    """One obligation of one task, as a lead agency owes it."""

    task_code: str
    obligation_no: int
    kind: str
    due_date: date | None
    product: str


PlanDuties = Mapping[str, tuple[tuple[Duty, ...], ...]]
"""Agency code → the tasks it leads, each as its obligations in order."""


def task_rows(
    scenario: Scenario, duties: PlanDuties, agency_code: str, cut_off: date
) -> dict[str, dict[str, TaskCell]]:
    """Rows of the sheet Nhiệm vụ as of a cut-off, by task code; '#n' names one of several milestones."""
    rows: dict[str, dict[str, TaskCell]] = {}
    for task in duties.get(agency_code, ()):
        milestones = [duty for duty in task if duty.kind == "milestone"]
        if len(milestones) > 1:
            for duty in milestones:
                rows[f"{duty.task_code}#{duty.obligation_no}"] = _row(scenario, duty, agency_code, cut_off)
        else:
            rows[task[0].task_code] = _row(scenario, _current(task, cut_off), agency_code, cut_off)
    return rows


def _current(task: tuple[Duty, ...], cut_off: date) -> Duty:
    """The obligation that a whole-task row speaks of: of a recurring task, the one due next."""
    dated = [duty for duty in task if duty.due_date] or list(task)
    return next((duty for duty in dated if duty.due_date is None or duty.due_date > cut_off), dated[-1])


def done_on(scenario: Scenario, duty: Duty, agency_code: str) -> date | None:
    """The day an obligation is done, or None when that does not happen in the year."""
    outcome = _outcome(scenario, duty, agency_code)
    if outcome:
        return outcome.done_on
    draw = Draw(f"{scenario.seed}/task/{agency_code}/{duty.task_code}/{duty.obligation_no}")
    year_end = date(scenario.year, 12, 14)
    if duty.kind in ("milestone", "recurring") and duty.due_date:
        # before the period's cut-off, which comes about half a month before the quarter that is due ends
        return duty.due_date - timedelta(days=20 + int(25 * draw.unit("early")))
    if duty.kind == "whole_year" and draw.unit("done") < scenario.tasks.done_by_year_end:
        return year_end - timedelta(days=1 + int(230 * draw.unit("day")))
    if duty.kind == "on_event" and draw.unit("arises") < 0.4:
        return year_end - timedelta(days=1 + int(300 * draw.unit("day")))
    return None


def _outcome(scenario: Scenario, duty: Duty, agency_code: str) -> TaskOutcome | None:
    for outcome in scenario.tasks.outcomes:
        if (
            duty.task_code == f"{scenario.plan}/{outcome.task}"
            and outcome.obligation in (None, duty.obligation_no)
            and outcome.agency in (None, agency_code)
        ):
            return outcome
    return None


def _row(scenario: Scenario, duty: Duty, agency_code: str, cut_off: date) -> dict[str, TaskCell]:
    draw = Draw(f"{scenario.seed}/row/{agency_code}/{duty.task_code}/{duty.obligation_no}")
    day = done_on(scenario, duty, agency_code)
    if day and day <= cut_off:
        number = 20 + int(900 * draw.unit("number"))
        return {
            "status": "done",
            "progress_percent": 100,
            "product": f"{duty.product} (dữ liệu tổng hợp)",
            "document_number": f"{number}/{scenario.agency(agency_code).number_suffix}",
            "completed_on": day,
        }
    outcome = _outcome(scenario, duty, agency_code)
    if outcome and outcome.state in ("not_arisen", "paused"):
        return {"status": outcome.state}
    if duty.kind == "on_event":
        return {"status": "not_arisen"}
    end = day or date(scenario.year, 12, 31)
    start = date(scenario.year - 1, 12, 15)
    begun = (cut_off - start).days / max(1, (end - start).days)
    progress = 5 * round(19 * min(0.95, begun) * draw.around(0.85, 0.15, "pace"))
    if progress < 10:
        return {"status": "not_started", "progress_percent": 0}
    row: dict[str, TaskCell] = {"status": "running", "progress_percent": min(95, progress)}
    if outcome and outcome.difficulty:
        row["difficulty"] = outcome.difficulty
    return row


def plan_duties(reference: Reference, scenario: Scenario, on: date) -> PlanDuties:
    """The scenario's plan by lead agency, as the catalogue has it on a day (collectives expanded)."""
    codes = {agency["agency_key"]: agency["agency_code"] for agency in reference.agencies}
    roles = reference.task_roles(on)
    duties: dict[str, list[tuple[Duty, ...]]] = {}
    for key, task in reference.tasks.items():
        if task["plan_code"] != scenario.plan or task["task_kind"] == STANDING:
            continue
        obligations = tuple(
            Duty(
                task_code=task["task_code"],
                obligation_no=row["obligation_no"],
                kind=row["obligation_kind"],
                due_date=row["due_date"],
                product=task["product_label"] or task["task_label"],
            )
            for row in reference.obligations.get(key, [])
        )
        for agency_key, role in roles.get(key, {}).items():
            if role == LEAD and obligations and agency_key in codes:
                duties.setdefault(codes[agency_key], []).append(obligations)
    return {code: tuple(tasks) for code, tasks in duties.items()}
