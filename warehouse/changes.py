"""What changed since the newest build: the keys of the events that ask for the next one."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

from warehouse.builds import code_digests
from warehouse.clock import local_date, now
from warehouse.engine import engine
from warehouse.schema import build, delivery_decision, reading, ref_version
from warehouse.settings import Settings


def deliveries_read(settings: Settings, run_id: str) -> int:
    """Number of deliveries that a run read, earlier tries of its tasks included."""
    query = sa.select(sa.func.count()).where(reading.c.run_id == run_id)
    with engine(settings, "loader").connect() as connection:
        return connection.scalar(query) or 0


def reasons_to_build(settings: Settings, run_id: str) -> list[str]:
    """Why the marts are behind: periods of deliveries and decisions, `reference`, `day`, `code`; else empty.

    Deliveries of this run always count. Of the rest, what came after the newest build was opened: so a build
    is asked for again when a run was cut short before it could ask, once only when a build fails, and once
    more when the rule or model that failed it is mended.
    """
    with engine(settings, "loader").connect() as connection:
        builds = sa.select(build).order_by(build.c.build_id.desc())
        newest = connection.execute(builds.limit(1)).one_or_none()
        since = newest.opened_at if newest else datetime.min.replace(tzinfo=UTC)
        period = sa.select(reading.c.period_id).where(reading.c.period_id.is_not(None))
        decided = period.join(delivery_decision, delivery_decision.c.delivery_id == reading.c.delivery_id)
        reasons = {
            *connection.scalars(period.where(sa.or_(reading.c.run_id == run_id, reading.c.read_at > since))),
            *connection.scalars(decided.where(delivery_decision.c.decided_at > since)),
        }
        if connection.scalar(sa.select(sa.func.max(ref_version.c.loaded_at) > since)):
            reasons.add("reference")
        if newest and local_date(newest.as_of) != local_date(now(settings)):
            reasons.add("day")
        if newest and any(newest._mapping[name] != digest for name, digest in code_digests().items()):
            reasons.add("code")
    return sorted(reasons)
