"""The tables of a plan: heads dropped, rows that a page break splits joined, groups told from tasks.

A row is cited by the number it gives itself (PL.1.2.1). Where numbers begin anew in each group, the group's
own comes first (PL.2.3); where no row has a number, rows are counted as they are seen (PL-07).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from sources.plan_document.blocks import Document, Paragraph, Row
from sources.plan_document.columns import (
    Columns,
    by_content,
    by_header,
    is_header,
    is_sub_header,
    numbers_columns,
    roles_of,
)
from sources.romans import roman_value
from warehouse.text import match_key, nfc

_STT = re.compile(r"^\(?(\d{1,3}(?:\.\d{1,3})*|[IVX]{1,5}|[A-Ha-hđ])[.)]?$")
_OWN_NUMBER = re.compile(r"^(\d{1,2}(?:\.\d{1,2})*)[.)]\s+\S")
_ROLES = ("task", "product", "lead", "cooperate", "implement", "deadline", "target", "value", "unit", "note")


@dataclass
class TableRow:
    """A row with its cells by role, joined over pages; lines count as the document does."""

    stt: str
    cells: dict[str, str]
    years: dict[int, str]
    lines: list[int]
    groups: tuple[str, ...] = ()
    address: str = ""
    kind: str = "task"
    """task, group (a title or a parent row), target (figures to reach)."""
    is_new: bool = False
    """It follows the head of a table again, so its beginning may stand on the page before."""

    @property
    def is_task(self) -> bool:
        """Group titles and parent rows have nobody and no time beside them, and are no tasks."""
        return self.kind == "task"


@dataclass
class Table:
    """One table, or one that goes on over pages."""

    columns: Columns
    rows: list[TableRow] = field(default_factory=list)


@dataclass
class Tables:
    """What the tables of a document hold; rows of other tables are left as they came."""

    tables: list[Table] = field(default_factory=list)
    others: list[Row] = field(default_factory=list)
    headers: int = 0
    split_rows: int = 0
    unread_lines: list[int] = field(default_factory=list)

    @property
    def rows(self) -> list[TableRow]:
        """The rows of tasks and targets of every table."""
        return [row for table in self.tables for row in table.rows]

    @property
    def tasks(self) -> dict[str, TableRow]:
        """The tasks by address."""
        return {row.address: row for row in self.rows if row.is_task}


def read_tables(document: Document, plan_years: Sequence[int]) -> Tables:
    """The tables of a document whose columns can be told."""
    found = Tables()
    for rows in _runs(document):
        _Reader(rows, list(plan_years), found).read()
    taken: Counter[str] = Counter()
    for table in found.tables:
        _address(table, taken)
    return found


def _runs(document: Document) -> list[list[Row]]:
    """Rows that belong together: of one table, or of tables with nothing but their head between them."""
    runs: list[list[Row]] = []
    was_text = True
    for block in document.blocks:
        if isinstance(block, Paragraph):
            was_text = True
            continue
        last = runs[-1] if runs else None
        if (
            last
            and (last[-1].table == block.table or (not was_text and len(last[-1].cells) == len(block.cells)))
        ) or (last and was_text and _same_head(last, block)):
            last.append(block)
        else:
            runs.append([block])
        was_text = False
    return runs


def _same_head(run: list[Row], row: Row) -> bool:
    head = next((other for other in run if is_header(other.cells)), None)
    return head is not None and is_header(row.cells) and _keys(head.cells) == _keys(row.cells)


def _keys(cells: Sequence[str]) -> list[str]:
    return [match_key(cell) for cell in cells]


class _Reader:
    def __init__(self, rows: list[Row], plan_years: list[int], found: Tables) -> None:
        self._found = found
        self._rows = rows
        self._plan_years = plan_years
        widths = Counter(len(row.cells) for row in rows)
        self._width = max(widths, key=lambda width: (widths[width], width))

    def read(self) -> None:
        heads, body, new = self._heads()
        columns = by_header(heads, self._width) if heads else None
        if columns is None and len(body) > 2 and self._width > 2:
            columns = by_content([row.cells for row in body], self._width, self._plan_years)
            if columns.confidence < 0.3:
                columns = None
        if columns is None or columns.kind == "other":
            self._found.others += self._rows
            return
        self._found.headers += sum(is_header(row.cells) for row in self._rows)
        table = Table(columns)
        self._found.tables.append(table)
        for number, row in enumerate(body):
            self._row(table, row, number == 0 and not heads, id(row) in new)

    def _heads(self) -> tuple[list[tuple[str, ...]], list[Row], set[int]]:
        """The head's rows, the rows of the body, and which of those follow the head come again."""
        heads: list[tuple[str, ...]] = []
        body: list[Row] = []
        new: set[int] = set()
        in_head, again = False, False
        for row in self._rows:
            if is_header(row.cells) or (row.is_header and not body):
                if not body:
                    heads.append(row.cells)
                in_head, again = True, bool(body)
            elif in_head and numbers_columns(row.cells):
                continue
            elif in_head and not body and is_sub_header(row.cells):
                heads.append(row.cells)
            elif again and _keys(row.cells) in map(_keys, heads):
                continue
            else:
                if again:
                    new.add(id(row))
                in_head = again = False
                body.append(row)
        return heads, body, new

    def _row(self, table: Table, row: Row, is_first: bool, is_new: bool) -> None:
        cells = list(row.cells)
        while len(cells) > self._width and not cells[-1]:
            cells.pop()
        if is_first and len(cells) < self._width:  # its beginning is lost: the cells left are the last ones
            cells = [""] * (self._width - len(cells)) + cells
        elif len(cells) < self._width and sum(map(bool, cells)) < 3:  # a title whose empty cells were cut
            cells += [""] * (self._width - len(cells))
        if len(cells) != self._width:
            self._found.unread_lines += row.lines
            return
        self._take(table, self._read(table.columns, cells, row), row, is_new)

    def _read(self, columns: Columns, cells: list[str], row: Row) -> TableRow:
        by_role: dict[str, str] = {}
        years: dict[int, str] = {}
        stt = group = ""
        for role, year, place in roles_of(columns):
            text = cells[place]
            if role == "stt":
                stt = text
            elif role == "group":
                group = text
            elif role == "year" and year is not None:
                years[year] = text
            elif role in _ROLES:
                by_role[role] = "\n".join(filter(None, (by_role.get(role, ""), text)))
        groups = (nfc(group),) if group else ()
        return TableRow(nfc(stt), by_role, years, list(row.lines), groups)

    def _take(self, table: Table, read: TableRow, row: Row, is_new: bool) -> None:
        columns = table.columns
        before = table.rows[-1] if table.rows else None
        if not read.stt and columns.of("stt") and not any((*read.cells.values(), *read.years.values())):
            return
        stt = _STT.match(read.stt)
        subject = "target" if columns.kind == "target" else "task"
        if read.stt and not stt:  # a title across the table, laid out from its first column
            if any(read.cells.values()):
                self._found.unread_lines += row.lines
                return
            read.cells[subject], read.stt = read.stt, ""
            read.kind = "group"
        elif stt:
            read.stt = stt.group(1)
        filled = {role for role, text in read.cells.items() if text} | {
            "year" for text in read.years.values() if text
        }
        if read.kind != "group":
            if before and self._goes_on(columns, read, row, before, is_new, filled):
                _join(before, read)
                self._found.split_rows += 1
                return
            bare = filled <= {subject, "product"} if columns.of("stt") else filled <= {subject}
            read.kind = "group" if bare else subject
        read.is_new = is_new
        table.rows.append(read)

    def _goes_on(
        self, columns: Columns, read: TableRow, row: Row, before: TableRow, is_new: bool, filled: set[str]
    ) -> bool:
        """Whether a page break, or a cell over several rows, split this row from the one before it."""
        subject = columns.of("task") or columns.of("target")
        if set(subject) & row.merged:
            return True
        if read.stt or (read.groups and before.groups != read.groups):
            return False
        text = read.cells.get("task") or read.cells.get("target") or ""
        begins_low = not text or text[0].islower() or text[0] in ",;)"
        if not columns.of("stt"):
            return begins_low
        whole = {"task", "lead", "deadline"} <= filled and not begins_low
        if is_new:
            return not whole
        return begins_low or not filled & {"lead", "deadline", "year"}


