"""What an agency is told about one delivery: the facts behind its receipt and its marked workbook."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date, datetime

from sources.addresses import LAST_COLUMN, LAST_ROW, Place, cell_place
from sources.forms.findings import Finding

ERROR, WARNING, NOTE = "error", "warning", "note"
SEVERITIES = (ERROR, WARNING, NOTE)
"""As agencies see them, the gravest first: a fatal finding is an error that decides about the delivery."""


@dataclass(frozen=True)
class ToldFinding(Finding):
    """One finding as the agency gets it. `sheet_no` counts from 1; None = about the file as a whole."""

    label_vi: str = ""

    @property
    def grade(self) -> str:
        """Error, warning or note."""
        return ERROR if self.severity == "fatal" else self.severity

    @property
    def place(self) -> Place | None:
        """The cell's row and column, None where the finding names no single cell of a sheet."""
        return cell_place(self.cell) if self.cell and self.sheet_no else None


@dataclass(frozen=True)
class SheetCounts:
    """One sheet of a delivery: rows read = loaded + held + structure."""

    sheet_no: int
    sheet_name: str
    is_hidden: bool
    rows_read: int
    rows_loaded: int
    rows_held: int
    rows_structure: int


@dataclass(frozen=True)
class VersionInForce:
    """A delivery that counts now for the same agency and period."""

    delivery_id: int
    received_at: datetime
    report_kind: str | None


@dataclass(frozen=True)
class Told:
    """Everything that an answer says. What was not established is None.

    `standing`: counts, held (by the intake or a rule), rejected, refused, duplicate, failed (by our fault).
    """

    delivery_id: int
    channel: str
    source_name: str
    size_bytes: int
    sha256: str
    archive_path: str
    received_at: datetime
    received_stated: bool
    verdict: str
    reason_vi: str | None
    standing: str
    duplicate_of: int | None
    form_code: str
    answer_sheet: str
    agency_code: str | None = None
    agency_name: str | None = None
    unit_name: str | None = None
    period_id: str | None = None
    period_label: str | None = None
    report_kind: str | None = None
    report_kind_label: str | None = None
    document_number: str | None = None
    report_date: date | None = None
    due_date: date | None = None
    due_assumed: bool = False
    is_late: bool = False
    sheets: tuple[SheetCounts, ...] = ()
    findings: tuple[ToldFinding, ...] = ()
    in_force: tuple[VersionInForce, ...] = ()
    build_id: int | None = None
    data_label: str | None = None
    counts_of: dict[str, int] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        counts = {grade: sum(f.grade == grade for f in self.findings) for grade in SEVERITIES}
        object.__setattr__(self, "counts_of", counts)

    @property
    def is_in_force(self) -> bool:
        """Whether this delivery, or a part of it, counts now."""
        return any(version.delivery_id == self.delivery_id for version in self.in_force)

    @property
    def is_history(self) -> bool:
        """Whether later versions took its place: no build looks at it any more."""
        return self.standing == "counts" and not self.is_in_force

    @property
    def can_be_opened(self) -> bool:
        """Whether the file may be opened again: one that the guards or the reader refused never is."""
        return not any(f.severity == "fatal" and f.rule_id.startswith("intake.file_") for f in self.findings)

    def sorted_findings(self) -> list[ToldFinding]:
        """The gravest first, then as the agency meets them in its workbook."""
        last = LAST_ROW, LAST_COLUMN
        return sorted(
            self.findings,
            key=lambda f: (SEVERITIES.index(f.grade), f.sheet_no or 0, f.place or last, f.rule_id),
        )

    def digest(self) -> str:
        """SHA-256 of what is told of the delivery itself: equal = nothing to tell anew."""
        told = [self.standing, *sorted(map(_content, self.findings))]
        return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def _content(finding: ToldFinding) -> list[str]:
    parts = (
        finding.rule_id,
        finding.severity,
        finding.sheet_name,
        finding.cell,
        finding.given,
        finding.expected,
        finding.message_vi,
    )
    return [part or "" for part in parts]
