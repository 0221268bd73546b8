"""Where a sheet's table begins and which column is which: headings are matched by meaning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations

from sources.addresses import Place
from sources.forms.definition import FormDefinition, Sheet, heading_key, heading_keys, is_column_number
from sources.forms.files.workbook import Merge, SheetCells
from sources.forms.values import Cell, Memo, plain

SEARCHED_ROWS = 60
DEEPEST_HEADING = 4
MOST_CANDIDATES = 15
"""Rows with a word of the headings that are tried before the search is given up; no page has as many."""
_LONGEST_HEADING = 200
_MOST_MERGES = 200
"""Blocks with more merged ranges are no forms of ours, and are not remembered."""
_MOST_ROWS, _LONGEST_ROW = 512, 1000
_NUMBER, _OTHER = "#", "?"
Sign = str | None
"""What counts of a heading cell: its heading key; None for a blank, _NUMBER for a column number, _OTHER for a
text that is no part of any heading of the sheet, whatever it says."""
Block = tuple[tuple[Sign, ...], ...]


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
    searched = _Searched(cells, start, matcher)
    candidates = 0
    best: tuple[int, _Matched] | None = None
    is_headed = False  # by most columns: then it pays to ask of each row below whether it may name more
    for last, row in enumerate(cells.rows[start : start + SEARCHED_ROWS], start):
        if matcher.leaves.isdisjoint(map(_KEYS.__getitem__, row)):
            continue
        candidates += 1
        if candidates > MOST_CANDIDATES:
            break
        first = max(0, last - DEEPEST_HEADING + 1)
        if is_headed and best is not None and matcher.most(cells.rows[first : last + 1]) <= best[1].score:
            continue
        matched = matcher.match(*searched.block(last, last))
        if matched.score < len(sheet.columns):
            matched = matcher.match(*searched.block(first, last))
        if best is None or matched.score > best[1].score:
            best = last, matched
            is_headed = matched.score > len(sheet.columns) // 2
        if matched.score == len(sheet.columns):
            break
    if best is None or not best[1].is_table:
        return None
    last, found = best
    return Layout(
        header_row=last,
        columns=found.columns.copy(),
        others={place: searched.heading(last, path) for place, path in found.others.items()},
        missing=found.missing.copy(),
        ambiguous={code: places.copy() for code, places in found.ambiguous.items()},
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
    """What heading rows name. `is_table`: at least two columns, among them all that are needed.

    It serves all blocks of the same signs, so that of `others` it holds the cells that head them and not what
    they say. Their rows count from the last of the block, which is 0.
    """

    score: int
    is_table: bool
    columns: dict[str, int]
    others: dict[int, list[Place]]
    missing: list[str]
    ambiguous: dict[str, list[int]]


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
        self._sheet = sheet
        self._named_by = self._parts()
        self._needed = {column.code for column in sheet.columns if column.needed}
        self.signs = _Signs(self._sign)
        self._remembered = lru_cache(maxsize=128)(self._match)

    def match(self, block: Block, merged: tuple[Merge, ...]) -> _Matched:
        """What the lower part of a block names that names most; the lowest of equals."""
        match = self._remembered if len(merged) <= _MOST_MERGES else self._match
        return match(block, merged)

    def most(self, rows: list[list[Cell]]) -> int:
        """How many columns rows may name at most, whatever stands over what."""
        keys = set().union(*[map(_KEYS.__getitem__, row) for row in rows])
        return len(set().union(*map(self._named_by.__getitem__, keys & self._named_by.keys())))

    def _parts(self) -> dict[str, set[str]]:
        """What may be said in one cell of a heading, with the columns that it helps to name."""
        named_by: dict[str, set[str]] = defaultdict(set)
        headings = [
            *self._alone.items(),
            *((f"{group} {key}", code) for (group, key), code in self._under.items()),
        ]
        for heading, code in headings:
            words = heading.split(" ")
            for first, last in combinations(range(len(words) + 1), 2):
                named_by[" ".join(words[first:last])].add(code)
        for number, truth in (("0", "false"), ("1", "true")):  # one cell to `_KEYS`
            if number in named_by or truth in named_by:
                named_by[number] = named_by[truth] = named_by[number] | named_by[truth]
        return dict(named_by)

    def _sign(self, cell: Cell) -> Sign:
        text = _text(cell)
        if not text:
            return None
        if is_column_number(text):
            return _NUMBER
        key = heading_key(text)
        return key if key in self._named_by else _OTHER

    def _match(self, block: Block, merged: tuple[Merge, ...]) -> _Matched:
        best: _Matched | None = None
        for depth in range(1, len(block) + 1):
            matched = self._match_rows(block[-depth:], merged)
            if best is None or matched.score > best.score:
                best = matched
            if matched.score == len(self._sheet.columns):
                break
        assert best is not None  # noqa: S101 (a block has a row)
        return best

    def _match_rows(self, block: Block, merged: tuple[Merge, ...]) -> _Matched:
        places: dict[str, list[int]] = {}
        others: dict[int, list[Place]] = {}
        for place, path in enumerate(_paths(block, merged)):
            if not path:
                continue
            code = self._column([block[row - 1][column] or "" for row, column in path])
            if code is None:
                others[place] = path
            else:
                places.setdefault(code, []).append(place)
        columns = {code: found[0] for code, found in places.items() if len(found) == 1}
        return _Matched(
            score=len(places),
            is_table=len(columns) > 1 and self._needed <= columns.keys(),
            columns=columns,
            others=others,
            missing=[c.code for c in self._sheet.columns if not c.optional and c.code not in places],
            ambiguous={code: found for code, found in places.items() if len(found) > 1},
        )

    def _column(self, keys: list[str]) -> str | None:
        """Code of the column, or None."""
        leaf = keys[-1]
        if leaf not in self.leaves:
            return self._alone.get(" ".join(keys))
        under = (self._under.get((group, leaf)) for group in reversed(keys[:-1]))
        return next(filter(None, under), None) or self._alone.get(leaf) or self._alone.get(" ".join(keys))


_matcher = lru_cache(maxsize=32)(_Matcher)


def _text(cell: Cell) -> str:
    """The text of a heading cell; nothing of that length is a heading, and headings are remembered."""
    return (cell if isinstance(cell, str) else plain(cell))[:_LONGEST_HEADING].strip()


class _Signs(dict[tuple[Cell, ...], tuple[Sign, ...]]):
    """The signs of rows. Only rows of texts are remembered: 1 and TRUE are equal, and differ in sign."""

    def __init__(self, sign: Callable[[Cell], Sign]) -> None:
        super().__init__()
        self._sign = sign

    def __missing__(self, row: tuple[Cell, ...]) -> tuple[Sign, ...]:
        signs = tuple([None if cell == "" else self._sign(cell) for cell in row])
        texts = [cell for cell in row if isinstance(cell, str)]
        if len(texts) == len(row) and sum(map(len, texts)) <= _LONGEST_ROW:
            if len(self) >= _MOST_ROWS:
                self.clear()
            self[row] = signs
        return signs


_KEYS = Memo(lambda cell: heading_key(_text(cell)))
"""Heading keys by cell, for all sheets: the agency's name stands on each.

