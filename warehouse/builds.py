"""Builds of the warehouse: opening one when something changed, its steps, what is being served.

One step of one build runs at a time (advisory lock); a step of a build that a newer one superseded refuses.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from warehouse.clock import local_date
from warehouse.engine import engine
from warehouse.errors import BuildSuperseded
from warehouse.reference import current_versions
from warehouse.schema import (
    build,
    build_step,
    delivery,
    delivery_decision,
    document_finding,
    hold,
    official_text,
    period_opened,
    reading,
)
from warehouse.settings import PROJECT_ROOT, Settings

_ONE_BUILD = 7_679_002  # advisory lock
STEPS = ("audit_raw", "core", "audit_core", "candidate", "audit_candidate", "promote")


@dataclass
class Step:
    """A running step: its build, the moment the build is made for, and what it leaves in the ledger."""

    build_id: int
    as_of: datetime
    full_refresh: bool
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Serving:
    """The build whose marts are being served."""

    build_id: int
    as_of: datetime
    promoted_at: datetime


def open_build(
    settings: Settings, as_of: datetime, reason: str, run_id: str, *, full_refresh: bool = False
) -> int | None:
    """Open a build for a moment; None when its marts would be those that are being served.

    What a build depends on: reference versions, deliveries received by `as_of` and their decisions and holds,
    the day (states age day by day), and the project's own SQL. Models that differ from those that built the
    facts make it a full refresh: no incremental model is left with columns or rows of its old text.
    """
    code = code_digests()
    with engine(settings, "builder").begin() as connection:
        fingerprint = _fingerprint(connection, as_of, code)
        served = _served(connection)
        if served is not None and served.fingerprint == fingerprint and not full_refresh:
            return None
        opened = connection.execute(
            sa.insert(build)
            .values(
                as_of=as_of,
                full_refresh=full_refresh or _built_by(connection) != code["models_sha256"],
                fingerprint=fingerprint,
                **code,
                reason=reason,
                run_id=run_id,
            )
            .returning(build.c.build_id)
        )
        return int(opened.scalar_one())


@contextmanager
def step(settings: Settings, build_id: int, name: str) -> Iterator[Step]:
    """Run one step of a build: alone, only while no newer build was opened, and noted in the ledger.

    Raises BuildSuperseded when a newer build exists.
    """
    assert name in STEPS, name  # noqa: S101
    with engine(settings, "builder").connect() as connection:
        connection.execute(sa.text("select pg_advisory_lock(:key)"), {"key": _ONE_BUILD})
        connection.commit()
        try:
            row = connection.execute(sa.select(build).where(build.c.build_id == build_id)).one()
            newest = connection.scalar(sa.select(sa.func.max(build.c.build_id)))
            connection.commit()
            if newest != build_id:
                raise BuildSuperseded(
                    f"Build {build_id} stops before {name}: build {newest} was opened since."
                )
            current = Step(build_id, row.as_of, row.full_refresh)
            try:
                yield current
            except BaseException as error:
                _record(connection, build_id, name, "failed", {**current.detail, "error": str(error)[:2000]})
                raise
            _record(connection, build_id, name, "done", current.detail)
        finally:
            connection.rollback()
            connection.execute(sa.text("select pg_advisory_unlock(:key)"), {"key": _ONE_BUILD})
            connection.commit()


def serving(settings: Settings) -> Serving | None:
    """What is being served, or None before the first promotion."""
    with engine(settings, "builder").connect() as connection:
        row = _served(connection)
    return None if row is None else Serving(row.build_id, row.as_of, row.finished_at)


def _served(connection: sa.Connection) -> Any:
    return connection.execute(
        sa.select(build, build_step.c.finished_at)
        .join(build_step, build_step.c.build_id == build.c.build_id)
        .where(build_step.c.step == "promote", build_step.c.outcome == "done")
        .order_by(build_step.c.event_id.desc())
        .limit(1)
    ).one_or_none()


def _record(
    connection: sa.Connection, build_id: int, name: str, outcome: str, detail: dict[str, Any]
) -> None:
    connection.rollback()
    connection.execute(
        sa.insert(build_step).values(
            build_id=build_id, step=name, outcome=outcome, detail=json.loads(json.dumps(detail, default=str))
        )
    )
    connection.commit()


def _fingerprint(connection: sa.Connection, as_of: datetime, code: dict[str, str]) -> str:
    def newest(column: sa.Column[Any], *conditions: Any) -> Any:
        return connection.scalar(sa.select(sa.func.max(column)).where(*conditions))

    read = sa.select(sa.func.max(reading.c.delivery_id), sa.func.count()).join_from(reading, delivery)
    parts = {
        "reference": current_versions(connection),
        "official_text": newest(official_text.c.text_id),
        "document_findings": newest(document_finding.c.finding_id),
        "opened": connection.scalar(sa.select(sa.func.count()).select_from(period_opened)),
        "read": tuple(connection.execute(read.where(delivery.c.received_at <= as_of)).one()),
        "decisions": newest(delivery_decision.c.decision_id),
        "holds": newest(hold.c.hold_id),
        "day": local_date(as_of),
        **code,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def _built_by(connection: sa.Connection) -> str | None:
    """The models that touched the facts last; None before the first build."""
    return connection.scalar(
        sa.select(build.c.models_sha256)
        .join(build_step, build_step.c.build_id == build.c.build_id)
        .where(build_step.c.step == "core")
        .order_by(build_step.c.event_id.desc())
        .limit(1)
    )


def code_digests() -> dict[str, str]:
    """Digests of the SQL that builds the marts and of the rules that audit them, by column of audit.build."""
    dbt = PROJECT_ROOT / "dbt_project"
    return {
        "models_sha256": _digest(dbt / "models", dbt / "macros"),
        "rules_sha256": _digest(PROJECT_ROOT / "expectations"),
    }


def _digest(*folders: Path) -> str:
    """A digest of the SQL and YAML files below these folders."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix in {".sql", ".yml"}:
                digest.update(path.relative_to(PROJECT_ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
