"""Delimited text (docs/intake.md, ruling 8): lines of labels and values, then blocks of a name and its table.

Rows are counted as a spreadsheet shows the file: a blank line is a row, a line break in quotes is none. Each
block keeps the rows of the whole file, those above its first one blank: a cell's address is the file's.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from functools import lru_cache
from io import StringIO

from sources.encodings import decode, reads_as_vietnamese
from sources.forms.definition import FormDefinition, heading_key, heading_keys
from sources.forms.files.extent import too_large
from sources.forms.files.sheet_cells import SheetCells, trimmed
from sources.forms.values import Cell
from sources.packages import RefusedError

_SEPARATORS = ";\t,|"
_SEPARATORS_NAMED = frozenset(_SEPARATORS)
_UTF8 = "CSV UTF-8"
_LONGEST_WORD = 200
"""Longer cells are no labels, headings or names of sheets."""
_SAMPLE_LINES = 400
_HEAD = 65_536
_MOST_LINES_OF_A_CELL = 500
_HEADINGS_OF_A_TABLE = 3
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_NO_TEXT = re.compile("[\x00-\x08\x0e-\x19\x1b-\x1f\x7f]")
_PLAIN = str.maketrans({"\x0b": "\n", "\x0c": "\n", "\x1a": None, "\u2028": "\n", "\u2029": "\n"})
_LOST = re.compile(r"[A-Za-z]+\?[A-Za-z?]*")
_MOST_LOST = 5
_SEARCHED_CELLS = 40
_BLANK: list[Cell] = []

Rows = list[list[str]]


def read_text(data: bytes, form: FormDefinition) -> list[SheetCells]:
    """The blocks of a text file. Raises RefusedError where it is no CSV of the form."""
    accepted = form.file_kinds.accepted_vi
    if not data.startswith((b"\xff\xfe", b"\xfe\xff")) and _NO_TEXT.search(data[:_HEAD].decode("latin-1")):
        raise RefusedError("intake.file_kind", "không rõ loại tệp", accepted)
    text, encoding = _decoded(data)
    if _NO_TEXT.search(text):
        raise RefusedError("intake.file_kind", "không rõ loại tệp", accepted)
    if not text.strip():
        raise RefusedError("intake.file_empty", "không có chữ nào", accepted)
    if max(text) <= "\xff" and len(set(_LOST.findall(text))) >= _MOST_LOST:
        raise RefusedError("intake.file_encoding_unknown", 'chữ có dấu đã mất, còn dấu "?"', _UTF8)
    words = _words(form)
    separator, text = _separator(text, words)
    rows = _rows(text, separator, form)
    if not any(_known(cell, words) for row in rows[:_SAMPLE_LINES] for cell in row[:_SEARCHED_CELLS]):
        raise RefusedError("intake.file_kind", "văn bản không có nhãn hay tiêu đề nào của mẫu", accepted)
    blocks = list(_blocks(rows, form, words))
    if len(blocks) > form.limits.sheets:
        raise RefusedError("intake.file_too_large", f"{len(blocks)} bảng", f"≤ {form.limits.sheets}")
    sheets = [
        SheetCells(
            number, name, False, [_BLANK] * first + trimmed([list[Cell](row) for row in rows[first:last]])
        )
        for number, (name, first, last) in enumerate(blocks, start=1)
    ]
    if encoding:
        sheets[0].remarks.append(("intake.file_encoding", None, encoding, _UTF8))
        if not encoding.startswith("UTF"):
            for sheet in sheets:
                _doubt(sheet)
    return sheets


def _decoded(data: bytes) -> tuple[str, str | None]:
    """The text, and its encoding where that is not UTF-8."""
    mark, encoding = next(((m, e) for m, e in _MARKS if data.startswith(m)), (b"", "utf-8"))
    try:
        return data.decode(encoding).translate(_PLAIN), "UTF-16" if encoding == "utf-16" else None
    except UnicodeDecodeError as error:
        if mark:
            given = f"{encoding.upper()}, byte {error.start}"
            raise RefusedError("intake.file_encoding_unknown", given, _UTF8) from None
    decoded = decode(data)
    if decoded is None:
        raise RefusedError("intake.file_encoding_unknown", "không phải UTF-8", _UTF8)
    return decoded.text.translate(_PLAIN), decoded.encoding


def _doubt(sheet: SheetCells) -> None:
    """Cells of a converted file that do not read as Vietnamese are not loaded."""
    for number, row in enumerate(sheet.rows):
        for place, cell in enumerate(row):
            if isinstance(cell, str) and not reads_as_vietnamese(cell):
                sheet.originals[number, place], sheet.encodings[number, place] = cell, None
                row[place] = ""


@lru_cache(maxsize=4)
def _words_of(spellings: tuple[str, ...]) -> frozenset[str]:
    return heading_keys(spellings)


def _words(form: FormDefinition) -> frozenset[str]:
    """Keys of the form's labels and headings."""
    labels = (spelling for word in form.info.labels.values() for spelling in word.spellings)
    headings = (s for sheet in form.sheets for c in sheet.columns for s in (c.heading, *c.synonyms))
    return _words_of((*labels, *headings))


