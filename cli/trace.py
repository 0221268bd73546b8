"""`cchc trace`: where a figure of a review comes from."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from cli.output import console, print_json
from review.trace import trace as find
from warehouse.settings import get_settings


def trace(
    period: Annotated[str, typer.Argument(help="Period, for instance 2023-Q1.")],
    figure: Annotated[str, typer.Argument(help="A target, for instance CT-II.3.2, or HS-TTHC for dossiers.")],
    unit: Annotated[str | None, typer.Option(help="Consolidating unit; default: CCHC_UNIT_CODE.")] = None,
    agency: Annotated[str | None, typer.Option(help="Only this agency, for instance BT-TNMT.")] = None,
    field: Annotated[str | None, typer.Option(help="Only this field, for instance dat-dai.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Say which cells of which files a figure rests on, and which article sets its target."""
    found = find(get_settings(), period, figure, unit, agency, field)
    if as_json:
        print_json(asdict(found))
        return
    if found.target is not None:
        target = found.target
        counts = f"{target['numerator']} / {target['denominator']}" if target["denominator"] else ""
        console.print(f"[bold]{escape(target['target_label'])}[/], {escape(target['target_text_vi'])}")
        console.print(f"{escape(target['citation'])}: {target['outcome']} {counts}")
    table = Table("agency", "field", "value", "file", "sheet", "cells", "sha256", box=None)
    for row in found.evidence:
        values = (row["agency_code"], row["field_name"], row["value_text"], row["file_name"])
        cells = (row["sheet_name"], row["cells"], (row["file_sha256"] or "")[:12])
        table.add_row(*(escape(str(value or "–")) for value in (*values, *cells)))
    console.print(table if found.evidence else "No cell: nobody reported it for this period.")
