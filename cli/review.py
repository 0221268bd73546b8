"""`cchc review`: the review pack of one unit and period."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from cli.output import console, print_json
from review.pack import ReviewPack, write_review
from warehouse.settings import get_settings


def review(
    period: Annotated[str, typer.Option(help="Period, for instance 2023-Q1.")],
    unit: Annotated[str | None, typer.Option(help="Consolidating unit; default: CCHC_UNIT_CODE.")] = None,
    data_label: Annotated[
        str | None, typer.Option(help="Shown on every page; default: CCHC_DATA_LABEL.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Write review.xlsx and index.html of a period, from what the marts serve."""
    pack = write_review(get_settings(), period, unit, data_label)
    if as_json:
        print_json({"xlsx": pack.xlsx, "html": pack.html, **pack.summary})
        return
    _show(pack)


def _show(pack: ReviewPack) -> None:
    summary = pack.summary
    title = f"{summary['unit_name']}, {summary['period_label']}"
    console.print(f"{title}: dự thảo, số liệu tính đến {summary['as_of']}", markup=False)
    if summary["data_label"]:
        console.print(summary["data_label"], markup=False)
    table = Table(show_header=False, box=None, padding=(0, 2))
    for name, text in summary["rates"].items():
        table.add_row(name, text)
    console.print(table)
    console.print(f"{pack.html}\n{pack.xlsx}", markup=False, soft_wrap=True)
