"""PostgreSQL's COPY text: rows of values as the bytes that `copy … from stdin` reads, and back.

Made apart from the connection, so that a process which may hold none can prepare what another one streams.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

_NULL = "\\N"
# Stand for tab, line end and NULL until all values of a text are escaped at once, which is cheaper than one
# by one; a text that holds one of them itself is escaped value by value.
_VALUE_ENDS, _LINE_ENDS, _IS_NULL = "\x01", "\x02", "\x03"
_TEXT = {str}
_TOLD_BY_STR = frozenset({str, int, float, bool, Decimal, date, datetime, type(None)})
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
    start = "".join([_one(value) + _VALUE_ENDS for value in before])
    columns = [_column(values) for values in zip(*rows, strict=True)]
    text = start + (_LINE_ENDS + start).join(map(_VALUE_ENDS.join, zip(*columns, strict=True)))
    data = text.encode()
    if (
        data.count(_VALUE_ENDS.encode()) != len(rows) * (len(before) + len(columns) - 1)
        or data.count(_LINE_ENDS.encode()) != len(rows) - 1
        or data.count(_IS_NULL.encode())
        != sum([row.count(None) for row in (*rows, before)]) + (len(rows) - 1) * before.count(None)
    ):
        lines = ("\t".join([_escaped(value) for value in (*before, *row)]) for row in rows)
        return "".join([f"{line}\n" for line in lines]).encode()
    data = data.replace(b"\\", b"\\\\").replace(b"\t", b"\\t").replace(b"\n", b"\\n").replace(b"\r", b"\\r")
    data = data.replace(b"\x01", b"\t").replace(b"\x02", b"\n").replace(b"\x03", b"\\N")
    return data + b"\n"


def parse_lines(text: bytes) -> list[list[str | None]]:
    """The rows of COPY text, each value as text or None."""
    return [[_parsed(value) for value in line.split("\t")] for line in text.decode().split("\n")[:-1]]


def _column(values: tuple[Any, ...]) -> Sequence[str]:
    kinds = set(map(type, values))
    if kinds == _TEXT:
        return values
    if kinds <= _TOLD_BY_STR:
        return [_IS_NULL if value is None else str(value) for value in values]
    return [_one(value) for value in values]


def _one(value: Any) -> str:
    """A value as text that still has to be escaped."""
    if value is None:
        return _IS_NULL
    if type(value) in _TOLD_BY_STR:
        return str(value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    raise TypeError(f"no COPY text for {type(value).__name__}: {value!r}"[:200])


def _escaped(value: Any) -> str:
    if value is None:
        return _NULL
    text = _one(value).replace("\\", "\\\\").replace("\t", "\\t")
    return text.replace("\n", "\\n").replace("\r", "\\r")


def _parsed(value: str) -> str | None:
    if value == _NULL:
        return None
    if "\\" not in value:
        return value
    return _ESCAPED.sub(lambda found: _MEANT.get(found[1], found[1]), value)
