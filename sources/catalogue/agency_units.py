"""From a line of a list of units to the agency: its people's committee, with the names it goes by."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sources.catalogue.agencies import Agency, Source, Unit
from sources.catalogue.model import AgencyKind, AgencyLevel
from sources.names import name_key


@dataclass(frozen=True)
class UnitWord:
    """The word that a unit's name begins with, and what it says about the unit."""

    word: str
    kind: AgencyKind
    level: AgencyLevel


UNIT_WORDS = (
    UnitWord("Quận", "people_committee", "district"),
    UnitWord("Huyện", "people_committee", "district"),
    UnitWord("Thành phố", "people_committee", "district"),
    UnitWord("Thị xã", "people_committee", "district"),
    UnitWord("Phường", "ward", "commune"),
    UnitWord("Xã", "ward", "commune"),
    UnitWord("Thị trấn", "ward", "commune"),
    UnitWord("Đặc khu", "ward", "commune"),
)


def unit_word(name: str) -> UnitWord | None:
    """The word of a unit's kind; None where its name begins with no such word."""
    return next((item for item in UNIT_WORDS if name.startswith(f"{item.word} ")), None)


def unit_agencies(units: list[Unit], jurisdiction: str, sources: dict[str, Source]) -> list[Agency]:
    """The agencies of a list, in its order. Lines must be sound: known source, a word of kind.

    A district consolidates where units below it are listed. A name that another unit bears at the same time,
    and one that is a number, goes with that of the district: "Phường 1, Quận 3".
    """
    names = {unit.code: unit.name for unit in units}
    parents = {unit.parent for unit in units}
    shared = _shared(units)
    return [
        _agency(unit, jurisdiction, sources[unit.source], unit.code in parents, number in shared, names)
        for number, unit in enumerate(units)
    ]


def _agency(
    unit: Unit, jurisdiction: str, source: Source, has_units: bool, is_shared: bool, names: dict[str, str]
) -> Agency:
    word = unit_word(unit.name)
    assert word is not None  # noqa: S101 (the folder's checks refuse other names)
    proper = unit.name.removeprefix(word.word).strip()
    needs_district = unit.parent in names and (proper.isdigit() or is_shared)
    where = f", {_in_text(names[unit.parent])}" if needs_district else ""
    return Agency(
        key=unit.key,
        code=unit.code,
        kind=word.kind,
        level=word.level,
        parent=unit.parent,
        official=f"Ủy ban nhân dân {_in_text(unit.name)}{where}",
        short=f"{unit.name}{where}",
        variants=[unit.name] if where else [],
        bare=None if proper.isdigit() else proper,
        local=[f"Ủy ban nhân dân {word.word.lower()}"] if word.level == "district" else [],
        gso=unit.gso,
        valid_from=unit.valid_from,
        valid_to=unit.valid_to,
        reports=True,
        consolidates=has_units,
        source=source.text,
        assumed=source.assumed,
        jurisdiction=jurisdiction,
    )


def _in_text(name: str) -> str:
    """A unit's name as it stands in a sentence: "quận Bình Tân", but "Quận 3"."""
    return name if name[-1].isdigit() else name[0].lower() + name[1:]


def _shared(units: list[Unit]) -> set[int]:
    """Positions of the units whose name another one, of another parent, bears at the same time."""
    named: dict[str, list[int]] = defaultdict(list)
    for number, unit in enumerate(units):
        named[name_key(unit.name)].append(number)
    return {
        one
        for numbers in named.values()
        for one in numbers
        for two in numbers
        if units[one].parent != units[two].parent and _overlap(units[one], units[two])
    }


def _overlap(one: Unit, two: Unit) -> bool:
    ends = (one.valid_to, two.valid_to)
    return (ends[1] is None or one.valid_from <= ends[1]) and (ends[0] is None or two.valid_from <= ends[0])
