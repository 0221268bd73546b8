"""The numbers and bullets that Word shows before paragraphs: they stand in no text, only in its numbering."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LEVELS = 9
_LARGEST = 5000
_ROMAN = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


def attribute(element: Any, name: str = "val") -> str:
    """An attribute of Word's own namespace; empty where there is none."""
    return str(element.get(f"{_W}{name}") or "") if element is not None else ""


def number(text: str, otherwise: int) -> int:
    """A whole number of a reasonable size, or the value given for what is none."""
    return int(text) if text.isascii() and text.isdigit() and int(text[:9]) <= _LARGEST else otherwise


@dataclass(frozen=True)
class _Level:
    kind: str
    text: str
    start: int
    style: str


@dataclass
class Numbering:
    """Counts the numbered paragraphs of a document as they come."""

    levels: dict[str, dict[int, _Level]] = field(default_factory=dict)
    """By numbering (numId): its levels."""
    lists: dict[str, str] = field(default_factory=dict)
    """By numbering: the list that it counts in; several may share one."""
    restarts: dict[str, dict[int, int]] = field(default_factory=dict)
    styles: dict[str, tuple[str, int]] = field(default_factory=dict)
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)
    _begun: set[tuple[str, int]] = field(default_factory=set)

    @classmethod
    def read(cls, numbering: Any, styles: Any) -> Numbering:
        """From the parts numbering.xml and styles.xml; either may be missing."""
        found = cls()
        if numbering is None:
            return found
        abstract = {attribute(item, "abstractNumId"): item for item in numbering.iter(f"{_W}abstractNum")}
        for item in numbering.iter(f"{_W}num"):
            name = attribute(item, "numId")
            list_name = attribute(item.find(f"{_W}abstractNumId"))
            if name and list_name in abstract:
                found.lists[name] = list_name
                found.levels[name] = dict(_levels(abstract[list_name]))
                found.restarts[name] = dict(_restarts(item))
        if styles is not None:
            found._read_styles(styles)
        return found

    def label(self, paragraph: Any) -> str:
        """What Word shows before a paragraph: '1.2.', 'a)', '-', or nothing; counts it."""
        properties = paragraph.find(f"{_W}pPr")
        if properties is None:
            return ""
        name, level = self._numbering_of(properties)
        shown = self.levels.get(name, {}).get(level)
        if shown is None:
            return ""
        if shown.kind == "bullet":
            return "+" if shown.text.strip() == "+" else "-"
        counts = self._counts.setdefault(self.lists[name], {})
        if (name, level) not in self._begun and level in self.restarts[name]:
            counts[level] = self.restarts[name][level] - 1
        self._begun.add((name, level))
        counts[level] = counts.get(level, shown.start - 1) + 1
        for deeper in [other for other in counts if other > level]:
            del counts[deeper]
        label = shown.text
        for other in range(_LEVELS):
            if f"%{other + 1}" in label:
                kind = self.levels[name].get(other, shown).kind
                start = self.levels[name].get(other, shown).start
                label = label.replace(f"%{other + 1}", _written(counts.get(other, start), kind))
        return label.strip()

    def _numbering_of(self, properties: Any) -> tuple[str, int]:
        style = attribute(properties.find(f"{_W}pStyle"))
        name, level = self.styles.get(style, ("", 0))
        own = properties.find(f"{_W}numPr")
        if own is not None:
            name = attribute(own.find(f"{_W}numId")) or name
            level = number(attribute(own.find(f"{_W}ilvl")), level)
        return name, level

    def _read_styles(self, styles: Any) -> None:
        parents, own = {}, {}
        for style in styles.iter(f"{_W}style"):
            code = attribute(style, "styleId")
            parents[code] = attribute(style.find(f"{_W}basedOn"))
            numbered = style.find(f"{_W}pPr/{_W}numPr")
            if numbered is not None:
                name = attribute(numbered.find(f"{_W}numId"))
                level = number(attribute(numbered.find(f"{_W}ilvl")), -1)
                by_style = (at for at, item in self.levels.get(name, {}).items() if item.style == code)
                own[code] = (name, level if level >= 0 else next(by_style, 0))
        for code in parents:
            at, steps = code, 0
            while at not in own and parents.get(at) and steps < len(parents):
                at, steps = parents[at], steps + 1
            if at in own:
                self.styles[code] = own[at]


def _levels(item: Any) -> Iterator[tuple[int, _Level]]:
    for level in item.iter(f"{_W}lvl"):
        yield (
            number(attribute(level, "ilvl"), 0),
            _Level(
                kind=attribute(level.find(f"{_W}numFmt")) or "decimal",
                text=attribute(level.find(f"{_W}lvlText"))[:40],
                start=number(attribute(level.find(f"{_W}start")), 1),
                style=attribute(level.find(f"{_W}pStyle")),
            ),
        )


def _restarts(item: Any) -> Iterator[tuple[int, int]]:
    for override in item.iter(f"{_W}lvlOverride"):
        start = attribute(override.find(f"{_W}startOverride"))
        if start:
            yield number(attribute(override, "ilvl"), 0), number(start, 1)


def _written(count: int, kind: str) -> str:
    if kind in ("upperRoman", "lowerRoman"):
        text, left = "", min(count, 399)
        for value, letters in ((100, "C"), (90, "XC"), (50, "L"), (40, "XL"), *_ROMAN):
            text += letters * (left // value)
            left %= value
        return text if kind == "upperRoman" else text.lower()
    if kind in ("upperLetter", "lowerLetter") and count > 0:
        letter = chr(ord("a") + (count - 1) % 26) * min((count - 1) // 26 + 1, 3)
        return letter.upper() if kind == "upperLetter" else letter
    return f"{count:02d}" if kind == "decimalZero" else "" if kind == "none" else str(count)
