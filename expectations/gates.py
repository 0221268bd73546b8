"""The gates of a build: judge the rules, record what they find, hold bad deliveries, report, stop."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from expectations import holds
from expectations.catalogue import GATES, Gate, load, require_loaded
from expectations.recorder import RuleOutcome, record
from expectations.report import write_report
from expectations.runner import judge
from warehouse.builds import step
from warehouse.engine import engine
from warehouse.errors import GateFailed, UsageError
from warehouse.settings import Settings
from warehouse.transform import run_dbt


@dataclass(frozen=True)
class GateOutcome:
    """What a gate found: its rules, rows not waived by severity, the deliveries it holds, its report page."""

    gate: Gate
    rules: tuple[RuleOutcome, ...]
    findings: dict[str, int]
    holds_placed: list[int]
    """Deliveries that the rules of this gate hold in this build, those that an earlier run held included."""
    report_path: Path


def pass_gate(settings: Settings, build_id: int, gate: Gate) -> GateOutcome:
    """Run one gate; where the gate after core holds a delivery, build core again without it and judge again.

    A run cut short between the two is made good by the next: a hold that is there already counts too.
    Raises as `audit` and `run_dbt` do.
    """
    outcome = audit(settings, build_id, gate)
    if gate == "core" and outcome.holds_placed:
        run_dbt(settings, build_id, "core")
        outcome = audit(settings, build_id, gate)
    return outcome


def audit(settings: Settings, build_id: int, gate: Gate) -> GateOutcome:
    """Run one gate, as a step of the build. Idempotent: a second run adds only what the first did not find.

    Raises GateFailed, after everything is recorded, when a fatal rule of scope build is broken; AuditError
    when a rule could not be judged, and then nothing is recorded; BuildSuperseded when a newer build exists.
    """
    if gate not in GATES:
        raise UsageError(f"'{gate}' is no gate. Gates: {', '.join(GATES)}.")
    with step(settings, build_id, f"audit_{gate}") as current:
        outcome = _audit(settings, build_id, gate)
        current.detail.update(findings=outcome.findings, holds_placed=outcome.holds_placed)
        broken = [result for result in outcome.rules if result.rule.stops_build and not result.success]
        if broken:
            raise GateFailed(_reasons(settings, build_id, gate, broken, outcome.report_path))
    return outcome


def _audit(settings: Settings, build_id: int, gate: Gate) -> GateOutcome:
    """Judge the rules, record what they find, hold what they hold, and write the report."""
    catalogue = load()
    rules = catalogue.at(gate)
    placed: set[int] = set()
    with engine(settings, "builder").connect() as connection:
        connection = connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            require_loaded(connection, catalogue)
            snapshot = str(connection.scalar(sa.text("select pg_export_snapshot()")))
            verdicts = judge(settings, rules, snapshot)
            outcomes = tuple(
                record(connection, build_id, gate, rule, clean=verdicts[rule.id]) for rule in rules
            )
            for rule in rules:
                if rule.holds_delivery:
                    placed.update(holds.place(connection, build_id, rule))
    findings = dict.fromkeys(("fatal", "error", "warning", "note"), 0)
    for outcome in outcomes:
        findings[outcome.rule.severity] += outcome.unexpected - outcome.waived
    return GateOutcome(gate, outcomes, findings, sorted(placed), write_report(settings, build_id))


def _reasons(
    settings: Settings, build_id: int, gate: Gate, broken: list[RuleOutcome], report_path: Path
) -> str:
    """Which rules stopped the build, and where each is broken first."""
    lines = [f"Build {build_id} stops at the gate {gate}. What is being served stays as it was."]
    first = sa.text(
        "select f.agency_key, f.period_id, f.delivery_id, f.sheet_name, f.cell, f.given, f.expected"
        " from audit.expectation_finding as f"
        " where f.build_id = :build_id and f.gate = :gate and f.rule_id = :rule_id and not f.is_waived"
        " order by f.finding_id limit 1"
    )
    with engine(settings, "builder").connect() as connection:
        for outcome in broken:
            row = connection.execute(
                first, {"build_id": build_id, "gate": gate, "rule_id": outcome.rule.id}
            ).one()
            place = ", ".join(f"{name} {value}" for name, value in row._mapping.items() if value is not None)
            lines.append(
                f"{outcome.rule.id}: {outcome.rule.message_en} {outcome.unexpected} rows, first: {place}"
            )
    return "\n".join([*lines, f"All of them: {report_path}"])
