"""What every check gives: a contradiction, where it stands, and the words it is said in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from sources.plan_document.blocks import place

_LINE_VI = re.compile(r"\bdòng (?=\d)")
COUNTS_VI = {"line": "dòng", "paragraph": "đoạn"}


@dataclass(frozen=True)
class DocumentFinding:
    """One contradiction: the check, what it is about, where it stands, what conflicts (in Vietnamese).

    `subject` is the number of a cited document, or a section as people cite it. `lines` are those of the
    document; what is found in the catalogue's data has citations for a place, and no lines.
    """

    check_code: str
    subject: str
    document_place: str
    says_vi: str
    lines: tuple[int, ...] = ()

    def counted_by(self, counts: str) -> DocumentFinding:
        """The finding in a document whose places are not lines but paragraphs."""
        says = _LINE_VI.sub(f"{COUNTS_VI[counts]} ", self.says_vi)
        return replace(self, document_place=place(self.lines, counts), says_vi=says)


def found(check_code: str, subject: str, lines: Iterable[int], says_vi: str) -> DocumentFinding:
    """A finding at some lines of the document."""
    where = tuple(sorted(set(lines)))
    return DocumentFinding(check_code, subject, place(where), says_vi, where)


def lines_vi(lines: Iterable[int]) -> str:
    """Lines for a Vietnamese sentence: 'dòng 3', 'dòng 3, 7'."""
    return f"dòng {', '.join(map(str, sorted(set(lines))))}"


def number_vi(value: Decimal) -> str:
    """A number as Vietnamese documents write it: 34.88 → 34,88."""
    return format(value, "f").replace(".", ",")


def listed_vi(items: Iterable[str]) -> str:
    """Items as a Vietnamese list: 'a', 'a và b', 'a, b và c'."""
    *first, last = items
    return f"{', '.join(first)} và {last}" if first else last
