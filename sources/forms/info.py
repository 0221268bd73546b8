"""The sheet of labels and values: which agency reports which period, and how."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from operator import attrgetter

from sources.addresses import Place, letters
from sources.forms.definition import (
    Column,
    FormDefinition,
    heading_key,
    heading_keys,
    spelling_index,
    word_key,
)
from sources.forms.files.cell_facts import FORMULA
from sources.forms.files.workbook import SheetCells
from sources.forms.findings import Findings
from sources.forms.reference import Reference, Row
from sources.forms.values import Cell, Memo, ValueReader, is_blank, plain
from sources.packages import RefusedError

_YEAR = re.compile(r"(?:19|20)\d\d", re.ASCII)
_FILLERS = frozenset({"nam", "ki", "bao", "cao", "cua"})
_LONGEST = 500
"""No name and no period is longer, and what is costs too much to look up."""
_DECIDING = ("agency", "agency_code", "period", "report_kind", "report_date")
_DATE = Column(code="date", heading="", type="date")


@dataclass
class Info:
    """The labels found, with the cell of each value.

    `odd` are the places of values of which the file says more than a value; `repeated` are other values for a
    label that was found before: label, cell, value.
    """

    sheet: SheetCells
    values: dict[str, Cell] = field(default_factory=dict)
    cells: dict[str, str] = field(default_factory=dict)
    odd: dict[str, tuple[int, int]] = field(default_factory=dict)
    repeated: list[tuple[str, str, str]] = field(default_factory=list)

    def text(self, code: str) -> str:
        """The value of a label as text, '' where it is absent or blank."""
        return " ".join(plain(self.values.get(code, "")).split())[:_LONGEST]


@dataclass
class Heading:
    """Who reports what, as established from the labels."""

    agency_key: int
    period: Row
    report_kind: str
    report_date: date | None
    texts: dict[str, str | None]


def find_info(form: FormDefinition, sheets: list[SheetCells]) -> Info | None:
    """The sheet of labels: by its name, else the first that labels an agency and a period; or None."""
    words = _words(form)
    visible_first = sorted(sheets, key=attrgetter("is_hidden"))
    for sheet in visible_first:
        if heading_key(sheet.name) in words.names:
            return _labels(sheet, words)
    for sheet in visible_first:
        info = _labels(sheet, words)
        if {"agency", "period"} <= info.values.keys():
            return info
    return None


class _Words:
    """How the sheet, its labels, the form and the kinds of reports are written."""

    def __init__(self, form: FormDefinition) -> None:
        self.names = heading_keys([form.info.name, *form.info.synonyms])
        self.labels = {
            heading_key(spelling): code
            for code, word in reversed(form.info.labels.items())
            for spelling in reversed(word.spellings)
        }
        self.forms = {word_key(spelling) for spelling in [form.form_code, *form.form_synonyms]}
        self.kinds = spelling_index(form.report_kinds)
        self.labelled = Memo(self._labelled)

    def _labelled(self, cell: Cell) -> tuple[str, str] | None:
        """The label in a cell and the value that follows it there; None for a cell without a label."""
        if not isinstance(cell, str):
            return None
        label, _colon, rest = cell.partition(":")
        code = self.labels.get(heading_key(label))
        return None if code is None or is_blank(cell) else (code, rest.strip())


_words = lru_cache(maxsize=4)(_Words)


def _labels(sheet: SheetCells, words: _Words) -> Info:
    info = Info(sheet)
    odd = _odd_places(sheet)
    for r, row in enumerate(sheet.rows):
        if not any(map(words.labelled.__getitem__, row)):
            continue
        for c, cell in enumerate(row):
            labelled = words.labelled[cell]
            if labelled is None:
                continue
            code, rest = labelled
            place, value = (c, rest) if rest else _next_value(sheet, r, c, words, odd)
            if code in info.cells:
                info.repeated.append((code, f"{letters(place)}{r + 1}", plain(value)))
            elif value != "" or (r, place) in odd:
                info.values[code] = value
                info.cells[code] = f"{letters(place)}{r + 1}"
                if (r, place) in odd:
                    info.odd[code] = (r, place)
    return info


def _next_value(
    sheet: SheetCells, r: int, label_at: int, words: _Words, odd: Collection[Place]
) -> tuple[int, Cell]:
    row = sheet.rows[r]
    for place in range(label_at + 1, len(row)):
        cell = row[place]
        if (r, place) in odd:
            return place, cell
        if isinstance(cell, str) and (is_blank(cell) or cell.strip() == ":"):
            continue
        if isinstance(cell, str) and heading_key(cell) in words.labels:
            break
        return place, cell
    return label_at, ""


def _odd_places(sheet: SheetCells) -> Collection[Place]:
    """Cells that were converted or could not be read: blank then, they still are values."""
    return sheet.encodings.keys() | sheet.facts.faults.keys()


def establish(
    info: Info, form: FormDefinition, reference: Reference, reader: ValueReader, findings: Findings
) -> Heading:
    """Establish agency, period, kind and date. Raises RefusedError where agency or period stay unknown."""
    _say_odd(info, findings)
    period = _period(info, form, reference, findings)
    agency_key = _agency(info, reference, period, findings)
    agency = reference.agency(agency_key, period["closes_on"])
    if agency is None or not agency["reports"]:
        findings.add(
            "intake.agency_not_reporting", _at(info), info.cells.get("agency"), given=info.text("agency")
        )
    elif not _asked(reference, agency_key, period):
        _refuse(findings, "intake.period_unknown", info, "period", _period_labels(info, reference))
    form_text = info.text("form")
    if form_text and word_key(form_text) not in _words(form).forms:
        findings.add("intake.form_unknown", _at(info), info.cells["form"], form_text, form.form_code)
    return Heading(
        agency_key=agency_key,
        period=period,
        report_kind=_report_kind(info, form, findings),
        report_date=_report_date(info, reader, findings),
        texts={
            code: reader.text(info.values.get(code, ""))
            for code in ("amends", "document_number", "prepared_by", "signed_by", "signer_title")
        },
    )


def recognise_period(text: str, form: FormDefinition, reference: Reference) -> list[Row]:
    """Reported periods that a text names: by label, id, or words of the form and a year."""
    key = word_key(text)
    named = reference.periods_named(key)
    years = [] if named else _YEAR.findall(key)
    if len(set(years)) != 1:
        return named
    kinds = _period_kinds(form).get(_without_fillers(key, years), frozenset())
    reported = [p for p in reference.periods.values() if not p["is_derived"]]
    return [p for p in reported if p["period_kind"] in kinds and p["year"] == int(years[0])]


@lru_cache(maxsize=4)
def _period_kinds(form: FormDefinition) -> dict[str, frozenset[str]]:
    kinds: dict[str, frozenset[str]] = {}
    for kind, spellings in form.period_words.items():
        for words in (_without_fillers(word_key(spelling)) for spelling in spellings):
            kinds[words] = kinds.get(words, frozenset()) | {kind}
    return kinds


def _without_fillers(key: str, years: Sequence[str] = ()) -> str:
    return " ".join(token for token in key.split() if token not in _FILLERS and token not in years)


def _say_odd(info: Info, findings: Findings) -> None:
    """Say which values were converted or could not be read, and which stand there twice."""
    expected = findings.rules.expected_vi["text"]
    for code, place in info.odd.items():
        encoding, fault = info.sheet.encodings.get(place, ""), info.sheet.facts.faults.get(place)
        given = info.sheet.originals.get(place, fault)
        if encoding:
            findings.add("intake.cell_converted", _at(info), info.cells[code], given, encoding)
        elif encoding is None:
            findings.add("intake.cell_encoding", _at(info), info.cells[code], given, expected)
        elif is_blank(info.values[code]):
            rule_id = "intake.cell_formula" if fault == FORMULA else "intake.cell_error_value"
            findings.add(rule_id, _at(info), info.cells[code], given, expected)
    for code, cell, value in info.repeated:
        if code in _DECIDING and value and word_key(value) != word_key(info.text(code)):
            findings.add("intake.label_repeated", _at(info), cell, value, info.text(code))


def _period(info: Info, form: FormDefinition, reference: Reference, findings: Findings) -> Row:
    found = recognise_period(info.text("period"), form, reference)
    if len(found) != 1 or not reference.rounds.get(found[0]["period_id"]):
        if not _meant(info, reference):  # both are said at once: one mended report is enough
            findings.add("intake.agency_unknown", _at(info), info.cells.get("agency"), info.text("agency"))
        _refuse(findings, "intake.period_unknown", info, "period", _period_labels(info, reference))
    return found[0]


def _asked(reference: Reference, agency_key: int, period: Row) -> bool:
    """Whether the unit that the agency reports to asks for the period."""
    unit = reference.unit_of(agency_key, period["closes_on"])
    return unit in reference.rounds.get(period["period_id"], set())


def _period_labels(info: Info, reference: Reference) -> str:
    """The periods that are asked of the agency, as far as it is known; else all that anybody is asked for."""
    named = _meant(info, reference)
    periods = sorted(reference.periods.values(), key=lambda p: (p["year"], p["period_order"]))
    asked = [p for p in periods if any(_asked(reference, key, p) for key in named)]
    return "; ".join(p["label_vi"] for p in asked or periods if p["period_id"] in reference.rounds)


def _meant(info: Info, reference: Reference) -> set[int]:
    """The agencies, of whatever time, that the labels may mean."""
    coded = reference.agency_by_code(info.text("agency_code"))
    if coded is not None:
        return {coded}
    return {candidate.agency_key for candidate in reference.named(info.text("agency"), date.max).candidates}


def _agency(info: Info, reference: Reference, period: Row, findings: Findings) -> int:
    """The agency by its name, told apart by its code; a code that disagrees holds the delivery."""
    name, code = info.text("agency"), info.text("agency_code")
    named = reference.named(name, period["closes_on"])
    meant = {candidate.agency_key for candidate in named.candidates}
    coded = reference.agency_by_code(code) if code else None
    if (
        named.unit is not None
    ):  # an office's name with another unit's: whatever the code says, not that office
        _refuse(findings, "intake.agency_unknown", info, "agency", None)
    if coded is not None and (coded in meant or not name):
        return coded
    if named.outcome == "ambiguous":
        _refuse(findings, "intake.agency_ambiguous", info, "agency", named.listed_vi())
    agency_key = named.agency_key or coded
    if agency_key is None and named.outcome == "not_valid":
        _refuse(findings, "intake.agency_not_valid", info, "agency", named.listed_vi())
    if agency_key is None:
        _refuse(findings, "intake.agency_unknown", info, "agency", None)
    assert agency_key is not None  # noqa: S101 (refused above)
    if code:
        agency = reference.agency(agency_key, period["closes_on"])
        expected = f"{agency['agency_name']}: {agency['agency_code']}" if agency else name
        findings.add("intake.agency_code_disagrees", _at(info), info.cells["agency_code"], code, expected)
    return agency_key


def _report_kind(info: Info, form: FormDefinition, findings: Findings) -> str:
    text = info.text("report_kind")
    kind = _words(form).kinds.get(word_key(text))
    if kind is None:
        kinds = ", ".join(word.label for word in form.report_kinds.values())
        findings.add("intake.kind_unknown", _at(info), info.cells.get("report_kind"), text, kinds)
    return kind or "first"


def _report_date(info: Info, reader: ValueReader, findings: Findings) -> date | None:
    cell = info.values.get("report_date", "")
    read = reader.read(_DATE, cell)
    if read.rule:
        expected = findings.rules.expected_vi["date"]
        findings.add(read.rule, _at(info), info.cells["report_date"], plain(cell), expected)
    elif read.value is None:
        findings.add("intake.report_date_missing", _at(info))
    return read.value  # type: ignore[no-any-return]


def _at(info: Info) -> tuple[int, str]:
    return info.sheet.sheet_no, info.sheet.name


def _refuse(findings: Findings, rule_id: str, info: Info, label: str, expected: str | None) -> None:
    findings.add(rule_id, _at(info), info.cells.get(label), info.text(label), expected)
    raise RefusedError(rule_id)
