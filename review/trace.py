"""Where a figure comes from: down to the file's hash, sheet and cells, and up to the document and section."""

from __future__ import annotations

from dataclasses import dataclass

from review.marts import Row, read_marts
from warehouse.errors import UsageError
from warehouse.settings import Settings


@dataclass(frozen=True)
class Trace:
    """A figure: its own row of `review_target` (None for dossiers), and the rows it rests on."""

    figure_code: str
    target: Row | None
    evidence: list[Row]


def trace(
    settings: Settings,
    period_id: str,
    figure_code: str,
    unit_code: str | None = None,
    agency_code: str | None = None,
    field_code: str | None = None,
) -> Trace:
    """The rows of `review_evidence` behind a figure, narrowed to an agency or a field where one is named.

    `figure_code` is a target's code, whole or without its plan (`CT-II.3.2`), or `HS-TTHC` for dossiers.
    Raises UsageError for a period, unit, figure, agency or field that the served marts do not have.
    """
    marts = read_marts(settings, period_id, unit_code or settings.unit_code)
    known: dict[str, list[Row]] = {row["target_code"]: [] for row in marts.target}
    for row in marts.evidence:
        known.setdefault(row["figure_code"], []).append(row)
    matches = [code for code in known if figure_code in (code, code.partition("/")[2])]
    if len(matches) != 1:
        codes = ", ".join(sorted(known))
        raise UsageError(f"'{figure_code}' is no figure of {period_id}. Figures: {codes}.")
    found = known[matches[0]]
    for name, wanted in (("agency_code", agency_code), ("field_code", field_code)):
        present = sorted({row[name] for row in found})
        if wanted is not None and wanted not in present:
            raise UsageError(
                f"'{wanted}' has no part in {matches[0]}. Those that have: {', '.join(present)}."
            )
        found = [row for row in found if wanted in (None, row[name])]
    target = next((row for row in marts.target if row["target_code"] == matches[0]), None)
    return Trace(matches[0], target, found)
