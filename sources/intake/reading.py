"""What one delivered file turned out to be, ready to be judged and written, and how it crosses a pipe.

Made where the file is parsed (sources.intake.bounded): rows leave there as COPY text, since whoever writes
them need not look into them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import date
from functools import cached_property
from typing import Any

import orjson
import sqlalchemy as sa

from sources.forms.definition import FormDefinition
from sources.forms.findings import Finding, Findings, load_rules
from sources.forms.reading import STAMP, SheetReading, row_columns
from sources.forms.reference import Reference
from sources.forms.report import Report, read_report
from sources.intake.rulings import SUPPLEMENT, sheets_carried
from warehouse.copy_text import copy_lines, joined_lines, parse_lines
from warehouse.schema import metadata

HELD_COLUMNS = (*STAMP, "sheet_row", "rule_id", "given")
_FINDING_BYTES = 1000
_FINDING = tuple(field.name for field in fields(Finding))


@dataclass
class SheetSection:
    """One sheet: what raw.section says of it, and its rows.

    `text` and `held_text` are COPY text of `columns` and of HELD_COLUMNS.
    """

    sheet_no: int
    sheet_code: str
    sheet_name: str
    is_hidden: bool
    header_row: int | None
    column_map: dict[str, str]
    rows_read: int
    rows_loaded: int
    rows_held: int
    rows_structure: int
    text: bytes = b""
    held_text: bytes = b""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of `text`."""
        return (*STAMP, *row_columns(self.sheet_code))

    @cached_property
    def loaded(self) -> list[dict[str, Any]]:
        """The rows as values: whole numbers as such, all else as text; made when judging asks for them."""
        if not self.text:
            return []
        stored = metadata.tables[f"raw.{self.sheet_code}_row"].columns
        whole = {name for name in self.columns if isinstance(stored[name].type, sa.Integer)}
        return [
            {
                name: int(value) if value is not None and name in whole else value
                for name, value in zip(self.columns, values, strict=True)
            }
            for values in parse_lines(self.text)
        ]


@dataclass
class FileReading:
    """A file as read. Without `period_id` neither agency nor period is known, and the file is refused."""

    findings: list[Finding]
    agency_key: int = 0
    period_id: str | None = None
    report_kind: str | None = None
    report_date: date | None = None
    texts: dict[str, str | None] = field(default_factory=dict)
    content_sha256: str | None = None
    sheets: list[SheetSection] = field(default_factory=list)

    @property
    def size(self) -> int:
        """About how many bytes it takes until it is written."""
        rows = sum(len(sheet.text) + len(sheet.held_text) for sheet in self.sheets)
        return rows + _FINDING_BYTES * len(self.findings)


def read_file(
    delivery_id: int, data: bytes, received_on: date, form: FormDefinition, reference: Reference
) -> list[bytes]:
    """Read a delivery's bytes; the reading as the parts that `unpacked` takes.

    Whatever goes wrong with the file is a finding, its reader's defects included; only MemoryError is raised,
    since it speaks of bounds and not of the file's content.
    """
    try:
        report = read_report(data, form, reference, Findings(load_rules()), received_on)
        return _packed(_file_reading(delivery_id, report, form))
    except MemoryError:
        raise
    except Exception as error:  # one file's failure is never another's
        return _packed(unreadable(error))


def unreadable(error: Exception) -> FileReading:
    """The reading of a file on which our own code or the database failed."""
    given = f"{type(error).__name__}: {error}".encode("utf-8", "backslashreplace").decode()
    return refused("intake.file_reader_failed", given)


def refused(rule_id: str, given: str, expected: str | None = None) -> FileReading:
    """The reading of a file that is refused for one rule."""
    findings = Findings(load_rules())
    findings.add(rule_id, given=given, expected=expected)
    return FileReading(findings.items)


def unpacked(parts: list[bytes]) -> FileReading:
    """The reading that `read_file` gave. Raises ValueError, KeyError or TypeError where it is none."""
    told = orjson.loads(parts[0])
    texts = iter(parts[1:])
    day = told.pop("report_date")
    sheets = [SheetSection(**sheet, text=next(texts), held_text=next(texts)) for sheet in told.pop("sheets")]
    findings = [Finding(*values) for values in told.pop("findings")]
    return FileReading(findings, sheets=sheets, report_date=date.fromisoformat(day) if day else None, **told)


def _file_reading(delivery_id: int, report: Report, form: FormDefinition) -> FileReading:
    heading = report.heading
    if heading is None:
        return FileReading(report.findings.items)
    sheets = report.sheets
    if heading.report_kind == SUPPLEMENT and report.findings.verdict()[0] != "refused":
        sheets = sheets_carried(sheets, form, report.findings)
    period_id = heading.period["period_id"]
    return FileReading(
        report.findings.items,
        heading.agency_key,
        period_id,
        heading.report_kind,
        heading.report_date,
        heading.texts,
        report.content_sha256,
        [_section(sheet, delivery_id, heading.agency_key, period_id) for sheet in sheets],
    )


def _section(sheet: SheetReading, delivery_id: int, agency_key: int, period_id: str) -> SheetSection:
    stamp = (delivery_id, sheet.sheet_no, agency_key, period_id)
    held = [(row["sheet_row"], row["rule_id"], row["given"]) for row in sheet.held]
    return SheetSection(
        sheet.sheet_no,
        sheet.sheet_code,
        sheet.sheet_name,
        sheet.is_hidden,
        sheet.header_row,
        sheet.column_map,
        sheet.rows_read,
        len(sheet.lines),
        len(sheet.held),
        sheet.rows_structure,
        joined_lines(sheet.lines, stamp),
        copy_lines(held, stamp),
    )


def _packed(reading: FileReading) -> list[bytes]:
    told = {
        **vars(reading),
        "findings": [[getattr(item, name) for name in _FINDING] for item in reading.findings],
        "sheets": [
            {name: value for name, value in vars(sheet).items() if name not in ("text", "held_text")}
            for sheet in reading.sheets
        ],
    }
    texts = [text for sheet in reading.sheets for text in (sheet.text, sheet.held_text)]
    return [orjson.dumps(told), *texts]
