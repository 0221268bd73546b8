"""Colours and measures that the marked workbook, its copy and the receipt share."""

from __future__ import annotations

from sources.answers.told import ERROR, NOTE, WARNING

FILLS = {ERROR: "F9C9C5", WARNING: "FDE9A9", NOTE: "D3E5F6"}
"""Background of a marked cell. In no palette, so that an earlier answer's marks are known by it."""
INK = {ERROR: "A61B12", WARNING: "7A5200", NOTE: "1F4E79"}
ACCENT, LINE = "1F4E79", "9AA5B1"
FONT = "Times New Roman"

BOX_PIXELS = 300
"""Width of a comment."""
_LINE_PIXELS, _CHARACTERS_A_LINE, _MOST_LINES = 17, 44, 28


def box_height(text: str) -> int:
    """Height in pixels of a comment of this width that shows its text whole, within reason."""
    lines = sum(max(1, -(-len(part) // _CHARACTERS_A_LINE)) for part in text.split("\n"))
    return 12 + _LINE_PIXELS * min(lines, _MOST_LINES)
