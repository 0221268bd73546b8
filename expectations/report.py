"""The audit report of a build: one page in Vietnamese that opens offline, written from the schema audit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
import sqlalchemy as sa

from expectations.catalogue import GATES
from warehouse.clock import TIME_ZONE
from warehouse.engine import engine
from warehouse.settings import Settings

_TEMPLATES = Path(__file__).resolve().parent / "templates"
ROWS_SHOWN = 500
"""Rows of one rule on the page; all of them are in audit.expectation_finding."""

_GATE_LABELS = {
    "raw": ("Cổng 1: dữ liệu tiếp nhận", "sau khi đọc tệp, trước khi tổng hợp"),
    "core": ("Cổng 2: dữ liệu tổng hợp", "sau khi dựng các bảng dữ kiện"),
    "candidate": ("Cổng 3: bảng kết quả", "trước khi đưa ra sử dụng"),
}
_SEVERITIES = {"fatal": "Nghiêm trọng", "error": "Lỗi", "warning": "Cảnh báo", "note": "Lưu ý"}

_RESULTS = """
select distinct on (r.gate, r.rule_id)
    r.gate, r.rule_id, r.scope, r.severity, r.success, r.unexpected_count, r.waived_count, r.ran_at,
    coalesce(c.label_vi, r.rule_id) as label_vi, coalesce(c.message_vi, '') as message_vi
from audit.expectation_result as r
left join raw.ref_rule as c
    on c.rule_id = r.rule_id
    and c.version_id = (select max(v.version_id) from raw.ref_version as v where v.dataset = 'rules')
where r.build_id = :build_id
order by r.gate, r.rule_id, r.result_id desc
"""
_FINDINGS = """
with agency as (
    select distinct on (a.agency_key) a.agency_key, a.agency_name
    from raw.ref_agency as a
    where a.version_id = (select max(v.version_id) from raw.ref_version as v where v.dataset = 'agencies')
    order by a.agency_key, a.valid_from desc
)

select
    f.gate, f.rule_id, f.period_id, f.sheet_name, f.cell, f.given, f.expected, f.is_waived, f.delivery_id,
    a.agency_name, d.source_name,
    row_number() over (
        partition by f.gate, f.rule_id order by f.is_waived, f.period_id, f.agency_key, f.finding_id
    ) as row_no,
    count(*) over (partition by f.gate, f.rule_id) as rows_total,
    exists (
        select 1
        from audit.hold as h
        where
            h.delivery_id = f.delivery_id
            and h.rule_id = f.rule_id
            and not exists (
                select 1
                from raw.delivery_decision as x
                where x.delivery_id = h.delivery_id and x.decided_at >= h.placed_at
            )
    ) as is_held
from audit.expectation_finding as f
left join agency as a on a.agency_key = f.agency_key and f.agency_key <> 0
left join raw.delivery as d on d.delivery_id = f.delivery_id
where f.build_id = :build_id
order by f.gate, f.rule_id, row_no
"""


def report_path(settings: Settings, build_id: int) -> Path:
    """Where the page of a build lies."""
    return settings.output_dir / "audit" / f"build-{build_id:06d}.html"


def write_report(settings: Settings, build_id: int) -> Path:
    """Write the page of a build from all gates that it has passed or failed so far; returns its path."""
    with engine(settings, "builder").connect() as connection:
        build = connection.execute(
            sa.text("select build_id, as_of from audit.build where build_id = :build_id"),
            {"build_id": build_id},
        ).one()
        results = connection.execute(sa.text(_RESULTS), {"build_id": build_id}).mappings().all()
        findings = connection.execute(sa.text(_FINDINGS), {"build_id": build_id}).mappings().all()
    gates = [_gate(gate, results, findings) for gate in GATES]
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined
    )
    page = environment.get_template("audit.html.j2").render(
        build=build,
        as_of=build.as_of.astimezone(TIME_ZONE),
        gates=[gate for gate in gates if gate["rules"]],
        pending=[gate["label"] for gate in gates if not gate["rules"]],
        severities=_SEVERITIES,
        rows_shown=ROWS_SHOWN,
        data_label=settings.data_label,
    )
    path = report_path(settings, build_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    draft.write_text(page, encoding="utf-8")
    draft.replace(path)
    return path


def _gate(gate: str, results: Any, findings: Any) -> dict[str, Any]:
    """One gate for the template: its rules, broken ones first, each with its rows."""
    order = list(_SEVERITIES)
    rules = []
    for result in results:
        if result["gate"] != gate:
            continue
        rows = [row for row in findings if row["gate"] == gate and row["rule_id"] == result["rule_id"]]
        rules.append(
            {
                **result,
                "rows": [row for row in rows if row["row_no"] <= ROWS_SHOWN],
                "rows_total": rows[0]["rows_total"] if rows else 0,
                "open": result["unexpected_count"] - result["waived_count"],
            }
        )
    rules.sort(key=lambda rule: (rule["success"], order.index(rule["severity"]), rule["rule_id"]))
    label, note = _GATE_LABELS[gate]
    return {
        "label": label,
        "note": note,
        "rules": rules,
        "stopped": any(
            not rule["success"] and rule["severity"] == "fatal" and rule["scope"] == "build" for rule in rules
        ),
        "counts": {
            severity: sum(rule["open"] for rule in rules if rule["severity"] == severity)
            for severity in order
        },
    }
