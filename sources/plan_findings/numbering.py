"""Numbering: chapters and paragraphs that repeat or stand out of their run, numbers that are missing.

Letters run in the Vietnamese way, a b c d đ e g h i k l m …: there is no f, j, w or z. A run that uses f
and has no đ is read as English.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, pairwise

from sources.plan_findings.findings import DocumentFinding, found, lines_vi, listed_vi
from sources.plan_findings.passages import Passage
from sources.romans import roman, roman_value

VIETNAMESE = "abcdđeghiklmnopqrstuvxy"
ENGLISH = "abcdefghijklmnopqrstuvwxyz"
_LISTED = 12  # so many missing numbers are named; beyond it is another list, not a gap


def check_numbering(passages: list[Passage]) -> Iterator[DocumentFinding]:
    """Chapters, numbered paragraphs, rows of tables, lettered items."""
    yield from _chapters([passage for passage in passages if passage.kind == "chapter"])
    for _, chapter in groupby(_numbered(passages), key=lambda item: item[0]):
        yield from _paragraphs([passage for _, passage in chapter])
    yield from _rows([passage for passage in passages if passage.kind == "row"])
    for _, items in groupby(
        (p for p in passages if p.kind in ("lettered", "numbered", "chapter", "article")),
        key=lambda p: p.kind == "lettered",
    ):
        yield from _letters([passage for passage in items if passage.kind == "lettered"])


def _chapters(chapters: list[Passage]) -> Iterator[DocumentFinding]:
    for before, here in pairwise(chapters):
        if before.part != here.part:
            continue
        first, second = roman_value(before.chapter or ""), roman_value(here.chapter or "")
        if second == first:
            says = (
                f"Hai chương cùng mang số {here.chapter} ({lines_vi([*before.lines, *here.lines])}): "
                f"{_title(before)}; {_title(here)}"
            )
            yield found("numbering-repeats", here.address, [*before.lines, *here.lines], says)
        elif second != first + 1:
            says = f"Sau chương {before.chapter} là chương {here.chapter} ({lines_vi(here.lines)})"
            says += f", đúng thứ tự phải là {roman(first + 1)}"
            yield found("numbering-repeats", here.address, here.lines, says)


def _numbered(passages: list[Passage]) -> Iterator[tuple[tuple[int, int], Passage]]:
    """Numbered paragraphs with the chapter (or article) that they lie in; each chapter numbers anew."""
    section = 0
    for passage in passages:
        if passage.kind in ("chapter", "article"):
            section += 1
        elif passage.kind == "numbered" and passage.number:
            yield (passage.part, section), passage


def _paragraphs(numbered: list[Passage]) -> Iterator[DocumentFinding]:
    """Paragraphs of one chapter: those out of their run, then gaps and repeats in each run."""
    numbers = [_digits(passage) for passage in numbered]
    slips = {
        at for at in range(1, len(numbers) - 1) if _is_slip(numbers[at - 1], numbers[at], numbers[at + 1 :])
    }
    for at in sorted(slips):
        due = (*numbers[at - 1][:-1], numbers[at - 1][-1] + 1)
        passage = numbered[at]
        says = (
            f"Mục {passage.number} ({lines_vi(passage.lines)}) đứng sau {_dotted(numbers[at - 1])} "
            f"và trước {_dotted(next(n for n in numbers[at + 1 :] if len(n) == len(due)))}: "
            f"đúng thứ tự phải là {_dotted(due)}"
        )
        yield found("numbering-repeats", passage.number or "", passage.lines, says)
        numbers[at] = due
    last: dict[tuple[int, ...], tuple[int, Passage]] = {}
    for digits, passage in zip(numbers, numbered, strict=True):
        parent, own = digits[:-1], digits[-1]
        before = last.get(parent)
        yield from _step(parent, before, own, passage)
        last[parent] = (own, passage)
        last = {key: value for key, value in last.items() if len(key) <= len(parent)}


def _is_slip(before: tuple[int, ...], here: tuple[int, ...], after: list[tuple[int, ...]]) -> bool:
    """Whether a number ends as its neighbours ask for, but begins otherwise: 3.1.2.1, 2.1.2.2, 3.1.2.3."""
    same_depth = next((digits for digits in after if len(digits) <= len(here)), None)
    return (
        same_depth is not None
        and len(before) == len(here) == len(same_depth) > 1
        and before[:-1] == same_depth[:-1] != here[:-1]
        and here[-1] == before[-1] + 1 == same_depth[-1] - 1
    )


def _step(
    parent: tuple[int, ...], before: tuple[int, Passage] | None, own: int, passage: Passage
) -> Iterator[DocumentFinding]:
    last = before[0] if before else 0
    if before is not None and own == last:
        lines = [*before[1].lines, *passage.lines]
        says = f"Hai mục cùng mang số {_dotted((*parent, own))} ({lines_vi(lines)})"
        yield found("numbering-repeats", passage.address, lines, says)
    elif last + 1 < own <= last + _LISTED and (before is not None or parent):
        missing = [_dotted((*parent, number)) for number in range(last + 1, own)]
        where = f"sau {_dotted((*parent, last))}" if before else "ở đầu dãy"
        here = f"{_dotted((*parent, own))} ({lines_vi(passage.lines)})"
        says = f"Thiếu mục {listed_vi(missing)}: {where} là {here}"
        yield found("numbering-gap", passage.address, passage.lines, says)


def _rows(rows: list[Passage]) -> Iterator[DocumentFinding]:
    """Numbers in the first column, and groups that a table without numbered rows names: '3. Về …'."""
    numbered = [row for row in rows if row.number]
    last: dict[tuple[int, ...], tuple[int, Passage]] = {}
    for row in numbered:
        digits = _digits(row)
        yield from _step(digits[:-1], last.get(digits[:-1]), digits[-1], row)
        last[digits[:-1]] = (digits[-1], row)
    groups = [(int(head), row) for row in rows if not row.number and (head := _group(row))]
    if groups and 1 < groups[0][0] <= _LISTED:
        first, row = groups[0]
        missing = listed_vi(str(number) for number in range(1, first))
        says = f"Bảng bắt đầu từ nhóm {first} ({lines_vi(row.lines)}): thiếu tên nhóm {missing}"
        yield found("numbering-gap", f"nhóm {missing}", row.lines, says)
    for (first, before), (second, row) in pairwise(groups):
        if second != first + 1:
            lines = [*before.lines, *row.lines]
            says = f"Sau nhóm {first} của bảng là nhóm {second} ({lines_vi(lines)})"
            yield found("numbering-gap", f"nhóm {first + 1}", lines, says)


def _group(row: Passage) -> str | None:
    head, dot, rest = row.text.partition(". ")
    return head if dot and rest and head.isdecimal() and len(head) < 3 else None


def _letters(items: list[Passage]) -> Iterator[DocumentFinding]:
    """One run of lettered items: letters that are missing, and letters that the alphabet does not have."""
    letters = [passage.text[0] for passage in items]
    if not items or letters[0] not in VIETNAMESE[:6]:
        return
    alphabet = ENGLISH if "f" in letters and "đ" not in letters else VIETNAMESE
    prefix = items[0].address.rpartition(".")[0]
    known = [letter for letter in letters if letter in alphabet]
    due = alphabet[: alphabet.index(max(known, key=alphabet.index)) + 1]
    missing = [letter for letter in due if letter not in letters]
    named = [".".join(filter(None, (prefix, letter))) for letter in missing]
    for letter, name in zip(missing, named, strict=True):
        at, after = next(
            (at, item)
            for at, item in enumerate(items)
            if item.text[0] in alphabet and alphabet.index(item.text[0]) > alphabet.index(letter)
        )
        says = f"Thiếu mục {name} (trước {after.address}, {lines_vi(after.lines)})"
        before = items[at - 1]
        if at and before.text[0] not in alphabet:
            says += f"; trước đó là mục {before.address}, chữ {before.text[0]} không có trong dãy"
        yield found("numbering-gap", name, after.lines, says)
    for first, second in pairwise(items):
        if first.text[0] == second.text[0]:
            lines = [*first.lines, *second.lines]
            says = f"Hai mục cùng mang chữ {second.address} ({lines_vi(lines)})"
            yield found("numbering-repeats", second.address, lines, says)


def _digits(passage: Passage) -> tuple[int, ...]:
    return tuple(int(part) for part in (passage.number or "0").split("."))


def _dotted(digits: tuple[int, ...]) -> str:
    return ".".join(map(str, digits))


def _title(chapter: Passage) -> str:
    return f"“{chapter.text[:60]}”"
