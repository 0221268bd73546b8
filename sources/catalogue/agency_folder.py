"""Read sources/data/agencies/ as one: parts in YAML, lists of units, codes, links and counts in CSV.

Every item keeps the file and the line that it stands in, so that whatever is wrong with it is said there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel

from sources.catalogue.agencies import (
    AgenciesFile,
    Agency,
    CodeChange,
    CodesFile,
    Collective,
    CountsFile,
    KnownCount,
    Link,
    LinksFile,
    PartFile,
    Source,
    SourcesFile,
    UnitsFile,
)
from sources.catalogue.agency_units import UNIT_WORDS, unit_agencies, unit_word
from sources.catalogue.codes import known
from warehouse.data_files import MarkedFile, Place, duplicates, parse, read_marked, read_marked_csv

Item = TypeVar("Item")
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Placed(Generic[Item]):
    """An item of a file, with its place there."""

    item: Item
    file: MarkedFile
    place: Place

    def report(self, message: str, *field_name: str | int) -> None:
        """Note a problem of the item, of one of its fields where that is named."""
        self.file.report((*self.place, *field_name), message)

    @property
    def line(self) -> str:
        """Where it stands, for messages about another item: file and line."""
        return f"{self.file.path.name}:{self.file.lines.get(self.place, 1)}"


@dataclass
class AgencyFolder:
    """What the folder's files hold, each item with its place; `files` also carry the problems."""

    files: list[MarkedFile] = field(default_factory=list)
    agencies: list[Placed[Agency]] = field(default_factory=list)
    collectives: list[Placed[Collective]] = field(default_factory=list)
    connecting_words: list[str] = field(default_factory=list)
    codes: list[Placed[CodeChange]] = field(default_factory=list)
    links: list[Placed[Link]] = field(default_factory=list)
    counts: list[Placed[KnownCount]] = field(default_factory=list)

    @property
    def has_problems(self) -> bool:
        """Whether anything is wrong so far."""
        return any(file.problems for file in self.files)

    def content(self) -> AgenciesFile:
        """The items without their places."""
        return AgenciesFile(
            agencies=[entry.item for entry in self.agencies],
            collectives=[entry.item for entry in self.collectives],
            connecting_words=self.connecting_words,
            codes=[entry.item for entry in self.codes],
            links=[entry.item for entry in self.links],
            counts=[entry.item for entry in self.counts],
        )


def read_agency_folder(folder: Path) -> AgencyFolder:
    """Read every file of the folder. What does not fit its model is noted as a problem of its file."""
    read = AgencyFolder()
    sources_file = _opened(read, read_marked(folder / "sources.yml"))
    sources = _sources(sources_file)
    units = {path.name.removesuffix("-units.csv"): path for path in sorted(folder.glob("*-units.csv"))}
    parts = [path for path in sorted(folder.glob("*.yml")) if path.name != "sources.yml"]
    by_jurisdiction: dict[str, list[tuple[MarkedFile, PartFile]]] = {name: [] for name in units}
    for path in parts:
        marked = _opened(read, read_marked(path))
        part = parse(marked, PartFile)
        if part is not None:
            by_jurisdiction.setdefault(part.jurisdiction, []).append((marked, part))
    for jurisdiction, listed in by_jurisdiction.items():
        # the jurisdiction's own part goes first: the order of agencies is that of its lists
        for marked, part in sorted(listed, key=lambda entry: entry[0].path.stem != jurisdiction):
            read.agencies += _placed(marked, "agencies", part.agencies)
            read.collectives += _placed(marked, "collectives", part.collectives)
            read.connecting_words += part.connecting_words
        if jurisdiction in units:
            marked = _opened(read, read_marked_csv(units[jurisdiction], "units"))
            read.agencies += _placed(marked, "units", _units(marked, jurisdiction, sources))
    read.codes = _lines(read, folder, "codes", CodesFile, lambda file: file.codes)
    read.links = _lines(read, folder, "links", LinksFile, lambda file: file.links)
    marked = _opened(read, read_marked_csv(folder / "counts.csv", "counts"))
    counts = parse(marked, CountsFile)
    read.counts = list(_placed(marked, "counts", counts.counts)) if counts else []
    for entry in read.codes:
        if sources and entry.item.source not in sources:
            entry.report(f"unknown source {entry.item.source!r} {known(sources)}", "source")
    return read


def _opened(read: AgencyFolder, marked: MarkedFile) -> MarkedFile:
    read.files.append(marked)
    return marked


def _sources(marked: MarkedFile) -> dict[str, Source]:
    content = parse(marked, SourcesFile)
    if content is None:
        return {}
    marked.check(duplicates(content.sources, lambda source: source.id, ("sources",), "id"))
    return {source.id: source for source in content.sources}


def _units(marked: MarkedFile, jurisdiction: str, sources: dict[str, Source]) -> list[Agency]:
    content = parse(marked, UnitsFile)
    if content is None:
        return []
    words = [item.word for item in UNIT_WORDS]
    for number, unit in enumerate(content.units):
        if unit.source not in sources:
            message = f"unknown source {unit.source!r} {known(sources)}"
            marked.report(("units", number, "source"), message)
        if unit_word(unit.name) is None:
            message = f"{unit.name!r} begins with no word of a kind of unit {known(words)}"
            marked.report(("units", number, "name"), message)
    return [] if marked.problems else unit_agencies(content.units, jurisdiction, sources)


def _lines(
    read: AgencyFolder, folder: Path, name: str, model: type[Model], lines: Callable[[Model], list[Item]]
) -> list[Placed[Item]]:
    placed: list[Placed[Item]] = []
    for path in sorted(folder.glob(f"*-{name}.csv")):
        marked = _opened(read, read_marked_csv(path, name))
        content = parse(marked, model)
        placed += _placed(marked, name, lines(content)) if content else []
    return placed


def _placed(marked: MarkedFile, key: str, items: Iterable[Item]) -> list[Placed[Item]]:
    return [Placed(item, marked, (key, number)) for number, item in enumerate(items)]
