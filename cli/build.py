"""`cchc build`: the steps of a build in order, as the DAG `build_warehouse` runs them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cli.output import console, print_json
from expectations import gates, promotion
from warehouse import builds, clock, runs, transform
from warehouse.settings import get_settings


def build(
    as_of: Annotated[str | None, typer.Option(help="The moment to build for; default: now.")] = None,
    full_refresh: Annotated[bool, typer.Option("--full-refresh", help="Rebuild every fact.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Build and audit the warehouse, and promote its marts when every gate lets them through."""
    settings = get_settings()
    moment = clock.parse_time(as_of) if as_of else clock.now(settings)
    with runs.run(settings, "build", moment, role="builder") as run:
        build_id = builds.open_build(settings, moment, "by hand", run.run_id, full_refresh=full_refresh)
        if build_id is None:
            _answer(
                as_json,
                {"build_id": None},
                f"Nothing changed as of {moment:%d/%m/%Y %H:%M}: no build needed.",
            )
            return
        run.detail["build_id"] = build_id
        gates.pass_gate(settings, build_id, "raw")
        transform.run_dbt(settings, build_id, "core")
        gates.pass_gate(settings, build_id, "core")
        transform.run_dbt(settings, build_id, "candidate")
        outcome = gates.pass_gate(settings, build_id, "candidate")
        periods = promotion.changed_periods(settings)
        promoted = promotion.promote(settings, build_id)
    changed = sum(deleted + inserted for deleted, inserted in promoted.values())
    answer = {
        "build_id": build_id,
        "as_of": moment,
        "promoted": promoted,
        "periods_changed": periods,
        "audit_report": outcome.report_path,
    }
    sentence = f"Build {build_id} is serving: {changed} rows changed. Audit report: {outcome.report_path}"
    if periods:
        sentence += "\nTheir reviews are behind, write them again with: "
        sentence += "; ".join(f"cchc review --period {period}" for period in periods)
    _answer(as_json, answer, sentence)


def _answer(as_json: bool, answer: dict[str, Any], sentence: str) -> None:
    if as_json:
        print_json(answer)
    else:
        console.print(sentence, soft_wrap=True)
