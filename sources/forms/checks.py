"""Checks within one sheet as it was delivered: totals against parts, parts against wholes, total rows."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import Any

from sources.forms.definition import FormDefinition, Sheet, word_key
from sources.forms.findings import Findings
from sources.forms.reading import SheetReading
from sources.forms.reference import Reference, Row, code_key
from sources.forms.required_text import number_text

_WHOLE = 100
"""Percent; what is counted twice over is more."""


def check_rows(sheet: Sheet, reading: SheetReading, findings: Findings) -> None:
    """Identities and orders of the loaded rows; what was not reported is not judged."""
    if not sheet.identities and not sheet.orders:
        return
    place = {code: number for number, code in enumerate(reading.columns)}
    at = (reading.sheet_no, reading.sheet_name)
    identities = [
        (rule, place[rule.total], [place[code] for code in rule.parts]) for rule in sheet.identities
    ]
    orders = [(rule, place[rule.smaller], place[rule.larger]) for rule in sheet.orders]
    blank_means = {column.code: column.blank_means for column in sheet.columns if column.blank_means}
    for row in reading.rows:
        for rule, total_at, parts_at in identities:
            total, parts = row[total_at], [row[part] for part in parts_at]
            if total is None or None in parts or total == sum(parts):
                continue
            cell = f"{reading.column_map[rule.total]}{row[0]}"
            findings.add("intake.identity_broken", at, cell, f"{total} ≠ {sum(parts)}", rule.text_vi)
        for order, smaller_at, larger_at in orders:
            smaller, larger, wide = row[smaller_at], row[larger_at], order.larger
            if larger is None and wide in blank_means:
                wide = blank_means[wide]
                larger = row[place[wide]]
            if smaller is None or larger is None or smaller <= larger:
                continue
            cell = f"{reading.column_map[order.smaller]}{row[0]}"
            names = sheet.column(order.smaller).heading, sheet.column(wide).heading
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


@dataclass(frozen=True)
class _Field:
    """The dossiers of one field, as far as a rate needs them; `key` is its code or its name's key."""

    key: str
    group: str | None
    in_time: int
    resolved: int
    received: int

    def counts_for(self, target: Row, field: str) -> bool:
        """Whether the field's dossiers are among those of a target, or of its row of one field."""
        if field and field != self.key:
            return False
        if target["field_groups"] and self.group not in target["field_groups"]:
            return False
        return self.group is None or self.group not in (target["excluded_field_groups"] or ())


def check_rates(
    sheets: list[SheetReading], form: FormDefinition, reference: Reference, year: int, findings: Findings
) -> None:
    """Rates of the targets against their own parts, and on-time rates against the dossiers of the report.

    The gates of a build judge the same of what is current (target_rate_differs, target_rate_over_received):
    here the agency hears of it at once.
    """
    tolerance = Decimal(str(form.limits.rate_difference_points))
    fields: list[_Field] | None = None
    for reading in sheets:
        if reading.sheet_code != "target" or not reading.rows:  # without its headings a sheet has no columns
            continue
        at = (reading.sheet_no, reading.sheet_name)
        value_at, part_at, whole_at = (
            reading.columns.index(code) for code in ("reported_value", "numerator", "denominator")
        )
        for values in reading.rows:
            reported = values[value_at]
            if reported is None and (values[part_at] is None or not values[whole_at]):
                continue
            computed = _rate(values[part_at], values[whole_at])
            row = dict(zip(reading.columns, values, strict=True))
            target = reference.targets[code_key(row["target_code"]), year]
            given = computed if reported is None else reported
            if target["unit"] != "percent" or given is None:
                continue
            if computed is not None and computed > _WHOLE:
                place = f"{reading.column_map['numerator']}{row['sheet_row']}"
                findings.add(
                    "intake.part_over_whole",
                    at,
                    place,
                    number_text(row["numerator"]),
                    number_text(row["denominator"]),
                )
            column = "denominator" if reported is None else "reported_value"
            cell = f"{reading.column_map[column]}{row['sheet_row']}"
            if computed is not None and abs(given - computed) > tolerance:
                told = _told(computed, row["numerator"], row["denominator"])
                findings.add("intake.rate_differs", at, cell, _percent(given), told)
            if target["fed_by"] == "dossier" and target["measure"] == "on_time":
                fields = list(_fields(sheets, reference)) if fields is None else fields
                field = row["field_code"] or word_key(row["field_name"] or "")
                counted = [f for f in fields if f.counts_for(target, field)]
                in_time, resolved = sum(f.in_time for f in counted), sum(f.resolved for f in counted)
                wrong, right = _rate(in_time, sum(f.received for f in counted)), _rate(in_time, resolved)
                if wrong is None or right is None:
                    continue
                if abs(given - wrong) <= tolerance < abs(given - right):
                    told = _told(right, in_time, resolved)
                    findings.add("intake.rate_over_received", at, cell, _percent(given), told)


def _fields(sheets: list[SheetReading], reference: Reference) -> Iterator[_Field]:
    """The fields of which all is reported that a rate needs; totals are taken from their parts."""
    groups = {row["field_code"]: row["field_group"] for row in reference.fields}
    for row in (row for sheet in sheets if sheet.sheet_code == "dossier" for row in _as_dicts(sheet)):
        in_time = [row["resolved_early"], row["resolved_on_time"]]
        received = [row["received_online"], row["received_direct"], row["carried_over"]]
        if None in in_time or row["resolved_late"] is None or None in received:
            continue
        key, group = row["field_code"] or word_key(row["field_name"]), groups.get(row["field_code"])
        yield _Field(key, group, sum(in_time), sum(in_time) + row["resolved_late"], sum(received))


def _as_dicts(reading: SheetReading) -> Iterator[dict[str, Any]]:
    return (dict(zip(reading.columns, row, strict=True)) for row in reading.rows)


def _rate(part: Decimal | int | None, whole: Decimal | int | None) -> Decimal | None:
    return None if part is None or not whole else Decimal(100) * part / whole


def _percent(rate: Decimal) -> str:
    return f"{number_text(round(rate, 2))} %"


def _told(rate: Decimal, part: Decimal | int, whole: Decimal | int) -> str:
    return f"{_percent(rate)} ({number_text(part)} / {number_text(whole)})"
