"""Readers of single cells: numbers, percentages, dates and words as Vietnamese offices write them.

A cell arrives as calamine gives it (text, number, boolean, date, time). A reader returns a `Read`: the value,
or None with the rule that the cell breaks; None without a rule means *not reported*.
"""

from __future__ import annotations

import datetime as dt
import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from json.encoder import encode_basestring
from math import isfinite
from typing import Any, NamedTuple

from sources.forms.definition import Column, FormDefinition, spelling_index, word_key
from warehouse.copy_text import NULL, copy_value, escaped
from warehouse.text import match_key, narrow, nfc

Cell = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta

_ALL_DIGITS = 10**15
"""Whole numbers below are shown with all their digits."""
_LARGEST = 10**12
"""More than anybody counts; sums of such counts stay within 64 bits."""
_FARTHEST, _FINEST = Decimal(10) ** 15, Decimal(10) ** -6
"""No figure of a report lies beyond; sums and rates of what lies within stay figures that can be shown."""
_EXCEL_EPOCH = dt.date(1899, 12, 30)
_FIRST_YEAR, _LAST_YEAR = 1990, 2100
_FIRST_SERIAL = (dt.date(_FIRST_YEAR, 1, 1) - _EXCEL_EPOCH).days
_LAST_SERIAL = (dt.date(_LAST_YEAR, 12, 31) - _EXCEL_EPOCH).days

_SPACED = re.compile(r"[+-]?[1-9]\d{0,2}(?: \d{3})+(?:,\d+)?", re.ASCII)
_VIETNAMESE = re.compile(
    r"(?P<sign>[+-]?)(?P<whole>[1-9]\d{0,2}(?:\.\d{3})+|\d+)(?:,(?P<part>\d+))?", re.ASCII
)
_ENGLISH = re.compile(
    r"(?P<sign>[+-]?)(?P<whole>[1-9]\d{0,2}(?:,\d{3})+)\.(?P<part>\d+)"
    r"|(?P<sign2>[+-]?)(?P<whole2>[1-9]\d{0,2}(?:,\d{3}){2,})",
    re.ASCII,
)
_DECIMAL_POINT = re.compile(r"[+-]?\d+\.\d+", re.ASCII)
_ONE_POINT = re.compile(r"[+-]?\d{1,3}\.\d{3}", re.ASCII)

_DAY = re.compile(r"(?:ngay )?(\d{1,2}) (?:thang )?(\d{1,2}) (?:nam )?(\d{4}|\d{2})", re.ASCII)
_ISO_DAY = re.compile(r"(\d{4}) (\d{1,2}) (\d{1,2})(?: 0?0 00(?: 00)?)?", re.ASCII)
_MONTH = re.compile(r"(?:thang (\d{1,2}) (?:nam )?(\d{4}|\d{2})|(\d{1,2}) (\d{4}))", re.ASCII)
_QUARTER = re.compile(r"(?:quy|qui|q) ?(iv|i{1,3}|[1-4]) (?:nam )?(\d{4}|\d{2})", re.ASCII)
_YEAR = re.compile(r"(?:nam )?(\d{4})", re.ASCII)
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_QUARTERS = {"i": 1, "ii": 2, "iii": 3, "iv": 4}


class Read(NamedTuple):
    """What a cell says. `rule` names the rule it breaks; `precision` goes with dates."""

    value: Any = None
    rule: str | None = None
    precision: str | None = None


NOTHING = Read()


class Said(NamedTuple):
    """What a cell says, with the texts in which it is stored.

    `given`: the text as delivered as JSON, `stored`: the value, both as COPY text; a blank cell gives b"".
    The others as in `Read`.
    """

    given: bytes
    stored: bytes
    value: Any
    rule: str | None
    precision: str | None


class SaidColumn(NamedTuple):
    """What the cells of a column say, row by row; each as in `Said`."""

    given: Sequence[bytes]
    stored: Sequence[bytes]
    values: Sequence[Any]
    rules: Sequence[str | None]
    precisions: Sequence[str | None]


NOTHING_SAID = Said(b"", NULL, None, None, None)

