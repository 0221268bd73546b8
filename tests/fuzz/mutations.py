"""Mutated report files: one integer seed and an index make a case, the same one every time."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from tests.fuzz.books import PART_WRITERS, WRITERS, Book, Page, pack, to_csv, unpack
from tests.fuzz.byte_mutations import BYTE_MUTATIONS
from tests.fuzz.cell_mutations import CELL_MUTATIONS
from tests.fuzz.xml_mutations import XML_MUTATIONS

KINDS = {"xlsx": 60, "xls": 10, "ods": 12, "csv": 9, "docx": 9}
"""Kinds of files and their share."""
LAYERS = {"bytes": 25, "xml": 35, "cells": 40}
MUTATIONS: dict[str, list[Any]] = {"cells": CELL_MUTATIONS, "xml": XML_MUTATIONS, "bytes": BYTE_MUTATIONS}
ENCODINGS = ["utf-8-sig", "utf-8-sig", "utf-8", "utf-16", "cp1258", "cp1252"]


ISSUED_TO = ("XX-P-A", "Ủy ban nhân dân phường Hòa An")
SENDERS = {f"XX-P-{number}": f"Ủy ban nhân dân phường Thử {number}" for number in range(60, 90)}
"""Who sends the report that was issued to the first ward: else most would be second reports of one agency."""


@dataclass(frozen=True)
class Base:
    """A good report: the file as issued and filled, and its pages."""

    issued: bytes
    book: Book


@dataclass(frozen=True)
class Case:
    """A mutated file. `mutations` names what was done to it, the first one leads."""

    seed: int
    index: int
    kind: str
    mutations: tuple[str, ...]
    data: bytes

    @property
    def file_name(self) -> str:
        """A name that tells where the case comes from; to the intake it means nothing."""
        return f"{self.index:06}.{self.kind}"

    def __str__(self) -> str:
        return f"{self.file_name} ({' + '.join(self.mutations)})"


def make_case(bases: list[Base], seed: int, index: int) -> Case:
    """The case of a seed and an index: one to three mutations, those of cells first, those of bytes last."""
    rng = Random(f"{seed}/{index}")  # noqa: S311 (to be repeated, not to be secret)
    base, kind = rng.choice(bases), _weighted(KINDS, rng)
    layers = [_weighted(LAYERS, rng) for _ in range(rng.choice([1, 1, 1, 2, 3]))]
    if kind not in PART_WRITERS:
        layers = ["cells" if layer == "xml" else layer for layer in layers]
    plan: dict[str, list[Any]] = {
        layer: [rng.choice(mutations) for _ in range(layers.count(layer))]
        for layer, mutations in MUTATIONS.items()
    }
    sender = rng.choice([*SENDERS.items(), ISSUED_TO])
    book = [_sent_by(page, sender) for page in base.book]
    for mutate in plan["cells"]:
        mutate(book, rng)
    as_issued = kind == "xlsx" and not plan["cells"] and rng.random() < 0.5
    if plan["xml"]:
        parts = unpack(base.issued) if as_issued else PART_WRITERS[kind](book)
        for name, part in parts.items():
            parts[name] = _renamed(part, sender)
        for mutate in plan["xml"]:
            mutate(parts, rng)
        data = pack(parts.items(), first_stored=kind == "ods")
    elif kind == "csv":
        data = to_csv(book, rng.choice(";;;,\t|"), rng.choice(ENCODINGS))
    else:
        data = base.issued if as_issued else WRITERS[kind](book)
    for mutate in plan["bytes"]:
        data = mutate(data, rng) if data else data
    names = tuple(f"{layer}: {mutate.__name__}" for layer, chosen in plan.items() for mutate in chosen)
    return Case(seed, index, kind, names, data)


def _sent_by(page: Page, sender: tuple[str, str]) -> Page:
    page = page.copy()
    names = dict(zip(ISSUED_TO, sender, strict=True))
    page.rows = [
        [names.get(cell, cell) if isinstance(cell, str) else cell for cell in row] for row in page.rows
    ]
    return page


def _renamed(part: bytes, sender: tuple[str, str]) -> bytes:
    for old, new in zip(ISSUED_TO, sender, strict=True):
        for errors in ("strict", "xmlcharrefreplace"):  # the issued file is written in ASCII
            encoding = "utf-8" if errors == "strict" else "ascii"
            part = part.replace(old.encode(encoding, errors), new.encode(encoding, errors))
    return part


def _weighted(shares: dict[str, int], rng: Random) -> str:
    return rng.choices(list(shares), list(shares.values()))[0]
