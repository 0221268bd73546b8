"""A decision as a Word document: its paragraphs and tables in the order of the body.

Text boxes, content controls and insertions are read, deletions are not. A table is laid out on its grid: a
cell that spans columns stands in the first of them, a cell that spans rows in each of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import docx
from docx.opc.constants import RELATIONSHIP_TYPE

from sources.plan_document.blocks import Document, Paragraph, Row, as_text
from sources.plan_document.text_file import clean
from sources.plan_document.word_numbering import Numbering, attribute, number

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PARAGRAPH, _TABLE, _ROW, _CELL = f"{_W}p", f"{_W}tbl", f"{_W}tr", f"{_W}tc"
_BOX = f"{_W}txbxContent"
_SKIPPED = {
    f"{_W}del",
    f"{_W}moveFrom",
    f"{_W}pPr",
    f"{_W}rPr",
    f"{_W}tblPr",
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
}
_BREAKS = {f"{_W}br", f"{_W}cr"}
_CHARACTERS = {f"{_W}tab": " ", f"{_W}noBreakHyphen": "-", f"{_W}softHyphen": ""}
_MOST_COLUMNS = 60
_MOST_BLOCKS = 40_000
_MOST_CHARACTERS = 8_000_000


class TooLargeError(ValueError):
    """A document of more columns, paragraphs or rows than any decision has."""


def read_word(data: bytes) -> Document:
    """The blocks of a Word document that passed the checks of its package."""
    word = docx.Document(BytesIO(data))
    parts = {
        name: next((r.target_part for r in word.part.rels.values() if r.reltype == kind), None)
        for name, kind in (("numbering", RELATIONSHIP_TYPE.NUMBERING), ("styles", RELATIONSHIP_TYPE.STYLES))
    }
    elements = {name: getattr(part, "element", None) for name, part in parts.items()}
    return _Reader(Numbering.read(elements["numbering"], elements["styles"])).read(word.element.body)


class _Reader:
    def __init__(self, numbering: Numbering) -> None:
        self._numbering = numbering
        self._document = Document("paragraph")
        self._place = self._characters = 0
        self._tables = 0

    def read(self, body: Any) -> Document:
        for element in _content(body):
            if element.tag == _TABLE:
                self._table(element)
            else:
                for text in self._paragraph(element):
                    self._add(Paragraph(text, (self._place + 1,)))
        self._document.text = as_text(self._document)
        return self._document

    def _add(self, block: Paragraph | Row) -> None:
        self._place += 1
        self._characters += len(block.text) if isinstance(block, Paragraph) else sum(map(len, block.cells))
        if self._place > _MOST_BLOCKS or self._characters > _MOST_CHARACTERS:
            raise TooLargeError(
                f"more than {_MOST_BLOCKS} paragraphs and rows, or {_MOST_CHARACTERS} letters"
            )
        self._document.blocks.append(block)

    def _paragraph(self, element: Any, in_cell: bool = False) -> Iterator[str]:
        """The lines of a paragraph with its number, then the paragraphs of the text boxes in it.

        A cell may hold a number alone: the running number of its row.
        """
        text = "".join(_characters(element))
        if not text.strip() and element.find(f"{_W}pPr/{_W}rPr/{_W}del") is not None:
            return  # struck out whole: its number is counted no more
        label = self._numbering.label(element)
        lines = [line for line in map(clean, text.split("\n")) if line]
        if lines:
            yield from [f"{label} {lines[0]}".strip(), *lines[1:]]
        elif in_cell and label not in "-+":
            yield label
        for box in _boxes(element):
            for inner in _content(box):
                if inner.tag == _PARAGRAPH:
                    yield from self._paragraph(inner)

    def _table(self, element: Any) -> None:
        self._tables += 1
        table = self._tables
        above: dict[int, str] = {}
        for row in _of(element, _ROW):
            cells, merged = self._row(row, above)
            above = dict(enumerate(cells))
            is_header = row.find(f"{_W}trPr/{_W}tblHeader") is not None
            self._add(Row(tuple(cells), (self._place + 1,), table, is_header, frozenset(merged)))

    def _row(self, row: Any, above: dict[int, str]) -> tuple[list[str], set[int]]:
        cells: list[str] = [""] * number(attribute(row.find(f"{_W}trPr/{_W}gridBefore")), 0)
        merged: set[int] = set()
        for cell in _of(row, _CELL):
            if len(cells) > _MOST_COLUMNS:
                raise TooLargeError(f"a table of more than {_MOST_COLUMNS} columns")
            properties = cell.find(f"{_W}tcPr")
            span = number(attribute(properties.find(f"{_W}gridSpan")), 1) if properties is not None else 1
            goes_on = properties.find(f"{_W}vMerge") if properties is not None else None
            text = "\n".join(self._cell(cell))
            if goes_on is not None and attribute(goes_on) != "restart":
                merged.add(len(cells))
                text = above.get(len(cells), "")
            cells += [text, *[""] * (min(span, _MOST_COLUMNS + 1) - 1)]
        if len(cells) > _MOST_COLUMNS:
            raise TooLargeError(f"a table of more than {_MOST_COLUMNS} columns")
        return cells, merged

    def _cell(self, cell: Any) -> Iterator[str]:
        for element in _content(cell):
            if element.tag == _TABLE:  # a table inside a cell: a line for each of its rows
                for row in _of(element, _ROW):
                    texts = (" ".join(self._cell(inner)) for inner in _of(row, _CELL))
                    yield " ".join(filter(None, texts))
            else:
                yield from self._paragraph(element, in_cell=True)


def _content(element: Any) -> Iterator[Any]:
    """The paragraphs and tables right in an element, through content controls and insertions."""
    for child in element:
        if child.tag in (_PARAGRAPH, _TABLE):
            yield child
        elif isinstance(child.tag, str) and child.tag not in _SKIPPED:
            yield from _content(child)


def _of(element: Any, tag: str) -> Iterator[Any]:
    """The rows of a table or the cells of a row, not those of a table inside."""
    for child in element:
        if child.tag == tag:
            if child.find(f"{_W}trPr/{_W}del") is None:  # a row that is struck out
                yield child
        elif isinstance(child.tag, str) and child.tag not in (_TABLE, _CELL, _PARAGRAPH, *_SKIPPED):
            yield from _of(child, tag)


def _characters(element: Any) -> Iterator[str]:
    for child in element:
        if child.tag == f"{_W}t":
            yield child.text or ""
        elif child.tag in _BREAKS:
            yield "\n"
        elif child.tag in _CHARACTERS:
            yield _CHARACTERS[child.tag]
        elif isinstance(child.tag, str) and child.tag not in _SKIPPED and child.tag != _BOX:
            yield from _characters(child)


def _boxes(element: Any) -> Iterator[Any]:
    for child in element:
        if child.tag == _BOX:
            yield child
        elif isinstance(child.tag, str) and child.tag not in _SKIPPED:
            yield from _boxes(child)
