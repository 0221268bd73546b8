"""Which cells of which sheet are marked, how gravely, and what their comments say."""

from __future__ import annotations

from dataclasses import dataclass

from sources.addresses import Place
from sources.answers import wording
from sources.answers.told import SEVERITIES, Told

MOST_NOTES = 5_000
"""Cells of a workbook that get a comment; beyond, a cell is filled and listed."""
_LONGEST = 4_000
"""Characters of a comment; the list has the rest."""


@dataclass(frozen=True)
class Mark:
    """What one cell shows: the gravest of its findings, and all of them as text."""

    grade: str
    text: str

    def joined(self, other: Mark) -> Mark:
        """This mark and another of the same cell as one."""
        return Mark(
            min(self.grade, other.grade, key=SEVERITIES.index), shortened(f"{self.text}\n{other.text}")
        )


def marks_of(told: Told) -> dict[int, dict[Place, Mark]]:
    """The marks by sheet number and cell, the gravest finding of a cell first."""
    found: dict[int, dict[Place, Mark]] = {}
    for finding in told.sorted_findings():
        if finding.place is None or finding.sheet_no is None:
            continue
        of_sheet = found.setdefault(finding.sheet_no, {})
        text = f"{wording.GRADES[finding.grade]}: {wording.message(finding)}"
        mark = Mark(finding.grade, shortened(text))
        known = of_sheet.get(finding.place)
        if known is None or len(known.text) < _LONGEST:
            of_sheet[finding.place] = known.joined(mark) if known else mark
    return found


def shortened(text: str) -> str:
    """The text within a comment's bounds."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
