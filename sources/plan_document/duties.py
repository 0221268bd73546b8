"""Duties that the text assigns: paragraphs under an agency's name, and paragraphs that begin with one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sources.plan_document.cell_lists import starts_with_name
from sources.plan_document.outline import Outline, Section
from sources.plan_document.skeleton import skeleton

_ASKED = re.compile(r"^(?:de nghi|giao|moi|yeu cau)\s+")
_PUTS_INTO_FORCE = re.compile(r"\bchiu trach nhiem thi hanh\b|\bco hieu luc\b|^ban hanh kem theo")
_VERB = re.compile(
    r"\s*:|\s+(?:co trach nhiem|chiu trach nhiem|chu tri|chu dong|phoi hop|tham muu|chi dao|huong dan"
    r"|xay dung|tang (?:cuong|thoi)"
    r"|thuc hien|can cu|trien khai|to chuc|tiep tuc|day manh|ra soat|khan truong|quan ly|theo doi|bo tri"
    r"|cong khai|pho bien"
    r"|tham gia|lam dau moi|ban hanh|nghien cuu|kiem tra|don doc|hoan thanh|tap trung|phat huy|tien hanh"
    r"|tham dinh|thuong xuyen"
    r"|bao cao|cung cap|de xuat|tong hop|thong tin, tuyen truyen|van dong|cap nhat|la co quan)\b"
)
_LONGEST_NAME = 260


@dataclass(frozen=True)
class Duty:
    """A paragraph that somebody answers for: where it stands, who, and its words."""

    address: str
    who: str
    text: str
    lines: tuple[int, ...]


def read_duties(outline: Outline) -> Iterator[Duty]:
    """The duties of the text, in order."""
    has_children = {section.above.address for section in outline.sections.values() if section.above}
    for section in outline.sections.values():
        if section.kind == "chapter" or _PUTS_INTO_FORCE.search(skeleton(section.title)):
            continue
        who = _who_above(section)
        own = who_of(section.title)
        if section.address in has_children:
            continue
        if own and not _is_name_alone(section.title):
            yield Duty(section.address, own, section.text, tuple(section.lines))
        elif own or who:
            yield from _leaf(section, own or who or "", bool(own))
        else:
            yield from _bullets(section)


def who_of(text: str) -> str | None:
    """The names that a paragraph begins with, up to the verb; None where it does not begin with an agency."""
    plain = skeleton(text)
    asked = _ASKED.match(plain)
    start = asked.end() if asked else 0
    if not starts_with_name(text[start:]):
        return None
    verb = _verb(text, plain, start)
    end = verb.start() if verb else len(text)
    if end - start > _LONGEST_NAME or (verb is None and len(text) > _LONGEST_NAME):
        return None
    return text[start:end].strip(" ,:;.") or None


def _verb(text: str, plain: str, start: int) -> re.Match[str] | None:
    """The first verb; Viện Nghiên cứu is a name, for a verb is not capitalised."""
    for match in _VERB.finditer(plain, start):
        if not text[match.start() : match.end()].strip()[:1].isupper():
            return match
    return None


def _is_name_alone(title: str) -> bool:
    """Whether a title is nothing but names: the duties stand under it."""
    plain = skeleton(title)
    verb = _VERB.search(plain)
    return (
        verb is None
        or not plain[verb.end() :].strip(" :.")
        or (verb.group().strip() == ":" and len(title) < verb.end() + 3)
    )


def _who_above(section: Section) -> str | None:
    for upper in list(section.chain())[1:]:
        if upper.kind != "chapter" and _is_name_alone(upper.title) and (who := who_of(upper.title)):
            return who
    return None


def _leaf(section: Section, who: str, is_named_here: bool) -> Iterator[Duty]:
    """A section without sections under it; where it only names who, its paragraphs are the duty."""
    pieces = section.pieces[1:] if is_named_here else section.pieces
    if pieces or not is_named_here:
        text = " ".join(piece.text for piece in pieces)
        yield Duty(section.address, who, text, tuple(line for piece in pieces for line in piece.lines))


def _bullets(section: Section) -> Iterator[Duty]:
    """Bullets that name who they are for: III.1-03."""
    number = 0
    for piece in section.pieces:
        if piece.bullet != "-":
            continue
        number += 1
        if who := who_of(piece.text):
            yield Duty(f"{section.address}-{number:02d}", who, piece.text, piece.lines)
