"""`cchc forms`: the report forms."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from cli.output import console, print_json
from sources.forms.issue import issue_forms
from warehouse.runs import run
from warehouse.settings import get_settings

app = typer.Typer(help="The report forms.", no_args_is_help=True)


@app.command("issue")
def issue(
    period: Annotated[str, typer.Option("--period", help="Period id, for instance 2023-Q1.")],
    unit: Annotated[
        str | None,
        typer.Option("--unit", help="Code of the unit that asks, for instance BT; without it, all that ask."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
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
