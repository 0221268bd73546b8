"""Read the table sheets: every row becomes loaded, held or structure, every value keeps its cell.

A sheet is read column by column: what a cell of a type says is remembered by the form's `ValueReader`, since
reports repeat themselves. Cells of which the file says more than their value (errors, percent formats,
conversions) are few and read one by one.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby, repeat, takewhile, zip_longest
from typing import Any

from sources.addresses import letters
from sources.forms.checks import check_rows, check_totals
from sources.forms.definition import VALUE_TYPES, Column, FormDefinition, Sheet, heading_key, is_column_number
from sources.forms.files.cell_facts import FORMULA
from sources.forms.files.workbook import SheetCells
from sources.forms.findings import Findings
from sources.forms.identity import Identifier, Identity
from sources.forms.layout import DEEPEST_HEADING, Layout, locate
from sources.forms.reading import PRECISION, SheetReading, row_columns
from sources.forms.values import (
    NOTHING_SAID,
    Cell,
    Read,
    Said,
    SaidColumn,
    ValueReader,
    given_key,
    given_row,
    given_text,
    is_blank,
    percent_text,
    plain,
)
from warehouse.copy_text import NULL, copy_value, unescaped_json

KEY_TYPES = frozenset({"code", "field", "channel", "content", "feedback_kind"})
_UNKNOWN_CODES = frozenset({"intake.task_unknown", "intake.target_unknown"})
LARGEST_FRACTION = 10
"""A number above this is no fraction, whatever its cell's format: 1000% is nobody's progress."""
_ROMAN = frozenset(["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"])
_DIGITS = re.compile(r"[0-9]+")
_LISTED = 20


class TableReader:
    """Reads the table sheets of one delivery."""

    def __init__(
        self,
        form: FormDefinition,
        reader: ValueReader,
        identifier: Identifier,
        agency_key: int,
        findings: Findings,
    ) -> None:
        self.form, self.reader, self.findings = form, reader, findings
        self.identifier, self.agency_key = identifier, agency_key
        self.total_keys = {heading_key(word) for word in form.total_words}
        self.total_parts = {heading_key(word) for word in form.total_parts}

    def read(self, sheet: Sheet, pages: list[SheetCells]) -> list[SheetReading]:
        """Read all pages of one sheet of the form; rows that name the same are repeated also across pages."""
        readings: list[SheetReading] = []
        runs: list[_PageRun] = []
        for cells in pages:
            reading = SheetReading(
                cells.sheet_no, sheet.code, cells.name, cells.is_hidden, rows_read=len(cells.rows)
            )
            readings.append(reading)
            layout = locate(sheet, cells)
            if layout is None:
                self._hold_all(sheet, cells, reading)
                continue
            self._say_columns(sheet, cells, layout)
            runs.append(_PageRun(self, sheet, cells, layout, reading))
        _hold_repeated(runs)
        for run in runs:
            run.finish()
        return readings

    def _hold_all(self, sheet: Sheet, cells: SheetCells, reading: SheetReading) -> None:
        needed = ", ".join(c.heading for c in sheet.columns if c.needed)
        self.findings.add(
            "intake.headings_not_found",
            (cells.sheet_no, cells.name),
            expected=needed or sheet.columns[0].heading,
        )
        said = cells.facts.faults | cells.originals
        for number, row in enumerate(cells.rows):
            texts = [
                said.get((number, n), "" if is_blank(cell) else plain(cell)) for n, cell in enumerate(row)
            ]
            given = {letters(place): text for place, text in enumerate(texts) if text}
            if given:
                reading.held.append(
                    {"sheet_row": number + 1, "rule_id": "intake.headings_not_found", "given": given}
                )
            else:
                reading.rows_structure += 1

    def _say_columns(self, sheet: Sheet, cells: SheetCells, layout: Layout) -> None:
        at = (cells.sheet_no, cells.name)
        for code in layout.missing:
            self.findings.add("intake.column_missing", at, expected=sheet.column(code).heading)
        for code, places in layout.ambiguous.items():
            listed = ", ".join(map(letters, places))
            self.findings.add(
                "intake.column_ambiguous", at, given=listed, expected=sheet.column(code).heading
            )
        for place, heading in layout.others.items():
            cell = f"{letters(place)}{layout.header_row + 1}"
            self.findings.add("intake.column_unknown", at, cell, heading)


class _PageRun:
    """One pass over the rows below the headings of a page. Its lists run along the rows that hold a cell."""

    def __init__(
        self, owner: TableReader, sheet: Sheet, cells: SheetCells, layout: Layout, reading: SheetReading
    ) -> None:
        self.owner, self.sheet, self.cells, self.layout, self.reading = owner, sheet, cells, layout, reading
        self.reader, self.findings = owner.reader, owner.findings
        self.at = (cells.sheet_no, cells.name)
        self.columns = [(c, layout.columns[c.code]) for c in sheet.columns if c.code in layout.columns]
        reading.header_row = layout.header_row + 1
        reading.column_map = {code: letters(place) for code, place in layout.columns.items()}
        reading.columns = row_columns(sheet.code)
        self.numbers = self._filled_rows()
        reading.rows_structure = len(cells.rows) - len(self.numbers)
        self.table = [
            _no_booleans(column)
            for column in zip_longest(*(cells.rows[number] for number in self.numbers), fillvalue="")
        ]
        self.index = {number: i for i, number in enumerate(self.numbers)}
        self.percents: dict[int, set[int]] = {}
        self.too_long: set[tuple[int, int]] = set()
        self.odd = self._odd_cells()
        self.named = self._named()
        memo = owner.identifier.memo(sheet.code, tuple(self.named))
        names = zip(*self.named.values(), strict=True) if self.named else [()] * len(self.numbers)
        self.identities: list[Identity] = list(map(memo.__getitem__, names))
        self.said: dict[str, SaidColumn] = {}
        for column, place in self.columns if self.numbers else ():
            if column.code in _read_columns(sheet):
                self.said |= self._said(column, place)
        self.given = self._given()
        self.faults = self._faults()
        self.odd_rows = {i for i, _ in self.too_long}.union(
            self.index[number]
            for number, _ in (*cells.originals, *cells.facts.faults)
            if number in self.index
        )
        self.loaded: list[int] = []
        self.after_heading = True
        remarkable = self.odd_rows.union(self.faults)
        for i, identity in enumerate(self.identities):
            owed_by = identity.owed_by
            if identity.is_plain and (owed_by is None or owner.agency_key in owed_by) and i not in remarkable:
                self.loaded.append(i)
                self.after_heading = False
            else:
                self._sort(i)

    def _is_headed(self, place: int, text: str) -> bool:
        """Whether a text stands in the headings of a column, as far up as they can reach."""
        key, last = heading_key(text), self.layout.header_row
        above = (
            row[place : place + 1] for row in self.cells.rows[max(0, last - DEEPEST_HEADING + 1) : last + 1]
        )
        said = (cell for cells in above for cell in cells if isinstance(cell, str) and not is_blank(cell))
        return any(heading_key(cell) == key for cell in said)

    def finish(self) -> None:
        """Check what is loaded, once it is known which rows are."""
        self._store()
        first, last = self.layout.header_row + 1, len(self.cells.rows)
        hidden = sorted(n + 1 for n in self.cells.facts.hidden_rows if first <= n < last)
        if hidden:
            self.findings.add("intake.row_hidden", self.at, given=", ".join(map(str, hidden)))
        check_rows(self.sheet, self.reading, self.findings)
        check_totals(self.reading, self.findings)

    def _filled_rows(self) -> list[int]:
        rows, faulty = self.cells.rows, {number for number, _ in self.cells.facts.faults}
        below = range(self.layout.header_row + 1, len(rows))
        return [n for n in below if any(rows[n]) or rows[n].count("") < len(rows[n]) or n in faulty]

    def _odd_cells(self) -> dict[int, set[int]]:
        """By column, rows of the cells of which the file says more than their value."""
        odd: dict[int, set[int]] = defaultdict(set)
        for number, place in (*self.cells.originals, *self.cells.facts.faults):
            if number in self.index:
                odd[place].add(self.index[number])
        for column, place in self.columns:
            if column.type in ("percent", "by_unit"):
                self.percents[place] = self._percents(place)
        return odd

    def _percents(self, place: int) -> set[int]:
        """Rows whose number is shown as a percentage; asked only where one may stand: formats cost a look."""
        may_be = [
            i
            for i, cell in enumerate(self._cells(place))
            if isinstance(cell, float) and 0 < abs(cell) <= LARGEST_FRACTION
        ]
        return {i for i in may_be if self.cells.is_percent(self.numbers[i], place)}

    def _cells(self, place: int) -> Sequence[Cell]:
        return self.table[place] if place < len(self.table) else [""] * len(self.numbers)

    def _given(self) -> list[bytes]:
        """The rows as delivered: text by column code, unknown columns by '+' and their heading.

        Each is the inside of a JSON object as COPY text; b"" for a blank row.
        """
        keys = {place: column.code for column, place in self.columns}
        others = dict(self._other_columns())
        pieces: list[Iterable[bytes]] = []
        for is_read, places in groupby(keys | others, key=lambda place: keys.get(place) in self.said):
            if not is_read:
                pieces.append(self._as_it_is({place: (keys | others)[place] for place in places}))
                continue
            for place in places:
                texts, start = self.said[keys[place]].given, given_key(keys[place])
                if all(texts):
                    pieces += [repeat(start), texts]
                elif any(texts):
                    pieces.append([text and start + text for text in texts])
        rows = map(b"".join, zip(*pieces)) if pieces else repeat(b"", len(self.numbers))  # noqa: B905 (repeat)
        return [row[2:] for row in rows]

    def _as_it_is(self, keys: dict[int, str]) -> list[bytes]:
        """Rows of neighbouring columns that are not read: most are the same in many reports."""
        cells = zip(*map(self._cells, keys), strict=True)
        texts = list(map(self.reader.given_row(tuple(keys.values())).__getitem__, cells))
        for i in {i for place in keys for i in (*self.odd.get(place, ()), *self.percents.get(place, ()))}:
            texts[i] = given_row(keys.values(), (self._given_text(i, place) for place in keys))
        return texts

    def _other_columns(self) -> Iterator[tuple[int, str]]:
        """Columns that are not read but kept as notes: '+' with their heading, which tells them apart."""
        known, told = {place for _, place in self.columns}, set()
        headings = {place: "" for place in range(len(self.table)) if place not in known}
        for code, places in self.layout.ambiguous.items():
            headings |= dict.fromkeys(places, self.sheet.column(code).heading)
        for place, heading in sorted((headings | self.layout.others).items()):
            key = f"+{heading}" if heading else f"+{letters(place)}"
            if key in told:
                key = f"{key} ({letters(place)})"
            told.add(key)
            yield place, key
            if not heading:
                self._say_without_heading(place)

    def _say_without_heading(self, place: int) -> None:
        cells = self._cells(place)
        first = next((i for i, cell in enumerate(cells) if not is_blank(cell) or i in self.odd[place]), None)
        if first is not None:
            self.findings.add("intake.column_unknown", self.at, self._cell(first, place), letters(place))

    def _given_text(self, i: int, place: int) -> str:
        number, cell = self.numbers[i], self._cells(place)[i]
        if (number, place) in self.cells.originals:
            return self.cells.originals[number, place]
        if is_blank(cell):
            return self.cells.facts.faults.get((number, place), "")
        return percent_text(cell) if i in self.percents.get(place, ()) else plain(cell)

    def _named(self) -> dict[str, Sequence[Cell]]:
        """The columns that say what a row is about; a name merged over several rows counts for each."""
        spread: dict[int, dict[int, int]] = defaultdict(dict)
        for number, place, top in self._vertical_merges():
            spread[place][number] = top
        named: dict[str, Sequence[Cell]] = {}
        for column, place in self.columns:
            if column.code not in _naming_columns(self.sheet):
                continue
            named[column.code] = cells = self._names(place)
            if place in spread and column.type in KEY_TYPES:
                named[column.code] = names = list(cells)
                for number, top in spread[place].items():
                    if number in self.index and top in self.index and is_blank(cells[self.index[number]]):
                        names[self.index[number]] = cells[self.index[top]]
        return named

    def _names(self, place: int) -> Sequence[Cell]:
        """Cells of a column of names; one that is longer than a cell can be names nothing."""
        cells, limit = self._cells(place), self.owner.form.limits.cell_characters
        long = {i for i, cell in enumerate(cells) if isinstance(cell, str) and len(cell) > limit}
        self.too_long |= {(i, place) for i in long}
        return ["" if i in long else cell for i, cell in enumerate(cells)] if long else cells

    def _vertical_merges(self) -> Iterator[tuple[int, int, int]]:
        """Rows and columns below the top of a merged range, with the row of its top; each once."""
        below = dict.fromkeys((place for _, place in self.columns), self.layout.header_row)
        for (top, left), (bottom, _right) in sorted(self.cells.merged):
            if left in below and top > self.layout.header_row:
                last = min(bottom, len(self.cells.rows) - 1)
                for number in range(max(top, below[left]) + 1, last + 1):
                    yield number, left, top
                below[left] = max(below[left], last)

    def _said(self, column: Column, place: int) -> dict[str, SaidColumn]:
        """What the cells of a column say, by column of the raw table."""
        cells = self._cells(place)
        if column.type == "by_unit":
            units = [identity.unit for identity in self.identities]
            memos = {unit: self.reader.said(column, unit) for unit in set(units)}
            said = [memos[unit][cell] for cell, unit in zip(cells, units, strict=True)]
        else:
            said = list(map(self.reader.said(column).__getitem__, cells))
        for i in self.percents.get(place, ()):
            said[i] = self.reader.said(column, self.identities[i].unit, is_percent=True)[cells[i]]
        for i in self.odd.get(place, ()):
            read = self._read_odd(i, column, place)
            said[i] = Said(given_text(self._given_text(i, place)), copy_value(read.value), *read)
        if column.type != "by_unit":
            return {column.code: SaidColumn(*zip(*said, strict=True))}
        dates = [one if one.precision else NOTHING_SAID for one in said]
        others = [NOTHING_SAID._replace(given=one.given) if one.precision else one for one in said]
        return {
            column.code: SaidColumn(*zip(*others, strict=True)),
            "reported_date": SaidColumn(*zip(*dates, strict=True)),
        }

    def _read_odd(self, i: int, column: Column, place: int) -> Read:
        cell, at = self._cells(place)[i], (self.numbers[i], place)
        if self.cells.encodings.get(at, "") is None:
            return Read(rule="intake.cell_encoding")
        fault = self.cells.facts.faults.get(at) if cell == "" else None
        if fault:
            return Read(rule="intake.cell_formula" if fault == FORMULA else "intake.cell_error_value")
        return self.reader.read(column, cell, self.identities[i].unit, i in self.percents.get(place, ()))

    def _faults(self) -> dict[int, list[tuple[Column, int, str]]]:
        """By row, the cells that break a rule."""
        faults: dict[int, list[tuple[Column, int, str]]] = defaultdict(list)
        for column, place in self.columns:
            rules = self.said[column.code].rules if column.code in self.said else ()
            for i, rule in enumerate(rules if any(rules) else ()):
                if rule:
                    faults[i].append((column, place, rule))
        return faults

    def _store(self) -> None:
        """Put the rows that are loaded into the reading, with what the columns say of them."""
        reading = self.reading
        if not self.loaded:
            return
        sheet_rows = [number + 1 for number in self.numbers]
        stored: dict[str, Sequence[bytes]] = {"sheet_row": [b"%d" % row for row in sheet_rows]}
        for code, said in self.said.items():
            stored[code] = said.stored
            if code + PRECISION in reading.columns:
                stored[code + PRECISION] = [p.encode() if p else NULL for p in said.precisions]
        columns: list[Sequence[bytes]] = []
        for is_read, codes in groupby(reading.columns[:-1], key=stored.__contains__):
            if is_read:
                columns += map(stored.__getitem__, codes)
            else:
                of_identity = tuple(codes)
                columns.append([identity.stored(of_identity) for identity in self.identities])
        cells = list(map(b"\t".join, zip(*columns, strict=True)))
        reading.places, reading.sheet_rows, reading.said = self.loaded, sheet_rows, self.said
        reading.names = [identity.values for identity in self.identities]
        reading.lines = [b"%b\t{%b}" % (cells[i], self.given[i]) for i in self.loaded]
        reading.given = self._json(self.loaded)

    def content(self, i: int) -> tuple[Any, ...]:
        """All that a row says that is loaded, but for its number: values, and rules that its cells break."""
        cells = [(said.stored[i], said.precisions[i]) for said in self.said.values()]
        return self.identities[i].values, cells, [fault[1:] for fault in self.faults.get(i, ())]

    def _json(self, rows: Iterable[int]) -> bytes:
        """Rows as delivered as JSON, a line each."""
        text = b"}\n{".join([self.given[i] for i in rows])
        return b"{" + unescaped_json(text) + b"}"

    def _sort(self, i: int) -> None:
        """Decide what a row is: loaded, held or structure."""
        if not self.given[i]:
            self.reading.rows_structure += 1
            return
        identity = self.identities[i]
        self.after_heading = not identity.is_listed and self._is_heading(i, self.after_heading)
        if self.after_heading:
            self.reading.rows_structure += 1
            return
        if i in self.odd_rows:
            self._say_names(i)
        if identity.key is None or not identity.is_known:
            if self._is_total(i):
                self._keep_total(i)
                self.reading.rows_structure += 1
                return
            nameless = identity.key is None or not self._text(i, "stt").isdigit()
            if nameless and not self._reports(i):
                self._say_title(i)
                self.reading.rows_structure += 1
                return
            if identity.key is None or (nameless and not self._is_readable(i)):
                identity = self._nameless(i)
        if identity.rule:
            named = self._code_by_label(i) if identity.rule in _UNKNOWN_CODES else None
            self.hold(i, identity.rule, identity.column, identity.given, named or identity.expected)
        else:
            self._load(i, identity)

    def _load(self, i: int, identity: Identity) -> None:
        for column, place, rule_id in self.faults.get(i, ()):
            self._cell_finding(i, column, place, rule_id)
        if identity.owed_by is not None and self.owner.agency_key not in identity.owed_by:
            self._row_finding(i, identity.not_owed, identity.column, identity.given, None)
        for rule_id, code, text, expected in identity.remarks:
            self._row_finding(i, rule_id, code, text, expected or None)
        self.loaded.append(i)

    def _cell_finding(self, i: int, column: Column, place: int, rule_id: str) -> None:
        kind: str = column.type
        if kind == "by_unit":
            unit = self.identities[i].unit
            kind = unit if unit in ("percent", "date") else "number"
        words = self.findings.rules.expected_vi
        if kind == "status":
            expected = ", ".join(word.label for word in self.owner.form.statuses.values())
        elif rule_id == "intake.cell_too_long":
            expected = str(self.owner.form.limits.cell_characters)
        else:
            expected = words.get(kind, words["text"])
        self.findings.add(rule_id, self.at, self._cell(i, place), self._given_text(i, place), expected)

    def _row_finding(self, i: int, rule_id: str, code: str, given: str | None, expected: str | None) -> None:
        place = self.layout.columns.get(code)
        cell = self._cell(i, place) if place is not None else str(self.numbers[i] + 1)
        self.findings.add(rule_id, self.at, cell, given, expected)

    def _cell(self, i: int, place: int) -> str:
        return f"{letters(place)}{self.numbers[i] + 1}"

    def _say_names(self, i: int) -> None:
        """Say which cells were converted, and which of those that name the row could not be read."""
        for column, place in self.columns:
            if i not in self.odd.get(place, ()) and (i, place) not in self.too_long:
                continue
            at, cell = (self.numbers[i], place), self._cell(i, place)
            encoding = self.cells.encodings.get(at, "")
            if encoding:
                self.findings.add("intake.cell_converted", self.at, cell, self.cells.originals[at], encoding)
            elif column.code in self.named and column.code not in self.said:
                fault = self._read_odd(i, column, place).rule
                if fault:
                    self._cell_finding(i, column, place, fault)

    def hold(self, i: int, rule_id: str, column: str, given: str | None, expected: str | None) -> None:
        """Keep a row whole beside what is loaded, and say why."""
        self.reading.held.append(
            {"sheet_row": self.numbers[i] + 1, "rule_id": rule_id, "given": json.loads(self._json([i]))}
        )
        self._row_finding(i, rule_id, column, given, expected)

    def _nameless(self, i: int) -> Identity:
        column = self._naming_column()
        given, expected = self._text(i, column.code) or None, column.heading
        if code := self._code_by_label(i):
            expected = f"{expected}: {code}"
        return Identity(rule="intake.row_without_code", given=given, expected=expected, column=column.code)

    def _naming_column(self) -> Column:
        naming = [c for c in self.sheet.columns if c.type in KEY_TYPES]
        return ([c for c in naming if c.needed] or naming or self.sheet.columns)[0]

    def _code_by_label(self, i: int) -> str | None:
        """The code that a row's label asks for, where only one does."""
        return self.owner.identifier.code_by_label(
            self.sheet.code, self._text(i, "label"), self.owner.agency_key
        )

    def name_of(self, i: int) -> tuple[str, str]:
        """The first column that names a row, and the name; it may be merged down from a row above."""
        texts = ((code, self._text(i, code)) for code in self.named)
        return next((code, text) for code, text in texts if text)

    def _text(self, i: int, code: str) -> str:
        if code not in self.layout.columns:
            return ""
        cells = self.named[code] if code in self.named else self._cells(self.layout.columns[code])
        return self.reader.text(cells[i]) or ""

    def _is_heading(self, i: int, was_heading: bool) -> bool:
        """The headings once more, or a row of column numbers under them."""
        row = self.cells.rows[self.numbers[i]]
        place, first = next(((n, plain(cell)) for n, cell in enumerate(row) if not is_blank(cell)), (0, ""))
        is_numbered = is_column_number(first) and (was_heading or not (self.loaded or self.reading.held))
        if not is_numbered and not self._is_headed(place, first):
            return False
        filled = {n: plain(cell) for n, cell in enumerate(row) if not is_blank(cell)}
        if is_numbered and self._numbers_columns(filled):
            return True
        return len(filled) > 1 and all(self._is_headed(n, text) for n, text in filled.items())

    def _numbers_columns(self, texts: dict[int, str]) -> bool:
        """Whether texts by place number the columns: A, B, 1, 2 or (1), (2), (3) = (4) + (5).

        Numbers without brackets may be the figures of a row whose name is missing: they must count on by one,
        with the columns of names among them.
        """
        if len(texts) < 3 or not all(map(is_column_number, texts.values())):
            return False
        numbers = [int(found[0]) for text in texts.values() if (found := _DIGITS.search(text))]
        counted_on = [numbers[0] + n for n in range(len(numbers))] if numbers else []
        if not any("(" in text or "[" in text for text in texts.values()):
            return numbers == counted_on and all(self.layout.columns[code] in texts for code in self.named)
        return numbers == sorted(set(numbers))

    def _is_total(self, i: int) -> bool:
        titles = _title_columns(self.sheet)
        for column, _ in self.columns:
            text = self._text(i, column.code) if column.code in titles else ""
            if text:
                tokens = heading_key(text).split()
                while len(tokens) > 1 and (
                    tokens[-1] in _ROMAN or tokens[-1].isdigit() or len(tokens[-1]) == 1
                ):
                    tokens.pop()
                if self._sums_up(tokens):
                    return True
        return False

    def _sums_up(self, tokens: list[str]) -> bool:
        """Whether words say 'total', or the total of some part."""
        words = " ".join(tokens)
        parts = (words.removesuffix(f" {part}") for part in self.owner.total_parts)
        return words in self.owner.total_keys or any(part in self.owner.total_keys for part in parts)

    def _keep_total(self, i: int) -> None:
        counts = {
            c.code: self.said[c.code].values[i] for c, _ in self.columns if c.type in ("count", "number")
        }
        self.reading.totals.append({"sheet_row": self.numbers[i] + 1, **counts})

    def _figures(self) -> Iterator[tuple[Column, int]]:
        """The columns of what is reported: figures, or texts where a sheet has none."""
        has_figures = any(column.type in VALUE_TYPES for column, _ in self.columns)
        for column, place in self.columns:
            is_figure = column.type in VALUE_TYPES or (not has_figures and column.type == "text")
            if is_figure and column.code not in self.named:
                yield column, place

    def _reports(self, i: int) -> bool:
        """Whether a row without a known name holds anything where figures stand, readable or not."""
        return any(self._says_something(i, place) for _, place in self._figures())

    def _is_readable(self, i: int) -> bool:
        return any(self.said[column.code].values[i] is not None for column, _ in self._figures())

    def _says_something(self, i: int, place: int) -> bool:
        return not self.reader.is_silent(self._cells(place)[i]) or i in self.odd.get(place, ())

    def _say_title(self, i: int) -> None:
        """Say what a row taken for a title holds beyond those columns where titles stand."""
        titles = {self.layout.columns.get(code) for code in _title_columns(self.sheet)}
        beyond = (place for place in range(len(self.table)) if place not in titles)
        place = next((place for place in beyond if self._says_something(i, place)), None)
        if place is not None:
            given, wanted = self._given_text(i, place), self._naming_column().heading
            self.findings.add("intake.row_as_title", self.at, self._cell(i, place), given, wanted)


