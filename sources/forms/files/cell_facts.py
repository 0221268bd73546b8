"""What values alone do not tell about cells: errors, formulas without a value, percent formats, hidden rows.

They decide how a cell is read (docs/intake.md, rulings 1 and 2). Rows and columns count from 0.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sources.addresses import Place

FORMULA = "công thức không có giá trị"


@dataclass
class Facts:
    """Facts of one sheet."""

    faults: dict[Place, str] = field(default_factory=dict)
    """What stands in a cell whose value is given as blank: an error value, or `FORMULA`."""
    percents: set[Place] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)
    fonts: dict[Place, str] = field(default_factory=dict)
    """Cells in a font of a legacy encoding (.VnTime, VNI-Times), by the font's name."""

    def is_percent(self, place: Place) -> bool:
        """Whether the number format of the cell at a place shows percent."""
        return place in self.percents


def is_percent_format(code: str) -> bool:
    """Whether a number format shows percent: a % that is no literal text. Formats have 255 characters."""
    if "%" not in code or len(code) > _LONGEST_FORMAT:
        return False
    shown, literal, skip = False, "", False
    for char in code:
        if skip:
            skip = False
        elif literal:
            literal = "" if char == literal else literal
        elif char == "\\":
            skip = True
        elif char in _CLOSING:
            literal = _CLOSING[char]
        elif char == "%":
            shown = True
    return shown


_LONGEST_FORMAT = 255
_CLOSING = {'"': '"', "[": "]"}
