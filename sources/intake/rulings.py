"""Which version of a report counts (docs/intake.md, ruling 6), and what a new one makes of the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol, TypeVar

from sources.forms.definition import FormDefinition, Sheet, word_key
from sources.forms.findings import Findings
from sources.forms.reference import code_key
from sources.forms.required_text import date_text
from warehouse.clock import local_date
from warehouse.schema import metadata

SUPPLEMENT, FIRST, REPLACEMENT = "supplement", "first", "replacement"
_AT_ONE_INSTANT = (FIRST, REPLACEMENT, SUPPLEMENT)
Key = tuple[str, ...]


class LoadedSheet(Protocol):
    """One sheet of a delivery, as the rulings need it."""

    @property
    def sheet_no(self) -> int:
        """Position in the workbook, from 1."""

    @property
    def sheet_code(self) -> str:
        """Which sheet of the form it is."""

    @property
    def sheet_name(self) -> str:
        """As the workbook names it."""

    @property
    def column_map(self) -> Mapping[str, str]:
        """Column code → column letters."""

    @property
    def loaded(self) -> Sequence[Mapping[str, Any]]:
        """The raw rows, with `sheet_row`."""


class ReadSheet(LoadedSheet, Protocol):
    """A sheet fresh from the reader."""

    @property
    def held(self) -> Sequence[Any]:
        """The rows that are kept whole and not loaded."""


AnySheet = TypeVar("AnySheet", bound=ReadSheet)


@dataclass(frozen=True)
class Version:
    """A delivery of one agency and period that counts, or would; `is_accepted`: by a person."""

    delivery_id: int
    report_kind: str
    report_date: date | None
    received_at: datetime
    sha256: str
    content_sha256: str | None
    sheets: frozenset[str] = frozenset()
    is_accepted: bool = False

    @property
    def order(self) -> tuple[date, datetime, int, bool, str, int]:
        """Later wins: by the report's date (the day of receipt where it has none), then by receipt.

        What one run found together was received at one instant: there a report goes before what replaces or
        supplements it, of two of a kind the one that a person accepted wins, and then the bytes decide, so
        that it does not matter which file was opened first.
        """
        return (
            self.report_date or local_date(self.received_at),
            self.received_at,
            _AT_ONE_INSTANT.index(self.report_kind),
            self.is_accepted,
            self.sha256,
            self.delivery_id,
        )


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
    sheets: Sequence[LoadedSheet],
    rows_in_force: Mapping[str, Sequence[Mapping[str, Any]]],
    form: FormDefinition,
    findings: Findings,
) -> None:
    """Add the findings that follow from the versions that are there (`counting`) to those of a new one.

    `rows_in_force`: by sheet code, the rows in force of the sheets that a supplement carries.
    """
    now = current(counting)
    if new.report_kind == FIRST:
        firsts = [v for v in counting if v.report_kind == FIRST]
        if firsts and all(v.content_sha256 != new.content_sha256 for v in firsts):
            kind = form.report_kinds[FIRST].label
            findings.add("intake.second_first", given=kind, expected=firsts[-1].delivery_id)
    elif now.base is None:
        kind = "supplement" if new.report_kind == SUPPLEMENT else "replacement"
        findings.add(f"intake.{kind}_without_first")
    if not counting:
        return  # nothing is there that could be newer, or lack anything
    then = current([*counting, new])
    if new not in then.versions:
        assert then.base is not None  # noqa: S101 (without a whole report everything is in force)
        dates = date_text(new.order[0]), date_text(then.base.order[0])
        findings.add("intake.older_than_current", given=dates[0], expected=dates[1])
        return
    for sheet in form.sheets:
        before, after = now.section(sheet.code), then.section(sheet.code)
        if sheet.code in new.sheets and after is not None and after != new:
            findings.add("intake.sheet_older", given=sheet.name, expected=after.delivery_id)
        elif before is not None and after is None:
            findings.add("intake.replacement_lacks_sheet", given=sheet.name)
        elif new.report_kind == SUPPLEMENT and sheet.code in rows_in_force:
            of_code = [s for s in sheets if s.sheet_code == sheet.code]
            _check_dropped(sheet, of_code, rows_in_force[sheet.code], findings)


def sheets_carried(sheets: Sequence[AnySheet], form: FormDefinition, findings: Findings) -> list[AnySheet]:
    """The sheets that a supplement carries: one left as it was issued replaces nothing, with a note.

    Of several sheets of one kind a blank one goes with the others: together they are the section.
    """
    reported = {s.sheet_code for s in sheets if s.held or _reports(form, s)} | {"info"}
    for sheet in sheets:
        if sheet.sheet_code not in reported:
            findings.add("intake.supplement_sheet_blank", (sheet.sheet_no, sheet.sheet_name))
    return [sheet for sheet in sheets if sheet.sheet_code in reported]


def _reports(form: FormDefinition, sheet: LoadedSheet) -> bool:
    if sheet.sheet_code == "info":
        return True
    return any(_is_reported(form.sheet(sheet.sheet_code), row) for row in sheet.loaded)


def row_key(sheet: Sheet, row: Mapping[str, Any]) -> Key:
    """What tells a raw row apart from the others of its sheet, however its name is written."""
    return tuple(_key_part(code, row) for code in sheet.identity)


def _key_part(code: str, row: Mapping[str, Any]) -> str:
    name, is_key, _ = code.partition("_key")
    if is_key:
        return row.get(f"{name}_code") or word_key(row.get(f"{name}_name") or "")
    value = row.get(code)
    if value is None:
        return ""
    return code_key(value) if code.endswith("_code") else word_key(str(value))


def _check_dropped(
    sheet: Sheet,
    carried: Sequence[LoadedSheet],
    in_force: Sequence[Mapping[str, Any]],
    findings: Findings,
) -> None:
    kept = {row_key(sheet, row) for of_code in carried for row in of_code.loaded if _is_reported(sheet, row)}
    dropped = [row_key(sheet, row) for row in in_force if _is_reported(sheet, row)]
    missing = [" ".join(filter(None, key)) for key in dropped if key not in kept]
    if missing:
        at = (carried[0].sheet_no, carried[0].sheet_name)
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
