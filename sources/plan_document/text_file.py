"""A decision as plain text: which lines are rows of a table, which are one paragraph.

Three ways of writing a table are known: a row a line with tabs between its cells; a cell a line, each led by
a tab, with blank lines between rows; a row a line with vertical bars. A cell may hold line breaks, even a
blank line. Lines that a page break or the width of a page cut are put together again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from sources.plan_document.blocks import Document, Paragraph, Row
from warehouse.text import nfc

_MARKUP = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]{0,9}(?:\s[^<>]*)?/?>")
_BREAK = re.compile(r"<(?:br|/p|/li)\s*/?>", re.IGNORECASE)
_ENTITIES = {"&nbsp;": " ", "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"'}
_BAR_RULE = re.compile(r"^[\s|:+-]+$")
_MARKER = re.compile(
    r"^(?:[IVX]+\s*[.\-/):–]|[A-H]\s*[.\-)]|\d{1,2}(?:\.\d{1,2})*\s*(?:[.)]|/\s)|\d{1,2}(?:\.\d{1,2})+\s"
    r"|[a-zđ]\s*[.)]"
    r"|[-–—+*•▪●○·]|Điều \d|Khoản \d|Căn cứ|Chương [IVX\d]|Phần |PHẦN |CHƯƠNG |PHỤ LỤC|Nơi nhận|Số ?:|\()"
)
_FOOTNOTE = re.compile(r"^(?:[¹²³⁴-⁹]|\[\d+\]|\(\*\))")
_NUMBERED = re.compile(r"^(?:[IVX]+|[A-H]|\d{1,2}(?:\.\d{1,2})*|[a-zđ])\s*[.)/]\s*\S")
_MARKER_ALONE = re.compile(r"^(?:[IVX]+[.)]|[A-H][.)]|\d{1,2}(?:\.\d{1,2})*[.)]|[a-zđ][.)]|[-–+*•▪●])$")
_PAGE_NUMBER = re.compile(r"^\d{1,3}$")
_ENDED = re.compile(r"[.;:!?”\"\]]$")
_CELL_BREAKS = 14
"""A cell that goes on after a blank line does so within this many lines."""
_MOST_CELLS = 24
_NEAR = 60
_HARD_WRAPPED = 130
"""No page is wider: where most lines are shorter than this, the text was cut at the width of a page."""


def read_text(text: str) -> Document:
    """The blocks of a text; lines count from 1."""
    lines = [_Line.of(number, raw) for number, raw in enumerate(text.splitlines(), start=1)]
    document = Document("line", text=text)
    reader = _Reader(lines, document)
    while reader.at < len(lines):
        reader.step()
    document.blocks = _join_cut_lines(document.blocks, _wrapped_at(lines), _after_blank(lines))
    return document


def clean(text: str) -> str:
    """Text without markup, in normal form, white space folded."""
    for entity, char in _ENTITIES.items():
        text = text.replace(entity, char)
    return nfc(_MARKUP.sub(" ", text).replace("**", "")).strip("*").strip()


@dataclass(frozen=True)
class _Line:
    number: int
    raw: str
    text: str
    kind: str
    """blank, row, bars, cell (one tab-led cell), text."""

    @classmethod
    def of(cls, number: int, raw: str) -> _Line:
        raw = _BREAK.sub(" ", raw)
        if "\t" not in raw:
            text = clean(raw)
            kind = "blank" if not text else "bars" if raw.count("|") >= 2 else "text"
            return cls(number, raw, text, kind)
        before, _, after = raw.partition("\t")
        if "\t" in after:
            kind = "row"
        elif before.strip():
            kind = "text" if _MARKER_ALONE.match(before.strip()) else "row"
        else:
            kind = "cell"
        return cls(number, raw, clean(raw), kind)


@dataclass
class _Reader:
    lines: list[_Line]
    document: Document
    usual: int = 0
    """How many cells the rows of this table have; 0 where its first row does not tell."""
    at: int = 0
    table: int = 0
    widest: int = 0
    was_table: bool = False

    def step(self) -> None:
        line = self.lines[self.at]
        if line.kind == "blank":
            self.at += 1
        elif line.kind == "text":
            self.document.blocks.append(Paragraph(line.text, (line.number,)))
            self.was_table = False
            self.at += 1
        else:
            if not self.was_table:
                self.table, self.widest, self.was_table = self.table + 1, 0, True
                following = self.lines[self.at + 1 : self.at + _NEAR]
                tabs = line.raw.count("\t")
                is_usual = tabs > 1 and any(other.raw.count("\t") == tabs for other in following)
                self.usual = tabs + 1 if is_usual else 0
            if line.kind == "cell":
                self._cells()
            else:
                self._row(line)

    def _row(self, line: _Line) -> None:
        self.at += 1
        if line.kind == "bars":
            if not _BAR_RULE.match(line.raw):
                cells = line.raw.strip().removeprefix("|").removesuffix("|").split("|")
                self.document.blocks.append(Row(tuple(map(clean, cells)), (line.number,), self.table))
            return
        cells, numbers = list(map(clean, line.raw.split("\t"))), [line.number]
        for following in self._broken(len(cells)):
            first, *rest = map(clean, following.raw.split("\t"))
            cells = [*cells[:-1], f"{cells[-1]}\n{first}".strip(), *rest]
            numbers.append(following.number)
            self.at += 1
        self.document.blocks.append(Row(tuple(cells), tuple(numbers), self.table))

    def _broken(self, cells: int) -> list[_Line]:
        """The lines that go on with a row of too few cells: a line break inside a cell breaks the row."""
        taken: list[_Line] = []
        for line in self.lines[self.at : self.at + _CELL_BREAKS] if cells < self.usual else []:
            if line.kind not in ("text", "row", "cell"):
                return []
            taken.append(line)
            cells += line.raw.count("\t")
            if cells >= self.usual:
                return taken if cells == self.usual else []
        return []

    def _cells(self) -> None:
        """A row whose cells stand on a line each; it ends at a blank line, unless a cell goes on after it."""
        cells: list[list[_Line]] = []
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if line.kind == "blank" and not self._cell_goes_on(len(cells)):
                break
            if line.kind == "row" or (line.kind == "bars" and cells):
                break
            if line.kind == "cell":
                cells.append([line])
            elif line.kind != "blank":
                cells[-1].append(line)
            self.at += 1
        if _is_indented(cells):
            written = (line for cell in cells for line in cell if line.text)
            self.document.blocks.extend(Paragraph(line.text, (line.number,)) for line in written)
            self.was_table = False
            return
        self.widest = max(self.widest, len(cells))
        texts = tuple("\n".join(line.text for line in cell if line.text) for cell in cells)
        numbers = tuple(line.number for cell in cells for line in cell)
        self.document.blocks.append(Row(texts, numbers, self.table))

    def _cell_goes_on(self, cells: int) -> bool:
        """Whether the cell goes on after this blank line: a tab-led line follows its text at once."""
        if self.widest and cells >= self.widest:
            return False
        following = self.lines[self.at + 1 : self.at + 1 + _CELL_BREAKS]
        before = "blank"
        for line in following:
            if line.kind == "cell":
                return before == "text"
            if line.kind not in ("text", "blank"):
                return False
            before = line.kind
        return False


def _is_indented(cells: list[list[_Line]]) -> bool:
    """Whether tab-led lines are indented paragraphs, not cells: one alone, very many, or numbered ones."""
    numbered = sum(bool(_NUMBERED.match(cell[0].text)) for cell in cells)
    return len(cells) == 1 or len(cells) > _MOST_CELLS or (numbered > 1 and numbered * 4 >= len(cells))


# ---------------------------------------------------------------- lines that belong together
def _wrapped_at(lines: list[_Line]) -> int:
    """The width at which lines were cut; 0 where paragraphs stand on one line each."""
    lengths = sorted(len(line.text) for line in lines if line.kind == "text")
    if len(lengths) < 12:
        return 0
    widest = lengths[int(len(lengths) * 0.95)]
    full = sum(length > widest * 0.8 for length in lengths)
    return widest if widest <= _HARD_WRAPPED and full > len(lengths) * 0.3 else 0


def _after_blank(lines: list[_Line]) -> set[int]:
    return {line.number for before, line in pairwise(lines) if before.kind == "blank" and line.kind == "text"}


def _join_cut_lines(
    blocks: list[Paragraph | Row], width: int, after_blank: set[int]
) -> list[Paragraph | Row]:
    joined: list[Paragraph | Row] = []
    open_at: int | None = None  # the paragraph that a later line may go on with, over footnotes
    note = False
    for block in blocks:
        if isinstance(block, Row):
            joined.append(block)
            open_at, note = None, False
        elif note and block.lines[0] not in after_blank and not _MARKER.match(block.text):
            joined[-1] = _both(joined[-1], block)
        elif _FOOTNOTE.match(block.text) or _PAGE_NUMBER.match(block.text):
            joined.append(block)
            note = not _PAGE_NUMBER.match(block.text)
        else:
            note = False
            before = joined[open_at] if open_at is not None else None
            if isinstance(before, Paragraph) and _goes_on(before, block, width, after_blank):
                joined[open_at or 0] = _both(before, block)
            else:
                joined.append(block)
                open_at = len(joined) - 1
    return joined


def _both(before: Paragraph | Row, block: Paragraph) -> Paragraph:
    text = before.text if isinstance(before, Paragraph) else ""
    return Paragraph(f"{text} {block.text}", (*before.lines, *block.lines))


def _goes_on(before: Paragraph, block: Paragraph, width: int, after_blank: set[int]) -> bool:
    if _MARKER.match(block.text) or _ENDED.search(before.text):
        return False
    first = block.text[0]
    if first.islower() or first in ",;%)":
        return True
    if before.text.endswith((",", " -", " –")):
        return before.text.isupper() or not block.text.isupper()
    if first.isdigit():
        return len(before.text) > 40 and not before.text.isupper()
    if block.lines[0] in after_blank or not width:
        return False
    return len(before.text) >= width * 0.8 and not before.text.isupper()


def is_aside(text: str) -> bool:
    """Whether a paragraph is a footnote or the number of a page."""
    return bool(_FOOTNOTE.match(text) or _PAGE_NUMBER.match(text))
