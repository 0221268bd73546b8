"""What a report says beside those of its agency's neighbouring periods that are current when it comes.

Three things must agree between periods: a period opens with what the one before
it closed with; periods that begin on the same day open alike; counts of a longer period are not below those
of a shorter one that begins on the same day. Which columns these are is data of the form (`carry`, `flows`).
The core gate of a build judges the same of all current reports together, whichever of two was sent last; here
the agency hears of it with its own delivery, at the cell of the report that it has just sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sources.forms.definition import Carry, FormDefinition, Sheet
from sources.forms.findings import Findings
from sources.forms.reference import Reference, Row
from sources.intake.rulings import LoadedSheet, Version, current

Key = tuple[str, ...]


@dataclass
class _Line:
    """The counts of one field or channel; where they stand, if the report is the one that is judged.

    `assumed`: the counts that were left blank, with the column whose count a blank stands for.
    """

    counts: dict[str, int | None]
    sheet: LoadedSheet | None
    sheet_row: int
    assumed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Section:
    """The lines of one kind of sheet that are current for an agency and period."""

    delivery_id: int
    lines: dict[Key, _Line]


@dataclass(frozen=True)
class _Told:
    """A figure of another period that a figure is held against; `assumed` as in _Line."""

    period: Row
    delivery_id: int
    value: int
    assumed: Mapping[str, str]

    def words(self, column: str | None = None) -> str:
        """Where the figure stands, for {expected}."""
        where = f"{column} của " if column else ""
        return f"{where}{self.period['label_vi']}, lượt nộp {self.delivery_id}"


def compared_sheets(form: FormDefinition) -> frozenset[str]:
    """The sheets whose rows are compared with those of other periods."""
    return frozenset(sheet.code for sheet in _sheets(form))


def compared_periods(reference: Reference, period_id: str) -> frozenset[str]:
    """The reported periods that end the day before this one begins, begin when it begins, or follow it."""
    period = reference.periods[period_id]
    return frozenset(
        other["period_id"]
        for other in reference.periods.values()
        if other["period_id"] != period_id and _is_compared(period) and _is_compared(other)
        if other["window_start"] == period["window_start"]
        or _follows(other, period)
        or _follows(period, other)
    )


def judge_neighbours(
    new: Version,
    period_id: str,
    sheets: Sequence[LoadedSheet],
    counting: Mapping[str, list[Version]],
    rows_of: Callable[[Version, str], Sequence[Mapping[str, Any]]],
    form: FormDefinition,
    reference: Reference,
    findings: Findings,
) -> None:
    """Add what the sheets that `new` would bring into force say against the agency's neighbouring periods.

    `counting`: by period, the agency's versions that count, `new` not among them; `rows_of`: the raw rows of
    a sheet that a version carries.
    """
    in_force = {other: current(counting.get(other, ())) for other in compared_periods(reference, period_id)}
    if not any(versions.versions for versions in in_force.values()):
        return
    then = current([*counting.get(period_id, ()), new])
    for sheet in _sheets(form):
        brought = then.section(sheet.code)
        if brought is None or brought.delivery_id != new.delivery_id:
            continue
        near = []
        for other in sorted(in_force, key=lambda period: _order(reference.periods[period])):
            version = in_force[other].section(sheet.code)
            if version is not None:
                lines = _lines(sheet, ((row, None) for row in rows_of(version, sheet.code)))
                near.append((reference.periods[other], _Section(version.delivery_id, lines)))
        comparison = _Comparison(sheet, reference.periods[period_id], near, findings)
        own = sorted((s for s in sheets if s.sheet_code == sheet.code), key=lambda s: s.sheet_no)
        for key, line in _lines(sheet, ((row, s) for s in own for row in s.loaded)).items():
            comparison.judge(key, line)


class _Comparison:
    """The lines of one kind of sheet of one report against those of the neighbouring periods."""

    def __init__(
        self, sheet: Sheet, period: Row, near: list[tuple[Row, _Section]], findings: Findings
    ) -> None:
        """`near`: the sections of the neighbouring periods, in the order in which these end."""
        self._sheet, self._findings = sheet, findings
        self._before = [pair for pair in near if _follows(period, pair[0])]
        self._after = [pair for pair in near if _follows(pair[0], period)]
        together = [pair for pair in near if pair[0]["window_start"] == period["window_start"]]
        self._shorter = [pair for pair in together if _order(pair[0]) < _order(period)]
        self._longer = [pair for pair in together if _order(pair[0]) > _order(period)]

    def judge(self, key: Key, line: _Line) -> None:
        """Add what one line says against the others."""
        if self._sheet.carry is not None:
            self._judge_carry(self._sheet.carry, key, line)
        for code in self._sheet.flows:
            value = _flow(self._sheet, code, line)
            if value is None:
                continue
            shorter = self._told(self._shorter, key, code)
            # a blank that stands for another column falls only where that one does, which is said there
            if shorter and value < shorter[-1].value and code not in line.assumed:
                told = shorter[-1]
                expected = f"từ {told.value} trở lên ({told.words()})"
                self._add("falls", line, [code], value, expected)
            longer = self._told(self._longer, key, code)
            if longer and value > longer[0].value and code not in longer[0].assumed:
                told = longer[0]
                stands_in = line.assumed.get(code, code)
                self._add("exceeds", line, [stands_in], value, f"không quá {told.value} ({told.words()})")

    def _judge_carry(self, carry: Carry, key: Key, line: _Line) -> None:
        opening, closing = line.counts[carry.opens], _closing(carry, line)
        opens, closes = self._column(carry.opens), self._column(carry.closes)
        if opening is not None:
            before = self._carried(self._before, key, lambda other: _closing(carry, other))
            self._differs("carried_over", line, [carry.opens], opening, before, closes)
            shorter = self._carried(self._shorter, key, lambda other: other.counts[carry.opens])
            longer = self._carried(self._longer, key, lambda other: other.counts[carry.opens])
            self._differs("opening", line, [carry.opens], opening, shorter[:1] or longer, opens)
        if closing is not None:
            after = self._carried(self._after, key, lambda other: other.counts[carry.opens])
            cells = [carry.closes, *carry.parts]
            self._differs("closing", line, cells, closing, after, opens)

    def _differs(
        self, rule: str, line: _Line, columns: list[str], value: int, others: list[_Told], column: str
    ) -> None:
        unequal = [told for told in others if told.value != value]
        if unequal:
            listed = "; ".join(f"{told.value} ({told.words(column)})" for told in unequal)
            self._add(rule, line, columns, value, listed)

    def _add(self, rule: str, line: _Line, columns: list[str], given: int, expected: str) -> None:
        given_in = [c for c in columns if line.counts[c] is not None]
        sheet, code = line.sheet, given_in[0]
        assert sheet is not None  # noqa: S101 (only lines of the report itself are judged)
        cell = f"{sheet.column_map[code]}{line.sheet_row}"
        at, name = (sheet.sheet_no, sheet.sheet_name), self._sheet.column(code).heading
        self._findings.add(f"intake.neighbour_{rule}", at, cell, given, expected, name=name)

    def _told(self, near: list[tuple[Row, _Section]], key: Key, code: str) -> list[_Told]:
        return self._carried(near, key, lambda other: _flow(self._sheet, code, other))

    @staticmethod
    def _carried(
        near: list[tuple[Row, _Section]], key: Key, value_of: Callable[[_Line], int | None]
    ) -> list[_Told]:
        found = []
        for period, section in near:
            other = section.lines.get(key)
            value = None if other is None else value_of(other)
            if other is not None and value is not None:
                found.append(_Told(period, section.delivery_id, value, other.assumed))
        return found

    def _column(self, code: str) -> str:
        column = self._sheet.column(code)
        return f"cột {column.number}" if column.number is not None else f'cột "{column.heading}"'


def _sheets(form: FormDefinition) -> list[Sheet]:
    return [sheet for sheet in form.sheets if sheet.flows or sheet.carry]


def _lines(sheet: Sheet, rows: Iterable[tuple[Mapping[str, Any], LoadedSheet | None]]) -> dict[Key, _Line]:
    """Rows that name the same thing are counted together, as the facts count them."""
    codes = [*sheet.flows]
    if sheet.carry is not None:
        codes += [sheet.carry.opens, sheet.carry.closes, *sheet.carry.parts]
    blanks = {c.code: c.blank_means for c in sheet.columns if c.blank_means}
    lines: dict[Key, _Line] = {}
    for row, of_sheet in rows:
        key = _key(sheet, row)
        line = lines.setdefault(key, _Line(dict.fromkeys(codes), of_sheet, row["sheet_row"]))
        for code in line.counts:
            value = row.get(code)
            if value is None and code in blanks:
                line.assumed[code] = blanks[code]
                value = row.get(blanks[code])
            if value is not None:
                line.counts[code] = (line.counts[code] or 0) + value
    return lines


def _key(sheet: Sheet, row: Mapping[str, Any]) -> Key:
    """What tells a line apart, as the facts tell it: an unknown name is itself, folded; no field is all."""
    parts = []
    for code in sheet.identity:
        name, is_key, _ = code.partition("_key")
        if is_key:
            text = row.get(f"{name}_name")
            folded = "?" + " ".join(text.lower().split()) if text else "*"
            parts.append(row.get(f"{name}_code") or folded)
        else:
            parts.append(str(row[code]))
    return tuple(parts)


def _flow(sheet: Sheet, code: str, line: _Line) -> int | None:
    """A count of what happened in the window; a total speaks only where all its parts are absent."""
    if any(line.counts[part] is not None for part in sheet.flows[code]):
        return None
    return line.counts[code]


def _closing(carry: Carry, line: _Line) -> int | None:
    """What the period closed with: the total, or the sum of its parts."""
    if line.counts[carry.closes] is not None:
        return line.counts[carry.closes]
    parts = [line.counts[part] for part in carry.parts]
    return None if any(part is None for part in parts) else sum(part or 0 for part in parts)


def _is_compared(period: Row) -> bool:
    return not period["is_derived"] and period["window_start"] is not None


def _follows(later: Row, earlier: Row) -> bool:
    """Whether a period begins the day after another's window ended."""
    return bool(later["window_start"] == earlier["window_end"] + timedelta(days=1))


def _order(period: Row) -> tuple[Any, str]:
    return period["window_end"], period["period_id"]
