"""Text of cells made plain (no control characters, no markup, Unicode) or marked as unreadable."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sources.addresses import Place
from sources.encodings import is_badly_converted, mend, mend_by_font
from sources.forms.values import Cell

_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF], " ") | {0: None}
"""Characters that no page, workbook or database holds; Excel writes them as _x0000_."""
_LONGEST = 32_767
"""Longer text is not loaded from any cell, so it need not be made readable."""
_REMEMBERED, _MOST_REMEMBERED = 300, 16_384
_PLAIN: set[str] = set()
"""Short texts that stay as they are: headings, tasks and names stand in the files of all agencies."""
_LOST = "\ufffd"
"""What stands where a letter could not be decoded."""
_MARKUP = re.compile(r"&(?:#[0-9]{2,6}|#[xX][0-9a-fA-F]{2,5}|[A-Za-z]{2,8});|</?[a-zA-Z]")
_BREAK = re.compile(r"<(?:br|p|div|li|tr)(?: [^<>]*)?/?>|</(?:p|div|li|tr)>", re.IGNORECASE)
_STYLE = re.compile(r"</?(?:b|i|u|em|strong|span|font|sup|sub|ul|ol|td)(?: [^<>]*)?>", re.IGNORECASE)


class _Tidied(NamedTuple):
    """A text made plain. `encoding` = what it was converted from, None where it must not be loaded."""

    text: str
    encoding: str | None
    is_said: bool


def tidy(
    rows: list[list[Cell]],
    fonts: Mapping[Place, str],
    originals: dict[Place, str],
    encodings: dict[Place, str | None],
) -> None:
    """Make the text of cells plain, in place. What was converted, or could not be, is put down by place."""
    changed = _changes({cell for row in rows for cell in row if cell and isinstance(cell, str)} - _PLAIN)
    if not changed and not fonts:
        return
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            if not isinstance(cell, str):
                continue
            font = fonts.get((number, place))
            tidied = (_by_font(cell, font) if font else None) or changed.get(cell)
            if tidied is None:
                continue
            row[place] = tidied.text
            if tidied.is_said:
                originals[number, place] = cell.translate(_CONTROLS)
                encodings[number, place] = tidied.encoding


def tidy_name(name: str) -> tuple[str, str | None]:
    """A sheet's name made plain, and what it was where it had to be converted."""
    tidied = None if name in _PLAIN else _changes([name]).get(name)
    if tidied is None or tidied.encoding is None:
        return name.translate(_CONTROLS), None
    return tidied.text, name.translate(_CONTROLS) if tidied.is_said else None


def _changes(texts: Iterable[str]) -> dict[str, _Tidied]:
    """What becomes of the texts that do not stay as they are."""
    if len(_PLAIN) > _MOST_REMEMBERED:
        _PLAIN.clear()
    changes = {}
    for text in texts:
        tidied = _look(text)
        if tidied is not None:
            changes[text] = tidied
        elif len(text) <= _REMEMBERED:
            _PLAIN.add(text)
    return changes


def _look(text: str) -> _Tidied | None:
    """What becomes of a text; None when it stays as it is."""
    if text.isascii() and text.isprintable() and "&" not in text and "<" not in text:
        return None
    plain = text if text.isprintable() else text.translate(_CONTROLS)  # no control character is printable
    if len(plain) > _LONGEST:
        return _Tidied(plain, "", is_said=False) if plain != text else None
    free = _without_markup(plain)
    mended = mend(free)
    if _LOST in text or not mended.is_certain or is_badly_converted(mended.text):
        return _Tidied("", None, is_said=True)
    sources = ["HTML"] * (free != plain) + ([mended.encoding] if mended.encoding else [])
    if sources:
        return _Tidied(mended.text, ", ".join(sources), is_said=True)
    return _Tidied(plain, "", is_said=False) if plain != text else None


def _without_markup(text: str) -> str:
    """Text without the tags and entities of web pages; only those that change no word."""
    if not _MARKUP.search(text):
        return text
    free = html.unescape(_STYLE.sub("", _BREAK.sub("\n", text)))
    if free == text:
        return text
    return "\n".join(filter(None, map(str.strip, free.translate(_CONTROLS).split("\n"))))


def _by_font(text: str, font: str) -> _Tidied | None:
    mended = mend_by_font(text.translate(_CONTROLS), font)
    return _Tidied(mended.text, mended.encoding, is_said=True) if mended.encoding else None
