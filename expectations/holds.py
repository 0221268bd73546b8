"""Holds: a fatal finding about a whole delivery sets it aside until a person decides."""

from __future__ import annotations

import sqlalchemy as sa

from expectations.catalogue import Rule
from warehouse.schema import hold

_PLACE = """
with this_build as (
    select b.build_id, b.as_of from audit.build as b where b.build_id = :build_id
),

last_decision as (
    select distinct on (x.delivery_id) x.delivery_id, x.decision
    from raw.delivery_decision as x
    cross join this_build as b
    where x.decided_at <= b.as_of
    order by x.delivery_id, x.decided_at desc, x.decision_id desc
)

insert into audit.hold (delivery_id, rule_id, build_id, reason_vi, placed_at)
select f.delivery_id, cast(:rule_id as text), b.build_id, min(f.message_vi || ' (' || f.given || ')'), b.as_of
from audit.expectation_finding as f
cross join this_build as b
left join last_decision as x on x.delivery_id = f.delivery_id
where
    f.build_id = :build_id
    and f.rule_id = :rule_id
    and f.delivery_id is not null
    and not f.is_waived
    and x.decision is null
    and not exists (
        select 1
        from audit.hold as h
        join audit.build as p on p.build_id = h.build_id
        where h.delivery_id = f.delivery_id and h.rule_id = f.rule_id and p.as_of <= b.as_of
    )
group by f.delivery_id, b.build_id, b.as_of
"""


def place(connection: sa.Connection, build_id: int, rule: Rule) -> list[int]:
    """Hold the deliveries that a fatal rule finds fault with in this build; returns those it holds there.

    A delivery that a person has accepted or rejected by the build's as_of is left to that decision, and one
    that this rule already holds is not held twice. A hold counts from the as_of of its build, so that
    decisions made about the past keep their order when the past is played again.
    """
    connection.execute(sa.text(_PLACE), {"build_id": build_id, "rule_id": rule.id})
    held = sa.select(hold.c.delivery_id).where(hold.c.build_id == build_id, hold.c.rule_id == rule.id)
    return list(connection.scalars(held.order_by(hold.c.delivery_id)))
