"""A copy of the data files made wrong in one place, and what the catalogue says of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sources.catalogue import load_catalogue
from warehouse.errors import DataFileError


def change(data_dir: Path, name: str, old: str, new: str) -> int:
    """Replace the first occurrence; returns the line of its first changed character."""
    path = data_dir / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    same = next(i for i, (a, b) in enumerate(zip(old + "\0", new + "\0", strict=False)) if a != b)
    return text[: text.index(old) + same].count("\n") + 1


def problems(data_dir: Path) -> list[str]:
    """Every problem that the catalogue names; it must name one."""
    with pytest.raises(DataFileError) as caught:
        load_catalogue(data_dir)
    return caught.value.problems