@lru_cache(maxsize=32)
def _naming_columns(sheet: Sheet) -> frozenset[str]:
    """Columns that say what a row is about."""
    return frozenset(c.code for c in sheet.columns if c.type in KEY_TYPES or c.code in sheet.identity)


@lru_cache(maxsize=32)
def _read_columns(sheet: Sheet) -> frozenset[str]:
    """Columns whose values go into the raw table as they are read."""
    stored = row_columns(sheet.code)
    return frozenset(c.code for c in sheet.columns if c.code in stored and c.type not in KEY_TYPES)


@lru_cache(maxsize=32)
def _title_columns(sheet: Sheet) -> frozenset[str]:
    """Columns where the title of a part of the table may stand: numbers, names, and the label beside them."""
    before_figures = takewhile(lambda column: column.type not in VALUE_TYPES, sheet.columns)
    labels = [column.code for column in before_figures if column.type == "text"]
    named = (c.code for c in sheet.columns if c.type == "ordinal" or c.type in KEY_TYPES)
    return frozenset([*named, *labels[:1]])


def _hold_repeated(runs: list[_PageRun]) -> None:
    """Rows of one identity: equal ones count once, different ones are all held."""
    keys = [run.identities[i].key for run in runs for i in run.loaded]
    if len(set(keys)) == len(keys):
        return
    groups: dict[Any, list[tuple[_PageRun, int]]] = defaultdict(list)
    for run in runs:
        for i in run.loaded:
            groups[run.identities[i].key].append((run, i))
    for rows in groups.values():
        if len(rows) < 2:
            continue
        contents = [run.content(i) for run, i in rows]
        keep = 1 if all(content == contents[0] for content in contents) else 0
        listed = _listed(rows)
        for run, i in rows[keep:]:
            run.hold(i, "intake.row_repeated", *run.name_of(i), listed)
    for run in runs:
        held = {row["sheet_row"] for row in run.reading.held}
        run.loaded = [i for i in run.loaded if run.numbers[i] + 1 not in held]


def _listed(rows: list[tuple[_PageRun, int]]) -> str:
    """Row numbers, with the name of their page where they lie on several."""
    several = len({run.cells.sheet_no for run, _ in rows}) > 1
    shown = [
        f"{run.cells.name}: {run.numbers[i] + 1}" if several else str(run.numbers[i] + 1) for run, i in rows
    ]
    return ", ".join(shown[:_LISTED]) + (" …" if len(shown) > _LISTED else "")


def _no_booleans(cells: tuple[Cell, ...]) -> Sequence[Cell]:
    """The cells with TRUE and FALSE as text, which is how they are read: as keys they would be 1 and 0."""
    if bool not in set(map(type, cells)):
        return cells
    return [plain(cell) if isinstance(cell, bool) else cell for cell in cells]
