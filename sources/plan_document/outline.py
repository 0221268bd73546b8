"""The running text of a decision as sections, each at the address that people cite it by.

II.3.1 is paragraph 3.1 under the Roman II; where the paragraphs of chapter III begin with 3.1, the number
stands alone (3.1.2). 1.h is letter h) under 1, Điều 2.1 paragraph 1 of article 2, III.1-03 the third bullet
under III.1. Parts that begin their chapters anew are A and B. A number that comes again gets -2: people mean
the first by it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from sources.plan_document.blocks import Paragraph
from sources.plan_document.markers import Kind, Marker, read_marker
from sources.plan_document.text_file import is_aside
from warehouse.text import match_key

_ENDS = (
    "noi nhan",
    "ban hanh kem theo",
    "phu luc",
    "ke hoach",
    "de an",
    "chuong trinh",
    "quy che",
    "de cuong",
)
"""What ends an article: the recipients, or the title of what the decision puts into force."""


@dataclass(frozen=True)
class Piece:
    """One paragraph of a section: its own first one, a bullet, or one without any marker."""

    text: str
    lines: tuple[int, ...]
    bullet: str = ""


@dataclass
class Section:
    """A numbered paragraph with what belongs to it up to the next number."""

    address: str
    kind: Kind
    title: str
    above: Section | None
    pieces: list[Piece] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All its words; bullets keep their sign."""
        return " ".join(f"{piece.bullet} {piece.text}".strip() for piece in self.pieces)

    @property
    def lines(self) -> list[int]:
        """Where it stands."""
        return [line for piece in self.pieces for line in piece.lines]

    def chain(self) -> Iterator[Section]:
        """The section, what it lies under, and so on up to its chapter."""
        upper: Section | None = self
        while upper is not None:
            yield upper
            upper = upper.above


@dataclass
class Outline:
    """Sections and bullets by address, in order; paragraphs that lie in none."""

    sections: dict[str, Section] = field(default_factory=dict)
    bullets: dict[str, Piece] = field(default_factory=dict)
    loose: list[Paragraph] = field(default_factory=list)
    slips: list[tuple[str, str]] = field(default_factory=list)
    """Numbers that break their sequence: as written, and the address they were read as."""

    def wording(self, address: str) -> tuple[str, list[int]] | None:
        """The words at an address and their lines; None where nothing is there."""
        if section := self.sections.get(address):
            return section.text, section.lines
        if bullet := self.bullets.get(address):
            return bullet.text, list(bullet.lines)
        above, _, number = address.rpartition("-")
        section = self.sections.get(above)
        if section is None or not number.isdigit() or any(piece.bullet for piece in section.pieces):
            return None
        place = int(number) - 1  # where nothing has a bullet, paragraphs are counted
        piece = section.pieces[place] if 0 < place < len(section.pieces) else None
        return (piece.text, list(piece.lines)) if piece else None


@dataclass(frozen=True)
class _Token:
    marker: Marker
    lines: tuple[int, ...]
    part: int = 0


def read_outline(paragraphs: Iterable[Paragraph]) -> Outline:
    """The sections of the paragraphs of a document."""
    tokens = [
        _Token(read_marker(paragraph.text), paragraph.lines)
        for paragraph in paragraphs
        if not is_aside(paragraph.text)
    ]
    return _Builder(_in_parts(tokens)).build()


def _in_parts(tokens: list[_Token]) -> list[_Token]:
    """Tokens with the number of their part: 0 before the first, and everywhere where there is only one."""
    named = any(token.marker.kind == "part" for token in tokens)
    found: list[_Token] = []
    part, last = 0, 0
    for token in tokens:
        marker = token.marker
        if marker.kind == "part":
            part, last = part + 1, 0
        elif marker.kind == "chapter":
            if not named and marker.value == (1,) and (part == 0 or last > 1):
                part += 1
            last = marker.value[0]
        found.append(replace(token, part=part))
    return found if part > 1 else [replace(token, part=0) for token in found]


