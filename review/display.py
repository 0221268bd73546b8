"""How values are written for Vietnamese readers, and how foreign text is made harmless."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from warehouse.clock import TIME_ZONE

NOTHING = "–"
"""Stands for a figure that was not reported or does not exist; zero is written 0."""

Number = int | Decimal

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_FORMULA_STARTS = "=+-@\t\r＝＋－＠"  # the full-width forms start a formula in some locales


@dataclass(frozen=True)
class Ratio:
    """A rate with what it was computed from; `value` is 0-1, None when there is nothing to divide by."""

    numerator: Number | None
    denominator: Number | None
    is_part: bool = True
    """The numerator is a part of the denominator: more than the whole is no rate."""

    @property
    def value(self) -> Decimal | None:
        """Numerator over denominator, unrounded.

        A derived count is below zero where a cumulative report fell; a rate with such a part is none.
        """
        if self.numerator is None or self.denominator is None:
            return None
        if self.numerator < 0 or self.denominator <= 0:
            return None
        if self.is_part and self.numerator > self.denominator:
            return None
        return Decimal(self.numerator) / Decimal(self.denominator)


@dataclass(frozen=True)
class Measured:
    """The value of a target in its own unit, with the counts behind it where it has any."""

    value: Decimal | None
    unit: str
    numerator: Decimal | None
    denominator: Decimal | None
    counted: str = ""
    """What the counts count, where it is not plain."""


def clean(text: object) -> str:
    """Text without control characters and without marks that turn the reading direction around."""
    return _CONTROL.sub("", str(text))


def harmless_cell(text: object) -> str:
    """Text for a spreadsheet cell: what could start a formula gets an apostrophe in front.

    The cell is text already; the apostrophe keeps it so when the sheet is saved as CSV or pasted elsewhere.
    """
    kept = str(text)
    cleaned = clean(kept)
    # As it came, as it goes out, and behind blanks: none of them may begin like a formula.
    starts = {kept[:1], cleaned[:1], cleaned.lstrip()[:1]} - {""}
    return f"'{cleaned}" if any(start in _FORMULA_STARTS for start in starts) else cleaned


def number(value: Number | float | None, places: int = 0) -> str:
    """A number with Vietnamese separators: 1.234,5.

    >>> number(Decimal("1234.5"), 1)
    '1.234,5'
    """
    if value is None:
        return NOTHING
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return f"{rounded:,f}".translate(str.maketrans(",.", ".,"))


def trimmed(value: Number | float | None, places: int = 2) -> str:
    """A number with at most `places` decimals and no trailing zeros: 98 rather than 98,00."""
    text = number(value, places)
    return text.rstrip("0").rstrip(",") if "," in text else text


def percent_places(value: Decimal) -> int:
    """How many decimals a rate of 0-1 is shown with as a percentage: one, or as many as it takes.

    A rate short of the whole is never rounded up to 100 %, nor one above nothing down to 0 %.
    """
    shown = value * 100
    for places in range(1, 5):
        rounded = shown.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
        if rounded not in (0, 100) or rounded == shown:
            return places
    return 5


def percent_shown(value: Decimal) -> Decimal:
    """A rate of 0-1 as the percentage that is shown: rounded as `percent` rounds it."""
    return (value * 100).quantize(Decimal(1).scaleb(-percent_places(value)), rounding=ROUND_HALF_UP)


def percent(value: Decimal | None) -> str:
    """A rate of 0-1 as a percentage: 97,5 %."""
    return NOTHING if value is None else f"{number(value * 100, percent_places(value))}\u00a0%"


def counts(ratio: Ratio) -> str:
    """What a rate was computed from: 390/400."""
    return f"{number(ratio.numerator)}/{number(ratio.denominator)}"


def measured(value: Measured) -> str:
    """A target's value in its unit (percentages are 0-100 here); its counts where it has no other value."""
    if value.value is None:
        return _counts_of(value) if value.counted and value.denominator else NOTHING
    if value.unit == "percent":
        return percent(value.value / 100)
    if value.unit == "percent_change":
        return _change(value.value, percent(abs(value.value) / 100))
    if value.unit == "score_change":
        return _change(value.value, f"{number(abs(value.value), 2)} điểm")
    if value.unit == "score":
        return f"{number(value.value, 2)} điểm"
    if value.unit == "date":
        return trimmed(value.value, 0)
    return trimmed(value.value)


def _change(value: Number, amount: str) -> str:
    """A rise or a fall in words; no sign in front, which a spreadsheet would take for a formula."""
    return f"{'tăng' if value > 0 else 'giảm'} {amount}" if value else "không đổi"


def threshold(text: str | None) -> str:
    """The bound of a target; an equals sign in front reads like a formula, and would be marked as one."""
    return re.sub(r"^= ", "bằng ", text or "")


def behind(value: Measured) -> str:
    """The counts behind a target's value, or nothing where they are its value."""
    counts_of = _counts_of(value)
    return "" if counts_of == measured(value) else counts_of


def _counts_of(value: Measured) -> str:
    if value.numerator is None and value.denominator is None:
        return ""
    if value.denominator is None:
        return "" if value.numerator == value.value else trimmed(value.numerator)
    return f"{trimmed(value.numerator)}/{trimmed(value.denominator)} {value.counted}".strip()


def day(value: date | None) -> str:
    """A day: 15/03/2023."""
    return NOTHING if value is None else f"{value:%d/%m/%Y}"


def moment(value: datetime | None) -> str:
    """A moment in Vietnamese time: 20/03/2023 16:05."""
    return NOTHING if value is None else f"{value.astimezone(TIME_ZONE):%d/%m/%Y %H:%M}"


def total(rows: Any, key: str) -> int | None:
    """The sum of one count over rows; None when no row reports it, so that silence is not a zero."""
    known = [row[key] for row in rows if row[key] is not None]
    return sum(known) if known else None
