"""What one agency's form of one period is prefilled with, as plain rows: no workbook in sight."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sources.forms.definition import FormDefinition
from sources.forms.reference import LEAD, Reference, Row
from sources.forms.required_text import date_text, milestone_text, required_text

FIGURE_BLANK_ROWS = 8
DOSSIER_BLANK_ROWS = 8
STANDING = "standing"
"""Kind of task that is held without end and owes no row of a report."""


@dataclass(frozen=True)
class SheetContent:
    """Rows of a sheet by column code. A row with the single key `section` is a section title."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    blank_rows: int = 0
    remarks: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class FormContent:
    """Everything that is written into one agency's workbook."""

    agency: Row
    period: Row
    due: Row | None
    info: dict[str, str]
    sheets: dict[str, SheetContent]


def form_content(
    form: FormDefinition, reference: Reference, agency: Row, period: Row, issued_on: date
) -> FormContent:
    """Collect the content of one agency's form for one period, with the due date in effect when issued."""
    unit = reference.unit_of(agency["agency_key"], period["closes_on"])
    return FormContent(
        agency=agency,
        period=period,
        due=reference.due(unit, period["period_id"], agency["agency_kind"], issued_on),
        info={
            "form": form.form_code,
            "agency": agency["agency_name"],
            "agency_code": agency["agency_code"],
            "period": period["label_vi"],
            "report_kind": form.report_kinds["first"].label,
        },
        sheets={
            "task": _tasks(form, reference, agency, period),
            "target": _targets(form, reference, agency, period),
            "dossier": _dossiers(form, reference, agency),
            "satisfaction": _satisfaction(form, reference, agency),
            "feedback": SheetContent(
                [
                    {"channel_name": channel.label, "feedback_kind": kind.label}
                    for channel in form.channels.values()
                    for kind in form.feedback_kinds.values()
                ]
            ),
            "figure": SheetContent(blank_rows=FIGURE_BLANK_ROWS),
            "assessment": SheetContent([{"topic": area["label_vi"]} for area in reference.areas]),
        },
    )


def _assumed(form: FormDefinition, text: str, row: Row) -> str:
    return f"{text} ({form.texts.assumed_row_vi})" if row["assumed"] else text


def _tasks(form: FormDefinition, reference: Reference, agency: Row, period: Row) -> SheetContent:
    roles = reference.task_roles(period["closes_on"])
    rows: dict[str, list[dict[str, Any]]] = {role: [] for role in form.texts.role_vi}
    for key, task in reference.tasks.items():
        role = roles.get(key, {}).get(agency["agency_key"])
        due_this_year = [o for o in reference.obligations.get(key, []) if o["due_year"] == period["year"]]
        if role is None or not due_this_year or task["task_kind"] == STANDING:
            continue
        base = {
            "stt": task["stt"],
            "task_code": task["task_code"],
            "label": task["task_label"],
            "role": form.texts.role_vi[role],
            "deadline": task["deadline_label"],
            "citation": _assumed(form, task["citation"], task),
        }
        milestones = [o for o in due_this_year if o["obligation_kind"] == "milestone"]
        if role != LEAD or len(milestones) < 2:
            rows[role].append(base)
            continue
        rows[role] += [
            base
            | {
                "task_code": f"{task['task_code']}#{o['obligation_no']}",
                "label": f"{task['task_label']}\n{milestone_text(form, o)}",
                "deadline": date_text(o["due_date"]) if o["due_date"] else task["deadline_label"],
            }
            for o in due_this_year
        ]
    titles = {LEAD: form.texts.lead_tasks_vi}
    listed: list[dict[str, Any]] = []
    for role, of_role in rows.items():
        if of_role:
            listed += [{"section": titles.get(role, form.texts.cooperate_tasks_vi)}, *of_role]
    return SheetContent(listed, remarks=[] if listed else [form.texts.no_rows_vi])


def _targets(form: FormDefinition, reference: Reference, agency: Row, period: Row) -> SheetContent:
    rows: list[dict[str, Any]] = []
    for target in reference.targets.values():
        asked = (
            target["year"] == period["year"]
            and target["fed_by"] == "target_row"
            and reference.reports_target(target, agency["agency_key"], period["closes_on"])
        )
        if not asked:
            continue
        parts = [target["target_label"]]
        for label, code in (
            (form.texts.numerator_vi, "numerator"),
            (form.texts.denominator_vi, "denominator"),
        ):
            if target[f"{code}_label"]:
                parts.append(f"{label}: {target[f'{code}_label']}")
        fields = [None]
        if target["quantifier"] == "every_field":
            fields = [f["field_name"] for f in _target_fields(reference, agency, target)] or [None]
        rows += [
            {
                "target_code": target["target_code"],
                "label": "\n".join(parts),
                "field_name": name,
                "required": required_text(form, target),
                "unit": form.units.get(target["unit"], ""),
                "citation": _assumed(form, target["citation"], target),
            }
            for name in fields
        ]
    numbered = [{"stt": n, **row} for n, row in enumerate(rows, start=1)]
    return SheetContent(numbered, remarks=[] if rows else [form.texts.no_rows_vi])


def _target_fields(reference: Reference, agency: Row, target: Row) -> list[Row]:
    only, without = target["field_groups"], target["excluded_field_groups"] or []
    return [
        f
        for f in reference.fields_of(agency)
        if (not only or f["field_group"] in only) and f["field_group"] not in without
    ]


def _field_remarks(form: FormDefinition, fields: list[Row]) -> list[str]:
    """That the list of an agency's fields is assumed: also where it is known to have none."""
    is_assumed = not fields or any(f["assumed"] for f in fields)
    return [form.texts.assumed_fields_vi] if is_assumed else []


def _dossiers(form: FormDefinition, reference: Reference, agency: Row) -> SheetContent:
    fields = reference.fields_of(agency)
    remarks = _field_remarks(form, fields)
    rows = [{"stt": n, "field_name": f["field_name"]} for n, f in enumerate(fields, start=1)]
    return SheetContent(rows, blank_rows=DOSSIER_BLANK_ROWS, remarks=remarks)


def _satisfaction(form: FormDefinition, reference: Reference, agency: Row) -> SheetContent:
    fields = reference.fields_of(agency)
    rows: list[dict[str, Any]] = []
    for content in form.survey_contents.values():
        if not content.per_field:
            rows.append({"survey_content": content.label})
            continue
        rows += [
            {"field_name": f["field_name"], "survey_content": content.label}
            for f in fields
            if content.fields is None or f["field_code"] in content.fields
        ]
    remarks = _field_remarks(form, fields)
    return SheetContent([{"stt": n, **row} for n, row in enumerate(rows, start=1)], remarks=remarks)
