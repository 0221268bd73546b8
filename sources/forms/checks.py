"""Checks within one sheet as it was delivered: totals against parts, parts against wholes, total rows."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from operator import itemgetter

from sources.forms.definition import FormDefinition, Identity, Order, Sheet, word_key
from sources.forms.findings import Findings
from sources.forms.reading import SheetReading
from sources.forms.reference import Reference, Row, code_key
from sources.forms.required_text import number_text

_WHOLE = 100
"""Percent; what is counted twice over is more."""
_Broken = tuple[int, str, str, str, str, dict[str, str]]
"""A row that breaks a rule: sheet_row, rule, column, what is given, expected, further words."""


def check_rows(sheet: Sheet, reading: SheetReading, findings: Findings) -> None:
    """Identities and orders of the loaded rows; what was not reported is not judged."""
    if not reading.places:
        return
    broken: list[_Broken] = []
    for identity in sheet.identities:
        broken += _broken_identities(identity, reading)
    for order in sheet.orders:
        broken += _broken_orders(order, sheet, reading)
    at = (reading.sheet_no, reading.sheet_name)
    for row, rule_id, column, given, expected, more in sorted(broken, key=itemgetter(0)):
        findings.add(rule_id, at, f"{reading.column_map[column]}{row}", given, expected, **more)


def _broken_identities(rule: Identity, reading: SheetReading) -> Iterator[_Broken]:
    for row, total, *parts in reading.values_of("sheet_row", rule.total, *rule.parts):
        if total is not None and None not in parts and total != sum(parts):
            told = f"{number_text(total)} ≠ {number_text(sum(parts))}"
            yield row, "intake.identity_broken", rule.total, told, rule.text_vi, {}


def _broken_orders(rule: Order, sheet: Sheet, reading: SheetReading) -> Iterator[_Broken]:
    instead = sheet.column(rule.larger).blank_means or rule.larger
    for row, smaller, stated, assumed in reading.values_of("sheet_row", rule.smaller, rule.larger, instead):
        larger, code = (assumed, instead) if stated is None else (stated, rule.larger)
        if smaller is not None and larger is not None and smaller > larger:
            expected = f"{sheet.column(code).heading}: {number_text(larger)}"
            name = sheet.column(rule.smaller).heading
            yield row, "intake.order_broken", rule.smaller, number_text(smaller), expected, {"name": name}


def check_totals(reading: SheetReading, findings: Findings) -> None:
    """A total row may sum all rows, those since the total before it, or those down to the next one.

    Nothing is said where a row was held: the total may then be right.
    """
    if reading.held or not reading.totals:
        return
    at = (reading.sheet_no, reading.sheet_name)
    numbers = reading.column("sheet_row")
    marks = [0, *(bisect_left(numbers, total["sheet_row"]) for total in reading.totals), len(numbers)]
    sums = {
        code: [0, *accumulate(value or 0 for value in reading.column(code))]
        for code in reading.totals[0]
        if code != "sheet_row"
    }
    for index, total in enumerate(reading.totals, start=1):
        spans = [(0, -1), (marks[index - 1], marks[index]), (marks[index], marks[index + 1])]
        for code, upto in sums.items():
            given, summed = total[code], [upto[last] - upto[first] for first, last in spans]
            if given is not None and given not in summed:
                cell = f"{reading.column_map[code]}{total['sheet_row']}"
                findings.add("intake.total_row_differs", at, cell, number_text(given), number_text(summed[0]))


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
        if reading.sheet_code != "target" or not reading.places:
            continue
        at = (reading.sheet_no, reading.sheet_name)
        columns = ("sheet_row", "target_code", "field_code", "field_name", "numerator", "denominator")
        for row, code, field_code, name, part, whole, reported in reading.values_of(
            *columns, "reported_value"
        ):
            if reported is None and (part is None or not whole):
                continue
            target = reference.targets[code_key(code), year]
            computed = _rate(part, whole)
            given = computed if reported is None else reported
            if target["unit"] != "percent" or given is None:
                continue
            if computed is not None and computed > _WHOLE:
                place = f"{reading.column_map['numerator']}{row}"
                findings.add("intake.part_over_whole", at, place, number_text(part), number_text(whole))
            column = "denominator" if reported is None else "reported_value"
            cell = f"{reading.column_map[column]}{row}"
            if computed is not None and abs(given - computed) > tolerance:
                told = _told(computed, part, whole)
                findings.add("intake.rate_differs", at, cell, _percent(given), told)
            if target["fed_by"] == "dossier" and target["measure"] == "on_time":
                fields = list(_fields(sheets, reference)) if fields is None else fields
                field = field_code or word_key(name or "")
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
    resolved = ("resolved_early", "resolved_on_time", "resolved_late")
    received = ("received_online", "received_direct", "carried_over")
    for sheet in sheets:
        if sheet.sheet_code != "dossier" or not sheet.places:
            continue
        for code, name, *counts in sheet.values_of("field_code", "field_name", *resolved, *received):
            if None not in counts:
                early, on_time, late, *came = counts
                in_time = early + on_time
                yield _Field(code or word_key(name), groups.get(code), in_time, in_time + late, sum(came))


def _rate(part: Decimal | int | None, whole: Decimal | int | None) -> Decimal | None:
    return None if part is None or not whole else Decimal(100) * part / whole


def _percent(rate: Decimal) -> str:
    return f"{number_text(round(rate, 2))} %"


def _told(rate: Decimal, part: Decimal | int, whole: Decimal | int) -> str:
    return f"{_percent(rate)} ({number_text(part)} / {number_text(whole)})"
