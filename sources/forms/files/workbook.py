"""A delivered workbook as rows of cells: guarded, parsed once by calamine, nothing interpreted."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import python_calamine

from sources.encodings import mend
from sources.forms.definition import FormDefinition
from sources.forms.files.cell_facts import CellFacts, Facts
from sources.forms.files.extent import check_extent
from sources.forms.files.guards import inspect
from sources.forms.values import Cell
from sources.packages import RefusedError

_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF], " ") | {0: None}
"""Characters that no page, workbook or database holds; Excel writes them as _x0000_."""

Merge = tuple[tuple[int, int], tuple[int, int]]


@dataclass
class SheetCells:
    """One sheet. `rows` run from the sheet's first row to the last that holds anything."""

    sheet_no: int
    name: str
    is_hidden: bool
    rows: list[list[Cell]]
    merged: list[Merge]
    facts: Facts
    _source: CellFacts
    originals: dict[tuple[int, int], str] = field(default_factory=dict)
    encodings: dict[tuple[int, int], str | None] = field(default_factory=dict)
    """Cells that were not Unicode Vietnamese: what they were converted from, None = not to be loaded."""

    def __post_init__(self) -> None:
        for number, row in enumerate(self.rows):
            for place, cell in enumerate(row):
                if not isinstance(cell, str):
                    continue
                cell = row[place] = cell.translate(_CONTROLS)
                if cell.isascii():
                    continue
                mended = mend(cell)
                if mended.encoding or not mended.is_certain:
                    self.originals[number, place] = cell
                    self.encodings[number, place] = mended.encoding
                    row[place] = mended.text if mended.is_certain else ""

    def is_percent(self, row: int, column: int) -> bool:
        """Whether the cell's number format shows percent."""
        return (row, column) in self._source.of(self.sheet_no - 1, need_percents=True).percents


def letters(column: int) -> str:
    """Column letters of a position from 0."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def open_workbook(data: bytes, form: FormDefinition) -> list[SheetCells]:
    """The worksheets of a file. Raises RefusedError when it is none that may be or can be read."""
    package = inspect(data, form)
    for name, part in package.parts.items():
        check_extent(name, part, form.limits)
    try:
        return _sheets(data, form, CellFacts(package))
    except python_calamine.PasswordError:
        raise RefusedError("intake.file_password") from None
    except RefusedError:
        raise
    except (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
        raise
    except BaseException as error:
        # calamine panics (a BaseException) on some broken files; whatever it meets, only this file suffers
        raise RefusedError(
            "intake.file_damaged", f"lỗi khi đọc tệp: {type(error).__name__}: {error}"[:200]
        ) from error


def _sheets(data: bytes, form: FormDefinition, facts: CellFacts) -> list[SheetCells]:
    limits = form.limits
    found: list[SheetCells] = []
    with python_calamine.CalamineWorkbook.from_filelike(BytesIO(data)) as book:
        if len(book.sheets_metadata) > limits.sheets:
            raise RefusedError(
                "intake.file_too_large", f"{len(book.sheets_metadata)} trang tính", f"≤ {limits.sheets}"
            )
        for index, meta in enumerate(book.sheets_metadata):
            if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
                continue
            sheet = book.get_sheet_by_index(index)
            rows: list[list[Any]] = sheet.to_python(skip_empty_area=False)
            known = facts.of(index)
            last_fault = max((row + 1 for row, _ in known.faults), default=0)
            while len(rows) > last_fault and all(isinstance(c, str) and not c.strip() for c in rows[-1]):
                rows.pop()
            # calamine gives errors as nothing at all, so a row that holds nothing else may be missing
            rows += [[] for _ in range(min(last_fault, limits.sheet_rows) - len(rows))]
            if len(rows) > limits.sheet_rows or (rows and len(rows[0]) > limits.sheet_columns):
                raise RefusedError(
                    "intake.file_too_large",
                    f"{meta.name}: {len(rows)} × {len(rows[0])}",
                    f"≤ {limits.sheet_rows} × {limits.sheet_columns}",
                )
            found.append(
                SheetCells(
                    sheet_no=index + 1,
                    name=meta.name.translate(_CONTROLS),
                    is_hidden=meta.visible != python_calamine.SheetVisibleEnum.Visible,
                    rows=rows,
                    merged=list(sheet.merged_cell_ranges or []),
                    facts=known,
                    _source=facts,
                )
            )
    return found
