"""One review, worked out and not yet written: what both outputs show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from review import figures
from review.chapters import chapters
from review.evidence import Evidence, collect
from review.figures import Figure
from review.heading import Heading, heading
from review.marts import Marts
from review.tables import Chapter, Table


@dataclass(frozen=True)
class Draft:
    """The content of a review, the same for the page and the workbook."""

    as_of: datetime
    heading: Heading
    figures: list[Figure]
    points: list[str]
    course: Table
    chapters: list[Chapter]
    evidence: Evidence


def compose(marts: Marts, data_label: str | None) -> Draft:
    """Work a review out from the marts."""
    evidence = collect(marts)
    return Draft(
        as_of=marts.city["as_of"],
        heading=heading(marts, data_label),
        figures=figures.headline(marts),
        points=figures.key_points(marts),
        course=figures.course_of_year(marts),
        chapters=chapters(marts, evidence),
        evidence=evidence,
    )
