"""The words of a name: what is compared when two spellings may mean the same agency.

`match_key` folds case, accents, tone placement and punctuation; here short forms are written out, titles of
heads and words that tell nobody apart are left out, and numbers lose their leading zeros.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from warehouse.data_files import read_model
from warehouse.text import match_key

WORDS_FILE = Path(__file__).with_name("names.yml")
Tokens = tuple[str, ...]
Rules = dict[str, list[tuple[Tokens, Tokens]]]
"""By the first word: words, and those that are read instead."""
_WRITTEN = re.compile(r"[^\W_]+")
_PART = re.compile(r"\d+|[a-z]+")
_Y_OR_I = re.compile(r"(h|k|l|m|s|t|qu)i")
_TONES = "\u0300\u0301\u0303\u0309\u0323"


class WrittenWords(BaseModel):
    """names.yml: short forms, and words that are left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    written_for: dict[str, str]
    left_out: list[str]


class Word(NamedTuple):
    """One word that counts, and the place in the text (in normal form C) that it stands for."""

    key: str
    start: int
    end: int


def name_words(text: str) -> list[Word]:
    """The words of a text that names are compared by, in order; `text` is in normal form C."""
    short, left_out = _rewriting()
    found = [
        Word(part, match.start(), match.end())
        for match in _WRITTEN.finditer(text)
        for part in _parts(match.group())
    ]
    return _rewritten(_rewritten(found, short), left_out)


@lru_cache(maxsize=65536)
def name_key(text: str) -> str:
    """The words of a name that decide, joined by blanks; '' where nothing is left.

    >>> name_key("Chủ tịch Uỷ ban nhân dân P.01, Q.3") == name_key("UBND phường 1 quận 03")
    True
    """
    return " ".join(word.key for word in name_words(unicodedata.normalize("NFC", text)))


def spoken(text: str) -> dict[str, set[str]]:
    """How each word is spoken, by its plain letters: its letters and its tone, wherever the mark is placed.

    Tells "Tân Quý" from "Tân Quy" where a name without accents would mean both.
    """
    forms: dict[str, set[str]] = {}
    for match in _WRITTEN.finditer(unicodedata.normalize("NFC", text)):
        parts = unicodedata.normalize("NFD", match.group().lower())
        tone = "".join(mark for mark in parts if mark in _TONES)
        letters = unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in _TONES))
        forms.setdefault(match_key(match.group()), set()).add(letters + tone)
    return forms


def is_spoken_alike(name: str, forms: dict[str, set[str]]) -> bool:
    """Whether no word of a name is spoken otherwise in a text (`spoken(text)`)."""
    return all(own <= forms.get(word, own) for word, own in spoken(name).items())


def _folded(part: str) -> str:
    """01 and 1 are one number, Qui and Quy, Mĩ and Mỹ one name."""
    if part.isdigit():
        return part.lstrip("0") or "0"
    return part[:-1] + "y" if _Y_OR_I.fullmatch(part) else part


@lru_cache(maxsize=4096)
def _parts(written: str) -> Tokens:
    """The words of a text, before any is rewritten: "P01" is two."""
    return tuple(map(_folded, _PART.findall(match_key(written))))


def _rewritten(found: list[Word], rules: Rules) -> list[Word]:
    words: list[Word] = []
    at = 0
    while at < len(found):
        for replaced, written in rules.get(found[at].key, ()):
            taken = found[at : at + len(replaced)]
            if tuple([word.key for word in taken]) == replaced:
                words += [Word(key, taken[0].start, taken[-1].end) for key in written]
                at += len(replaced)
                break
        else:
            words.append(found[at])
            at += 1
    return words


@cache
def _rewriting() -> tuple[Rules, Rules]:
    words = read_model(WORDS_FILE, WrittenWords)
    short = {_parts(short): _parts(full) for short, full in words.written_for.items()}
    return _by_first(short), _by_first(dict.fromkeys(map(_parts, words.left_out), ()))


def _by_first(rules: dict[Tokens, Tokens]) -> Rules:
    """Rules by the word that they begin with, the longest first; none begins with nothing."""
    found: Rules = {}
    for replaced in sorted(filter(None, rules), key=len, reverse=True):
        found.setdefault(replaced[0], []).append((replaced, rules[replaced]))
    return found


def token_tuples(names: Iterable[str]) -> dict[Tokens, str]:
    """Names by the words that decide; names of which nothing is left are passed over."""
    return {tuple(key.split()): name for name in names if (key := name_key(name))}
