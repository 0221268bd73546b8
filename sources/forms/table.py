"""Read one table sheet: every row becomes loaded, held or structure, every value keeps its cell."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sources.forms.checks import check_row, check_totals
from sources.forms.definition import VALUE_TYPES, Column, FormDefinition, Sheet, heading_key, is_column_number
from sources.forms.files.cell_facts import FORMULA
from sources.forms.files.workbook import SheetCells, letters
from sources.forms.findings import Findings
from sources.forms.identity import Identifier, Identity
from sources.forms.layout import Layout, locate
from sources.forms.values import Cell, Read, ValueReader, plain
from warehouse.schema import metadata

KEY_TYPES = frozenset({"code", "field", "channel", "content", "feedback_kind"})
LARGEST_FRACTION = 10
"""A number above this is no fraction, whatever its cell's format: 1000% is nobody's progress."""
_ROMAN = frozenset(["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"])


@dataclass
class SheetReading:
    """One sheet as read. `rows` are the rows to be loaded: values of raw.<sheet_code>_row in the order of
    `columns`, which are the table's without delivery, sheet, agency and period; `given` is JSON text.

    `held` rows are dicts of sheet_row, rule_id and given.
    """

    sheet_no: int
    sheet_code: str
    sheet_name: str
    is_hidden: bool
    header_row: int | None = None
    column_map: dict[str, str] = field(default_factory=dict)
    rows_read: int = 0
    columns: tuple[str, ...] = ()
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    held: list[dict[str, Any]] = field(default_factory=list)
    totals: list[dict[str, Any]] = field(default_factory=list)
    rows_structure: int = 0
    keys: dict[int, tuple[Any, ...]] = field(default_factory=dict)

    @property
    def loaded(self) -> list[dict[str, Any]]:
        """The rows to be loaded as dicts, `given` with them."""
        return [
            dict(zip(self.columns, row, strict=True)) | {"given": json.loads(row[-1])} for row in self.rows
        ]


class TableReader:
    """Reads the table sheets of one delivery."""

    def __init__(
        self, form: FormDefinition, reader: ValueReader, identifier: Identifier, findings: Findings
    ) -> None:
        self._form, self._reader, self._findings = form, reader, findings
        self._identifier = identifier
        self._total_keys = {heading_key(word) for word in form.total_words}

    def read(self, sheet: Sheet, cells: SheetCells) -> SheetReading:
        """Read a sheet; rows read = loaded + held + structure."""
        reading = SheetReading(
            cells.sheet_no, sheet.code, cells.name, cells.is_hidden, rows_read=len(cells.rows)
        )
        layout = locate(sheet, cells)
        if layout is None:
            self._hold_all(sheet, cells, reading)
            return reading
        reading.header_row = layout.header_row + 1
        reading.column_map = {code: letters(place) for code, place in layout.columns.items()}
        self._say_columns(sheet, cells, layout)
        reading.rows_structure = layout.header_row + 1
        _SheetRun(self, sheet, cells, layout, reading).run()
        return reading

    def _hold_all(self, sheet: Sheet, cells: SheetCells, reading: SheetReading) -> None:
        needed = ", ".join(c.heading for c in sheet.columns if c.needed)
        self._findings.add(
            "intake.headings_not_found",
            (cells.sheet_no, cells.name),
            expected=needed or sheet.columns[0].heading,
        )
        for number, row in enumerate(cells.rows):
            given = {letters(place): plain(cell) for place, cell in enumerate(row) if not _is_blank(cell)}
            if given:
                reading.held.append(
                    {"sheet_row": number + 1, "rule_id": "intake.headings_not_found", "given": given}
                )
            else:
                reading.rows_structure += 1

    def _say_columns(self, sheet: Sheet, cells: SheetCells, layout: Layout) -> None:
        at = (cells.sheet_no, cells.name)
        for code in layout.missing:
            self._findings.add("intake.column_missing", at, expected=sheet.column(code).heading)
        for code, places in layout.ambiguous.items():
            listed = ", ".join(map(letters, places))
            self._findings.add(
                "intake.column_ambiguous", at, given=listed, expected=sheet.column(code).heading
            )
        for place, heading in layout.others.items():
            cell = f"{letters(place)}{layout.header_row + 1}"
            self._findings.add("intake.column_unknown", at, cell, heading)


class _SheetRun:
    """One pass over the rows below the headings of one sheet."""

    def __init__(
        self, owner: TableReader, sheet: Sheet, cells: SheetCells, layout: Layout, reading: SheetReading
    ) -> None:
        self.form, self.reader, self.findings = owner._form, owner._reader, owner._findings
        self.total_keys = owner._total_keys
        self.identify = owner._identifier.by_sheet[sheet.code]
        self.sheet, self.cells, self.layout, self.reading = sheet, cells, layout, reading
        self.at = (cells.sheet_no, cells.name)
        self.columns: list[tuple[Column, int]] = [
            (c, layout.columns[c.code]) for c in sheet.columns if c.code in layout.columns
        ]
        self.stored = row_columns(sheet.code)
        self.loaded: list[dict[str, Any]] = []
        self.headings = {
            (place, heading_key(cell))
            for row in cells.rows[max(0, layout.header_row - 3) : layout.header_row + 1]
            for place, cell in enumerate(row)
            if isinstance(cell, str) and cell.strip()
        }
        self.rates = {place for column, place in self.columns if column.type in ("percent", "by_unit")}
        self.spread = dict(self._vertical_merges())

    def run(self) -> None:
        reading, first = self.reading, self.layout.header_row + 1
        for number in range(first, len(self.cells.rows)):
            if not self._row(number):
                reading.rows_structure += 1
        self._hold_repeated()
        hidden = sorted(n + 1 for n in self.cells.facts.hidden_rows if first <= n < len(self.cells.rows))
        if hidden:
            self.findings.add("intake.row_hidden", self.at, given=", ".join(map(str, hidden)))
        for row in self.loaded:
            check_row(self.sheet, row, self.reading, self.findings)
        reading.columns = self.stored
        for row in self.loaded:
            given = json.dumps(row["given"], ensure_ascii=False)
            reading.rows.append((*(row.get(code) for code in self.stored[:-1]), given))
        check_totals(reading, self.findings)

    def _row(self, number: int) -> bool:
        """Read one row; False when it is structure."""
        row = self.cells.rows[number]
        texts = {column.code: self._key_text(number, column, place) for column, place in self.columns}
        given = self._given(number, row)
        if not given or self._is_heading(row):
            return False
        self._say_encodings(number)
        identity = self.identify({code: text for code, text in texts.items() if text})
        reads = {
            column.code: self._read(number, column, place, identity.unit)
            for column, place in self.columns
            if column.type not in KEY_TYPES
        }
        if identity.key is None or not identity.is_known:
            if self._is_total(texts):
                self._keep_total(number, reads)
                return False
            nameless = identity.key is None or not texts.get("stt", "").isdigit()
            if nameless and not self._says_something(number, reads):
                return False
        if identity.key is None:
            identity = self._nameless()
        if identity.rule:
            self._hold(number, identity.rule, given, identity.column, identity.given, identity.expected)
            return True
        self._load(number, identity, reads, given)
        return True

    def _load(self, number: int, identity: Identity, reads: dict[str, Read], given: dict[str, str]) -> None:
        values: dict[str, Any] = {"sheet_row": number + 1, "given": given, **identity.values}
        for column, place in self.columns:
            read = reads.get(column.code)
            if read is None or (column.code not in self.stored and column.type != "by_unit"):
                continue  # labels and what is shown for the reader are not stored, so nothing is lost of them
            if read.rule:
                self._cell_finding(number, column, place, read.rule, identity.unit)
            elif column.type == "by_unit" and read.precision:
                values["reported_date"] = read.value
            else:
                values[column.code] = read.value
                if f"{column.code}_precision" in self.stored:
                    values[f"{column.code}_precision"] = read.precision
        for rule_id, code, text, expected in identity.remarks:
            self.findings.add(rule_id, self.at, self._address(number, code), text, expected or None)
        self.loaded.append(values)
        assert identity.key is not None  # noqa: S101 (asked by the caller)
        self.reading.keys[number + 1] = identity.key

    def _read(self, number: int, column: Column, place: int, unit: str | None) -> Read:
        cell = self._cell(number, place)
        if self.cells.encodings.get((number, place), "") is None:
            return Read(rule="intake.cell_encoding")
        fault = self.cells.facts.faults.get((number, place)) if cell == "" else None
        if fault:
            return Read(rule="intake.cell_formula" if fault == FORMULA else "intake.cell_error_value")
        return self.reader.read(column, cell, unit, self._is_percent(number, place, cell))

    def _cell_finding(self, number: int, column: Column, place: int, rule_id: str, unit: str | None) -> None:
        kind: str = column.type
        if kind == "by_unit":
            kind = unit if unit in ("percent", "date") else "number"
        if kind == "status":
            expected = ", ".join(word.label for word in self.form.statuses.values())
        elif rule_id == "intake.cell_too_long":
            expected = str(self.form.limits.cell_characters)
        else:
            expected = self.findings.rules.expected_vi.get(kind, self.findings.rules.expected_vi["text"])
        given = self._given_text(number, place, self._cell(number, place))
        self.findings.add(rule_id, self.at, f"{letters(place)}{number + 1}", given, expected)

    def _say_encodings(self, number: int) -> None:
        """Say which cells were converted, and which of those that name the row could not be."""
        for column, place in self.columns:
            if (number, place) not in self.cells.encodings:
                continue
            encoding, cell = self.cells.encodings[number, place], f"{letters(place)}{number + 1}"
            given = self.cells.originals[number, place]
            if encoding is not None:
                self.findings.add("intake.cell_converted", self.at, cell, given, encoding)
            elif column.type in KEY_TYPES:
                self.findings.add("intake.cell_encoding", self.at, cell, given)

    def _hold(
        self,
        number: int,
        rule_id: str,
        given: dict[str, str],
        column: str,
        text: str | None,
        expected: str | None,
    ) -> None:
        self.reading.held.append({"sheet_row": number + 1, "rule_id": rule_id, "given": given})
        self.findings.add(rule_id, self.at, self._address(number, column), text, expected)

    def _nameless(self) -> Identity:
        column = next(
            (c for c in self.sheet.columns if c.needed and c.type in KEY_TYPES), self.sheet.columns[0]
        )
        if "field_name" in self.layout.columns:
            column = self.sheet.column("field_name")
        return Identity(rule="intake.row_without_code", expected=column.heading, column=column.code)

    def _hold_repeated(self) -> None:
        """Rows of one identity: equal ones count once, different ones are all held."""
        groups: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
        for row in self.loaded:
            groups[self.reading.keys[row["sheet_row"]]].append(row)
        dropped: set[int] = set()
        for rows in groups.values():
            if len(rows) < 2:
                continue
            contents = [{k: v for k, v in r.items() if k not in ("sheet_row", "given")} for r in rows]
            keep = 1 if all(content == contents[0] for content in contents) else 0
            listed = ", ".join(str(r["sheet_row"]) for r in rows)
            for row in rows[keep:]:
                dropped.add(row["sheet_row"])
                number = row["sheet_row"] - 1
                column, name = self._name_of(number)
                self._hold(number, "intake.row_repeated", row["given"], column, name, listed)
        self.loaded = [row for row in self.loaded if row["sheet_row"] not in dropped]

    def _name_of(self, number: int) -> tuple[str, str]:
        """The first column that names a row, and the name; it may be merged down from a row above."""
        texts = ((c, self._key_text(number, c, place)) for c, place in self.columns if c.type in KEY_TYPES)
        return next((column.code, text) for column, text in texts if text)

    def _is_heading(self, row: list[Cell]) -> bool:
        """A row of column numbers before the data, or the headings once more."""
        filled = {place: plain(cell) for place, cell in enumerate(row) if not _is_blank(cell)}
        before_data = not (self.loaded or self.reading.held)
        if before_data and len(filled) > 2 and all(map(is_column_number, filled.values())):
            return True
        return len(filled) > 1 and all(
            (place, heading_key(text)) in self.headings for place, text in filled.items()
        )

    def _is_total(self, texts: dict[str, str]) -> bool:
        for column, _ in self.columns:
            text = texts.get(column.code, "")
            if text and column.type in ("ordinal", "text", *KEY_TYPES):
                tokens = heading_key(text).split()
                while len(tokens) > 1 and (tokens[-1] in _ROMAN or tokens[-1].isdigit()):
                    tokens.pop()
                if " ".join(tokens) in self.total_keys:
                    return True
        return False

    def _keep_total(self, number: int, reads: dict[str, Read]) -> None:
        counts = {c.code: reads[c.code].value for c, _ in self.columns if c.type in ("count", "number")}
        self.reading.totals.append({"sheet_row": number + 1, **counts})

    def _says_something(self, number: int, reads: dict[str, Read]) -> bool:
        """Whether a row without a known name reports anything that could be lost."""
        free_text = not any(column.type in VALUE_TYPES for column, _ in self.columns)
        for column, place in self.columns:
            read = reads.get(column.code)
            if read is None or not (column.type in VALUE_TYPES or (free_text and column.type == "text")):
                continue
            if read.value is not None or read.rule in ("intake.cell_formula", "intake.cell_error_value"):
                return True
            if read.rule and any(char.isdigit() for char in plain(self._cell(number, place))):
                return True
        return False

    def _cell(self, number: int, place: int) -> Cell:
        row = self.cells.rows[number]
        return row[place] if place < len(row) else ""

    def _key_text(self, number: int, column: Column, place: int) -> str:
        """Text of a cell that may name the row; a name merged over several rows counts for each of them."""
        cell = self._cell(number, place)
        if column.type in KEY_TYPES and _is_blank(cell) and (number, place) in self.spread:
            cell = self._cell(self.spread[number, place], place)
        return self.reader.text(cell) or "" if not isinstance(cell, str) or cell else ""

    def _given(self, number: int, row: list[Cell]) -> dict[str, str]:
        given = {
            column.code: self._given_text(number, place, self._cell(number, place))
            for column, place in self.columns
        }
        for place, heading in self.layout.others.items():
            if place < len(row) and not _is_blank(row[place]):
                given[f"+{heading}"] = plain(row[place])
        return {code: text for code, text in given.items() if text}

    def _given_text(self, number: int, place: int, cell: Cell) -> str:
        if (number, place) in self.cells.originals:
            return self.cells.originals[number, place].replace("\x00", "")
        if _is_blank(cell):
            return self.cells.facts.faults.get((number, place), "")
        if self._is_percent(number, place, cell):
            return f"{plain(round(float(cell) * 100, 12))}%"  # type: ignore[arg-type]
        return plain(cell).replace("\x00", "")

    def _is_percent(self, number: int, place: int, cell: Cell) -> bool:
        """Whether a number is shown as a percentage; asked only where one may stand: formats cost a look."""
        may_be = place in self.rates and isinstance(cell, float) and 0 < abs(cell) <= LARGEST_FRACTION
        return may_be and self.cells.is_percent(number, place)

    def _address(self, number: int, code: str) -> str:
        place = self.layout.columns.get(code)
        return f"{letters(place)}{number + 1}" if place is not None else f"{number + 1}"

    def _vertical_merges(self) -> Iterator[tuple[tuple[int, int], int]]:
        named = {place for column, place in self.columns if column.type in KEY_TYPES}
        for (top, left), (bottom, _right) in self.cells.merged:
            if left in named and top > self.layout.header_row and bottom > top:
                for number in range(top + 1, min(bottom, len(self.cells.rows) - 1) + 1):
                    yield (number, left), top


@cache
def row_columns(sheet_code: str) -> tuple[str, ...]:
    """Columns of a sheet's raw table beside its stamp (delivery, sheet, agency, period); `given` is last."""
    stamp = ("delivery_id", "sheet_no", "agency_key", "period_id")
    names = metadata.tables[f"raw.{sheet_code}_row"].columns.keys()
    return tuple(name for name in names if name not in stamp)


def _is_blank(cell: Cell) -> bool:
    return isinstance(cell, str) and not cell.strip()