They only find rows that are worth a closer look: 1 and TRUE are one cell here.
"""


class _Searched:
    """The rows among which headings are looked for: their signs, and the ranges merged in them."""

    def __init__(self, cells: SheetCells, start: int, matcher: _Matcher) -> None:
        self._rows, self._signs = cells.rows, matcher.signs
        self._merged: dict[int, list[Merge]] = {}
        for merge in cells.merged:
            if merge[0][0] < start + SEARCHED_ROWS:
                self._merged.setdefault(merge[0][0], []).append(merge)

    def block(self, first: int, last: int) -> tuple[Block, tuple[Merge, ...]]:
        """The signs of some rows and the ranges merged in them; rows of these count from the last: 0."""
        merged = [
            ((top - last, left), (bottom - last, right))
            for number in range(first, last + 1)
            for (top, left), (bottom, right) in self._merged.get(number, ())
            if bottom <= last
        ]
        rows = map(tuple, self._rows[first : last + 1])
        return tuple(map(self._signs.__getitem__, rows)), tuple(merged)

    def heading(self, last: int, path: list[Place]) -> str:
        """The texts of some cells, whose rows count from the last heading row."""
        return " / ".join(_text(self._rows[last + row][column]) for row, column in path)


def _paths(block: Block, merged: tuple[Merge, ...]) -> Iterator[list[Place]]:
    """By column: the headings from the top of the block down, groups spread over the columns below them.

    Rows count from the last of the block.
    """
    width = max(map(len, block))
    # which cell's heading stands over each place, None for a blank
    heads: list[list[Place | None]] = [
        [(row, column) if sign is not None else None for column, sign in enumerate(signs)]
        + [None] * (width - len(signs))
        for row, signs in enumerate(block, 1 - len(block))
    ]
    own = [list(row) for row in heads]
    for (top, left), (_bottom, right) in merged:
        if top > -len(block) and left < width:
            for place in range(left, min(right, width - 1) + 1):
                heads[top - 1][place] = own[top - 1][left]
    for depth, row in enumerate(heads[:-1]):
        for place in range(1, width):
            below = any(own[lower][place] for lower in range(depth + 1, len(block)))
            if not row[place] and below and not any(own[upper][place] for upper in range(depth)):
                row[place] = row[place - 1]
    for place in range(width):
        path = [head for row in heads if (head := row[place]) is not None]
        yield [(row, column) for row, column in path if block[row - 1][column] != _NUMBER]
