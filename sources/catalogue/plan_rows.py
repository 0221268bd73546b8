"""Rows of raw.ref_plan and its kin made from a plan file."""

from __future__ import annotations

from typing import Any

from sources.catalogue.plans import Member, PlanFile, Target
from warehouse import schema
from warehouse.reference import Rows
from warehouse.text import nfc

HIGHER = {"gt", "ge", "eq", "range"}
LOWER = {"lt", "le", "rank_le", "by_date"}


def plan_rows(file: PlanFile, keys: dict[str, int]) -> Rows:
    """Rows of ref_plan, ref_task, ref_task_agency, ref_obligation and ref_target of one plan."""
    head = file.plan
    plan = {
        "plan_code": head.code,
        "jurisdiction_code": head.jurisdiction,
        "consolidating_agency_key": keys[head.unit],
        "document_number": head.document_number,
        "document_date": head.document_date,
        "cited_as": head.cited_as,
        "issuer": nfc(head.issuer),
        "label_vi": nfc(head.label),
        "year_from": head.years.first,
        "year_to": head.years.last,
        "source": head.cited_as,
    }
    tasks: list[dict[str, Any]] = []
    members: list[dict[str, Any]] = []
    obligations: list[dict[str, Any]] = []
    for number, task in enumerate(file.tasks):
        code = task_code(head.code, task.stt)
        citation = cite(file, task.citation)
        deadline = file.deadline_of(task)
        source = citation if deadline.read_as is None else f"{citation}; read as: {deadline.read_as}"
        same = {"plan_code": head.code, "task_code": code}
        tasks.append(
            {
                **same,
                "stt": task.stt,
                "task_kind": task.kind,
                "task_order": number + 1,
                "area_code": task.area or file.area_of(task.citation),
                "task_label": nfc(task.label),
                "product_label": nfc(task.product) if task.product else None,
                "deadline_label": nfc(deadline.label),
                "citation": citation,
                "source": citation,
            }
        )
        for role, listed in task.members_by_role.items():
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
        owed = [
            (obligation, year) for obligation in deadline.obligations for year in obligation.years(head.years)
        ]
        obligations += [
            {
                **same,
                "obligation_no": order + 1,
                "obligation_kind": obligation.kind,
                "obligation_label": nfc(obligation.label),
                "due_date": obligation.due,
                "due_year": year,
                "due_quarter": obligation.quarter,
                "is_ongoing": obligation.ongoing,
                "source": source,
            }
            for order, (obligation, year) in enumerate(owed)
        ]
    targets = [
        {**_target(file, target, number + 1, keys), "year": year, "low_value": value}
        for number, target in enumerate(file.targets)
        for year, value in file.values_by_year(target).items()
    ]
    areas = [
        {
            "plan_code": head.code,
            "plan_group": part.group,
            "group_label": nfc(part.label),
            "area_code": part.area,
            "source": cite(file, part.group),
        }
        for part in head.areas
    ]
    findings = [
        {
            "plan_code": head.code,
            "finding_no": number + 1,
            "citations": [cite(file, section) for section in finding.at],
            "says_vi": nfc(finding.says),
            "read_as_vi": nfc(finding.read_as),
            "why_vi": nfc(finding.why),
            "check_code": finding.check,
            "source": cite(file, finding.at[0]),
        }
        for number, finding in enumerate(file.findings)
    ]
    return {
        schema.ref_plan: [plan],
        schema.ref_plan_area: areas,
        schema.ref_plan_finding: findings,
        schema.ref_task: tasks,
        schema.ref_task_agency: members,
        schema.ref_obligation: obligations,
        schema.ref_target: targets,
    }


def task_code(plan_code: str, stt: str) -> str:
    """BT-2022-7679 and 1.2.1 → BT-2022-7679/1.2.1; HCM-2018-5334 and PL-01 → HCM-2018-5334/PL-01."""
    return f"{plan_code}/{stt}"


def target_code(plan_code: str, code: str) -> str:
    """BT-2022-7679 and II.3.1.a → BT-2022-7679/CT-II.3.1.a."""
    return f"{plan_code}/CT-{code}"


def cite(file: PlanFile, section: str) -> str:
    """II.3.1 → 7679/QĐ-UBND, II.3.1; where the number is lost, HCM-2022-CD, 1.h."""
    return f"{file.plan.cited_as}, {section}"


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
        lead_of = next(task.citation for task in file.tasks if task.stt == target.reporter_task)
        source = f"{citation}; reported by the lead of {lead_of}"
    elif target.reported_by is None:
        source = citation
    else:
        source = f"{citation}; who reports it is assumed"
    by_agency = target.reported_by in keys
    direction = "lower" if target.comparator in LOWER else "higher" if target.comparator in HIGHER else "none"
    return {
        "plan_code": plan_code,
        "target_code": target_code(plan_code, target.code),
        "target_order": order,
        "area_code": target.area or file.area_of(target.citation),
        "target_label": nfc(target.label),
        "indicator_code": target.indicator,
        "comparator": target.comparator,
        "direction": direction,
        "unit": target.unit,
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
        "index_code": target.index.code if target.index else None,
        "index_content_no": target.index.content if target.index else None,
        "reporter_collective_code": None if by_agency else target.reported_by,
        "reporter_agency_key": keys.get(target.reported_by or ""),
        "numerator_label": target.numerator,
        "denominator_label": target.denominator,
        "roll_up": target.roll_up,
        "citation": citation,
        "also_cited": [cite(file, section) for section in target.also_cited],
        "source": source,
        "assumed": target.reported_by is not None and target.reporter_task is None,
    }
