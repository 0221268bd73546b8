"""Which version of a report counts (form.md, ruling 6), and what a new one makes of those that are there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sources.forms.definition import FormDefinition, Sheet, word_key
from sources.forms.findings import Findings
from sources.forms.required_text import date_text
from sources.forms.table import SheetReading
from warehouse.clock import local_date
from warehouse.schema import metadata

SUPPLEMENT, FIRST, REPLACEMENT = "supplement", "first", "replacement"
Key = tuple[str, ...]


@dataclass(frozen=True)
class Version:
    """A delivery of one agency and period that counts, or would."""

    delivery_id: int
    report_kind: str
    report_date: date | None
    received_at: datetime
    sha256: str
    content_sha256: str | None
    sheets: frozenset[str] = frozenset()

    @property
    def order(self) -> tuple[date, datetime, int]:
        """Later wins: by the report's date (the day of receipt where it has none), then by receipt."""
        return self.report_date or local_date(self.received_at), self.received_at, self.delivery_id


@dataclass(frozen=True)
class Current:
    """The versions in force together: the newest first or replacement, and supplements after it."""

    base: Version | None
    supplements: tuple[Version, ...]

    def section(self, sheet_code: str) -> Version | None:
        """The version whose sheet of a code is in force."""
        carriers = [v for v in (self.base, *self.supplements) if v is not None and sheet_code in v.sheets]
        return carriers[-1] if carriers else None

    @property
    def versions(self) -> list[Version]:
        """Base and supplements, oldest first."""
        return [v for v in (self.base, *self.supplements) if v is not None]


def current(versions: Iterable[Version]) -> Current:
    """What is in force among versions that count."""
    ordered = sorted(versions, key=lambda v: v.order)
    base = next((v for v in reversed(ordered) if v.report_kind != SUPPLEMENT), None)
    after = (v for v in ordered if v.report_kind == SUPPLEMENT and (base is None or v.order > base.order))
    return Current(base, tuple(after))


def duplicate_of(new: Version, counting: list[Version]) -> Version | None:
    """The version in force that has the same bytes, or the same content after a re-save."""
    return next(
        (
            v
            for v in reversed(current(counting).versions)
            if new.sha256 == v.sha256 or (new.content_sha256 and new.content_sha256 == v.content_sha256)
        ),
        None,
    )


def judge_version(
    new: Version,
    counting: list[Version],
    sheets: list[SheetReading],
    rows_in_force: Mapping[str, list[dict[str, Any]]],
    form: FormDefinition,
    findings: Findings,
) -> None:
    """Add the findings that follow from the versions that are there (`counting`) to those of a new one.

    `rows_in_force`: by sheet code, the rows in force of the sheets that a supplement carries.
    """
    now = current(counting)
    newest = now.base is None or new.order > now.base.order
    if new.report_kind == FIRST:
        firsts = [v for v in counting if v.report_kind == FIRST]
        if firsts and all(v.content_sha256 != new.content_sha256 for v in firsts):
            kind = form.report_kinds[FIRST].label
            findings.add("intake.second_first", given=kind, expected=firsts[-1].delivery_id)
    elif now.base is None:
        kind = "supplement" if new.report_kind == SUPPLEMENT else "replacement"
        findings.add(f"intake.{kind}_without_first")
    if now.base is not None and not newest:
        findings.add(
            "intake.older_than_current",
            given=date_text(new.order[0]),
            expected=date_text(now.base.order[0]),
        )
        return
    if new.report_kind == REPLACEMENT:
        lost = (
            frozenset().union(*(v.sheets for v in now.versions)) - new.sheets if now.versions else frozenset()
        )
        for sheet in form.sheets:
            if sheet.code in lost:
                findings.add("intake.replacement_lacks_sheet", given=sheet.name)
    elif new.report_kind == SUPPLEMENT:
        for reading in sheets:
            if reading.sheet_code in rows_in_force:
                _check_dropped(
                    form.sheet(reading.sheet_code), reading, rows_in_force[reading.sheet_code], findings
                )


def sheets_carried(
    sheets: list[SheetReading], form: FormDefinition, findings: Findings
) -> list[SheetReading]:
    """The sheets that a supplement carries: one left as it was issued replaces nothing, with a note."""
    carried: list[SheetReading] = []
    for reading in sheets:
        if reading.sheet_code == "info" or reading.held or _reports(form, reading):
            carried.append(reading)
        else:
            findings.add("intake.supplement_sheet_blank", (reading.sheet_no, reading.sheet_name))
    return carried


def _reports(form: FormDefinition, reading: SheetReading) -> bool:
    return any(_is_reported(form.sheet(reading.sheet_code), row) for row in reading.loaded)


def row_key(sheet: Sheet, row: Mapping[str, Any]) -> Key:
    """What tells a raw row apart from the others of its sheet."""
    values = dict(row)
    for name in ("field", "channel"):
        values[f"{name}_key"] = row.get(f"{name}_code") or word_key(row.get(f"{name}_name") or "")
    return tuple(str(values.get(code) or "") for code in sheet.identity)


def _check_dropped(
    sheet: Sheet, reading: SheetReading, in_force: list[dict[str, Any]], findings: Findings
) -> None:
    kept = {row_key(sheet, row) for row in reading.loaded if _is_reported(sheet, row)}
    dropped = [row_key(sheet, row) for row in in_force if _is_reported(sheet, row)]
    missing = [" ".join(filter(None, key)) for key in dropped if key not in kept]
    if missing:
        at = (reading.sheet_no, reading.sheet_name)
        findings.add("intake.supplement_drops_rows", at, given=", ".join(missing))


def _is_reported(sheet: Sheet, row: Mapping[str, Any]) -> bool:
    stored = metadata.tables[f"raw.{sheet.code}_row"].columns
    return (
        any(
            row.get(column.code) is not None
            for column in sheet.columns
            if not column.prefilled and column.code in stored and column.code not in sheet.identity
        )
        or row.get("reported_date") is not None
    )
