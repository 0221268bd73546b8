"""Writes what a gate found to the schema audit: every offending row, selected by the rule's own SQL."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from expectations.catalogue import COLUMNS, Gate, Rule
from expectations.runner import AuditError, escape_colons
from warehouse.schema import expectation_finding, expectation_result


@dataclass(frozen=True)
class RuleOutcome:
    """One rule at one gate: how many rows offend, and how many of them are waived."""

    rule: Rule
    unexpected: int
    waived: int

    @property
    def success(self) -> bool:
        """Whether nothing is left that a waiver does not cover."""
        return self.unexpected == self.waived


def record(connection: sa.Connection, build_id: int, gate: Gate, rule: Rule, *, clean: bool) -> RuleOutcome:
    """Write the rows that offend a rule, and its result, in the connection's transaction.

    `clean` is the verdict of Great Expectations in the same snapshot; SQL that differs is an AuditError.
    Rows that an earlier run of this gate of this build recorded are not written again, and stay: when a hold
    has set a delivery aside and the gate runs once more, they are the reason for it.
    """
    finding = {
        "build_id": build_id,
        "gate": gate,
        "rule_id": rule.id,
        "scope": rule.scope,
        "severity": rule.severity,
        "message_vi": rule.message_vi,
    }
    try:
        connection.execute(sa.text(_COLLECT.format(sql=escape_colons(rule.sql))))
    except sa.exc.ProgrammingError as error:
        raise AuditError(
            f"{rule.id}: its SQL does not run (expectations/rules/{rule.id}.sql): {error.orig}"
        ) from error
    counted = connection.execute(sa.text(_COUNT), finding).one()
    connection.execute(sa.text(_WRITE), finding)
    connection.exec_driver_sql("drop table pg_temp.offending")
    if clean != (counted.unexpected == 0):
        raise AuditError(
            f"{rule.id}: Great Expectations finds it {'kept' if clean else 'broken'}, its SQL selects "
            f"{counted.unexpected} rows. Its built_in expectations and its SQL must say the same."
        )
    outcome = RuleOutcome(rule, counted.unexpected, counted.waived)
    connection.execute(
        sa.insert(expectation_result).values(
            build_id=build_id,
            gate=gate,
            rule_id=rule.id,
            scope=rule.scope,
            severity=rule.severity,
            success=outcome.success,
            unexpected_count=outcome.unexpected,
            waived_count=outcome.waived,
        )
    )
    return outcome


_SELECTED = ", ".join(f"o.{column}" for column in COLUMNS)
_COLLECT = f"create temporary table offending on commit drop as\nselect {_SELECTED} from (\n{{sql}}\n) as o"
_WAIVED = """
exists (
    select 1
    from raw.ref_waiver as w
    join raw.ref_rule as r on r.rule_id = w.rule_id and r.waivable
    join audit.build as b on b.build_id = :build_id
    left join raw.ref_agency as a
        on a.agency_code = w.agency_code
        and a.version_id = (select max(v.version_id) from raw.ref_version as v where v.dataset = 'agencies')
    where
        w.version_id = (select max(v.version_id) from raw.ref_version as v where v.dataset = 'waivers')
        and r.version_id = (select max(v.version_id) from raw.ref_version as v where v.dataset = 'rules')
        and w.rule_id = :rule_id
        and (w.agency_code = '*' or a.agency_key = o.agency_key)
        and (w.period_id = '*' or w.period_id = o.period_id)
        and (b.as_of at time zone 'Asia/Ho_Chi_Minh')::date between w.valid_from and w.valid_to
)"""
_COUNT = (
    f"select count(*) as unexpected, count(*) filter (where {_WAIVED}) as waived from pg_temp.offending as o"
)
_FINDING_COLUMNS = ", ".join(c.name for c in expectation_finding.columns if c.name != "finding_id")
_WRITE = f"""
insert into audit.expectation_finding ({_FINDING_COLUMNS})
select
    cast(:build_id as bigint), cast(:gate as text), cast(:rule_id as text), cast(:scope as text),
    cast(:severity as text), coalesce(o.agency_key, 0), o.period_id, o.delivery_id, o.sheet_name, o.cell,
    o.given, o.expected, cast(:message_vi as text), {_WAIVED}
from pg_temp.offending as o
except all
select {_FINDING_COLUMNS}
from audit.expectation_finding
where build_id = :build_id and gate = :gate and rule_id = :rule_id
"""