_REMEMBERED, _REMEMBERED_CHARACTERS, _MOST_ROWS = 8192, 600, 64


class Memo(dict[Any, Any]):
    """What a function makes of a cell (or a row's few cells), remembered for cells like it.

    Reports repeat themselves: codes, names, words and small counts. It never grows beyond some megabytes.
    Booleans do not belong into it: they would be taken for 0 and 1.
    """

    def __init__(self, function: Callable[[Any], Any]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, cell: Any) -> Any:
        found = self._function(cell)
        if _characters(cell) <= _REMEMBERED_CHARACTERS:
            if len(self) >= _REMEMBERED:
                self.clear()
            self[cell] = found
        return found


def _characters(cell: Any) -> int:
    if isinstance(cell, str):
        return len(cell)
    return sum(map(_characters, cell)) if isinstance(cell, tuple) else 0


def plain(cell: Cell) -> str:
    """The text of a cell as delivered: numbers without needless digits, dates as ISO."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _ALL_DIGITS:
        return str(int(cell))
    if isinstance(cell, int | float):
        return f"{Decimal(f'{cell + 0:.15g}'):f}"  # adding 0 makes 0 of a negative zero
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time(0) else cell.isoformat(sep=" ")
    return cell.isoformat() if isinstance(cell, dt.date | dt.time) else str(cell)


def percent_text(cell: Cell) -> str:
    """The text of a number that is shown as a percentage."""
    return f"{plain(round(float(cell) * 100, 12))}%"  # type: ignore[arg-type]


def parse_number(text: str, point_is_decimal: bool = False) -> Decimal | None:
    """A number as Vietnamese write it: 585.336 is thousands, 99,96 a decimal; None when it is no number.

    Readings that are certain are taken from English habits too: 1,234.5 and 99.96. A single point before
    three digits is thousands, unless `point_is_decimal` (a percentage of 1.234.000 makes no sense).
    """
    text = nfc(narrow(text)).replace("−", "-")
    if _SPACED.fullmatch(text):
        text = text.replace(" ", "")
    if point_is_decimal and _ONE_POINT.fullmatch(text):
        return Decimal(text)
    if match := _VIETNAMESE.fullmatch(text):
        whole = match["whole"].replace(".", "")
        return Decimal(f"{match['sign']}{whole}.{match['part'] or 0}")
    if match := _ENGLISH.fullmatch(text):
        whole = (match["whole"] or match["whole2"]).replace(",", "")
        return Decimal(f"{match['sign'] or match['sign2'] or ''}{whole}.{match['part'] or 0}")
    return Decimal(text) if _DECIMAL_POINT.fullmatch(text) else None


def parse_date(text: str) -> tuple[dt.date, str] | None:
    """A day and its precision (day, month, quarter, year; the last day of it), or None."""
    key = match_key(text)
    if match := _ISO_DAY.fullmatch(key):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if match := _DAY.fullmatch(key):
        return _day(_year(match[3]), int(match[2]), int(match[1]))
    if match := _MONTH.fullmatch(key):
        return _end_of_month(_year(match[2] or match[4]), int(match[1] or match[3]), "month")
    if match := _QUARTER.fullmatch(key):
        quarter = _QUARTERS.get(match[1]) or int(match[1])
        return _end_of_month(_year(match[2]), quarter * 3, "quarter")
    if match := _YEAR.fullmatch(key):
        return _end_of_month(int(match[1]), 12, "year")
    if key.isascii() and key.isdigit() and len(key) == len(str(_FIRST_SERIAL)):
        return _serial(int(key))
    return None


def _year(text: str) -> int:
    return int(text) if len(text) > 2 else 2000 + int(text)


def _day(year: int, month: int, day: int) -> tuple[dt.date, str] | None:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    try:
        return dt.date(year, month, day), "day"
    except ValueError:
        return None


def _end_of_month(year: int, month: int, precision: str) -> tuple[dt.date, str] | None:
    if not (_FIRST_YEAR <= year <= _LAST_YEAR and 1 <= month <= 12):
        return None
    return dt.date(year, month, monthrange(year, month)[1]), precision


def _serial(number: float) -> tuple[dt.date, str] | None:
    if _FIRST_SERIAL <= number < _LAST_SERIAL + 1:
        return _EXCEL_EPOCH + dt.timedelta(days=int(number)), "day"
    if isfinite(number) and number == int(number):
        return _end_of_month(int(number), 12, "year")
    return None


def given_text(text: str) -> bytes:
    """A text as delivered as JSON and COPY text; b"" where it is blank. Raises UnicodeEncodeError."""
    text = text.replace("\x00", "")
    return b"" if not text or text.isspace() else escaped(encode_basestring(text)).encode()


@lru_cache(maxsize=256)
def given_key(key: str) -> bytes:
    """What stands in front of a text as delivered: ', "key": '."""
    return b", " + given_text(key) + b": "


def given_row(keys: Iterable[str], texts: Iterable[str]) -> bytes:
    """Texts as delivered by key: ', "key": "text", "key": "text"'; blank ones are left out."""
    given = ((key, given_text(text)) for key, text in zip(keys, texts, strict=True))
    return b"".join(given_key(key) + text for key, text in given if text)


def is_blank(cell: Cell) -> bool:
    """Whether a cell holds nothing but white space."""
    return isinstance(cell, str) and not cell.strip()


class ValueReader:
    """Reads cells by the types, words and symbols of one form version."""

    def __init__(self, form: FormDefinition) -> None:
        self._silent = {nfc(symbol) for symbol in form.not_reported}
        self._zero = {word_key(word) for word in form.zero}
        self._longest = form.limits.cell_characters
        self._words = {
            kind: spelling_index(form.words(kind))
            for kind in ("status", "content", "channel", "feedback_kind")
        }
        self._memos: dict[tuple[str, float | None, float | None, bool], Memo] = {}
        self._given_rows: dict[tuple[str, ...], Memo] = {}

    def said(self, column: Column, unit: str | None = None, is_percent: bool = False) -> Memo:
        """By cell: what it says in a column, as `Said`. `is_percent`: of cells shown as percentages."""
        key = _kind(column, unit), column.low, column.high, is_percent
        if key not in self._memos:
            shown = percent_text if is_percent else plain

            def say(cell: Cell) -> Said:
                read = self.read(column, cell, key[0], is_percent)
                return Said(given_text(shown(cell)), copy_value(read.value), *read)

            self._memos[key] = Memo(say)
        return self._memos[key]

    def given_row(self, keys: tuple[str, ...]) -> Memo:
        """By cells of some columns: their texts as delivered, as `given_row` gives them."""
        if keys not in self._given_rows:
            if len(self._given_rows) >= _MOST_ROWS:
                self._given_rows.clear()
            self._given_rows[keys] = Memo(lambda cells: given_row(keys, map(plain, cells)))
        return self._given_rows[keys]

    def is_silent(self, cell: Cell) -> bool:
        """Whether a cell says nothing: blank, white space, or a symbol that stands for 'not reported'."""
        return isinstance(cell, str) and (not cell or self._is_silent(nfc(cell)))

    def _is_silent(self, text: str) -> bool:
        return not text or text in self._silent or (text[0] in self._silent and len(set(text)) == 1)

    def word(self, kind: str, text: str) -> str | None:
        """Code of a word of a list, or None."""
        return self._words[kind].get(word_key(text))

    def read(self, column: Column, cell: Cell, unit: str | None = None, is_percent: bool = False) -> Read:
        """Read a cell by its column's type. `unit` is the target's, `is_percent` the cell's number format."""
        if isinstance(cell, str):
            said = nfc(cell)
            if self._is_silent(said):
                return NOTHING
            if len(cell) > self._longest:
                return Read(rule="intake.cell_too_long")
        kind = _kind(column, unit)
        if kind == "count":
            return self._count(cell)
        if kind == "number":
            return self._number(column, cell)
        if kind == "percent":
            return self._percent(column, cell, is_percent)
        if kind == "date":
            return self._date(cell)
        if kind == "status":
            code = self.word(kind, plain(cell))
            return Read(code) if code else Read(rule="intake.cell_status")
        return Read(said if isinstance(cell, str) and cell.isprintable() else self._lines(cell))

    def text(self, cell: Cell) -> str | None:
        """The text of a cell in normal form C with its line breaks, or None when it says nothing."""
        return None if self.is_silent(cell) else self._lines(cell)

    def _lines(self, cell: Cell) -> str | None:
        if isinstance(cell, dt.date):
            return f"{cell.day}/{cell.month}/{cell.year}"
        lines = map(nfc, _CONTROLS.sub(" ", plain(cell)).split("\n"))
        return "\n".join(lines).strip() or None

    def _amount(self, cell: Cell, point_is_decimal: bool = False) -> Decimal | Read:
        """The number in a cell; a `Read` where it is none."""
        if isinstance(cell, bool) or (isinstance(cell, float) and not isfinite(cell)):
            return Read(rule="intake.cell_number")
        if isinstance(cell, int | float):
            return Decimal(f"{cell + 0:.15g}")
        if not isinstance(cell, str):
            return Read(rule="intake.cell_date_for_number")
        if word_key(cell) in self._zero:
            return Decimal(0)
        number = parse_number(cell, point_is_decimal)
        return Read(rule="intake.cell_number") if number is None else number

    def _count(self, cell: Cell) -> Read:
        if isinstance(cell, float) and cell.is_integer() and 0 <= cell <= _LARGEST:
            return Read(int(cell))
        number = self._amount(cell)
        if isinstance(number, Read):
            return number
        if number < 0:
            return Read(rule="intake.cell_negative")
        if number > _LARGEST:
            return Read(rule="intake.cell_range")
        if number != number.to_integral_value():
            return Read(rule="intake.cell_count")
        return Read(int(number))

    def _number(self, column: Column, cell: Cell) -> Read:
        number = self._amount(cell)
        return number if isinstance(number, Read) else _bounded(column, number)

    def _percent(self, column: Column, cell: Cell, is_percent: bool) -> Read:
        said = False
        if isinstance(cell, str):
            if word_key(cell) in self._zero:
                return NOTHING
            written = nfc(narrow(cell))
            cell = written.removesuffix("%").strip()
            said = cell != written
        number = self._amount(cell, point_is_decimal=True)
        if isinstance(number, Read):
            return number
        if is_percent and not said:
            number *= 100
        elif not said and 0 < abs(number) < 1:
            return Read(rule="intake.cell_fraction")
        return _bounded(column, number)

    def _date(self, cell: Cell) -> Read:
        if isinstance(cell, dt.datetime):
            cell = cell.date()
        found: tuple[dt.date, str] | None = None
        if isinstance(cell, dt.date):
            found = _day(cell.year, cell.month, cell.day)
        elif isinstance(cell, int | float) and not isinstance(cell, bool):
            found = _serial(cell)
        elif isinstance(cell, str):
            if word_key(cell) in self._zero:
                return NOTHING
            found = parse_date(cell)
        return Read(found[0], precision=found[1]) if found else Read(rule="intake.cell_date")


@lru_cache(maxsize=4)
def reader_of(form: FormDefinition) -> ValueReader:
    """The reader of a form version, with what it remembers."""
    return ValueReader(form)


def _kind(column: Column, unit: str | None) -> str:
    """The type by which a cell is read; a number where the target's unit decides and says nothing else."""
    if column.type != "by_unit":
        return column.type
    return unit if unit in ("percent", "date") else "number"


def _bounded(column: Column, number: Decimal) -> Read:
    if column.low is not None and column.low == 0 and number < 0:
        return Read(rule="intake.cell_negative")
    if number and not _FINEST <= abs(number) <= _FARTHEST:
        return Read(rule="intake.cell_range")
    low, high = _bounds(column.low, column.high)
    too_low, too_high = low is not None and number < low, high is not None and number > high
    return Read(rule="intake.cell_range") if too_low or too_high else Read(number)


@lru_cache(maxsize=64)
def _bounds(*bounds: float | None) -> tuple[Decimal | None, ...]:
    return tuple(None if bound is None else Decimal(str(bound)) for bound in bounds)
