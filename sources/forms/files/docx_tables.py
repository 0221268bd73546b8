"""A Word document (.docx) with the tables of the form.

Paragraphs `label: value` and tables of two columns before the first table of a sheet are its sheet of labels;
the last paragraph before a table names it. A cell's address is its column's letter and its row in the table.
Insertions, content controls and text boxes are read, tracked deletions are not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from sources.addresses import letters
from sources.forms.definition import FormDefinition, heading_key, heading_keys
from sources.forms.files.extent import check_area, check_shape
from sources.forms.files.sheet_cells import Merge, Remark, SheetCells, trimmed
from sources.forms.values import Cell
from sources.packages import RefusedError

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_TRANSITIONAL = _W[1:-1].encode()
_PART = "word/document.xml"
_PART_BYTES = 24 * 1024 * 1024
_PARAGRAPH, _TABLE, _ROW, _CELL, _TEXT = (f"{_W}{name}" for name in ("p", "tbl", "tr", "tc", "t"))
_UNREAD = frozenset(
    [*(f"{_W}{name}" for name in ("del", "moveFrom", "pPr", "rPr", "tblPr", "instrText", "delText")),
     "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"]
)  # fmt: skip
_CHARACTERS = {f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}tab": " ", f"{_W}noBreakHyphen": "-"}
_LONGEST_NAME = 200
_LABEL_COLUMNS = 2


def read_docx(parts: Mapping[str, bytes], form: FormDefinition) -> list[SheetCells]:
    """The labels as the first sheet, then each table. `parts` are the XML parts that passed the guards."""
    part = parts[_PART]
    if len(part) > _PART_BYTES:
        raise RefusedError("intake.file_too_large", f"{len(part)} byte", f"≤ {_PART_BYTES} byte")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        root = etree.fromstring(part.replace(_STRICT, _TRANSITIONAL), parser)
    except etree.XMLSyntaxError as error:
        raise RefusedError("intake.file_damaged", f"lỗi khi đọc {_PART}: {error}"[:200]) from None
    body = root.find(f"{_W}body")
    return _Reader(form).read(root if body is None else body)


@dataclass
class _Table:
    """A table laid out on its grid: a cell that spans columns or rows stands in the first of them."""

    rows: list[list[Cell]] = field(default_factory=list)
    merged: list[Merge] = field(default_factory=list)
    nested: list[str] = field(default_factory=list)


class _Reader:
    def __init__(self, form: FormDefinition) -> None:
        self._form = form
        self._labels = heading_keys(s for word in form.info.labels.values() for s in word.spellings)
        self._info = _Table()
        self._found: list[SheetCells] = []
        self._heading = ""
        self._cells = 0

    def read(self, body: Any) -> list[SheetCells]:
        """Sheets in the order of the document."""
        for element in _content(body):
            if element.tag == _TABLE:
                self._table(_lay_out(element, self._form))
                self._heading = ""
                continue
            for line in _text(element).split("\n"):
                self._line(line.strip())
        rows = trimmed(self._info.rows)
        info = SheetCells(1, self._form.info.name, False, rows, self._info.merged)
        info.remarks += _remarks(self._info)
        return [info, *self._found]

    def _line(self, line: str) -> None:
        if not line:
            return
        self._heading = line
        label, colon, _ = line.partition(":")
        if colon and not self._found and self._is_label(label):
            self._info.rows.append([line])

    def _is_label(self, cell: Cell) -> bool:
        return isinstance(cell, str) and len(cell) <= _LONGEST_NAME and heading_key(cell) in self._labels

    def _table(self, table: _Table) -> None:
        limits = self._form.limits
        width = max(map(len, table.rows), default=0)
        self._cells += len(table.rows) * width
        check_area(_PART, self._cells, 1, limits)
        check_shape(_PART, len(table.rows), width, limits)
        labelled = sum(any(self._is_label(cell) for cell in row[:1]) for row in table.rows)
        if not self._found and width <= _LABEL_COLUMNS and labelled:
            moved = len(self._info.rows)
            self._info.rows += table.rows
            self._info.merged += [((a + moved, b), (c + moved, d)) for (a, b), (c, d) in table.merged]
            self._info.nested += table.nested
            return
        if len(self._found) + 2 > limits.sheets:
            raise RefusedError("intake.file_too_large", f"{len(self._found) + 2} bảng", f"≤ {limits.sheets}")
        number = len(self._found) + 2
        name = self._heading if 0 < len(self._heading) <= _LONGEST_NAME else f"Bảng {number - 1}"
        rows = trimmed(table.rows)
        sheet = SheetCells(number, name, False, rows, table.merged)
        sheet.remarks += _remarks(table)
        self._found.append(sheet)


def _remarks(table: _Table) -> list[Remark]:
    said = "bảng lồng trong ô"
    return [("intake.file_part_unread", cell, said, "không lồng bảng") for cell in table.nested]


def _content(parent: Any) -> Iterator[Any]:
    """Paragraphs and tables, also those within content controls, insertions and the like."""
    for element in parent:
        if element.tag in (_PARAGRAPH, _TABLE):
            yield element
        elif isinstance(element.tag, str) and element.tag not in _UNREAD:
            yield from _content(element)


def _text(element: Any) -> str:
    """The text of a paragraph with its line breaks."""
    pieces: list[str] = []
    stack = [iter(element)]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
        elif child.tag == _TEXT:
            pieces.append(child.text or "")
        elif child.tag in _CHARACTERS:
            pieces.append(_CHARACTERS[child.tag])
        elif isinstance(child.tag, str) and child.tag not in _UNREAD and child.tag != _TABLE:
            stack.append(iter(child))
    return "".join(pieces)


def _lay_out(element: Any, form: FormDefinition) -> _Table:
    table = _Table()
    open_above: dict[int, tuple[int, int, int]] = {}  # column → first row, last row, last column of a merge
    for tr in _children(element, _ROW):
        row: list[Cell] = [""] * min(_value(tr, "trPr/gridBefore", 0), form.limits.sheet_columns)
        number = len(table.rows)
        for tc in _children(tr, _CELL):
            column, span = len(row), _value(tc, "tcPr/gridSpan", 1)
            check_shape(_PART, 1, column + span, form.limits)
            merge = tc.find(f"{_W}tcPr/{_W}vMerge")
            is_below = merge is not None and merge.get(f"{_W}val", "continue") != "restart"
            if is_below and column in open_above:
                first, _, last_column = open_above[column]
                open_above[column] = first, number, last_column
                text = ""
            else:
                _close(table, open_above, column)
                open_above[column] = number, number, column + span - 1
                text = "\n".join(line for p in _content(tc) if p.tag == _PARAGRAPH for line in [_text(p)])
            if any(item.tag == _TABLE for item in _content(tc)):
                table.nested.append(f"{letters(column)}{number + 1}")
            row += [text.strip(), *[""] * (span - 1)]
        table.rows.append(row)
        check_area(_PART, len(table.rows), max(len(row), 1), form.limits)
    for column in list(open_above):
        _close(table, open_above, column)
    return table


def _close(table: _Table, open_above: dict[int, tuple[int, int, int]], column: int) -> None:
    """A merge that ends above: kept where it spans more than one cell."""
    if column in open_above:
        first, last, last_column = open_above.pop(column)
        if last > first or last_column > column:
            table.merged.append(((first, column), (last, last_column)))


def _children(parent: Any, tag: str) -> Iterator[Any]:
    """Rows of a table or cells of a row, also within content controls and insertions; no deleted rows."""
    for child in parent:
        if child.tag == tag:
            if child.find(f"{_W}trPr/{_W}del") is None:
                yield child
        elif (
            isinstance(child.tag, str) and child.tag not in _UNREAD and child.tag not in (_TABLE, _PARAGRAPH)
        ):
            yield from _children(child, tag)


def _value(element: Any, path: str, otherwise: int) -> int:
    found = element.find("/".join(f"{_W}{step}" for step in path.split("/")))
    text = "" if found is None else found.get(f"{_W}val", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 and text != "0" else otherwise
