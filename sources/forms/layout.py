"""Where a sheet's table begins and which column is which: headings are matched by meaning."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from sources.forms.definition import Sheet, heading_key, heading_keys, is_column_number
from sources.forms.files.workbook import SheetCells
from sources.forms.values import Cell, plain

SEARCHED_ROWS = 60
DEEPEST_HEADING = 4


@dataclass
class Layout:
    """Positions count from 0. `others`: columns that the form does not know, with their heading."""

    header_row: int
    columns: dict[str, int]
    others: dict[int, str]
    missing: list[str]
    ambiguous: dict[str, list[int]] = field(default_factory=dict)


def find_sheet(sheets: tuple[Sheet, ...], name: str) -> Sheet | None:
    """The form's sheet that is written like this."""
    key = heading_key(name)
    return next((s for s in sheets if key in _sheet_keys(s.code, (s.name, *s.synonyms))), None)


@lru_cache(maxsize=64)
def _sheet_keys(_code: str, spellings: tuple[str, ...]) -> frozenset[str]:
    return heading_keys(spellings)


def locate(sheet: Sheet, cells: SheetCells) -> Layout | None:
    """Find the heading rows of a table; None when a column that is needed is nowhere to be found.

    Tried are blocks of one to four rows that end in each of the first rows; the block that names most columns
    wins, the uppermost and lowest of equals.
    """
    matcher = _Matcher(sheet)
    texts = [_texts(row) for row in cells.rows[:SEARCHED_ROWS]]
    best: tuple[int, int, dict[int, str | None], list[list[str]]] | None = None
    for last in range(len(texts)):
        if not any(heading_key(text) in matcher.leaves for text in texts[last] if text):
            continue
        for depth in range(1, min(DEEPEST_HEADING, last + 1) + 1):
            paths = _paths(texts, cells, last - depth + 1, last)
            matched = {place: matcher.match(path) for place, path in enumerate(paths) if path}
            score = len({code for code in matched.values() if code})
            if best is None or score > best[0]:
                best = (score, last, matched, paths)
    if best is None:
        return None
    _, last, matched, paths = best
    places: dict[str, list[int]] = {}
    for place, code in matched.items():
        if code:
            places.setdefault(code, []).append(place)
    columns = {code: found[0] for code, found in places.items() if len(found) == 1}
    if any(column.needed and column.code not in columns for column in sheet.columns):
        return None
    if len(columns) < 2:
        return None
    return Layout(
        header_row=last,
        columns=columns,
        others={place: " / ".join(paths[place]) for place, code in matched.items() if code is None},
        missing=[c.code for c in sheet.columns if not c.optional and c.code not in places],
        ambiguous={code: found for code, found in places.items() if len(found) > 1},
    )


class _Matcher:
    """Which column a path of headings (group over group over column) names."""

    def __init__(self, sheet: Sheet) -> None:
        groups = {code: heading_keys(word.spellings) for code, word in sheet.groups.items()}
        self._alone: dict[str, str] = {}
        self._under: dict[tuple[str, str], str] = {}
        for column in sheet.columns:
            keys = heading_keys([column.heading, *column.synonyms])
            if column.group is None:
                self._alone |= dict.fromkeys(keys, column.code)
                continue
            for group in groups[column.group]:
                self._under |= {(group, key): column.code for key in keys}
        joined = {f"{group} {key}": code for (group, key), code in self._under.items()}
        self._alone = joined | self._alone
        self.leaves = frozenset(self._alone).union(key for _, key in self._under)

    def match(self, path: list[str]) -> str | None:
        """Code of the column, or None."""
        keys = [heading_key(text) for text in path]
        leaf = keys[-1]
        if leaf not in self.leaves:
            return self._alone.get(" ".join(keys))
        under = (self._under.get((group, leaf)) for group in reversed(keys[:-1]))
        return next(filter(None, under), None) or self._alone.get(leaf) or self._alone.get(" ".join(keys))


def _texts(row: list[Cell]) -> list[str]:
    return [cell.strip() if isinstance(cell, str) else plain(cell) if cell != "" else "" for cell in row]


def _paths(texts: list[list[str]], cells: SheetCells, first: int, last: int) -> list[list[str]]:
    """By column: the headings from the top of the block down, groups spread over the columns below them."""
    width = max(len(row) for row in texts[first : last + 1])
    block = [row + [""] * (width - len(row)) for row in texts[first : last + 1]]
    own = [list(row) for row in block]
    for (top, left), (bottom, right) in cells.merged:
        if first <= top <= last and bottom <= last and left < width:
            for place in range(left, min(right, width - 1) + 1):
                block[top - first][place] = own[top - first][left]
    for depth, row in enumerate(block[:-1]):
        for place in range(1, width):
            below = any(own[lower][place] for lower in range(depth + 1, len(block)))
            if not row[place] and below and not any(own[upper][place] for upper in range(depth)):
                row[place] = row[place - 1]
    return [
        [text for text in (row[place] for row in block) if text and not is_column_number(text)]
        for place in range(width)
    ]
