"""One delivered file, read: who reports what, every sheet's rows, every finding. Touches no database."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from operator import itemgetter

from sources.addresses import letters
from sources.forms.checks import check_rates
from sources.forms.definition import FormDefinition, Sheet, heading_key, heading_keys
from sources.forms.files.workbook import SheetCells, open_workbook
from sources.forms.findings import Findings
from sources.forms.identity import Identifier
from sources.forms.info import Heading, Info, establish, find_info
from sources.forms.layout import find_sheet, locate
from sources.forms.reading import SheetReading
from sources.forms.reference import Reference
from sources.forms.required_text import date_text
from sources.forms.table import TableReader
from sources.forms.values import is_blank, plain, reader_of
from sources.packages import RefusedError


@dataclass
class Report:
    """A file as read. Without `heading` (agency and period) there are no sheets: the file is refused."""

    findings: Findings
    heading: Heading | None = None
    sheets: list[SheetReading] = field(default_factory=list)
    content_sha256: str | None = None

    def sheet(self, code: str) -> SheetReading | None:
        """The first sheet of a code, or None when it was not reported."""
        return next((s for s in self.sheets if s.sheet_code == code), None)


def read_report(
    data: bytes, form: FormDefinition, reference: Reference, findings: Findings, received_on: date
) -> Report:
    """Read a file's bytes. Never raises for what a file may contain: a refusal is a finding of the report."""
    report = Report(findings)
    try:
        sheets = open_workbook(data, form)
        _read(report, sheets, form, reference, received_on)
    except RefusedError as refusal:
        report.sheets = []  # a refused delivery has no sections
        if not any(item.rule_id == refusal.rule_id for item in findings.items):
            findings.add(refusal.rule_id, given=refusal.given, expected=refusal.expected)
    return report


def _read(
    report: Report, sheets: list[SheetCells], form: FormDefinition, reference: Reference, received_on: date
) -> None:
    findings, reader = report.findings, reader_of(form)
    sheets = [cells for cells in sheets if heading_key(cells.name) != heading_key(form.answer_sheet)]
    for cells in sheets:
        for rule_id, cell, given, expected in cells.remarks:
            findings.add(rule_id, (cells.sheet_no, cells.name), cell, given, expected)
    info = find_info(form, sheets)
    chosen = _choose(form, sheets, info, findings)
    no_sheet = RefusedError(
        "intake.no_known_sheet",
        ", ".join(s.name for s in sheets),
        ", ".join(sheet.name for sheet in form.sheets if not sheet.optional),
    )
    if info is None:
        raise RefusedError("intake.agency_unknown") if chosen else no_sheet
    heading = establish(info, form, reference, reader, findings)
    report.heading = heading
    if not chosen:
        raise no_sheet
    report.sheets.append(_info_reading(info))
    identifier = Identifier(form, reference, reader, heading.period)
    tables = TableReader(form, reader, identifier, heading.agency_key, findings)
    for sheet, pages in chosen:
        report.sheets += tables.read(sheet, pages)
    report.sheets.sort(key=lambda s: s.sheet_no)
    check_rates(report.sheets, form, reference, heading.period["year"], findings)
    present = {s.sheet_code for s in report.sheets}
    if heading.report_kind != "supplement":
        for sheet in form.sheets:
            if sheet.code not in present and not sheet.optional:
                findings.add("intake.sheet_missing", expected=sheet.name)
    _check_period(report, info, form, received_on)
    report.content_sha256 = _content_sha256(report, info)


def _choose(
    form: FormDefinition, sheets: list[SheetCells], info: Info | None, findings: Findings
) -> list[tuple[Sheet, list[SheetCells]]]:
    """Which sheets of the file are which of the form: the visible ones of a kind, else the first hidden."""
    info_names = heading_keys([form.info.name, *form.info.synonyms])
    chosen: dict[str, tuple[Sheet, list[SheetCells]]] = {}
    unknown: list[SheetCells] = []
    for cells in sorted(sheets, key=lambda s: (s.is_hidden, s.sheet_no)):
        if info is not None and cells is info.sheet:
            continue
        sheet = find_sheet(form, cells.name)
        if heading_key(cells.name) in info_names:
            filled = _filled(cells)
            if info is not None and filled:
                findings.add(
                    "intake.info_repeated", (cells.sheet_no, cells.name), None, filled, info.sheet.name
                )
        elif sheet is None:
            unknown.append(cells)
        else:
            _take(chosen, sheet, cells, findings)
    for cells in unknown:
        sheet, filled = _by_headings(form, cells), _filled(cells)
        if sheet is None:
            if filled:
                findings.add("intake.sheet_unknown", (cells.sheet_no, cells.name), given=filled)
        elif _take(chosen, sheet, cells, findings):
            findings.add("intake.sheet_by_headings", (cells.sheet_no, cells.name), expected=sheet.name)
    return sorted(chosen.values(), key=lambda pair: pair[1][0].sheet_no)