def _join(before: TableRow, more: TableRow) -> None:
    for role, text in more.cells.items():
        if text and text != before.cells.get(role):
            before.cells[role] = f"{before.cells.get(role, '')} {text}".strip()
    for year, text in more.years.items():
        if text and text != before.years.get(year):
            before.years[year] = f"{before.years.get(year, '')} {text}".strip()
    before.lines += more.lines
    if before.kind == "group" and any(more.cells.get(role) for role in ("lead", "deadline")):
        before.kind = "task"


# ---------------------------------------------------------------- addresses
def _address(table: Table, taken: Counter[str]) -> None:
    """Give each row the address it is cited by."""
    items = [row for row in table.rows if row.kind != "group"]
    own = Counter(row.stt for row in items if row.stt)
    begins_anew = any(times > 1 for times in own.values())
    group, groups, seen, inner = "", 0, 0, 0
    title: tuple[str, ...] = ()
    before = ""
    for row in table.rows:
        if row.kind == "group" or (row.groups and row.groups != title):
            groups += 1
            group = _group_number(row, groups)
            title = row.groups or (row.cells.get("task") or row.cells.get("target") or "",)
        row.groups = row.groups or title
        if row.kind == "group":
            row.address = f"PL.{row.stt}" if row.stt and row.stt[0].isdigit() else f"PL.{groups}"
            continue
        seen += 1
        if not own:
            address = f"PL-{seen:02d}"
        elif not row.stt:
            inner += 1
            address = f"{before}-{inner + 1:02d}" if before else f"PL-{seen:02d}"
        else:
            stt = (
                row.stt.lower()
                if not roman_value(row.stt) or len(row.stt) == 1
                else str(roman_value(row.stt))
            )
            number = f"{group}.{stt}" if begins_anew and group and "." not in stt else stt
            address, inner = f"PL.{number}", 0
            before = address
        taken[address] += 1
        row.address = address if taken[address] == 1 else f"{address}-{taken[address]}"


def _group_number(row: TableRow, groups: int) -> str:
    if row.kind == "group" and row.stt:
        value = roman_value(row.stt)
        return (
            str(value)
            if value
            else row.stt.lower()
            if row.stt[0].isdigit()
            else str(ord(row.stt.upper()) - 64)
        )
    found = _OWN_NUMBER.match((row.groups or ("",))[0])
    return found.group(1) if found else str(groups)
