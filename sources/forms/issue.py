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
from warehouse.engine import engine
from warehouse.errors import UsageError
from warehouse.schema import period_opened
from warehouse.settings import Settings


def issue_forms(settings: Settings, period_id: str, run_id: str, issued_at: datetime) -> list[Path]:
    """Write `<output_dir>/forms/<period_id>/<agency_code>.xlsx` for each reporting agency, in their order.

    Records each agency's first issue in raw.period_opened; issuing again writes the files anew (the same
    bytes for the same reference data) and leaves the record of the first issue. Raises UsageError when the
    period is unknown, derived, or no agency reports.
    """
    form = load_definition()
    with engine(settings, "loader").connect() as connection:
        reference = load_reference(connection)
    period = known_period(reference, period_id)
    agencies = reference.reporting_agencies(period)
    if not agencies:
        raise UsageError(
            f"No agency reports for {period_id}. Register the agencies first (cchc plans register)."
        )
    folder = settings.output_dir / "forms" / period_id
    folder.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    opened: list[dict[str, object]] = []
    for agency in agencies:
        path = folder / f"{agency['agency_code']}.xlsx"
        content = form_content(form, reference, agency, period)
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
    reported = sorted(
        (p["window_end"], p["window_start"], p["period_id"])
        for p in reference.periods.values()
        if not p["is_derived"]
    )
    listed = ", ".join(p[2] for p in reported) or "none is registered yet (cchc plans register)"
    if period is None:
        raise UsageError(f"'{period_id}' is no period of the calendar. Periods with a report: {listed}.")
    if period["is_derived"]:
        raise UsageError(
            f"{period_id} is derived from other periods, nobody reports it. Choose one of: {listed}."
        )
    return period