def _known(cell: str, words: frozenset[str]) -> bool:
    text = cell.strip()
    return 0 < len(text) <= _LONGEST_WORD and heading_key(text.partition(":")[0]) in words


def _separator(text: str, words: frozenset[str]) -> tuple[str, str]:
    """The separator that lays bare most labels and headings, and the text without a line that names it."""
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and first.strip()[4:] in _SEPARATORS_NAMED:
        return first.strip()[4], rest  # a spreadsheet does not show this line, nor count it
    lines = text.split("\n", _SAMPLE_LINES)[:_SAMPLE_LINES]

    def found(separator: str) -> int:
        cells = (
            cell.strip().strip('"')
            for line in lines
            for cell in line[:20_000].split(separator)[:_SEARCHED_CELLS]
        )
        return sum(_known(cell, words) for cell in cells)

    return max(_SEPARATORS, key=lambda separator: (found(separator), text.count(separator))), text


def _rows(text: str, separator: str, form: FormDefinition) -> Rows:
    limits = form.limits
    csv.field_size_limit(limits.file_bytes)  # a cell that is too long is a finding, not the end of the file
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: Rows = []
    width = before = 0
    try:
        for row in reader:
            if reader.line_num - before > _MOST_LINES_OF_A_CELL:
                raise csv.Error("a quote is left open")
            before = reader.line_num
            while row and not row[-1].strip():
                row.pop()
            rows.append(row)
            width = max(width, len(row))
            if len(rows) > limits.sheet_rows or width > limits.sheet_columns:
                raise too_large("CSV", len(rows), width, limits)
    except csv.Error:
        given = f"dấu ngoặc kép không khớp, từ dòng {before + 1}"
        raise RefusedError("intake.file_damaged", given, form.file_kinds.accepted_vi) from None
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _blocks(rows: Rows, form: FormDefinition, words: frozenset[str]) -> Iterable[tuple[str, int, int]]:
    """Name, first row and end of each block. What stands before the first name is the sheet of labels."""
    names = {key for sheet in form.sheets for key in heading_keys([sheet.name, *sheet.synonyms])}
    names |= heading_keys([form.info.name, *form.info.synonyms])
    starts = [
        (number, row[0].strip())
        for number, row in enumerate(rows)
        if _is_title(row) and _begins(rows, number, names, words)
    ]
    if not starts or any(rows[number] for number in range(starts[0][0])):
        starts.insert(0, (0, form.info.name))
    ends = [number for number, _ in starts[1:]] + [len(rows)]
    for (first, name), end in zip(starts, ends, strict=True):
        yield name, first, end


def _is_title(row: list[str]) -> bool:
    return len(row) == 1 and len(row[0]) <= _LONGEST_WORD


def _begins(rows: Rows, number: int, names: set[str], words: frozenset[str]) -> bool:
    """Whether a line of one cell begins a block: a sheet's name after a blank line or before its headings."""
    after_blank = number == 0 or not rows[number - 1]
    below = next((row for row in rows[number + 1 : number + 4] if row), [])
    before_table = sum(_known(cell, words) for cell in below[:_SEARCHED_CELLS]) >= _HEADINGS_OF_A_TABLE
    if heading_key(rows[number][0]) in names:
        return after_blank or before_table
    return after_blank and before_table
