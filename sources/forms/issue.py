"""Issue the form: one prefilled workbook per reporting agency, and the record that its period is open."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

from sqlalchemy.dialects.postgresql import insert

from sources.forms.content import form_content
from sources.forms.definition import load_definition
from sources.forms.issue_workbook import write_workbook
from sources.forms.reference import Reference, Row, load_reference
from warehouse.clock import local_date
from warehouse.engine import engine
from warehouse.errors import UsageError
from warehouse.schema import period_opened
from warehouse.settings import Settings


def issue_forms(
    settings: Settings, period_id: str, run_id: str, issued_at: datetime, unit_code: str | None = None
) -> list[Path]:
    """Write `<output_dir>/forms/<period_id>/<agency_code>.xlsx` for each agency that owes a report.

    Those are the agencies that report to a unit whose round it is: to every such unit, or to the one named.
    Records each agency's first issue in raw.period_opened; issuing again writes the files anew (the same
    bytes for the same reference data and due dates) and leaves the record of the first issue. Raises
    UsageError when the period is unknown or derived, no unit asks for it, or no agency reports.
    """
    form = load_definition()
    with engine(settings, "loader").connect() as connection:
        reference = load_reference(connection)
    period = known_period(reference, period_id)
    units = asking_units(reference, period, unit_code)
    agencies = [a for unit in units for a in reference.reporting_agencies(period, unit["agency_key"])]
    if not agencies:
        asking = ", ".join(unit["agency_code"] for unit in units)
        raise UsageError(f"No agency reports to {asking} for {period_id} (see sources/data/agencies).")
    folder = settings.output_dir / "forms" / period_id
    folder.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    opened: list[dict[str, object]] = []
    for agency in agencies:
        path = folder / f"{agency['agency_code']}.xlsx"
        content = form_content(form, reference, agency, period, local_date(issued_at))
        data = write_workbook(form, content, settings.data_label)
        draft = path.with_suffix(".part")
        draft.write_bytes(data)
        draft.replace(path)
        paths.append(path)
        opened.append(
            {
                "period_id": period_id,
                "agency_key": agency["agency_key"],
                "form_code": form.form_code,
                "issued_at": issued_at,
                "file_name": path.name,
                "file_sha256": hashlib.sha256(data).hexdigest(),
                "run_id": run_id,
            }
        )
    with engine(settings, "loader").begin() as connection:
        connection.execute(insert(period_opened).values(opened).on_conflict_do_nothing())
    return paths


def known_period(reference: Reference, period_id: str) -> Row:
    """The period that agencies report under this id. Raises UsageError, which lists those that there are."""
    period = reference.periods.get(period_id)
    if period is None:
        asked = _listed(reference, set(reference.rounds))
        raise UsageError(f"'{period_id}' is no period of the calendar. Periods with a round: {asked}.")
    if period["is_derived"]:
        asked = _listed(reference, {p for p in reference.rounds if p.startswith(period_id[:4])})
        raise UsageError(
            f"{period_id} is derived from other periods, nobody reports it. Asked for in its year: {asked}."
        )
    return period


def asking_units(reference: Reference, period: Row, unit_code: str | None) -> list[Row]:
    """The units that ask for the period, or the one named. Raises UsageError, which lists what there is."""
    period_id = period["period_id"]
    units = reference.units_asking(period)
    if unit_code is None:
        if not units:
            asked = _listed(reference, set(reference.rounds))
            raise UsageError(f"No unit asks for {period_id}. Periods with a round: {asked}.")
        return units
    found = [unit for unit in units if unit["agency_code"] == unit_code]
    if found:
        return found
    key = reference.agency_by_code(unit_code)
    asking = ", ".join(unit["agency_code"] for unit in units) or "none"
    own = {p for p, keys in reference.rounds.items() if key is not None and key in keys}
    if not own:
        raise UsageError(
            f"'{unit_code}' is no unit that asks for reports. Units that ask for {period_id}: {asking}."
        )
    raise UsageError(
        f"{unit_code} does not ask for {period_id}; it asks for {_listed(reference, own)}. "
        f"Units that ask for {period_id}: {asking}."
    )


def _listed(reference: Reference, period_ids: set[str]) -> str:
    periods = [p for p in reference.periods.values() if p["period_id"] in period_ids]
    ordered = sorted(periods, key=lambda p: (p["year"], p["period_order"]))
    return ", ".join(p["period_id"] for p in ordered) or "none is registered yet (cchc plans register)"
