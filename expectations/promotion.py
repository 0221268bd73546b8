"""Promotion: the audited candidate marts become the live ones, by difference, in one transaction.

Live tables keep their identity, so grants, policies and dependent views stay. Rows are deleted and inserted,
which takes no lock that a reader waits for: at any isolation level it sees the old or the new state whole.
"""

from __future__ import annotations

import sqlalchemy as sa

from expectations.catalogue import GATES, load
from expectations.live_tables import Mart, align, candidates, ensure_serving, live_marts
from warehouse.builds import step
from warehouse.engine import engine
from warehouse.errors import GateFailed
from warehouse.schema import expectation_result
from warehouse.settings import Settings

_DELETE = """
delete from {live} where ctid in (
    select l.ctid
    from (
        select m.ctid, {row} as content, row_number() over (partition by {row}) as copy from {live} as m
    ) as l
    left join (select {row} as content, count(*) as copies from {candidate} as m group by 1) as c
        on c.content = l.content
    where l.copy > coalesce(c.copies, 0)
)
"""
_CHANGED = """
select period_id from (
    (select {columns} from {candidate} except all select {columns} from {live})
    union all
    (select {columns} from {live} except all select {columns} from {candidate})
) as changed
"""
_INSERT = """
insert into {live} ({columns})
select {columns}
from (select m.*, {row} as content, row_number() over (partition by {row}) as copy from {candidate} as m) as c
left join (select {row} as kept_content, count(*) as copies from {live} as m group by 1) as l
    on l.kept_content = c.content
where c.copy > coalesce(l.copies, 0)
"""


def changed_periods(settings: Settings) -> list[str]:
    """Periods whose rows promotion would change, in order; a new `as_of` alone is no change."""
    periods: set[str] = set()
    with engine(settings, "builder").connect() as connection:
        live = live_marts(connection)
        for mart in candidates(connection):
            if "period_id" not in mart.columns:
                continue
            names = [name for name in mart.columns if name != "as_of"]
            known = mart.name in live and set(names) <= set(live[mart.name].columns)
            columns = ", ".join(connection.dialect.identifier_preparer.quote(name) for name in names)
            query = _CHANGED if known else "select period_id from {candidate}"
            parts = {"columns": columns, "candidate": mart.candidate, "live": mart.live}
            periods.update(connection.exec_driver_sql(query.format(**parts)).scalars())
    return sorted(periods)


def promote(settings: Settings, build_id: int) -> dict[str, tuple[int, int]]:
    """Write the difference between candidate and live marts; returns (deleted, inserted) by table.

    Idempotent: promoting a build again finds no difference. Raises GateFailed when a gate of the build was
    not run or is broken, BuildSuperseded when a newer build exists, CchcError when a mart's columns changed
    in a way that readers of the live table would not survive.
    """
    changed: dict[str, tuple[int, int]] = {}
    with step(settings, build_id, "promote") as current, engine(settings, "builder").begin() as connection:
        _require_gates(connection, build_id)
        ensure_serving(connection)
        marts = candidates(connection)
        align(connection, marts)
        for mart in marts:
            changed[mart.name] = _write_difference(connection, mart)
        _serve(connection, build_id)
        current.detail["rows"] = changed
    return changed


def _write_difference(connection: sa.Connection, mart: Mart) -> tuple[int, int]:
    """Delete what the candidate no longer holds, insert what it holds anew; equal rows are counted."""
    parts = {
        "live": mart.live,
        "candidate": mart.candidate,
        "columns": mart.column_list,
        "row": f"md5(row({', '.join(f'm.{name}' for name in mart.quoted_columns)})::text)",
    }
    deleted = connection.exec_driver_sql(_DELETE.format(**parts)).rowcount
    inserted = connection.exec_driver_sql(_INSERT.format(**parts)).rowcount
    return deleted, inserted


def _require_gates(connection: sa.Connection, build_id: int) -> None:
    """Refuse unless every rule of every gate was run in this build and none that stops a build is broken."""
    newest = (
        sa.select(expectation_result)
        .where(expectation_result.c.build_id == build_id)
        .distinct(expectation_result.c.gate, expectation_result.c.rule_id)
        .order_by(
            expectation_result.c.gate, expectation_result.c.rule_id, expectation_result.c.result_id.desc()
        )
    )
    results = {(row.gate, row.rule_id): row for row in connection.execute(newest)}
    catalogue = load()
    for gate in GATES:
        missing = [rule.id for rule in catalogue.at(gate) if (gate, rule.id) not in results]
        if missing:
            raise GateFailed(
                f"Build {build_id} is not promoted: its gate {gate} did not run {', '.join(missing)}. "
                "What is being served stays as it was."
            )
    broken = [
        f"{row.rule_id} ({row.unexpected_count} rows at the gate {row.gate})"
        for row in results.values()
        if row.scope == "build" and row.severity == "fatal" and not row.success
    ]
    if broken:
        raise GateFailed(
            f"Build {build_id} is not promoted, these rules are broken: {', '.join(sorted(broken))}. "
            "What is being served stays as it was."
        )


def _serve(connection: sa.Connection, build_id: int) -> None:
    """Say in marts.serving which build the tables now hold; the same build again changes nothing."""
    connection.execute(
        sa.text("delete from marts.serving where build_id <> :build_id"), {"build_id": build_id}
    )
    connection.execute(
        sa.text(
            "insert into marts.serving (build_id, as_of, promoted_at)"
            " select b.build_id, b.as_of, clock_timestamp() from audit.build as b"
            " where b.build_id = :build_id and not exists (select 1 from marts.serving)"
        ),
        {"build_id": build_id},
    )
