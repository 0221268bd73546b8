"""PostgreSQL's COPY text: rows of values as the bytes that `copy … from stdin` reads.

Made apart from the connection, so that a process which may hold none can prepare what another one streams.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

NULL = "\\N"


def copy_lines(rows: Iterable[Iterable[Any]], before: Iterable[Any] = ()) -> bytes:
    """Rows as COPY text (UTF-8), each after the values `before`.

    Takes None, text, numbers, dates and times, and dicts and lists, which become JSON. Raises TypeError for
    any other value and UnicodeEncodeError for text that is no Unicode (lone surrogates); NUL is left for the
    server to refuse.
    """
    start = "".join([_field(value) + "\t" for value in before])
    return "".join([start + "\t".join(map(_field, row)) + "\n" for row in rows]).encode()


def _field(value: Any) -> str:
    if value is None:
        return NULL
    kind = type(value)
    if kind is str:
        return _escaped(value)
    if kind is int:
        return str(value)
    if kind is bool:
        return "t" if value else "f"
    if kind is float:
        return repr(value)
    if kind is dict or kind is list:
        return _escaped(json.dumps(value, ensure_ascii=False))
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):  # and datetime
        return value.isoformat()
    raise TypeError(f"no COPY text for {kind.__name__}: {value!r}"[:200])


def _escaped(text: str) -> str:
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    if "\t" in text:
        text = text.replace("\t", "\\t")
    if "\n" in text:
        text = text.replace("\n", "\\n")
    if "\r" in text:
        text = text.replace("\r", "\\r")
    return text
