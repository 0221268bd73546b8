"""What a paragraph begins with: the number of a chapter, an article, a section, a letter, a bullet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from sources.romans import roman_value

Kind = Literal["part", "chapter", "article", "number", "letter", "bullet", "text"]

_PART = re.compile(
    r"^PHẦN\s+(?:THỨ )?([A-H]|[IVX]+|MỘT|NHẤT|HAI|BA|TƯ|BỐN|NĂM|\d)(?:\s*[.:\-–]\s*(.*)|)$", re.IGNORECASE
)
_LETTER_PART = re.compile(r"^([A-H])\s*[.\-–)]\s+(\S.*)$")
_CHAPTER = re.compile(
    r"^(?:(?:CHƯƠNG|Chương|MỤC|Mục)\s+)?([IVX]{1,6})\s*(?:[.):/–-]\s*|\s+(?=[A-ZĐÀ-Ỹ]{2}))(\S.*)$"
)
_CHAPTER_ALONE = re.compile(r"^(?:CHƯƠNG|Chương)\s+([IVX]{1,6})$")
_ARTICLE = re.compile(r"^(?:ĐIỀU|Điều)\s+(\d{1,3})\s*[.:]?\s*(.*)$")
_NUMBER = re.compile(r"^(\d{1,2}(?:\.\d{1,2}){0,9})\s*[.)](?!\d)\s*(\S.*)$")
_DEEP_NUMBER = re.compile(r"^(\d{1,2}(?:\.\d{1,2}){1,9})\s+(\S.*)$")
_LETTER = re.compile(r"^([a-zđ])\s*(?:\)|\.(?=\s))\s*(\S.*)$")
_BULLET = re.compile(r"^([-–—*•▪●○·+])\s*(\S.*)$")


@dataclass(frozen=True)
class Marker:
    """How a paragraph begins: its kind, its number (a path for sections), and the words after it."""

    kind: Kind
    value: tuple[int, ...]
    name: str
    text: str


def read_marker(text: str) -> Marker:
    """The marker of a paragraph; kind `text` where it has none."""
    if found := _CHAPTER.match(text) or _CHAPTER_ALONE.match(text):
        title = found.group(2) if found.re is _CHAPTER else ""
        value = roman_value(found.group(1))
        if value and not (title and title[0].islower()):
            return Marker("chapter", (value,), found.group(1), title)
    if found := _PART.match(text):
        return Marker("part", (), found.group(1), found.group(2) or "")
    if (found := _LETTER_PART.match(text)) and found.group(2).isupper():
        return Marker("part", (), found.group(1), found.group(2))
    if found := _ARTICLE.match(text):
        return Marker("article", (int(found.group(1)),), found.group(1), found.group(2))
    if found := _NUMBER.match(text):
        return Marker("number", _path(found.group(1)), found.group(1), found.group(2))
    if (found := _DEEP_NUMBER.match(text)) and not found.group(2)[0].islower():
        return Marker("number", _path(found.group(1)), found.group(1), found.group(2))
    if found := _LETTER.match(text):
        return Marker("letter", (), found.group(1), found.group(2))
    if found := _BULLET.match(text):
        return Marker("bullet", (), "+" if found.group(1) in "+○" else "-", found.group(2))
    return Marker("text", (), "", text)


def _path(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))
