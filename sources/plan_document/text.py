"""The text of a plan's decision: its number, the rows of its appendix, and its sections, each with its lines.

The appendix is a table of six tab-separated cells a row (STT, task, product, lead, cooperating, deadline).
Its header comes again on every page, and a row that a page break splits goes on in a row without STT.
Sections are addressed as people cite them: II.3.1 for paragraph 3.1 under the Roman II.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from warehouse.text import match_key, nfc

CELLS = 6
_OWN_NUMBER = re.compile(r"^Số ?: ?(\d+ ?/ ?[^\s,;]+)")
_ATTACHED_TO = re.compile(r"^\(Ban hành kèm theo Quyết định số ?:? ?(\d+ ?/ ?[^\s,;]+)")
_MARKUP = re.compile(r"</?(?:ul|ol|li|p|br|b|i)\b[^>]*>", re.IGNORECASE)
_STT = re.compile(r"^\d+(?:\.\d+)*\.?$")
_ROMAN = re.compile(r"^([IVX]+)\.\s+\S")
_PARAGRAPH = re.compile(r"^(\d+(?:\.\d+)*)\.\s+(\S.*)$")
_FOOTNOTE = re.compile(r"^[¹²³⁴-⁹]")


@dataclass
class TableRow:
    """A row of the appendix with its cells joined over pages; lines count from 1."""

    stt: str
    cells: list[str]
    lines: list[int]

    @property
    def is_task(self) -> bool:
        """Group titles and parent rows have no lead and no deadline, and are no tasks."""
        return "." in self.stt and any(self.cells[2:])


@dataclass
class Section:
    """A numbered paragraph with what belongs to it up to the next number."""

    address: str
    text: str
    lines: list[int]


@dataclass
class PlanText:
    """What was read: its own number, the number of the decision it is attached to, rows and sections."""

    number: str | None = None
    attached_to: str | None = None
    rows: list[TableRow] = field(default_factory=list)
    sections: dict[str, Section] = field(default_factory=dict)
    headers: int = 0
    split_rows: int = 0
    unread_lines: list[int] = field(default_factory=list)

    @property
    def tasks(self) -> dict[str, TableRow]:
        """The tasks of the appendix by STT."""
        return {row.stt: row for row in self.rows if row.is_task}


def read_plan_text(text: str) -> PlanText:
    """Read the text of a decision; what is no table row and under no Roman number is passed over."""
    found = PlanText()
    roman: str | None = None
    current: Section | None = None
    for number, raw_line in enumerate(text.splitlines(), start=1):
        if "\t" in raw_line:
            _table_line(found, raw_line, number)
            continue
        line = _clean(raw_line)
        found.number = found.number or _number(_OWN_NUMBER, line)
        found.attached_to = found.attached_to or _number(_ATTACHED_TO, line)
        if heading := _ROMAN.match(line):
            roman, current = heading.group(1), None
            if roman in {address.split(".")[0] for address in found.sections}:
                roman = None  # a plan that numbers two chapters alike is cited by the first
        elif roman and (paragraph := _PARAGRAPH.match(line)):
            current = Section(f"{roman}.{paragraph.group(1)}", paragraph.group(2), [number])
            found.sections.setdefault(current.address, current)
        elif roman and current and line and not _FOOTNOTE.match(line):
            current.text = f"{current.text} {line}"
            current.lines.append(number)
    return found


def _table_line(found: PlanText, line: str, number: int) -> None:
    cells = [_clean(cell) for cell in line.split("\t")]
    if len(cells) != CELLS:
        found.unread_lines.append(number)
    elif match_key(cells[0]) == "stt":
        found.headers += 1
    elif _STT.match(cells[0]):
        found.rows.append(TableRow(cells[0].rstrip("."), cells[1:], [number]))
    elif not cells[0] and found.rows:
        row = found.rows[-1]
        row.cells = [nfc(f"{before} {more}") for before, more in zip(row.cells, cells[1:], strict=True)]
        row.lines.append(number)
        found.split_rows += 1
    else:
        found.unread_lines.append(number)


def _number(pattern: re.Pattern[str], line: str) -> str | None:
    given = pattern.match(line)
    return given.group(1).replace(" ", "") if given else None


def _clean(text: str) -> str:
    return nfc(_MARKUP.sub(" ", text).replace("**", ""))


def place(lines: list[int]) -> str:
    """Lines as a citation: 'lines 112-116', or 'lines 90, 94' where a page break lies between."""
    if len(lines) == 1:
        return f"line {lines[0]}"
    if lines == list(range(lines[0], lines[-1] + 1)):
        return f"lines {lines[0]}-{lines[-1]}"
    return f"lines {', '.join(map(str, lines))}"
