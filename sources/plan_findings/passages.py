"""A decision's text as passages: paragraphs and table cells, each with its section and its lines.

Sections are addressed as people cite them: II.3.1, PL.6.6 (a numbered row of a table), PL-14 (a row without
number, in visible order), Điều 2.1, 1.h. A document that holds two plans, each with its chapters from I on,
has parts: their sections are A.3.1.2.1 and B.3.1.2.1. Nothing here raises, whatever the text is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from warehouse.text import match_key, nfc

PARTS = "ABCDEGHIKLMNOPQRSTUVXY"
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
_ROMAN = re.compile(r"^(?=[IVX])(X{0,3}(?:IX|IV|V?I{0,3}))\.\s+\S")
_ARTICLE = re.compile(r"^Điều (\d{1,4})\.")
_NUMBERED = re.compile(r"^(\d{1,4}(?:\.\d{1,4}){0,7})\.\s+\S")
_LETTERED = re.compile(r"^([a-zđ])\)\s")
_STT = re.compile(r"^\d{1,4}(?:\.\d{1,4}){0,7}\.?$")
_CLOSED = tuple('.;:!?)”"/')


@dataclass(frozen=True)
class Passage:
    """A paragraph or a cell of a table. `under` are the numbered paragraphs above it, the nearest first."""

    text: str
    lines: tuple[int, ...]
    address: str = ""
    part: int = 0
    chapter: str | None = None
    number: str | None = None
    kind: str = "text"  # chapter, article, numbered, lettered, row (first cell of one), cell, text
    under: tuple[str, ...] = ()


@dataclass
class _Block:
    """A paragraph or a cell before it has an address; `row` is the number of its row, '' without one."""

    lines: list[int]
    text: str
    row: str | None = None
    starts_row: bool = False


@dataclass
class _Here:
    """Where the reading stands: part, chapter, article, and the numbered paragraphs that are open."""

    part: int = 0
    chapter: str | None = None
    title: str = ""
    article: str | None = None
    number: str | None = None
    letter: str | None = None
    open: dict[str, str] = field(default_factory=dict)
    rows: int = 0

    def enter(self, chapter: str | None, title: str, article: str | None) -> None:
        self.chapter, self.title, self.article = chapter, title, article
        self.number, self.letter, self.open = None, None, {}


def passages(text: str) -> list[Passage]:
    """The passages of a document; sentences and rows that a page break cuts are joined again."""
    blocks = list(_blocks(text))
    chapters = [match.group(1) for block in blocks if (match := _ROMAN.match(block.text))]
    here = _Here()
    has_parts = chapters.count("I") > 1
    return [_addressed(block, here, has_parts) for block in blocks]


def _blocks(text: str) -> Iterator[_Block]:
    paragraph: _Block | None = None
    row: list[_Block] = []
    after_blank = True
    for number, raw in enumerate(text.splitlines(), start=1):
        cells = [_clean(cell) for cell in raw.split("\t")]
        line = _clean(raw)
        if len(cells) > 2:
            if match_key(cells[0]) != "stt":  # else the header, which comes again on every page
                yield from _cells(row, cells, number)
        elif "\t" in raw:
            yield from _closed(paragraph, row)
            paragraph = None
            yield _Block([number], line, "", starts_row=after_blank)
        elif line and paragraph and _goes_on(paragraph.text, line):
            paragraph = _Block([*paragraph.lines, number], f"{paragraph.text} {line}")
        elif line:
            yield from _closed(paragraph, row if _ROMAN.match(line) else [])
            paragraph = _Block([number], line)
        after_blank = not raw.strip() and "\t" not in raw
    yield from _closed(paragraph, row)


def _goes_on(before: str, line: str) -> bool:
    """Whether a line carries on the sentence before it: that one is open, this is no heading or item."""
    if before.endswith(_CLOSED) or _NUMBERED.match(line) or _LETTERED.match(line):
        return False
    return line[0].islower() or line[0].isdecimal()


def _cells(row: list[_Block], cells: list[str], number: int) -> Iterator[_Block]:
    """The row before, where a new one begins; a line without number goes on in the row that is open."""
    if not cells[0] and len(row) == len(cells) - 1:
        for block, more in zip(row, cells[1:], strict=True):
            block.text = nfc(f"{block.text} {more}")
            block.lines.append(number)
        return
    yield from row
    stt = cells[0].rstrip(".") if _STT.match(cells[0]) else ""
    row[:] = [_Block([number], cell, stt, starts_row=at == 0) for at, cell in enumerate(cells[1:])]


def _closed(paragraph: _Block | None, row: list[_Block]) -> Iterator[_Block]:
    yield from row
    row.clear()
    if paragraph is not None:
        yield paragraph


def _addressed(block: _Block, here: _Here, has_parts: bool) -> Passage:
    text, lines = block.text, tuple(block.lines)
    if block.row is not None:
        here.rows += not block.row and (block.starts_row or here.rows == 0)  # a table may begin inside a row
        address = f"PL.{block.row}" if block.row else f"PL-{here.rows:02d}"
        kind = "row" if block.starts_row else "cell"
        return Passage(text, lines, address, here.part, None, block.row or None, kind)
    if chapter := _ROMAN.match(text):
        here.part += has_parts and chapter.group(1) == "I"
        here.enter(chapter.group(1), text, None)
        here.rows = 0
        kind = "chapter"
    elif article := _ARTICLE.match(text):
        here.enter(None, "", article.group(1))
        kind = "article"
    elif numbered := _NUMBERED.match(text):
        here.number, here.letter = numbered.group(1), None
        here.open = {n: t for n, t in here.open.items() if here.number.startswith(f"{n}.")}
        here.open[here.number] = text
        kind = "numbered"
    elif lettered := _LETTERED.match(text):
        here.letter = lettered.group(1)
        kind = "lettered"
    else:
        kind = "text"
    under = tuple(text for _, text in sorted(here.open.items(), reverse=True) if text != block.text)
    return Passage(
        text,
        lines,
        _address(here, has_parts),
        here.part,
        here.chapter,
        here.number,
        kind,
        (*under, here.title),
    )


def _address(here: _Here, has_parts: bool) -> str:
    if here.article is not None:
        return ".".join(filter(None, (f"Điều {here.article}", here.number)))
    if here.chapter is None:
        return ".".join(filter(None, (here.number, here.letter)))
    if has_parts:  # their paragraphs are numbered with the chapter: 3.1.2.1 in III
        first = PARTS[(here.part - 1) % len(PARTS)]
        return ".".join(filter(None, (first, here.number or here.chapter, here.letter)))
    return ".".join(filter(None, (here.chapter, here.number, here.letter)))


def _clean(text: str) -> str:
    return nfc(_MARKUP.sub(" ", text).replace("**", ""))
