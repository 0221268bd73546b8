"""Roman numbers, as chapters, groups of a table and lists of Word are counted in."""

from __future__ import annotations

_STEPS = (
    (100, "C"),
    (90, "XC"),
    (50, "L"),
    (40, "XL"),
    (10, "X"),
    (9, "IX"),
    (5, "V"),
    (4, "IV"),
    (1, "I"),
)
_VALUES = {"I": 1, "V": 5, "X": 10}


def roman(value: int) -> str:
    """A number up to 399 in Roman letters; '' for 0.

    >>> roman(4), roman(39)
    ('IV', 'XXXIX')
    """
    text = ""
    for step, letters in _STEPS:
        text += letters * (value // step)
        value %= step
    return text


def roman_value(letters: str) -> int:
    """The value of a Roman number up to 39; 0 for what is none: C and L alone are letters of a list.

    >>> roman_value("XIV"), roman_value("VX")
    (14, 0)
    """
    values = [_VALUES.get(letter, 0) for letter in letters]
    total = sum(
        -value if index + 1 < len(values) and value < values[index + 1] else value
        for index, value in enumerate(values)
    )
    return total if 0 < total < 40 and roman(total) == letters else 0
