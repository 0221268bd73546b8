"""A document as every later step sees it: paragraphs and table rows in their order, each with its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Paragraph:
    """One paragraph, with the number or bullet that begins it; `lines` are its places in the document."""

    text: str
    lines: tuple[int, ...]


@dataclass(frozen=True)
class Row:
    """One row of a table as delivered; a line break inside a cell is a line feed."""

    cells: tuple[str, ...]
    lines: tuple[int, ...]
    table: int
    is_header: bool = False
    merged: frozenset[int] = frozenset()
    """Columns whose cell is one with the cell above it; it holds the same text here."""


@dataclass
class Document:
    """What a file holds. Places count lines of a text, and paragraphs and rows of a Word document."""

    counts: Literal["line", "paragraph"]
    blocks: list[Paragraph | Row] = field(default_factory=list)
    text: str = ""
    """A text as it was given; for a Word document, one line for each paragraph and row."""

    def rows(self) -> Iterator[Row]:
        """The table rows in order."""
        return (block for block in self.blocks if isinstance(block, Row))

    def texts(self) -> Iterator[Paragraph]:
        """Every paragraph, and every line of a cell as one: letterheads are laid out as tables."""
        for block in self.blocks:
            if isinstance(block, Paragraph):
                yield block
            else:
                for cell in block.cells:
                    for line in filter(None, cell.split("\n")):
                        yield Paragraph(line, block.lines)


def as_text(document: Document) -> str:
    """A line for each block in order, a row's cells with tabs between them: line n is place n."""
    return "\n".join(
        block.text
        if isinstance(block, Paragraph)
        else "\t".join(cell.replace("\n", " ") for cell in block.cells)
        for block in document.blocks
    )


def place(lines: Sequence[int], counts: str = "line") -> str:
    """Lines as a citation: 'lines 112-116', or 'lines 90, 94' where a page break lies between."""
    if len(lines) == 1:
        return f"{counts} {lines[0]}"
    if list(lines) == list(range(lines[0], lines[-1] + 1)):
        return f"{counts}s {lines[0]}-{lines[-1]}"
    return f"{counts}s {', '.join(map(str, lines))}"
