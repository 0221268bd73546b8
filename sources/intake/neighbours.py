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
from typing import Any, NamedTuple

from sources.forms.definition import Carry, FormDefinition, Sheet
from sources.forms.findings import Findings
from sources.forms.reference import Reference, Row
from sources.forms.required_text import number_text
from sources.intake.rulings import LoadedSheet, Version, current

Key = tuple[str, ...]


@dataclass(slots=True)
class _Line:
    """The counts of one field or channel; where they stand, if the report is the one that is judged.

    `flows`: those that tell what happened in the window; `assumed`: those that were left blank, with the
    column whose count a blank stands for.
    """

    counts: dict[str, int | None]
    sheet: LoadedSheet | None
    sheet_row: int
    assumed: dict[str, str] = field(default_factory=dict)
    flows: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Section:
    """The lines of one kind of sheet that are current for an agency and period."""

    delivery_id: int
    lines: dict[Key, _Line]


class _Other(NamedTuple):
    """The line of another period that a line is held against."""

    period: Row
    delivery_id: int
    line: _Line

    def words(self, column: str | None = None) -> str:
        """Where its figures stand, for {expected}."""
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
        shorter, longer = _lines_at(self._shorter, key), _lines_at(self._longer, key)
        if self._sheet.carry is not None:
            self._judge_carry(self._sheet.carry, key, line, shorter, longer)
        for code, value in line.flows.items():
            for other in reversed(shorter):
                told = other.line.flows.get(code)
                if told is None:
                    continue
                # a blank that stands for another column falls only where that one does, which is said there
                if value < told and code not in line.assumed:
                    at_least = f"từ {number_text(told)} trở lên ({other.words()})"
                    self._add("falls", line, [code], value, at_least)
                break
            for other in longer:
                told = other.line.flows.get(code)
                if told is None:
                    continue
                if value > told and code not in other.line.assumed:
                    stands_in = line.assumed.get(code, code)
                    at_most = f"không quá {number_text(told)} ({other.words()})"
                    self._add("exceeds", line, [stands_in], value, at_most)
                break

    def _judge_carry(
        self, carry: Carry, key: Key, line: _Line, shorter: list[_Other], longer: list[_Other]
    ) -> None:
        opening, closing = line.counts[carry.opens], _closing(carry, line)
        if opening is not None:
            before = [(other, _closing(carry, other.line)) for other in _lines_at(self._before, key)]
            self._differs("carried_over", line, [carry.opens], opening, before, carry.closes)
            alike = _opening(carry, shorter)[:1] or _opening(carry, longer)
            self._differs("opening", line, [carry.opens], opening, alike, carry.opens)
        if closing is not None:
            after = _opening(carry, _lines_at(self._after, key))
            self._differs("closing", line, [carry.closes, *carry.parts], closing, after, carry.opens)

    def _differs(
        self,
        rule: str,
        line: _Line,
        columns: list[str],
        value: int,
        others: Sequence[tuple[_Other, int | None]],
        code: str,
    ) -> None:
        """Add that a value is not that of others, which stands in their column `code`."""
        unequal = [(other, told) for other, told in others if told is not None and told != value]
        if unequal:
            column = self._column(code)
            listed = "; ".join(f"{number_text(told)} ({other.words(column)})" for other, told in unequal)
            self._add(rule, line, columns, value, listed)

    def _add(self, rule: str, line: _Line, columns: list[str], given: int, expected: str) -> None:
        given_in = [c for c in columns if line.counts[c] is not None]
        sheet, code = line.sheet, given_in[0]
        assert sheet is not None  # noqa: S101 (only lines of the report itself are judged)
        cell = f"{sheet.column_map[code]}{line.sheet_row}"
        at, name = (sheet.sheet_no, sheet.sheet_name), self._sheet.column(code).heading
        self._findings.add(f"intake.neighbour_{rule}", at, cell, number_text(given), expected, name=name)

    def _column(self, code: str) -> str:
        column = self._sheet.column(code)
        return f"cột {column.number}" if column.number is not None else f'cột "{column.heading}"'


def _lines_at(near: list[tuple[Row, _Section]], key: Key) -> list[_Other]:
    """The lines of a key in other periods' sections, in their order."""
    return [
        _Other(period, section.delivery_id, section.lines[key])
        for period, section in near
        if key in section.lines
    ]


def _opening(carry: Carry, others: list[_Other]) -> list[tuple[_Other, int]]:
    """Those that say what they opened with, and what it was."""
    counts = ((other, other.line.counts[carry.opens]) for other in others)
    return [(other, count) for other, count in counts if count is not None]


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
    for line in lines.values():
        line.flows = _flows(sheet, line.counts)
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


def _flows(sheet: Sheet, counts: Mapping[str, int | None]) -> dict[str, int]:
    """The counts of what happened in the window; a total speaks only where all its parts are absent."""
    flows = {}
    for code, parts in sheet.flows.items():
        count = counts[code]
        if count is not None and not (parts and any(counts[part] is not None for part in parts)):
            flows[code] = count
    return flows


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
