"""Text in legacy encodings (TCVN3, VNI) or broken by a wrong decoding: converted where that is certain.

Certain means: exactly one conversion makes every word that it touches a possible Vietnamese syllable.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from functools import cache, lru_cache
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import yaml

_FILE = Path(__file__).with_name("encodings.yml")
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_WORD = re.compile(r"[^\W\d_]+")
_TOKEN = re.compile(r"[^\s\d!-/:-@\[-`{-~–—…“”‘’•°\u00a0]+")
_VIETNAMESE = frozenset("ăâđêôơưàáèéìíòóùúýãõĩũ") | frozenset(map(chr, range(0x1EA0, 0x1EFA)))
_UNICODE = re.compile("[ăđơưĩũ\u1ea0-\u1ef9\u0300-\u0323\u031b]", re.IGNORECASE)
"""Characters that no legacy text shows: they lie outside Latin-1."""
_PUNCTUATION = frozenset("–—…“”‘’•°\u00a0")
_BROKEN_INSIDE = re.compile("Æ[°¡]|á[º»](?=\\S)|Ä[\u0090‘ƒ]|áº|Ã[¢ªµ´¡©º]")
"""What UTF-8 read as cp1252 leaves, also in the midst of good text."""
_SWAPPED = {"ị": "ò", "ĩ": "ó", "ơ": "ô", "Ị": "Ò", "Ĩ": "Ó", "Ơ": "Ô"}
"""What Unicode letters of Latin-1 become when a converter takes them for VNI: CỘNG HÒA → CỘNG HỊA."""
_SWAPPED_LETTER = re.compile("[" + "".join(_SWAPPED) + "]")
_FONTS = (("TCVN3", re.compile(r"\.vn\w", re.IGNORECASE)), ("VNI", re.compile(r"vni[-\s_]", re.IGNORECASE)))
_SOUND: set[str] = set()
"""What stands between the blanks of texts that show no wrong conversion: no word reaches over a blank."""
_MOST_SOUND, _LONGEST_SYLLABLE = 16_384, 32
"""No syllable is so long, with every mark a character of its own; nor is longer text kept for a word."""
_SHARE_READ, _SHARE_OTHER, _FEWEST_WORDS = 0.9, 0.5, 3


class Mended(NamedTuple):
    """The text, and what it was converted from; `is_certain` is False for text that must not be loaded."""

    text: str
    encoding: str | None = None
    is_certain: bool = True


def mend(text: str) -> Mended:
    """Convert a text that is not Unicode Vietnamese, where that is certain; other text is left as it is."""
    if text.isascii():
        return Mended(text)
    if _UNICODE.search(text):
        return Mended(text, is_certain=not _BROKEN_INSIDE.search(text))
    if not _is_suspicious(text):
        return Mended(text)
    found = {}
    for encoding, convert in _CONVERSIONS.items():
        converted = convert(text)
        if converted is not None and converted != text and _reads_as_vietnamese(converted):
            found[converted] = encoding
    if len(found) == 1:
        return Mended(*next(iter(found.items())))
    return Mended(text, is_certain=False)


def mend_by_font(text: str, font: str) -> Mended:
    """Convert a text in a font of a legacy encoding: what the page shows. A font .Vn…H shows capitals.

    Text that shows letters outside Latin-1, or that reads as Vietnamese only as it stands, was typed in
    Unicode and is left as it is.
    """
    encoding = next((name for name, pattern in _FONTS if pattern.match(font)), None)
    if encoding is None or _UNICODE.search(text):
        return Mended(text)
    shown = _tcvn3(text) if encoding == "TCVN3" else _vni(text)
    if not text.isascii() and _reads_as_vietnamese(text) and not _reads_as_vietnamese(shown):
        return Mended(text)
    if encoding == "TCVN3" and font.lower().endswith("h"):
        shown = shown.upper()
    return Mended(text) if shown == text else Mended(shown, encoding)


def is_legacy_font(name: str) -> bool:
    """Whether a font shows text of a legacy encoding."""
    return any(pattern.match(name) for _, pattern in _FONTS)


def is_badly_converted(text: str) -> bool:
    """Whether a Unicode text shows what a wrong conversion leaves (CỘNG HỊA): nobody can be sure of it."""
    if not _SWAPPED_LETTER.search(text):
        return False
    pieces = text.split()
    if _SOUND.issuperset(pieces):
        return False
    if any(map(_is_swapped, _WORD.findall(unicodedata.normalize("NFC", text)))):
        return True
    if len(_SOUND) > _MOST_SOUND:
        _SOUND.clear()
    _SOUND.update(piece for piece in pieces if len(piece) <= _LONGEST_SYLLABLE)
    return False


def decode(data: bytes) -> Mended | None:
    """A text file in a legacy encoding: None where it is not certain in which.

    Certain means: read in one encoding nine of ten words with foreign letters are Vietnamese, in none of the
    others more than half are.
    """
    latin = data.decode("cp1252", errors="_latin")
    readings: dict[str, str] = {"TCVN3": _tcvn3(latin), "VNI": _vni(latin), "cp1252": latin}
    with suppress(UnicodeDecodeError):
        readings["cp1258"] = unicodedata.normalize("NFC", data.decode("cp1258"))
    shares = {encoding: _share_read(text) for encoding, text in readings.items()}
    ranked = sorted(shares, key=lambda encoding: -shares[encoding])
    best, second = ranked[0], next((e for e in ranked if readings[e] != readings[ranked[0]]), None)
    if shares[best] < _SHARE_READ or (second and shares[second] > _SHARE_OTHER):
        return None
    return Mended(readings[best], best)


def reads_as_vietnamese(text: str) -> bool:
    """Whether every word of a text that is not plain ASCII is a possible Vietnamese word; True for ASCII."""
    return text.isascii() or all(map(is_syllable, _foreign_words(text)))


def is_syllable(word: str) -> bool:
    """Whether a word can be a Vietnamese syllable: a known onset and a known rhyme, one tone at most.

    >>> is_syllable("nghĩa"), is_syllable("nghÜa")
    (True, False)
    """
    return len(word) <= _LONGEST_SYLLABLE and _is_syllable(word)


@lru_cache(maxsize=16_384)
def _is_syllable(word: str) -> bool:
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


def _foreign_words(text: str) -> list[str]:
    """Words that hold other letters than ASCII, signs that stand amid letters counted as such."""
    return [word for word in _TOKEN.findall(text) if not word.isascii()]


def _share_read(text: str) -> float:
    """The share of different foreign words that can be Vietnamese; 0 where there are too few to tell."""
    words = set(_foreign_words(text))
    return sum(map(is_syllable, words)) / len(words) if len(words) >= _FEWEST_WORDS else 0.0


def _is_swapped(word: str) -> bool:
    if not _SWAPPED_LETTER.search(word):
        return False
    if word.lower() in _data()["badly_converted"]:
        return True
    return not is_syllable(word) and is_syllable("".join(_SWAPPED.get(char, char) for char in word))


def _twice_broken(text: str) -> str | None:
    once = _mojibake(text)
    return None if once is None else _mojibake(once)


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


def _as_latin(error: UnicodeError) -> tuple[str, int]:
    """Bytes that cp1252 leaves out, as the control characters that they are in Latin-1."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("_latin", _as_latin)


def _tcvn3(text: str) -> str:
    return text.translate(_tables()["tcvn3"])


def _vni(text: str) -> str:
    pattern, letters = _tables()["vni"]
    return str(pattern.sub(lambda match: letters[match[0]], text))


_CONVERSIONS: dict[str, Callable[[str], str | None]] = {
    "UTF-8/cp1252": _mojibake,
    "UTF-8/cp1252 hai lần": _twice_broken,
    "TCVN3": _tcvn3,
    "VNI": _vni,
}


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