class _Builder:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._outline = Outline()
        self._absolute = {part: self._is_absolute(part) for part in {token.part for token in tokens}}
        self._opened: Counter[str] = Counter()
        self._chapter: Section | None = None
        self._article: Section | None = None
        self._numbered: dict[tuple[int, ...], Section] = {}
        self._path: tuple[int, ...] = ()
        self._at: Section | None = None
        self._bullets = [0, 0]
        self._handlers: dict[Kind, Callable[[_Token], None]] = {
            "part": self._new_part,
            "chapter": self._new_chapter,
            "article": self._new_article,
            "number": self._new_number,
            "letter": self._new_letter,
            "bullet": self._new_bullet,
            "text": self._more_text,
        }

    def build(self) -> Outline:
        for token in self._tokens:
            self._handlers[token.marker.kind](token)
        return self._outline

    def _is_absolute(self, part: int) -> bool:
        """Whether the first numbers of the chapters repeat the chapter's own number: III → 3.1."""
        firsts: list[tuple[int, tuple[int, ...]]] = []
        chapter = 0
        for token in self._tokens:
            if token.part != part:
                continue
            if token.marker.kind == "chapter":
                chapter = token.marker.value[0]
            elif token.marker.kind == "number" and chapter:
                firsts.append((chapter, token.marker.value))
                chapter = 0
        later = [(value, path) for value, path in firsts if value > 1]
        fitting = sum(len(path) > 1 and path[0] == value for value, path in later)
        return fitting > 0 and fitting * 2 >= len(later)

    # ------------------------------------------------------------ one method for each kind of marker
    def _new_part(self, token: _Token) -> None:
        self._chapter = self._article = self._at = None
        self._numbered, self._path = {}, ()
        self._outline.loose.append(Paragraph(token.marker.text or token.marker.name, token.lines))

    def _new_chapter(self, token: _Token) -> None:
        name = token.marker.name
        address = self._prefix(token) + name
        self._article, self._numbered, self._path = None, {}, ()
        self._chapter = self._open(address, token, None)

    def _new_article(self, token: _Token) -> None:
        self._chapter, self._numbered, self._path = None, {}, ()
        self._article = self._open(f"Điều {token.marker.name}", token, None)

    def _new_number(self, token: _Token) -> None:
        path = self._sequel(token)
        own = ".".join(map(str, path))
        if self._article is not None:
            address = f"{self._article.address}.{own}"
        elif self._chapter is not None and not self._absolute[token.part]:
            address = f"{self._chapter.address}.{own}"
        else:
            address = self._prefix(token) + own
        shorter = (path[:length] for length in range(len(path) - 1, 0, -1))
        above = next(
            (self._numbered[upper] for upper in shorter if upper in self._numbered),
            self._article or self._chapter,
        )
        if path != token.marker.value:
            self._outline.slips.append((token.marker.name, address))
        self._path = path
        self._numbered[path] = self._open(address, token, above)

    def _new_letter(self, token: _Token) -> None:
        above = self._numbered.get(self._path) or self._article or self._chapter
        if above is None:
            self._more_text(token)
            return
        self._open(f"{above.address}.{token.marker.name}", token, above)

    def _new_bullet(self, token: _Token) -> None:
        piece = Piece(token.marker.text, token.lines, token.marker.name)
        if self._at is None:
            self._outline.loose.append(Paragraph(token.marker.text, token.lines))
            return
        self._at.pieces.append(piece)
        nested = token.marker.name == "+" and self._bullets[0] > 0
        self._bullets = [self._bullets[0], self._bullets[1] + 1] if nested else [self._bullets[0] + 1, 0]
        numbers = self._bullets if nested else self._bullets[:1]
        address = "-".join([self._at.address, *(f"{number:02d}" for number in numbers)])
        self._outline.bullets.setdefault(address, piece)

    def _more_text(self, token: _Token) -> None:
        text = (
            token.marker.text if token.marker.kind == "text" else f"{token.marker.name}) {token.marker.text}"
        )
        if self._ends_article(text):
            self._article = self._at = None
            self._numbered, self._path = {}, ()
        if self._at is None:
            self._outline.loose.append(Paragraph(text, token.lines))
        else:
            self._at.pieces.append(Piece(text, token.lines))

    # ------------------------------------------------------------ addresses
    def _ends_article(self, text: str) -> bool:
        if self._article is None:
            return False
        return text.isupper() or match_key(text[:40]).startswith(_ENDS)

    def _prefix(self, token: _Token) -> str:
        return f"{chr(ord('A') + min(token.part, 26) - 1)}." if token.part else ""

    def _open(self, address: str, token: _Token, above: Section | None) -> Section:
        self._opened[address] += 1
        unique = address if self._opened[address] == 1 else f"{address}-{self._opened[address]}"
        section = Section(unique, token.marker.kind, token.marker.text, above)
        section.pieces.append(Piece(token.marker.text, token.lines))
        self._outline.sections[unique] = section
        self._at, self._bullets = section, [0, 0]
        return section

    def _sequel(self, token: _Token) -> tuple[int, ...]:
        """The number as it should read: 2.1.2.2 between 3.1.2.1 and 3.1.2.3 is a slip of the pen."""
        path, before = token.marker.value, self._path
        if len(path) != len(before) or len(path) < 2 or path >= before:
            return path
        sequel = (*before[:-1], before[-1] + 1)
        wrong = [index for index, (own, due) in enumerate(zip(path, sequel, strict=True)) if own != due]
        return sequel if len(wrong) == 1 and wrong[0] < len(path) - 1 else path
