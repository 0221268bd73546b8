"""The review pack of one consolidating unit and period: workbook and page, from the marts alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from review.display import moment
from review.draft import Draft, compose
from review.figures import labelled
from review.marts import Marts, read_marts
from review.page import render
from review.workbook import write_book
from warehouse.errors import UsageError
from warehouse.settings import Settings

_COUNTS = (
    "agencies_expected",
    "agencies_received",
    "agencies_on_time",
    "agencies_late",
    "agencies_missing",
    "agencies_held",
    "targets_total",
    "targets_met",
    "targets_missed",
    "targets_no_data",
    "targets_not_applicable",
    "targets_not_measurable",
    "tasks_total",
    "tasks_done",
    "tasks_overdue",
    "tasks_running",
    "obligations_done_late",
    "deliveries_received",
    "deliveries_counted",
    "deliveries_held",
    "deliveries_refused",
    "findings_fatal",
    "findings_error",
    "findings_warning",
    "findings_note",
)


@dataclass(frozen=True)
class ReviewPack:
    """The two files of a review, and its figures for those who print or test them."""

    xlsx: Path
    html: Path
    summary: dict[str, Any]


def write_review(
    settings: Settings, period_id: str, unit_code: str | None = None, data_label: str | None = None
) -> ReviewPack:
    """Write the review into `<output_dir>/review/<unit_code>/<period_id>/`.

    `unit_code` and `data_label` default to the settings'. Both files are written whole beside their place
    and then moved there, so a reader never meets half a file. Raises UsageError for a unit or period that the
    marts do not serve, and when nothing was promoted yet.
    """
    unit = unit_code or settings.unit_code
    marts = read_marts(settings, period_id, unit)
    draft = compose(marts, data_label or settings.data_label)
    folder = _folder(settings, unit, period_id)
    folder.mkdir(parents=True, exist_ok=True)
    xlsx, html = folder / "review.xlsx", folder / "index.html"
    with TemporaryDirectory(prefix=".draft-", dir=folder) as scratch:
        book, page = Path(scratch) / xlsx.name, Path(scratch) / html.name
        write_book(book, draft)
        page.write_text(render(draft), encoding="utf-8", newline="\n")
        for written, place in ((book, xlsx), (page, html)):
            written.replace(place)
    return ReviewPack(xlsx, html, _summary(marts, draft))


def _folder(settings: Settings, unit: str, period_id: str) -> Path:
    """The folder of a review; a code that is no plain name could lead out of the output folder."""
    for part in (unit, period_id):
        if Path(part).name != part or part in ("", ".", ".."):
            raise UsageError(
                f"'{part}' cannot name a folder: a unit or period code has no slashes or dots alone."
            )
    return settings.output_dir / "review" / unit / period_id


def _summary(marts: Marts, draft: Draft) -> dict[str, Any]:
    city = marts.city
    return {
        "unit_code": city["unit_code"],
        "unit_name": city["unit_name"],
        "period_id": city["period_id"],
        "period_label": city["period_label"],
        "is_derived": city["is_derived"],
        "as_of": moment(city["as_of"]),
        "build_id": marts.build_id,
        "data_label": draft.heading.data_label,
        "rates": labelled(draft.figures),
        **{name: city[name] for name in _COUNTS},
    }
