"""One sheet of a delivered file, whatever kind of file it came from."""

from __future__ import annotations

from dataclasses import dataclass, field

from sources.addresses import Place
from sources.forms.files.cell_facts import Facts
from sources.forms.files.text_cells import tidy, tidy_name
from sources.forms.values import Cell

Merge = tuple[Place, Place]
Remark = tuple[str, str | None, str, str]
"""A finding about the file or sheet as a whole: rule, cell, what was given, what is expected."""


@dataclass
class SheetCells:
    """One sheet. `rows` run from the sheet's first row to the last that holds anything.

    A cell's address (column letters, row from 1) is the one under which the agency finds it: in a workbook
    the sheet's own; in a CSV file the file's, as a spreadsheet shows it (each block keeps the rows of the
    whole file, those above it blank); in a Word document the table's.
    """

    sheet_no: int
    name: str
    is_hidden: bool
    rows: list[list[Cell]]
    merged: list[Merge] = field(default_factory=list)
    facts: Facts = field(default_factory=Facts)
    remarks: list[Remark] = field(default_factory=list)
    originals: dict[Place, str] = field(default_factory=dict)
    encodings: dict[Place, str | None] = field(default_factory=dict)
    """Cells that were not plain Unicode text: what they were converted from, None = not to be loaded."""

    def __post_init__(self) -> None:
        self.name, was = tidy_name(self.name)
        if was:
            self.remarks.append(("intake.sheet_name_converted", None, was, self.name))
        tidy(self.rows, self.facts.fonts, self.originals, self.encodings)

    def is_percent(self, row: int, column: int) -> bool:
        """Whether the cell's number format shows percent."""
        return self.facts.is_percent((row, column))


def trimmed(rows: list[list[Cell]], facts: Facts | None = None) -> list[list[Cell]]:
    """Rows down to the last that holds anything. Faults are blanks there, also in rows that are missing."""
    last_fault = max((row + 1 for row, _ in (facts.faults if facts else ())), default=0)
    while len(rows) > last_fault and all(isinstance(cell, str) and not cell.strip() for cell in rows[-1]):
        rows.pop()
    return rows + [[] for _ in range(last_fault - len(rows))]
