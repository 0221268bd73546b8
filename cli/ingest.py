"""`cchc ingest`: take in report files by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as ProgressBar
from rich.table import Table

from cli.output import console, print_json
from sources.intake.ingest import IngestSummary, Progress, ingest_paths
from sources.intake.ledger import DeliveryOutcome
from warehouse.clock import now, parse_time
from warehouse.errors import UsageError
from warehouse.runs import run
from warehouse.settings import get_settings

_COLUMNS = (
    BarColumn(),
    MofNCompleteColumn(),
    TimeRemainingColumn(),
    TextColumn("{task.description}"),
)
VERDICT_COLOURS = {
    "accepted": "green",
    "accepted_with_findings": "yellow",
    "held": "magenta",
    "refused": "red",
    "duplicate": "dim",
}


def ingest(
    paths: Annotated[
        list[Path], typer.Argument(help="Report files, or folders of them.", show_default=False)
    ],
    received_at: Annotated[
        str | None,
        typer.Option(
            "--received-at", help="When files of the past were received, for instance 2023-03-16T09:30."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Archive and read report files; they stay where they are."""
    settings = get_settings()
    moment = parse_time(received_at) if received_at else None
    if moment is not None and moment > now(settings):
        raise UsageError(
            f"--received-at {received_at} lies in the future. State when the files were received."
        )
    with run(settings, "ingest") as current, _progress() as progress:
        summary = ingest_paths(settings, paths, current.run_id, moment, progress)
        current.detail.update(deliveries=len(summary.deliveries), periods=sorted(summary.periods))
    if as_json:
        print_json({**asdict(summary), "periods": sorted(summary.periods)})
    else:
        _print(summary)
    if summary.failed:
        raise typer.Exit(1)


@contextmanager
def _progress() -> Iterator[Progress]:
    """A bar on the terminal's error stream, which appears with the first batch and goes with the last."""
    with ProgressBar(*_COLUMNS, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, visible=False)

        def tell(done: int, total: int, what: str) -> None:
            bar.update(task, completed=done, total=total, description=escape(what), visible=done < total)

        yield tell


def _print(summary: IngestSummary) -> None:
    table = Table(
        "delivery", "file", "agency", "period", "verdict", "read", "loaded", "held", "structure", "findings"
    )
    for outcome in summary.deliveries:
        table.add_row(*_cells(outcome))
    console.print(table)
    for outcome in summary.deliveries:
        if outcome.verdict_reason_vi:
            console.print(f"{outcome.delivery_id}: {escape(outcome.verdict_reason_vi)}")
    for path, reason in summary.left.items():
        console.print(f"[yellow]not taken in:[/] {escape(path)}: {escape(reason)}")
    for path, reason in summary.failed.items():
        console.print(f"[red]not reached:[/] {escape(path)}: {escape(reason)}")


def _cells(outcome: DeliveryOutcome) -> list[str]:
    colour = VERDICT_COLOURS[outcome.verdict]
    counts = (
        outcome.rows_read,
        outcome.rows_loaded,
        outcome.rows_held,
        outcome.rows_structure,
        outcome.findings,
    )
    return [
        str(outcome.delivery_id),
        escape(outcome.source_name),
        outcome.agency_code or "?",
        outcome.period_id or "?",
        f"[{colour}]{outcome.verdict}[/]",
        *map(str, counts),
    ]
