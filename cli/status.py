"""`cchc status`: where things stand."""

from __future__ import annotations

from typing import Annotated, Any

import sqlalchemy as sa
import typer
from rich.table import Table

from cli import live
from cli.output import console, print_json
from sources.forms.definition import load_definition
from sources.intake.deliveries import list_deliveries
from sources.intake.landing import Landing
from warehouse import builds, clock, migrate, server
from warehouse.engine import engine
from warehouse.errors import UsageError
from warehouse.schema import build, build_step, delivery, expectation_result, reading
from warehouse.settings import Settings, get_settings
from warehouse.storage import shown_url


def status(as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False) -> None:
    """Say what runs, what came in last, what is held, how the last build went, and what is serving."""
    settings = get_settings()
    facts = _facts(settings)
    if as_json:
        print_json(facts)
        return
    table = Table(show_header=False, box=None, padding=(0, 2))
    for name, value in facts.items():
        table.add_row(f"[bold]{name.replace('_', ' ')}[/]", _text(value))
    console.print(table)


def _facts(settings: Settings) -> dict[str, Any]:
    facts: dict[str, Any] = {"time_zone": str(clock.TIME_ZONE), "home": settings.home}
    facts["landing_zone"] = _landing(settings)
    if settings.warehouse_dsn is None:
        info = server.status(settings)
        facts["server"] = (
            f"embedded, {info.host}:{info.port}, pid {info.pid}" if info else "embedded, not running"
        )
        if info is None:
            return {**facts, "next": "cchc db start"}
    else:
        facts["server"] = "CCHC_WAREHOUSE_DSN"
    revision = migrate.revision(settings)
    facts["schema"] = revision or "not migrated"
    facts["components"] = live.running(settings) or "none (make up starts them)"
    if revision is None:
        return {**facts, "next": "cchc db migrate"}
    with engine(settings, "builder").connect() as connection:
        facts |= _ledger(connection)
    waiting = [
        str(row["delivery_id"]) for row in list_deliveries(settings, verdict="held") if not _decided(row)
    ]
    facts["waiting_for_a_decision"] = (
        f"{', '.join(waiting)} (cchc deliveries show NUMBER)" if waiting else "none"
    )
    serving = builds.serving(settings)
    facts["serving"] = (
        f"build {serving.build_id}, as of {_time(serving.as_of)}, since {_time(serving.promoted_at)}"
        if serving
        else "nothing yet"
    )
    return facts


def _landing(settings: Settings) -> str:
    """Where deliveries come from, and how many files lie there."""
    url = shown_url(settings.landing_url)
    try:
        with Landing(settings, load_definition().landing) as landing:
            files, left = landing.look(), landing.left
    except (OSError, UsageError) as error:
        return str(error)
    named = "; ".join(f"{path} ({why})" for path, why in left.items())
    return f"{url}: {len(files)} files waiting" + (f", not taken in: {named}" if left else "")


def _decided(row: dict[str, Any]) -> bool:
    return row["last_decision"] is not None and not row["is_held_by_rule"]


def _ledger(connection: sa.Connection) -> dict[str, Any]:
    last = connection.execute(
        sa.select(delivery, reading.c.verdict, reading.c.period_id)
        .outerjoin(reading, reading.c.delivery_id == delivery.c.delivery_id)
        .order_by(delivery.c.delivery_id.desc())
        .limit(1)
    ).one_or_none()
    count_by_verdict = sa.select(reading.c.verdict, sa.func.count()).group_by(reading.c.verdict)
    verdicts: dict[str, int] = dict(connection.execute(count_by_verdict).tuples().all())
    facts: dict[str, Any] = {
        "last_delivery": f"{last.source_name}, {last.period_id or 'no period'}, "
        f"{last.verdict or 'not read'}, received {_time(last.received_at)}"
        if last
        else "none",
        "deliveries": verdicts or "none",
    }
    newest = connection.execute(sa.select(build).order_by(build.c.build_id.desc()).limit(1)).one_or_none()
    if newest is None:
        return {**facts, "last_build": "none"}
    steps = connection.execute(
        sa.select(build_step).where(build_step.c.build_id == newest.build_id).order_by(build_step.c.event_id)
    ).all()
    gates = connection.execute(
        sa.select(
            expectation_result.c.gate, sa.func.count(), sa.func.sum(expectation_result.c.unexpected_count)
        )
        .where(expectation_result.c.build_id == newest.build_id)
        .group_by(expectation_result.c.gate)
        .order_by(sa.func.min(expectation_result.c.result_id))
    )
    facts |= {
        "last_build": f"{newest.build_id}, as of {_time(newest.as_of)}: "
        + ", ".join(f"{step.step} {step.outcome}" for step in steps),
        "gates": {gate: f"{rules} rules, {rows} rows noted" for gate, rules, rows in gates} or "none ran",
    }
    if steps and steps[-1].outcome == "failed":
        facts["last_build_failed_because"] = steps[-1].detail["error"]
        facts["next"] = "mend the cause, then: cchc build (live, a mended rule or model is built by itself)"
    return facts


def _time(moment: Any) -> str:
    return f"{moment.astimezone(clock.TIME_ZONE):%d/%m/%Y %H:%M}"


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name}: {item}" for name, item in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
