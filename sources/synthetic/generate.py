"""Generate the workbooks of a wave: the forms that were issued, filled, dated, ready for a landing folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sources.forms.definition import load_definition
from sources.forms.reference import load_reference
from sources.synthetic.duties import PlanDuties, plan_duties
from sources.synthetic.reports import Report, delivered_report
from sources.synthetic.scenario import Delivery, Round, Scenario, Wave
from sources.synthetic.workbook import fill
from warehouse.clock import local_date
from warehouse.engine import engine
from warehouse.errors import UsageError
from warehouse.settings import Settings

_KIND_SUFFIX = {"first": "", "replacement": " thay the", "supplement": " bo sung"}


@dataclass(frozen=True)
class SyntheticFile:
    """One file of the scenario: what it says, and when it arrives."""

    name: str
    received_at: datetime
    delivery: Delivery
    report: Report

    @property
    def faults(self) -> tuple[str, ...]:
        """Names of what is wrong with it or unusual about it."""
        return tuple(edit.fault for edit in self.delivery.edits)


@dataclass(frozen=True)
class Generator:
    """Makes the files of a scenario from the forms below `forms_dir`/<period_id>."""

    scenario: Scenario
    duties: PlanDuties
    fields: dict[str, str]
    forms_dir: Path

    @classmethod
    def of(cls, settings: Settings, scenario: Scenario) -> Generator:
        """A generator for the catalogue in the warehouse, and the forms that were issued from it."""
        with engine(settings, "loader").connect() as connection:
            reference = load_reference(connection)
        return cls(
            scenario=scenario,
            duties=plan_duties(reference, scenario, scenario.rounds[-1].cut_off),
            fields={row["field_code"]: row["field_name"] for row in reference.fields},
            forms_dir=settings.output_dir / "forms",
        )

    def files(self, reporting_round: Round) -> Iterator[SyntheticFile]:
        """What every file of a round says, in the order of arrival, without writing any."""
        for wave, delivery, agency_code in self.scenario.expand(reporting_round):
            sent_on = local_date(wave.received_at)
            report = delivered_report(
                self.scenario, self.duties, reporting_round, delivery, agency_code, sent_on
            )
            usual = f"{agency_code} {reporting_round.period}{_KIND_SUFFIX[delivery.kind]}"
            yield SyntheticFile(f"{delivery.name or usual}.xlsx", wave.received_at, delivery, report)

    def write_wave(self, reporting_round: Round, wave: Wave, folder: Path) -> list[Path]:
        """Write the files of one wave into a folder, each with the time of its arrival as its own.

        The same scenario and forms give the same bytes, names and times, so that a ledger that saw them
        knows them again. Raises UsageError when a form was not issued.
        """
        form = load_definition()
        folder.mkdir(parents=True, exist_ok=True)
        paths = []
        for file in self.files(reporting_round):
            if file.received_at != wave.received_at:
                continue
            issued = self.forms_dir / reporting_round.period / f"{file.report.agency_code}.xlsx"
            if not issued.exists():
                raise UsageError(
                    f"No form was issued for {file.report.agency_code} {reporting_round.period}. "
                    f"First: cchc forms issue --period {reporting_round.period}"
                )
            draft = folder / f".{file.name}.part"
            draft.write_bytes(fill(issued, file.report, form, self.fields, wave.received_at))
            moment = wave.received_at.timestamp()
            os.utime(draft, (moment, moment))
            paths.append(draft.rename(folder / file.name))
        return paths
