"""Checks within one sheet as it was delivered: totals against parts, parts against wholes, total rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sources.forms.definition import Sheet
from sources.forms.findings import Findings

if TYPE_CHECKING:
    from sources.forms.table import SheetReading


def check_row(sheet: Sheet, row: dict[str, Any], reading: SheetReading, findings: Findings) -> None:
    """Identities and orders of one loaded row; what was not reported is not judged."""
    at = (reading.sheet_no, reading.sheet_name)
    for rule in sheet.identities:
        total, parts = row.get(rule.total), [row.get(code) for code in rule.parts]
        if total is None or any(part is None for part in parts):
            continue
        summed = sum(part for part in parts if part is not None)
        if total != summed:
            cell = f"{reading.column_map[rule.total]}{row['sheet_row']}"
            findings.add("intake.identity_broken", at, cell, f"{total} ≠ {summed}", rule.text_vi)
    for order in sheet.orders:
        smaller, larger = row.get(order.smaller), row.get(order.larger)
        if smaller is not None and larger is not None and smaller > larger:
            cell = f"{reading.column_map[order.smaller]}{row['sheet_row']}"
            names = sheet.column(order.smaller).heading, sheet.column(order.larger).heading
            findings.add("intake.order_broken", at, cell, smaller, f"{names[1]}: {larger}", name=names[0])


def check_totals(reading: SheetReading, findings: Findings) -> None:
    """A total row may sum all rows, those since the total before it, or those down to the next one.

    Nothing is said where a row was held: the total may then be right.
    """
    if reading.held:
        return
    at = (reading.sheet_no, reading.sheet_name)
    marks = [0, *(total["sheet_row"] for total in reading.totals), 2**31]
    for index, total in enumerate(reading.totals, start=1):
        spans = [(0, 2**31), (marks[index - 1], marks[index]), (marks[index], marks[index + 1])]
        for code, given in total.items():
            if code == "sheet_row" or given is None or code not in reading.column_map:
                continue
            sums = [
                sum(row.get(code) or 0 for row in reading.loaded if first < row["sheet_row"] < last)
                for first, last in spans
            ]
            if given not in sums:
                cell = f"{reading.column_map[code]}{total['sheet_row']}"
                findings.add("intake.total_row_differs", at, cell, given, sums[0])
