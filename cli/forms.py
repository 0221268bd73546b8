"""`cchc forms`: the report forms as they are issued, and as they go back with the findings marked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from cli.output import console, print_json
from sources.answers.answering import return_deliveries
from sources.forms.issue import issue_forms
from sources.intake.deliveries import list_deliveries
from warehouse.errors import UsageError
from warehouse.runs import run
from warehouse.settings import get_settings

app = typer.Typer(help="The report forms.", no_args_is_help=True)
JsonOption = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]


@app.command("issue")
def issue(
    period: Annotated[str, typer.Option("--period", help="Period id, for instance 2023-Q1.")],
    unit: Annotated[
        str | None,
        typer.Option("--unit", help="Code of the unit that asks, for instance BT; without it, all that ask."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write one prefilled workbook per reporting agency, and open the period for them."""
    settings = get_settings()
    with run(settings, "issue_forms") as current:
        paths = issue_forms(settings, period, current.run_id, current.as_of, unit)
        current.detail.update(period_id=period, unit=unit, forms=len(paths))
    if as_json:
        print_json({"period_id": period, "unit": unit, "forms": paths})
        return
    console.print(f"[bold]{len(paths)}[/] forms of {escape(period)} in {escape(str(paths[0].parent))}")
    for path in paths:
        console.print(f"  {escape(path.name)}")


@app.command("return")
def return_command(
    deliveries: Annotated[
        list[int] | None, typer.Argument(help="Numbers of deliveries.", show_default=False)
    ] = None,
    period: Annotated[
        str | None, typer.Option("--period", help="Those of a period, for instance 2023-Q1.")
    ] = None,
    agency: Annotated[
        str | None, typer.Option("--agency", help="Those of an agency, for instance BT-NV.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--to", help="Folder to write to; default: out/returned in the home.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write what agencies get back: the receipt, and their workbook with every finding marked.

    Name deliveries by number, or choose them by period and agency.
    """
    settings = get_settings()
    if bool(deliveries) == bool(period or agency):
        raise UsageError(
            "Name deliveries by number, or choose them by --period and --agency. "
            "For instance: cchc forms return 17, or cchc forms return --period 2023-Q1 --agency BT-NV"
        )
    chosen = deliveries or [
        row["delivery_id"]
        for row in list_deliveries(settings, period, agency)
        if row["verdict"] is not None  # one that was interrupted is read by the next run
    ]
    folder = to or settings.output_dir / "returned"
    with run(settings, "return") as current:
        files = return_deliveries(settings, chosen, folder, current.run_id)
        current.detail.update(deliveries=len(files))
    returned: list[dict[str, Any]] = [{"delivery_id": n, "files": paths} for n, paths in files.items()]
    if as_json:
        print_json(returned)
        return
    console.print(f"[bold]{len(returned)}[/] deliveries returned to {escape(str(folder))}")
    for item in returned:
        for path in item["files"]:
            console.print(f"  {escape(str(path.relative_to(folder)))}")
