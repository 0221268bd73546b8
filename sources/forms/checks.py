"""Checks within one sheet as it was delivered: totals against parts, parts against wholes, total rows."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate

from sources.forms.definition import Sheet
from sources.forms.findings import Findings
from sources.forms.reading import SheetReading


def check_rows(sheet: Sheet, reading: SheetReading, findings: Findings) -> None:
    """Identities and orders of the loaded rows; what was not reported is not judged."""
    place = {code: number for number, code in enumerate(reading.columns)}
    at = (reading.sheet_no, reading.sheet_name)
    identities = [
        (rule, place[rule.total], [place[code] for code in rule.parts]) for rule in sheet.identities
    ]
    orders = [(rule, place[rule.smaller], place[rule.larger]) for rule in sheet.orders]
    for row in reading.rows if identities or orders else ():
        for rule, total_at, parts_at in identities:
            total, parts = row[total_at], [row[part] for part in parts_at]
            if total is None or None in parts or total == sum(parts):
                continue
            cell = f"{reading.column_map[rule.total]}{row[0]}"
            findings.add("intake.identity_broken", at, cell, f"{total} ≠ {sum(parts)}", rule.text_vi)
        for order, smaller_at, larger_at in orders:
            smaller, larger = row[smaller_at], row[larger_at]
            if smaller is None or larger is None or smaller <= larger:
                continue
            cell = f"{reading.column_map[order.smaller]}{row[0]}"
            names = sheet.column(order.smaller).heading, sheet.column(order.larger).heading
            findings.add("intake.order_broken", at, cell, smaller, f"{names[1]}: {larger}", name=names[0])


def check_totals(reading: SheetReading, findings: Findings) -> None:
    """A total row may sum all rows, those since the total before it, or those down to the next one.

    Nothing is said where a row was held: the total may then be right.
    """
    if reading.held or not reading.totals:
        return
    at = (reading.sheet_no, reading.sheet_name)
    numbers = [row[0] for row in reading.rows]
    marks = [0, *(bisect_left(numbers, total["sheet_row"]) for total in reading.totals), len(numbers)]
    sums = {
        code: [0, *accumulate(row[reading.columns.index(code)] or 0 for row in reading.rows)]
        for code in reading.totals[0]
        if code != "sheet_row"
    }
    for index, total in enumerate(reading.totals, start=1):
        spans = [(0, -1), (marks[index - 1], marks[index]), (marks[index], marks[index + 1])]
        for code, upto in sums.items():
            given, summed = total[code], [upto[last] - upto[first] for first, last in spans]
            if given is not None and given not in summed:
                cell = f"{reading.column_map[code]}{total['sheet_row']}"
                findings.add("intake.total_row_differs", at, cell, given, summed[0])
