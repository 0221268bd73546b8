"""A decision's file: what cannot be read, or must not be, is refused with its reason before it is parsed."""

from __future__ import annotations

import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import Path

from sources.encodings import mend
from sources.packages import Archive, RefusedError, check_entries, read_parts
from sources.plan_document.blocks import Document
from sources.plan_document.text_file import read_text
from sources.plan_document.word_file import TooLargeError, read_word
from warehouse.errors import UsageError

_FILE_BYTES = 25 * 1024 * 1024
_TEXT_BYTES = 4 * 1024 * 1024
_PART_BYTES = 24 * 1024 * 1024
_MOST_LINES = 20_000
_LONGEST_LINE = 20_000
_WORD_TYPE = b"wordprocessingml.document.main+xml"
_GIVE = "give the decision as a Word document (.docx) or as a text file in UTF-8"
_BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_REASONS = {
    "intake.file_bomb": "it unpacks to far more than it holds",
    "intake.file_entry_name": "an entry's path leaves the archive",
    "intake.file_password": "it is encrypted",
    "intake.file_macros": "it holds macros",
    "intake.file_dtd": "its XML declares a document type or entities",
    "intake.file_damaged": "it is damaged",
}


class DocumentError(UsageError):
    """A file that is no decision that can be read: which file, and why."""


@dataclass(frozen=True)
class _Limits:
    zip_entries: int = 2000
    unpacked_bytes: int = 128 * 1024 * 1024
    inflation_ratio: int = 200


def read_document(path: Path) -> tuple[bytes, Document]:
    """The bytes of a file and its blocks. Raises `DocumentError` with the reason where it is not read."""
    try:
        if path.is_file() and path.stat().st_size > _FILE_BYTES:
            raise DocumentError(f"{path} has more than {_FILE_BYTES} bytes: {_GIVE}")
        content = path.read_bytes()
    except OSError as error:
        raise DocumentError(f"{path} cannot be read: {error.strerror or error}") from error
    return content, parse_document(content, str(path))


def parse_document(content: bytes, name: str) -> Document:
    """The blocks of a file's bytes; `name` is what messages call it."""
    if not content.strip():
        raise DocumentError(f"{name} is empty: {_GIVE}")
    if content.startswith(b"PK"):
        return _word(content, name)
    for start, what in (
        (b"%PDF", "a PDF"),
        (b"\xd0\xcf\x11\xe0", "an old Word document (.doc): save it as .docx"),
        (b"{\\rtf", "an RTF document: save it as .docx"),
    ):
        if content.startswith(start):
            raise DocumentError(f"{name} is {what}; {_GIVE}")
    return read_text(_text(content, name))


def _word(content: bytes, name: str) -> Document:
    try:
        archive = Archive(content)
        check_entries(archive, _Limits())
        parts = read_parts(archive)
    except RefusedError as error:
        reason = _REASONS.get(error.rule_id, error.rule_id)
        raise DocumentError(f"{name} is refused: {reason} ({error.given or 'file'})") from None
    except (zipfile.BadZipFile, EOFError, RuntimeError, ValueError, OSError) as error:
        raise DocumentError(f"{name} is damaged: {error}; {_GIVE}") from None
    if _WORD_TYPE not in parts.get("[Content_Types].xml", b""):
        raise DocumentError(f"{name} is an archive but no Word document (.docx); {_GIVE}")
    for part, data in parts.items():
        if len(data) > _PART_BYTES:
            raise DocumentError(f"{name} is refused: {part} has more than {_PART_BYTES} bytes")
    try:
        return read_word(content)
    except TooLargeError as error:
        raise DocumentError(f"{name} is refused: {error}") from None
    except Exception as error:
        # whatever the parser of a foreign format throws at a broken document means the same to its reader
        raise DocumentError(f"{name} is damaged: {type(error).__name__}: {error}"[:300]) from error


def _text(content: bytes, name: str) -> str:
    if len(content) > _TEXT_BYTES:
        raise DocumentError(f"{name} has more than {_TEXT_BYTES} bytes of text")
    encoding = _BYTE_ORDER_MARKS.get(content[:2], "utf-8-sig")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise DocumentError(f"{name} is no UTF-8 text (byte {error.start}): {_GIVE}") from error
    if any(
        unicodedata.category(char) == "Cc" and char not in "\t\n\r\f\v\x1c\x1d\x1e\x85" for char in set(text)
    ):
        raise DocumentError(f"{name} holds bytes that are no text: {_GIVE}")
    return _mended(text, name)


def _mended(text: str, name: str) -> str:
    """The text with lines of legacy encodings converted; refused where that is uncertain."""
    lines = text.splitlines(keepends=True)
    if len(lines) > _MOST_LINES:
        raise DocumentError(f"{name} has more than {_MOST_LINES} lines")
    for number, line in enumerate(lines):
        if len(line) > _LONGEST_LINE:
            raise DocumentError(f"{name} has a line of more than {_LONGEST_LINE} characters ({number + 1})")
    mended = [mend(unicodedata.normalize("NFC", line)) for line in lines]
    unsure = [number for number, line in enumerate(mended, start=1) if not line.is_certain]
    written = sum(bool(line.strip()) for line in lines)
    if len(unsure) > max(2, written * 0.05):
        raise DocumentError(
            f"{name} is not written in Unicode Vietnamese (line {unsure[0]} and {len(unsure) - 1} more): "
            "convert it from its old encoding first"
        )
    return "".join(line.text for line in mended)
