"""Where a sheet's table begins and which column is which: headings are matched by meaning."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from sources.forms.definition import FormDefinition, Sheet, heading_key, heading_keys, is_column_number
from sources.forms.files.workbook import Merge, SheetCells
from sources.forms.values import Cell, Memo, plain

SEARCHED_ROWS = 60
DEEPEST_HEADING = 4
MOST_CANDIDATES = 15
"""Rows with a word of the headings that are tried before the search is given up; no page has as many."""
_LONGEST_HEADING = 200
Block = tuple[tuple[str, ...], ...]


@dataclass
class Layout:
    """Positions count from 0. `others`: columns that the form does not know, with their heading."""

    header_row: int
    columns: dict[str, int]
    others: dict[int, str]
    missing: list[str]
    ambiguous: dict[str, list[int]] = field(default_factory=dict)


def find_sheet(form: FormDefinition, name: str) -> Sheet | None:
    """The form's sheet that is written like this."""
    return _sheets_by_key(form).get(heading_key(name))


def locate(sheet: Sheet, cells: SheetCells) -> Layout | None:
    """Find the heading rows of a table; None when a column that is needed is nowhere to be found.

    Tried are blocks of one to four rows that end in each of the first rows; the block that names most columns
    wins, the uppermost and lowest of equals.
    """
    matcher = _matcher(sheet)
    start = next((number for number, row in enumerate(cells.rows) if any(row)), 0)
    searched = _Searched(cells, start)
    candidates = 0
    best: tuple[int, int, _Matched] | None = None
    for last, row in enumerate(cells.rows[start : start + SEARCHED_ROWS], start):
        if not any(map(matcher.is_leaf.__getitem__, row)):
            continue
        candidates += 1
        if candidates > MOST_CANDIDATES:
            break
        for depth in range(1, min(DEEPEST_HEADING, last + 1) + 1):
            matched = matcher.match(*searched.block(last - depth + 1, last))
            if best is None or matched.score > best[0]:
                best = (matched.score, last, matched)
            if matched.score == len(sheet.columns):
                break
        if best is not None and best[0] == len(sheet.columns):
            break
    if best is None:
        return None
    _, last, found = best
    columns = {code: places[0] for code, places in found.places.items() if len(places) == 1}
    if any(column.needed and column.code not in columns for column in sheet.columns):
        return None
    if len(columns) < 2:
        return None
    return Layout(
        header_row=last,
        columns=columns,
        others=found.others,
        missing=[c.code for c in sheet.columns if not c.optional and c.code not in found.places],
        ambiguous={code: places for code, places in found.places.items() if len(places) > 1},
    )


@lru_cache(maxsize=4)
def _sheets_by_key(form: FormDefinition) -> dict[str, Sheet]:
    return {
        heading_key(spelling): sheet
        for sheet in reversed(form.sheets)
        for spelling in (sheet.name, *sheet.synonyms)
    }


@dataclass(frozen=True)
class _Matched:
    """What a block of heading rows names: places by column code, headings of other columns by place."""

    places: dict[str, list[int]]
    others: dict[int, str]

    @property
    def score(self) -> int:
        return len(self.places)


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
        self._leaves = frozenset(self._alone).union(key for _, key in self._under)
        self.is_leaf = Memo(lambda cell: heading_key(_text(cell)) in self._leaves)
        self.match = lru_cache(maxsize=128)(self._match)

    def _match(self, block: Block, merged: tuple[Merge, ...]) -> _Matched:
        places: dict[str, list[int]] = {}
        others: dict[int, str] = {}
        for place, path in enumerate(_paths(block, merged)):
            if not path:
                continue
            code = self._column(path)
            if code is None:
                others[place] = " / ".join(path)
            else:
                places.setdefault(code, []).append(place)
        return _Matched(places, others)

    def _column(self, path: list[str]) -> str | None:
        """Code of the column, or None."""
        keys = [heading_key(text) for text in path]
        leaf = keys[-1]
        if leaf not in self._leaves:
            return self._alone.get(" ".join(keys))
        under = (self._under.get((group, leaf)) for group in reversed(keys[:-1]))
        return next(filter(None, under), None) or self._alone.get(leaf) or self._alone.get(" ".join(keys))


_matcher = lru_cache(maxsize=32)(_Matcher)


def _text(cell: Cell) -> str:
    """The text of a heading cell; nothing of that length is a heading, and headings are remembered."""
    return (cell if isinstance(cell, str) else plain(cell))[:_LONGEST_HEADING].strip()


class _Searched:
    """The rows among which headings are looked for: their texts, and the ranges merged in them."""

    def __init__(self, cells: SheetCells, start: int) -> None:
        self._rows = cells.rows
        self._texts: dict[int, tuple[str, ...]] = {}
        self._merged: dict[int, list[Merge]] = {}
        for merge in cells.merged:
            if merge[0][0] < start + SEARCHED_ROWS:
                self._merged.setdefault(merge[0][0], []).append(merge)

    def block(self, first: int, last: int) -> tuple[Block, tuple[Merge, ...]]:
        """The texts of some rows, equally wide, and the ranges merged in them, counted from the first."""
        for number in range(first, last + 1):
            if number not in self._texts:
                self._texts[number] = tuple(map(_text, self._rows[number]))
        texts = [self._texts[number] for number in range(first, last + 1)]
        width = max(map(len, texts))
        inside = (
            ((top - first, left), (bottom - first, min(right, width - 1)))
            for number in range(first, last + 1)
            for (top, left), (bottom, right) in self._merged.get(number, ())
            if bottom <= last and left < width
        )
        return tuple(row + ("",) * (width - len(row)) for row in texts), tuple(inside)


def _paths(texts: Block, merged: tuple[Merge, ...]) -> list[list[str]]:
    """By column: the headings from the top of the block down, groups spread over the columns below them."""
    block = [list(row) for row in texts]
    width = len(texts[0])
    for (top, left), (_bottom, right) in merged:
        for place in range(left, right + 1):
            block[top][place] = texts[top][left]
    for depth, row in enumerate(block[:-1]):
        for place in range(1, width):
            below = any(texts[lower][place] for lower in range(depth + 1, len(block)))
            if not row[place] and below and not any(texts[upper][place] for upper in range(depth)):
                row[place] = row[place - 1]
    return [
        [text for text in (row[place] for row in block) if text and not is_column_number(text)]
        for place in range(width)
    ]
