"""Rows of the tables raw.ref_* made from the catalogue's files."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from sources.catalogue_models import (
    AgenciesFile,
    AreasFile,
    CalendarFile,
    FieldsFile,
    Member,
    PlanFile,
    Target,
)
from warehouse import schema
from warehouse.text import match_key, nfc, sort_key

Rows = dict[sa.Table, list[dict[str, Any]]]
HIGHER = {"gt", "ge", "eq", "range"}
LOWER = {"lt", "le", "rank_le", "by_date"}


def agency_rows(file: AgenciesFile) -> Rows:
    """Rows of ref_agency (one a span), ref_agency_name (one a spelling) and ref_collective (one a kind)."""
    keys = agency_keys(file)
    agencies = [
        {
            "agency_key": agency.key,
            "agency_code": agency.code,
            "jurisdiction_code": file.jurisdiction,
            "agency_name": nfc(agency.official),
            "short_name": nfc(agency.short),
            "agency_kind": agency.kind,
            "agency_level": agency.level,
            "parent_agency_key": keys[agency.parent] if agency.parent else None,
            "valid_from": agency.valid_from,
            "valid_to": agency.valid_to,
            "sort_order": (number + 1) * 10,
            "sort_key": sort_key(agency.official),
            "reports": agency.reports,
            "consolidates": agency.consolidates,
            "source": f"{agency.source}; that it reports is assumed" if agency.reports else agency.source,
            "assumed": agency.assumed,
        }
        for number, agency in enumerate(file.agencies)
    ]
    names: dict[tuple[int, str], dict[str, Any]] = {}
    for agency in file.agencies:
        if agency.key == 0:
            continue
        spellings = [(agency.official, "official"), (agency.short, "variant")]
        spellings += [(name, "variant") for name in agency.variants]
        spellings += [(name, "head_title") for name in agency.head_titles]
        for name, kind in spellings:
            row = {"agency_key": agency.key, "name": nfc(name), "match_key": match_key(name)}
            row |= {"name_kind": kind, "source": agency.source, "assumed": agency.assumed}
            names.setdefault((agency.key, match_key(name)), row)
    collectives = [
        {
            "collective_code": collective.code,
            "collective_label": nfc(collective.label),
            "parent_agency_key": keys[collective.parent],
            "agency_kind": kind,
            "source": collective.source,
            "assumed": collective.assumed,
        }
        for collective in file.collectives
        for kind in collective.kinds
    ]
    return {
        schema.ref_agency: agencies,
        schema.ref_agency_name: list(names.values()),
        schema.ref_collective: collectives,
    }


def agency_keys(file: AgenciesFile) -> dict[str, int]:
    """agency_code → agency_key."""
    return {agency.code: agency.key for agency in file.agencies}


def calendar_rows(file: CalendarFile) -> Rows:
    """Rows of ref_period and ref_period_due."""
    periods: list[dict[str, Any]] = []
    dues: list[dict[str, Any]] = []
    for period in file.periods:
        same = {"period_id": period.id, "jurisdiction_code": file.jurisdiction}
        same_source = {"source": period.source, "assumed": period.assumed}
        derived = period.derived
        periods.append(
            {
                **same,
                "period_kind": period.kind,
                "label_vi": nfc(period.label_vi),
                "label_en": period.label_en,
                "year": period.year,
                "period_order": period.order,
                "window_start": period.window.start,
                "window_end": period.window.end,
                "calendar_end": period.calendar_end,
                "review_date": period.review_date,
                "is_cumulative": period.cumulative,
                "is_derived": derived is not None,
                "minuend_period_id": derived.minuend if derived else None,
                "subtrahend_period_ids": derived.subtrahends if derived else None,
                **same_source,
            }
        )
        dues += [
            {**same, "agency_kind": kind, "due_date": due, **same_source} for kind, due in period.due.items()
        ]
    return {schema.ref_period: periods, schema.ref_period_due: dues}


def field_rows(file: FieldsFile, keys: dict[str, int]) -> Rows:
    """Rows of ref_field and ref_field_name."""
    same = {"source": file.source, "assumed": file.assumed}
    fields: list[dict[str, Any]] = []
    names: dict[str, dict[str, Any]] = {}
    for number, item in enumerate(file.fields):
        fields.append(
            {
                "field_code": item.code,
                "field_name": nfc(item.name),
                "field_group": item.group,
                "handled_by_kinds": item.kinds,
                "handled_by_agency_keys": [keys[code] for code in item.agencies],
                "sort_order": (number + 1) * 10,
                **same,
            }
        )
        for name in (item.name, *item.names):
            row = {"field_code": item.code, "name": nfc(name), "match_key": match_key(name), **same}
            names.setdefault(match_key(name), row)
    return {schema.ref_field: fields, schema.ref_field_name: list(names.values())}


def area_rows(file: AreasFile) -> Rows:
    """Rows of ref_area."""
    areas = [
        {
            "area_code": area.code,
            "label_vi": nfc(area.label_vi),
            "label_en": area.label_en,
            "sort_order": (number + 1) * 10,
            "source": file.source,
        }
        for number, area in enumerate(file.areas)
    ]
    return {schema.ref_area: areas}


def plan_rows(file: PlanFile, keys: dict[str, int]) -> Rows:
    """Rows of ref_plan, ref_task, ref_task_agency, ref_obligation and ref_target of one plan."""
    head = file.plan
    plan = {
        "plan_code": head.code,
        "jurisdiction_code": head.jurisdiction,
        "consolidating_agency_key": keys[head.unit],
        "document_number": head.document_number,
        "document_date": head.document_date,
        "issuer": nfc(head.issuer),
        "label_vi": nfc(head.label),
        "year_from": head.years.first,
        "year_to": head.years.last,
        "source": head.document_number,
    }
    tasks: list[dict[str, Any]] = []
    members: list[dict[str, Any]] = []
    obligations: list[dict[str, Any]] = []
    for number, task in enumerate(file.tasks):
        code = task_code(head.code, task.stt)
        citation = cite(file, f"PL.{task.stt}")
        deadline = file.deadline_of(task)
        source = citation if deadline.read_as is None else f"{citation}; read as: {deadline.read_as}"
        same = {"plan_code": head.code, "task_code": code}
        tasks.append(
            {
                **same,
                "stt": task.stt,
                "task_order": number + 1,
                "area_code": task.area or head.groups[task.stt.split(".")[0]],
                "task_label": nfc(task.label),
                "product_label": nfc(task.product) if task.product else None,
                "deadline_label": nfc(deadline.label),
                "citation": citation,
                "source": citation,
            }
        )
        for role, listed in (("lead", task.leads), ("cooperate", task.cooperating)):
            members += [
                {
                    **same,
                    "task_role": role,
                    "member_order": order + 1,
                    **_member(member, keys),
                    "source": citation,
                }
                for order, member in enumerate(listed)
            ]
        obligations += [
            {
                **same,
                "obligation_no": order + 1,
                "obligation_kind": obligation.kind,
                "obligation_label": nfc(obligation.label),
                "due_date": obligation.due,
                "due_year": obligation.due.year if obligation.due else head.years.first,
                "due_quarter": obligation.quarter,
                "is_ongoing": obligation.ongoing,
                "source": source,
            }
            for order, obligation in enumerate(deadline.obligations)
        ]
    targets = [_target(file, target, number + 1, keys) for number, target in enumerate(file.targets)]
    return {
        schema.ref_plan: [plan],
        schema.ref_task: tasks,
        schema.ref_task_agency: members,
        schema.ref_obligation: obligations,
        schema.ref_target: targets,
    }


def task_code(plan_code: str, stt: str) -> str:
    """BT-2022-7679 and 1.2.1 → BT-2022-7679/1.2.1."""
    return f"{plan_code}/{stt}"


def target_code(plan_code: str, code: str) -> str:
    """BT-2022-7679 and II.3.1.a → BT-2022-7679/CT-II.3.1.a."""
    return f"{plan_code}/CT-{code}"


def cite(file: PlanFile, section: str) -> str:
    """II.3.1 → 7679/QĐ-UBND, II.3.1."""
    return f"{file.plan.document_number}, {section}"


def _member(member: Member, keys: dict[str, int]) -> dict[str, Any]:
    if member.code is not None and member.code in keys:
        return {"resolution": "agency", "agency_key": keys[member.code]}
    if member.code is not None:
        return {"resolution": "collective", "collective_code": member.code}
    body = {"body_label": nfc(member.body or "")}
    if member.reported_by is not None:
        return {
            **body,
            "resolution": "reported_by",
            "agency_key": keys[member.reported_by],
            "assumed": True,
        }
    return {**body, "resolution": "unresolved"}


def _target(file: PlanFile, target: Target, order: int, keys: dict[str, int]) -> dict[str, Any]:
    plan_code = file.plan.code

    def codes_to_keys(codes: list[str] | None) -> list[int] | None:
        return None if codes is None else [keys[code] for code in codes]

    def full_code(code: str | None) -> str | None:
        return None if code is None else target_code(plan_code, code)

    citation = cite(file, target.citation)
    if target.reporter_task is not None:
        source = f"{citation}; reported by the lead of PL.{target.reporter_task}"
    else:
        source = f"{citation}; who reports it is assumed"
    by_agency = target.reported_by in keys
    direction = "lower" if target.comparator in LOWER else "higher" if target.comparator in HIGHER else "none"
    return {
        "plan_code": plan_code,
        "target_code": target_code(plan_code, target.code),
        "year": file.year_of(target),
        "target_order": order,
        "area_code": target.area,
        "target_label": nfc(target.label),
        "indicator_code": target.indicator,
        "comparator": target.comparator,
        "direction": direction,
        "unit": target.unit,
        "low_value": target.value,
        "high_value": target.high,
        "baseline_value": target.baseline,
        "baseline_year": target.baseline_year,
        "scope_level": target.scope,
        "quantifier": target.quantifier,
        "field_groups": target.field_groups,
        "excluded_field_groups": target.excluded_field_groups,
        "only_agency_keys": codes_to_keys(target.only_agencies),
        "excluded_agency_keys": codes_to_keys(target.excluded_agencies),
        "parent_target_code": full_code(target.parent),
        "overrides_target_code": full_code(target.overrides),
        "is_measurable": target.is_measurable,
        "is_ambiguous": target.ambiguity is not None,
        "ambiguity_reason": target.ambiguity or target.unmeasurable,
        "fed_by": target.fed_by,
        "measure": target.measure,
        "reporter_collective_code": None if by_agency else target.reported_by,
        "reporter_agency_key": keys[target.reported_by] if by_agency else None,
        "numerator_label": target.numerator,
        "denominator_label": target.denominator,
        "roll_up": target.roll_up,
        "citation": citation,
        "also_cited": [cite(file, section) for section in target.also_cited],
        "source": source,
        "assumed": target.reporter_task is None,
    }
