"""A batch of readings judged in order of arrival: each against the versions that count when it comes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from sources.forms.definition import FormDefinition
from sources.forms.findings import Findings, load_rules
from sources.forms.reference import Reference
from sources.intake.ledger import COUNTING, Arrival, Judged, counting_versions, rows_of
from sources.intake.neighbours import compared_periods, compared_sheets, judge_neighbours
from sources.intake.reading import FileReading
from sources.intake.rulings import SUPPLEMENT, Version, current, duplicate_of, judge_version

Rows = Sequence[Mapping[str, Any]]


class BatchJudge:
    """Judges the deliveries of one batch, inside the transaction that writes them.

    The versions of the batch's agencies are read once and kept up with what the batch adds.
    """

    def __init__(
        self,
        connection: sa.Connection,
        form: FormDefinition,
        reference: Reference,
        batch: Iterable[FileReading],
    ) -> None:
        self._connection, self._form, self._reference = connection, form, reference
        self._readings = [reading for reading in batch if reading.period_id is not None]
        agencies = {reading.agency_key for reading in self._readings}
        self._versions: dict[int, dict[str, list[Version]]] = {agency_key: {} for agency_key in agencies}
        self._agency_of: dict[int, int] = {}
        if agencies:
            for (agency_key, period_id), versions in counting_versions(connection, agencies).items():
                self._versions[agency_key][period_id] = versions
                self._agency_of |= {version.delivery_id: agency_key for version in versions}
        self._rows: dict[tuple[str, int], Rows] = {}
        self._judged: dict[int, Judged] = {}
        self._look_up_neighbours()

    def judge(self, arrival: Arrival, reading: FileReading) -> Judged:
        """Judge a delivery, and count it in for those after it."""
        findings = Findings(load_rules())
        findings.items = list(reading.findings)
        duplicate: Version | None = None
        version: Version | None = None
        if reading.period_id is not None and findings.verdict()[0] != "refused":
            version = _version(arrival, reading)
            duplicate = self._judge(version, reading, reading.period_id, findings)
        if duplicate is not None:
            findings.items = []
            findings.add("intake.duplicate", expected=duplicate.delivery_id)
            reading = _without_sheets(reading)
            judged = Judged(
                arrival,
                reading,
                findings.items,
                "duplicate",
                findings.items[0].message_vi,
                duplicate.delivery_id,
            )
        else:
            judged = Judged(arrival, reading, findings.items, *findings.verdict())
        if version is not None and reading.period_id is not None and judged.verdict in COUNTING:
            self._versions[reading.agency_key].setdefault(reading.period_id, []).append(version)
            self._agency_of[version.delivery_id] = reading.agency_key
        self._judged[arrival.delivery_id] = judged
        return judged

    def _judge(
        self, new: Version, reading: FileReading, period_id: str, findings: Findings
    ) -> Version | None:
        """Add what follows from the versions that count; returns the one that the new one duplicates."""
        of_agency = self._versions[reading.agency_key]
        counting = of_agency.get(period_id, [])
        same = duplicate_of(new, counting)
        if same is not None:
            return same
        in_force: dict[str, Rows] = {}
        if new.report_kind == SUPPLEMENT:
            now = current(counting)
            carriers = {code: now.section(code) for code in sorted(new.sheets)}
            in_force = {code: self._rows_of(v, code) for code, v in carriers.items() if v is not None}
        judge_version(new, counting, reading.sheets, in_force, self._form, findings)
        judge_neighbours(
            new,
            period_id,
            reading.sheets,
            of_agency,
            self._rows_of,
            self._form,
            self._reference,
            findings,
        )
        return None

    def _rows_of(self, version: Version, sheet_code: str) -> Rows:
        """Rows of a kind of sheet that a version carries: this batch's own, else those in the database."""
        judged = self._judged.get(version.delivery_id)
        if judged is not None:
            sheets = (sheet for sheet in judged.reading.sheets if sheet.sheet_code == sheet_code)
            return [row for sheet in sheets for row in sheet.loaded]
        known = self._rows.get((sheet_code, version.delivery_id))
        if known is None:
            self._look_up(sheet_code, [version.delivery_id])
            known = self._rows[sheet_code, version.delivery_id]
        return known

    def _look_up_neighbours(self) -> None:
        """Read, in one query a sheet, the rows that the batch's reports will be compared with."""
        wanted: dict[str, set[int]] = defaultdict(set)
        sheet_codes = compared_sheets(self._form) if self._agency_of else frozenset()
        for reading in self._readings if sheet_codes else ():
            for period_id in compared_periods(self._reference, reading.period_id or ""):
                now = current(self._versions[reading.agency_key].get(period_id, []))
                versions = {code: now.section(code) for code in sheet_codes}
                for code, version in versions.items():
                    if version is not None:
                        wanted[code].add(version.delivery_id)
        for code, delivery_ids in sorted(wanted.items()):
            self._look_up(code, sorted(delivery_ids))

    def _look_up(self, sheet_code: str, delivery_ids: list[int]) -> None:
        agencies = {self._agency_of[delivery_id] for delivery_id in delivery_ids}
        found = rows_of(self._connection, sheet_code, agencies, delivery_ids)
        self._rows |= {(sheet_code, delivery_id): rows for delivery_id, rows in found.items()}


def _version(arrival: Arrival, reading: FileReading) -> Version:
    return Version(
        delivery_id=arrival.delivery_id,
        report_kind=reading.report_kind or "",
        report_date=reading.report_date,
        received_at=arrival.received_at,
        sha256=arrival.sha256,
        content_sha256=reading.content_sha256,
        sheets=frozenset(sheet.sheet_code for sheet in reading.sheets) - {"info"},
    )


def _without_sheets(reading: FileReading) -> FileReading:
    """What stays of a duplicate: who sent it, when, which."""
    return FileReading(
        [],
        reading.agency_key,
        reading.period_id,
        reading.report_kind,
        reading.report_date,
        reading.texts,
        reading.content_sha256,
    )
