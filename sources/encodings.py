"""Text in legacy encodings (TCVN3, VNI) or broken by a wrong decoding: converted where that is certain.

Certain means: exactly one conversion makes every word that it touches a possible Vietnamese syllable.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import yaml

_FILE = Path(__file__).with_name("encodings.yml")
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_WORD = re.compile(r"[^\W\d_]+")
_VIETNAMESE = frozenset("ăâđêôơưàáèéìíòóùúýãõĩũ") | frozenset(map(chr, range(0x1EA0, 0x1EFA)))
_UNICODE = re.compile("[ăđơưĩũ\u1ea0-\u1ef9\u0300-\u0323\u031b]", re.IGNORECASE)
"""Characters that no legacy text shows: they lie outside Latin-1."""
_PUNCTUATION = frozenset("–—…“”‘’•°\u00a0")


class Mended(NamedTuple):
    """The text, and what it was converted from; `is_certain` is False for text that must not be loaded."""

    text: str
    encoding: str | None = None
    is_certain: bool = True


def mend(text: str) -> Mended:
    """Convert a text that is not Unicode Vietnamese, where that is certain; other text is left as it is."""
    if text.isascii() or _UNICODE.search(text) or not _is_suspicious(text):
        return Mended(text)
    found = {}
    for encoding, convert in (("UTF-8/cp1252", _mojibake), ("TCVN3", _tcvn3), ("VNI", _vni)):
        converted = convert(text)
        if converted is not None and converted != text and _reads_as_vietnamese(converted):
            found[converted] = encoding
    if len(found) == 1:
        return Mended(*next(iter(found.items())))
    return Mended(text, is_certain=False)


def is_syllable(word: str) -> bool:
    """Whether a word can be a Vietnamese syllable: a known onset and a known rhyme, one tone at most.

    >>> is_syllable("nghĩa"), is_syllable("nghÜa")
    (True, False)
    """
    decomposed = unicodedata.normalize("NFD", word.lower())
    if sum(char in _TONES for char in decomposed) > 1:
        return False
    toneless = unicodedata.normalize("NFC", "".join(char for char in decomposed if char not in _TONES))
    return toneless in _syllables()


def _is_suspicious(text: str) -> bool:
    """Whether foreign characters stand where letters of a word should."""
    for place, char in enumerate(text):
        if char.isascii() or char.lower() in _VIETNAMESE or char in _PUNCTUATION:
            continue
        before = text[place - 1].isalpha() if place else False
        after = text[place + 1].isalpha() if place + 1 < len(text) else False
        if char.isalpha() or (before and (after or char in _data()["tcvn3"]["from"])):
            return True
    return False


def _reads_as_vietnamese(text: str) -> bool:
    left = any(not (c.isascii() or c.lower() in _VIETNAMESE or c in _PUNCTUATION) for c in text)
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    return not left and bool(words) and all(map(is_syllable, words))


def _mojibake(text: str) -> str | None:
    data = bytearray()
    for char in text:
        try:
            data += char.encode("cp1252")
        except UnicodeEncodeError:
            if ord(char) > 0xFF:
                return None
            data.append(ord(char))
    try:
        return unicodedata.normalize("NFC", data.decode("utf-8"))
    except UnicodeDecodeError:
        return None


def _tcvn3(text: str) -> str:
    return text.translate(_tables()["tcvn3"])


def _vni(text: str) -> str:
    pattern, letters = _tables()["vni"]
    return str(pattern.sub(lambda match: letters[match[0]], text))


@cache
def _data() -> dict[str, Any]:
    return dict(yaml.safe_load(_FILE.read_text(encoding="utf-8")))


@cache
def _tables() -> dict[str, Any]:
    vni = _data()["vni"]
    pairs: dict[str, str] = {}
    for (base, letter), (mark, tone) in product(
        vni["bases"].items(), zip(vni["marks"], vni["tones"], strict=True)
    ):
        pairs[base + mark] = unicodedata.normalize("NFC", letter + tone)
    for base, shaped in vni["shaped"].items():
        pairs |= {base + mark: letter for mark, letter in zip(shaped["from"], shaped["to"], strict=True)}
    alone = zip(vni["alone"]["from"], vni["alone"]["to"], strict=True)
    pairs |= {given: letter for given, letter in alone if given != letter}
    pairs |= {given.upper(): letter.upper() for given, letter in pairs.items()}
    longest_first = sorted(pairs, key=lambda given: -len(given))
    tcvn3 = _data()["tcvn3"]
    return {
        "tcvn3": str.maketrans(tcvn3["from"], tcvn3["to"]),
        "vni": (re.compile("|".join(map(re.escape, longest_first))), pairs),
    }


@cache
def _syllables() -> frozenset[str]:
    syllable = _data()["syllable"]
    return frozenset(
        onset + rhyme
        for onset, rhyme in product(["", *syllable["onsets"]], syllable["rhymes"].split())
        if rhyme[0] not in syllable["not_before"].get(onset, "")
    )
