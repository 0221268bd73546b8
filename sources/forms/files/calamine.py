"""Sheets laid out by calamine (.xlsx, .ods), with what was found out about their cells beside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO

import python_calamine

from sources.forms.definition import Limits
from sources.forms.files.cell_facts import Facts
from sources.forms.files.extent import check_area, check_shape
from sources.forms.files.sheet_cells import Merge, SheetCells, trimmed
from sources.packages import RefusedError


@dataclass
class Known:
    """What was found out about one sheet beside its values; calamine tells merged cells of .xlsx itself."""

    facts: Facts = field(default_factory=Facts)
    merged: list[Merge] = field(default_factory=list)


def read_sheets(data: bytes, known_of: Callable[[int, str], Known], limits: Limits) -> list[SheetCells]:
    """The worksheets; `known_of` a sheet's position and name. Raises whatever calamine raises."""
    found: list[SheetCells] = []
    cells = 0
    with python_calamine.CalamineWorkbook.from_filelike(BytesIO(data)) as book:
        listed = book.sheets_metadata
        if len(listed) > limits.sheets:
            raise RefusedError("intake.file_too_large", f"{len(listed)} trang tính", f"≤ {limits.sheets}")
        for index, meta in enumerate(listed):
            if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
                continue
            sheet = book.get_sheet_by_index(index)
            cells += sheet.total_height * sheet.total_width
            check_area(meta.name, cells, 1, limits)
            known = known_of(index, meta.name)
            rows = trimmed(sheet.to_python(skip_empty_area=False), known.facts)
            check_shape(meta.name, len(rows), len(rows[0]) if rows else 0, limits)
            found.append(
                SheetCells(
                    sheet_no=index + 1,
                    name=meta.name,
                    is_hidden=meta.visible != python_calamine.SheetVisibleEnum.Visible,
                    rows=rows,
                    merged=known.merged or list(sheet.merged_cell_ranges or []),
                    facts=known.facts,
                )
            )
    return found
