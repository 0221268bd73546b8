"""PostgreSQL's COPY text: rows of values as the bytes that `copy … from stdin` reads, and back.

Made apart from the connection, so that a process which may hold none can prepare what another one streams.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import Any

NULL = b"\\N"
"""What stands for None."""
_TOLD_BY_STR = frozenset({str, int, float, bool, Decimal, date, datetime, type(None)})
_MARKS = "\\\t\n\r"
"""What a text holds only escaped."""
_ESCAPED = re.compile(r"\\(.)", re.S)
_MEANT = {"t": "\t", "n": "\n", "r": "\r"}


def copy_lines(rows: Sequence[Sequence[Any]], before: Sequence[Any] = ()) -> bytes:
    """Rows as COPY text (UTF-8), each after the values `before`.

    Takes None, text, numbers, dates and times, and dicts and lists, which become JSON. Raises TypeError for
    any other value and UnicodeEncodeError for text that is no Unicode (lone surrogates); NUL is left for the
    server to refuse.
    """
    if not rows:
        return b""
    values = list(chain.from_iterable(rows))
    if not set(map(type, values)) <= _TOLD_BY_STR:
        values = [_told(value) for value in values]
    texts = "".join([value for value in values if type(value) is str])
    if any(mark in texts for mark in _MARKS):
        values = [escaped(value) if type(value) is str else value for value in values]
    start = "".join([f"{copy_value(value).decode()}\t" for value in before]).replace("%", "%%")
    line = start + "\t".join(["%s"] * len(rows[0])) + "\n"
    text = line * len(rows) % tuple(["\\N" if value is None else value for value in values])
    return text.encode()


def joined_lines(lines: Sequence[bytes], before: Sequence[Any] = ()) -> bytes:
    """Lines whose values are COPY text already (`copy_value`, tabs between them), each after `before`."""
    if not lines:
        return b""
    start = b"".join([copy_value(value) + b"\t" for value in before])
    return start + (b"\n" + start).join(lines) + b"\n"


def copy_value(value: Any) -> bytes:
    """One value as COPY text. Raises as `copy_lines` does."""
    told = _told(value)
    if told is None:
        return NULL
    return escaped(told).encode() if isinstance(told, str) else str(told).encode()


def escaped(text: str) -> str:
    """A text as COPY text holds it."""
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def unescaped_json(text: bytes) -> bytes:
    """JSON that was `escaped`, as it was; JSON holds no line break or tab of its own."""
    return text.replace(b"\\\\", b"\\") if b"\\" in text else text  # looking is much cheaper


def parse_lines(text: bytes) -> list[list[str | None]]:
    """The rows of COPY text, each value as text or None."""
    return [[_parsed(value) for value in line.split("\t")] for line in text.decode().split("\n")[:-1]]


def _told(value: Any) -> Any:
    """A value whose text still has to be escaped, or None."""
    if type(value) in _TOLD_BY_STR:
        return value
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    raise TypeError(f"no COPY text for {type(value).__name__}: {value!r}"[:200])


def _parsed(value: str) -> str | None:
    if value == "\\N":
        return None
    if "\\" not in value:
        return value
    return _ESCAPED.sub(lambda found: _MEANT.get(found[1], found[1]), value)
