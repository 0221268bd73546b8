"""PostgreSQL's COPY text: rows of values as the bytes that `copy … from stdin` reads, and back.

Made apart from the connection, so that a process which may hold none can prepare what another one streams.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

_NULL = "\\N"
# Stand for tab, line end and NULL until all values of a text are escaped at once, which is cheaper than one
# by one; a text that holds one of them itself is escaped value by value.
_VALUE_ENDS, _LINE_ENDS, _IS_NULL = "\x01", "\x02", "\x03"
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
    start = "".join([_plain(value) + _VALUE_ENDS for value in before])
    lines = [
        _VALUE_ENDS.join([v if v.__class__ is str else _IS_NULL if v is None else _plain(v) for v in row])
        for row in rows
    ]
    text = start + (_LINE_ENDS + start).join(lines)
    if (
        text.count(_VALUE_ENDS) != sum(map(len, rows)) + len(rows) * (len(before) - 1)
        or text.count(_LINE_ENDS) != len(rows) - 1
        or text.count(_IS_NULL) != sum([row.count(None) for row in rows]) + len(rows) * before.count(None)
    ):
        return "".join(
            ["\t".join([_one_by_one(value) for value in (*before, *row)]) + "\n" for row in rows]
        ).encode()
    text = _escape(text).replace(_VALUE_ENDS, "\t").replace(_LINE_ENDS, "\n").replace(_IS_NULL, _NULL)
    return f"{text}\n".encode()


def parse_lines(text: bytes) -> list[list[str | None]]:
    """The rows of COPY text, each value as text or None."""
    return [[_parsed(value) for value in line.split("\t")] for line in text.decode().split("\n")[:-1]]


def _plain(value: Any) -> str:
    """A value as text that still has to be escaped."""
    kind = type(value)
    if kind is int or kind is Decimal:
        return str(value)
    if value is None:
        return _IS_NULL
    if kind is str:
        return str(value)
    if kind is bool:
        return "t" if value else "f"
    if kind is float:
        return repr(value)
    if kind is dict or kind is list:
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, date):  # and datetime
        return value.isoformat()
    raise TypeError(f"no COPY text for {kind.__name__}: {value!r}"[:200])


def _one_by_one(value: Any) -> str:
    return _NULL if value is None else _escape(_plain(value))


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _parsed(value: str) -> str | None:
    if value == _NULL:
        return None
    if "\\" not in value:
        return value
    return _ESCAPED.sub(lambda found: _MEANT.get(found[1], found[1]), value)
