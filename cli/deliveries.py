"""`cchc deliveries`: what came in, and decisions on what waits for a person."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from cli.ingest import VERDICT_COLOURS
from cli.output import console, print_json
from sources.forms.definition import load_definition
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
    if not found:
        console.print("No delivery. Take in report files: cchc ingest <files or folders>")
        return
    names = ("no.", "agency", "period", "received", "verdict", "now", "findings", "file")
    rows = [_listed(row) for row in found]
    table = Table(*names, box=None, padding=(0, 1, 0, 0))
    for column in table.columns:
        column.no_wrap = True
    # one line a delivery: a long file name gives way, `show` has all of it
    others = (
        max(Text.from_markup(cell).cell_len + 1 for cell in cells) for cells in zip(names, *rows, strict=True)
    )
    table.columns[-1].overflow = "ellipsis"
    table.columns[-1].max_width = max(8, console.width - sum([*others][:-1]) - 1)
    for row in rows:
        table.add_row(*row)
    console.print(table)
    held = [str(row["delivery_id"]) for row in found if row["standing"] == "held"]
    if held:
        console.print(f"\nWaiting for a person: {', '.join(held)}. Look: cchc deliveries show {held[0]}")


@app.command("show")
def show(
    delivery_id: Annotated[int, typer.Argument(help="Number of the delivery.")], as_json: JsonOption = False
) -> None:
    """Show one delivery: its sheets with their rows, its place among the versions, and every finding."""
    found = show_delivery(get_settings(), delivery_id)
    if as_json:
        print_json(found)
        return
    _print_head(found)
    if found["sections"]:
        _print_sections(found)
    if len(found["versions"]) > 1:
        _print_versions(found)
    if found["findings"]:
        _print_findings(found["findings"])
    console.print(f"\n{_next_step(found)}")


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
    found = show_delivery(settings, delivery_id)
    if as_json:
        told = {"standing": found["standing"], "in_force": found["in_force"]}
        print_json({"delivery_id": delivery_id, "decision": decision} | told)
        return
    console.print(f"Delivery {delivery_id}: {decision}ed. {_next_step(found)}")


def _listed(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        str(row["delivery_id"]),
        row["agency_code"] or "?",
        row["period_id"] or "?",
        f"{row['received_at'].astimezone(TIME_ZONE):%d/%m/%y %H:%M}",
        _verdict(row),
        _place(row),
        str(row["finding_count"]),
        escape(row["source_name"]),
    )


def _print_head(found: dict[str, Any]) -> None:
    head = Table("", "", show_header=False, box=None, padding=(0, 2, 0, 0))
    head.columns[0].no_wrap = True
    head.columns[1].overflow = "fold"
    head.add_row("delivery", f"{found['delivery_id']}: {escape(found['source_name'])}")
    head.add_row("bytes", f"{found['size_bytes']}, sha256 {found['sha256'][:16]}…")
    head.add_row("received", f"{_moment(found['received_at'])} ({found['channel']})")
    head.add_row("agency, period", f"{found['agency_code'] or '?'}, {found['period_id'] or '?'}")
    kind = f"{found['report_kind'] or '?'}, dated {_day(found['report_date'])}"
    number = f", {escape(found['document_number'])}" if found["document_number"] else ""
    head.add_row("report", kind + number)
    if found["amends"]:
        head.add_row("amends", escape(found["amends"]))
    head.add_row("verdict", _verdict(found))
    if found["verdict_reason_vi"]:
        head.add_row("", escape(found["verdict_reason_vi"]))
    for item in found["holds"]:
        head.add_row("held by rule", escape(f"{item['rule_id']} ({_moment(item['placed_at'])})"))
        head.add_row("", escape(item["reason_vi"]))
    for item in found["decisions"]:
        said = f"{item['decision']} by {item['decided_by']}, {_moment(item['decided_at'])}: {item['reason']}"
        head.add_row("decision", escape(said))
    for item in found["answers"]:
        of_build = f" after build {item['build_id']}" if item["build_id"] is not None else ""
        head.add_row("answered", f"{_moment(item['answered_at'])}{of_build}: {escape(item['receipt_path'])}")
    if not found["answers"] and found["verdict"] is not None:
        head.add_row("answered", "not yet")
    console.print(head)


def _print_sections(found: dict[str, Any]) -> None:
    sheets = Table("sheet", "read", "loaded", "held", "structure", "now", box=None, title_justify="left")
    for column in sheets.columns[1:5]:
        column.justify = "right"
    for item in found["sections"]:
        counts = (item["rows_read"], item["rows_loaded"], item["rows_held"], item["rows_structure"])
        hidden = " [dim](hidden)[/]" if item["is_hidden"] else ""
        sheets.add_row(escape(item["sheet_name"]) + hidden, *map(str, counts), _section_place(item, found))
    console.print()
    console.print(sheets)


def _print_versions(found: dict[str, Any]) -> None:
    versions = Table("", "no.", "report", "dated", "received", "verdict", "in force", box=None)
    for column in versions.columns[:-1]:
        column.no_wrap = True
    names = {sheet.code: sheet.name for sheet in load_definition().sheets}
    for row in found["versions"]:
        sheets = ", ".join(names.get(code, code) for code in names if code in row["in_force"])
        versions.add_row(
            "▸" if row["delivery_id"] == found["delivery_id"] else "",
            str(row["delivery_id"]),
            row["report_kind"] or "?",
            _day(row["report_date"]),
            _moment(row["received_at"]),
            _verdict(row),
            sheets or _place(row),
        )
    console.print(f"\nAll deliveries of {found['agency_code']} for {found['period_id']}:")
    console.print(versions)


def _print_findings(findings: list[dict[str, Any]]) -> None:
    table = Table("", "", show_header=False, box=None, padding=(0, 1, 0, 0))
    table.columns[0].no_wrap = True
    for item in findings:
        table.add_row(
            f"[{SEVERITY_COLOURS[item['severity']]}]{item['severity']}[/]", escape(item["message_vi"])
        )
    console.print()
    console.print(table)


def _next_step(found: dict[str, Any]) -> str:
    """What happens next with the delivery, and who has to do something."""
    number = found["delivery_id"]
    standing = found["standing"]
    if standing == "unread":
        return "It was not read to its end; the next intake reads it: cchc ingest, or the DAG ingest_reports."
    if standing == "refused":
        return "Nothing of it was loaded. The agency mends the file and sends it again."
    if standing == "duplicate":
        return f"It changes nothing: delivery {found['duplicate_of']} says the same and is in force."
    if standing == "held":
        return (
            f"It waits for a person: cchc deliveries accept {number} --reason … --by …  (or with --reject), "
            "or for the agency to send a replacement."
        )
    if standing == "rejected":
        return f"It does not count. Take that back: cchc deliveries accept {number} --reason … --by …"
    if not found["in_force"]:
        return "It counts, but newer versions are in force for all its sheets: it is history."
    return "It is in force; builds after it show it (cchc build, or the DAG build_warehouse)."


def _section_place(item: dict[str, Any], found: dict[str, Any]) -> str:
    if item["sheet_code"] == "info" or found["standing"] != "counts":
        return ""
    carrier = item["in_force_from"]
    if carrier == found["delivery_id"]:
        return "[green]in force[/]"
    return "not reported any more" if carrier is None else f"replaced by {carrier}"


def _place(row: dict[str, Any]) -> str:
    """Whether what counts is in force."""
    if row["standing"] != "counts":
        return "[dim]–[/]"
    return "[green]in force[/]" if row["in_force"] else "history"


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(TIME_ZONE):%d/%m/%Y %H:%M}"


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else "–"


def _verdict(row: dict[str, Any]) -> str:
    """The verdict of intake, then what overrides it: a rule that holds the delivery, a person's decision."""
    verdict = row["verdict"]
    if verdict is None:
        return "[dim]not read yet[/]"
    if row["is_held_by_rule"]:
        return f"[{VERDICT_COLOURS['held']}]held by a rule[/]"
    words = f"[{VERDICT_COLOURS[verdict]}]{verdict.replace('_with_', ', ')}[/]"
    return f"{words}, {row['last_decision']}ed" if row["last_decision"] else words
