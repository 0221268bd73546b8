"""The chapters of the review, in the order in which they are read."""

from __future__ import annotations

from collections.abc import Callable

from review.chapters import basis, dossiers, plans, quality, reporting, targets, tasks
from review.evidence import Evidence
from review.marts import Marts
from review.tables import Chapter


def chapters(marts: Marts, evidence: Evidence) -> list[Chapter]:
    """All chapters of one period; a period that nobody reports has only those that counts can fill.

    One without any table has nothing to show and is left out.
    """
    builders: list[Callable[[Marts, Evidence], Chapter]] = [
        dossiers.chapter,
        quality.satisfaction,
        quality.feedback,
        quality.findings,
    ]
    if not marts.city["is_derived"]:
        builders = [
            reporting.chapter,
            targets.chapter,
            plans.indices,
            tasks.chapter,
            tasks.calendar,
            plans.coming,
            *builders,
            basis.assumptions,
            plans.contradictions,
        ]
    built = [build(marts, evidence) for build in builders]
    return [chapter for chapter in built if chapter.tables]