def _take(
    chosen: dict[str, tuple[Sheet, list[SheetCells]]], sheet: Sheet, cells: SheetCells, findings: Findings
) -> bool:
    """Add a sheet to those of its kind; False where it stays out."""
    at = (cells.sheet_no, cells.name)
    pages = chosen.setdefault(sheet.code, (sheet, []))[1]
    if pages and cells.is_hidden:
        findings.add("intake.sheet_hidden_twin", at, given=_filled(cells), expected=pages[0].name)
        return False
    if pages:
        findings.add("intake.sheet_repeated", at, expected=pages[0].name)
    if cells.is_hidden:
        findings.add("intake.sheet_hidden", at, expected=sheet.name)
    pages.append(cells)
    return True


def _filled(cells: SheetCells) -> str:
    """The range that a sheet's cells fill and how many do: 'A1:F30, 120 ô'; '' for a blank sheet."""
    places = [
        (number, place)
        for number, row in enumerate(cells.rows)
        for place, cell in enumerate(row)
        if not is_blank(cell) or (number, place) in cells.facts.faults
    ]
    if not places:
        return ""
    (top, bottom), (left, right) = ((min(along), max(along)) for along in zip(*places, strict=True))
    return f"{letters(left)}{top + 1}:{letters(right)}{bottom + 1}, {len(places)} ô"


def _by_headings(form: FormDefinition, cells: SheetCells) -> Sheet | None:
    """The form's sheet of which all needed and most other columns are there."""
    best: tuple[float, Sheet] | None = None
    for sheet in form.sheets:
        layout = locate(sheet, cells)
        if layout is None:
            continue
        wanted = [c for c in sheet.columns if not c.optional]
        share = sum(c.code in layout.columns for c in wanted) / len(wanted)
        if share > 0.6 and (best is None or share > best[0]):
            best = (share, sheet)
    return best[1] if best else None


def _info_reading(info: Info) -> SheetReading:
    sheet = info.sheet
    return SheetReading(
        sheet_no=sheet.sheet_no,
        sheet_code="info",
        sheet_name=sheet.name,
        is_hidden=sheet.is_hidden,
        column_map={code: cell.rstrip("0123456789") for code, cell in info.cells.items()},
        rows_read=len(sheet.rows),
        rows_structure=len(sheet.rows),
    )


def _check_period(report: Report, info: Info, form: FormDefinition, received_on: date) -> None:
    heading = report.heading
    assert heading is not None  # noqa: S101 (established by the caller)
    findings, period = report.findings, heading.period
    cut_off = period["closes_on"]
    # where no window is set it is over when the report is made
    if period["window_end"] is not None and received_on <= cut_off:
        findings.add("intake.period_not_over", given=date_text(received_on), expected=date_text(cut_off))
    if heading.report_date and heading.report_date > received_on:
        findings.add(
            "intake.report_date_future",
            (info.sheet.sheet_no, info.sheet.name),
            info.cells.get("report_date"),
            date_text(heading.report_date),
            date_text(received_on),
        )
    completed: list[date] = []
    for tasks in report.sheets:
        if tasks.sheet_code == "task" and tasks.places:
            completed += filter(None, tasks.column("completed_on"))
            _check_completed(tasks, received_on, findings)
    latest = max(heading.report_date or received_on, received_on)
    long_after = latest > cut_off + timedelta(days=form.limits.long_after_days)
    if long_after and any(day > cut_off for day in completed):
        findings.add("intake.likely_wrong_period", given=date_text(latest), expected=date_text(cut_off))


def _check_completed(tasks: SheetReading, received_on: date, findings: Findings) -> None:
    """A day on which a task was completed lies before the report came; a month stands for its last day."""
    for row, day, precision in tasks.values_of("sheet_row", "completed_on", "completed_on_precision"):
        if day is not None and day > received_on and precision == "day":
            findings.add(
                "intake.completed_after_receipt",
                (tasks.sheet_no, tasks.sheet_name),
                f"{tasks.column_map['completed_on']}{row}",
                date_text(day),
                date_text(received_on),
            )


def _content_sha256(report: Report, info: Info) -> str:
    """Hash of what the file says, whatever bytes say it: the same after a re-save."""
    said = hashlib.sha256(_json({code: plain(value) for code, value in info.values.items()}))
    for sheet in sorted(report.sheets, key=lambda s: (s.sheet_code, s.sheet_no)):
        totals = [[value for code, value in total.items() if code != "sheet_row"] for total in sheet.totals]
        given = sheet.given
        if sheet.held:
            held = [(row["sheet_row"], _json(row["given"])) for row in sheet.held]
            loaded = zip(sheet.column("sheet_row"), given.split(b"\n"), strict=True) if given else ()
            given = b"\n".join(text for _, text in sorted([*loaded, *held], key=itemgetter(0)))
        said.update(_json([sheet.sheet_code, totals]))
        said.update(given)
    return said.hexdigest()


def _json(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, default=str).encode()
