"""`cchc deliveries`: what came in, and decisions on what waits for a person."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from cli.ingest import VERDICT_COLOURS
from cli.output import console, print_json
from sources.intake.deliveries import decide, list_deliveries, show_delivery
from warehouse.clock import TIME_ZONE, now
from warehouse.settings import get_settings

app = typer.Typer(help="What came in.", no_args_is_help=True)
JsonOption = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]
SEVERITY_COLOURS = {"fatal": "red", "error": "red", "warning": "yellow", "note": "dim"}


@app.command("list")
def list_command(
    period: Annotated[
        str | None, typer.Option("--period", help="Only this period, for instance 2023-Q1.")
    ] = None,
    agency: Annotated[
        str | None, typer.Option("--agency", help="Only this agency, for instance BT-NV.")
    ] = None,
    verdict: Annotated[
        str | None, typer.Option("--verdict", help="Only this verdict: accepted, held, refused …")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List deliveries in the order in which the ledger saw them."""
    found = list_deliveries(get_settings(), period, agency, verdict)
    if as_json:
        print_json(found)
        return
    table = Table("no.", "agency", "period", "received", "verdict", "findings", box=None)
    for column in table.columns:
        column.no_wrap = True
    table.add_column("file", overflow="fold")
    for row in found:
        table.add_row(
            str(row["delivery_id"]),
            row["agency_code"] or "?",
            row["period_id"] or "?",
            f"{row['received_at'].astimezone(TIME_ZONE):%d/%m/%Y %H:%M}",
            _verdict(row),
            str(row["finding_count"]),
            escape(row["source_name"]),
        )
    console.print(table)


@app.command("show")
def show(
    delivery_id: Annotated[int, typer.Argument(help="Number of the delivery.")], as_json: JsonOption = False
) -> None:
    """Show one delivery: its sheets with their rows, and every finding with its cell."""
    found = show_delivery(get_settings(), delivery_id)
    if as_json:
        print_json(found)
        return
    head = Table("", "", show_header=False, box=None, padding=(0, 2))
    head.columns[1].overflow = "fold"
    head.add_row("file", escape(f"{found['source_name']} ({found['size_bytes']} bytes)"))
    head.add_row("sha256", found["sha256"])
    head.add_row("received", f"{found['received_at'].astimezone(TIME_ZONE):%d/%m/%Y %H:%M}")
    head.add_row("agency, period", f"{found['agency_code'] or '?'}, {found['period_id'] or '?'}")
    head.add_row("kind, number", f"{found['report_kind'] or '?'}, {escape(found['document_number'] or '–')}")
    head.add_row("verdict", f"{_verdict(found)} {escape(found['verdict_reason_vi'] or '')}")
    for item in found["decisions"]:
        head.add_row("decision", escape(f"{item['decision']} by {item['decided_by']}: {item['reason']}"))
    for item in found["holds"]:
        head.add_row("hold", escape(f"{item['rule_id']}: {item['reason_vi']}"))
    console.print(head)
    if found["sections"]:
        _print_sections(found["sections"])
    for item in found["findings"]:
        colour = SEVERITY_COLOURS[item["severity"]]
        console.print(f"[{colour}]{item['severity']:<8}[/] {escape(item['message_vi'])}")


@app.command("accept")
def accept(
    delivery_id: Annotated[int, typer.Argument(help="Number of the held delivery.")],
    reason: Annotated[str, typer.Option("--reason", help="Why it is accepted.")],
    by: Annotated[str, typer.Option("--by", help="Who decides.")],
    reject: Annotated[bool, typer.Option("--reject", help="Reject it instead.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Accept (or with --reject: reject) a held delivery. The next build takes the decision into account."""
    settings = get_settings()
    decision = "reject" if reject else "accept"
    decide(settings, delivery_id, decision, reason, by, now(settings))
    if as_json:
        print_json({"delivery_id": delivery_id, "decision": decision})
        return
    console.print(f"Delivery {delivery_id}: {decision}ed. It shows after the next build (cchc build).")


def _print_sections(sections: list[dict[str, Any]]) -> None:
    sheets = Table("sheet", "read", "loaded", "held", "structure")
    for item in sections:
        counts = (item["rows_read"], item["rows_loaded"], item["rows_held"], item["rows_structure"])
        sheets.add_row(escape(item["sheet_name"]), *map(str, counts))
    console.print(sheets)


def _verdict(row: dict[str, Any]) -> str:
    """The verdict of intake, then what overrides it: a rule that holds the delivery, a person's decision."""
    verdict = row["verdict"]
    if verdict is None:
        return "[dim]not read yet[/]"
    if row["is_held_by_rule"]:
        return f"[{VERDICT_COLOURS['held']}]held by a rule[/]"
    words = f"[{VERDICT_COLOURS[verdict]}]{verdict.replace('_with_', ', ')}[/]"
    return f"{words}, {row['last_decision']}ed" if row["last_decision"] else words
