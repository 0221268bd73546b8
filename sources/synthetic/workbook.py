"""Fill an issued workbook with a report: by sheet and heading, as a clerk would, with stable bytes.

The workbook is the real form that `sources.forms.issue` wrote. The same report in the same form gives
the same bytes: the times that a zip and its properties carry are set, not taken from the clock.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.cell.cell import MergedCell
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from sources.forms.definition import (
    FormDefinition,
    Sheet,
    heading_key,
    is_column_number,
    spelling_index,
    word_key,
)
from sources.synthetic.reports import Cell, Report, Row
from warehouse.errors import DataFileError

_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_HEADING_ROWS = 30
_TOTAL_LABEL = "Tổng cộng"
Formulas = dict[str, dict[str, str]]
"""Sheet title → cell address → formula; the cell holds its cached value."""


class _StableArchive(zipfile.ZipFile):
    """A zip without times of its own. Cells named in `formulas` get their formula beside the cached value,
    which openpyxl cannot write: it knows either the one or the other."""

    def __init__(self, target: io.BytesIO, formulas: Mapping[str, Mapping[str, str]]) -> None:
        super().__init__(target, "w", zipfile.ZIP_DEFLATED)
        self._formulas = formulas

    def writestr(self, zinfo_or_arcname: Any, data: Any, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002
        name = getattr(zinfo_or_arcname, "filename", zinfo_or_arcname)
        info = zipfile.ZipInfo(name, date_time=_ZIP_TIME)
        info.compress_type = zipfile.ZIP_DEFLATED
        super().writestr(info, data)

    def write(self, filename: Any, arcname: Any = None, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002
        text = Path(filename).read_bytes().decode()
        for address, formula in self._formulas.get(arcname, {}).items():
            text = re.sub(rf'(<c r="{address}"[^>]*>)(<v)', rf"\g<1><f>{formula}</f>\g<2>", text)
        self.writestr(arcname, text.encode())


def fill(
    issued: Path, report: Report, form: FormDefinition, fields: Mapping[str, str], saved_at: datetime
) -> bytes:
    """The issued workbook filled with a report, as bytes. `fields` is field code → name.

    Raises DataFileError when the form has no place for a row that the report carries.
    """
    workbook = openpyxl.load_workbook(issued)
    _fill_info(workbook[form.info.name], report, form)
    formulas: Formulas = {}
    for sheet in form.sheets:
        if sheet.name not in workbook.sheetnames:
            if report.sheets.get(sheet.code) and sheet.code not in report.left_out:
                raise DataFileError([f"{issued.name}: the form has no sheet '{sheet.name}'"])
        elif sheet.code in report.left_out:
            workbook.remove(workbook[sheet.name])
        else:
            table = _Table(workbook[sheet.name], sheet, form, fields, issued.name)
            table.fill(report.sheets.get(sheet.code, {}))
            if sheet.code == "dossier":
                formulas[sheet.name] = table.formulas(report.formulas)
                if report.total_row:
                    formulas[sheet.name] |= table.add_total_row()
    if report.decomposed:
        _decompose(workbook)
    content = _save(workbook, formulas, str(report.info["prepared_by"]), saved_at)
    return content[: int(len(content) * report.truncate_to)] if report.truncate_to else content


def _fill_info(worksheet: Worksheet, report: Report, form: FormDefinition) -> None:
    labels = {heading_key(word.label): code for code, word in form.info.labels.items()}
    for cells in worksheet.iter_rows():
        for cell in cells:
            code = labels.get(heading_key(cell.value)) if isinstance(cell.value, str) else None
            if code in report.info:
                value = report.info[code]
                if code == "report_kind":
                    value = form.report_kinds[str(value)].label
                _write(worksheet, cell.row or 1, (cell.column or 0) + 1, value)


class _Table:
    """One table sheet of an issued workbook: where its columns are and which row says what."""

    def __init__(
        self,
        worksheet: Worksheet,
        sheet: Sheet,
        form: FormDefinition,
        fields: Mapping[str, str],
        file_name: str,
    ) -> None:
        self._sheet = worksheet
        self._definition = sheet
        self._form = form
        self._field_names = fields
        self._field_codes = {word_key(name): code for code, name in fields.items()}
        self._file_name = file_name
        self._columns, self._first_row = self._find_columns()
        self._rows: dict[str, int] = {}
        self._next_row = self._first_row
        self._find_rows()

    def fill(self, rows: Mapping[str, Row]) -> None:
        """Write the rows into their places; those that the form does not foresee go to the end."""
        for key, row in rows.items():
            number = self._rows.get(key)
            if number is None:
                number = self._rows[key] = self._next_row
                self._next_row += 1
                row = {**self._identity(key), **row, "stt": number - self._first_row + 1}
            for code, value in row.items():
                if code in self._columns:
                    _write(self._sheet, number, self._columns[code], self._shown(code, value))

    def formulas(self, columns: tuple[str, ...]) -> dict[str, str]:
        """Formulas of total columns, by cell, for rows whose total holds its value already."""
        found: dict[str, str] = {}
        for identity in self._definition.identities:
            if identity.total in columns and identity.total not in identity.parts:
                for number in self._rows.values():
                    parts = "+".join(self._address(code, number) for code in identity.parts)
                    address = self._address(identity.total, number)
                    if isinstance(self._sheet[address].value, int):
                        found.setdefault(address, parts)
        return found

    def add_total_row(self) -> dict[str, str]:
        """A row of sums below the table, as values; returns their formulas by cell."""
        last, number = self._next_row - 1, self._next_row
        self._next_row += 1
        _write(self._sheet, number, self._columns["field_name"], _TOTAL_LABEL)
        found = {}
        for column in self._definition.columns:
            if column.type == "count" and column.code in self._columns:
                place = self._columns[column.code]
                values = [self._sheet.cell(row, place).value for row in range(self._first_row, last + 1)]
                _write(self._sheet, number, place, sum(v for v in values if isinstance(v, int)))
                letter = get_column_letter(place)
                found[f"{letter}{number}"] = f"SUM({letter}{self._first_row}:{letter}{last})"
        return found

    def _find_columns(self) -> tuple[dict[str, int], int]:
        """Columns by code, and the row under the headings. Groups stand over their columns, in order."""
        wanted = list(self._definition.columns)
        first = heading_key(wanted[0].heading)
        for number in range(1, _HEADING_ROWS + 1):
            for place in range(1, 4):
                value = self._sheet.cell(number, place).value
                if isinstance(value, str) and heading_key(value) == first:
                    columns = {c.code: place + i for i, c in enumerate(wanted)}
                    self._check_headings(columns, number)
                    below = number + (2 if self._definition.groups else 1)
                    while is_column_number(str(self._sheet.cell(below, place + 1).value or "")):
                        below += 1
                    return columns, below
        raise self._error(f"has no heading '{wanted[0].heading}'")

    def _check_headings(self, columns: Mapping[str, int], number: int) -> None:
        for column in self._definition.columns:
            row = number + (1 if column.group else 0)
            given = str(self._sheet.cell(row, columns[column.code]).value or "")
            if heading_key(given) != heading_key(column.heading):
                raise self._error(f"has the heading '{given}' in row {row}, expected '{column.heading}'")

    def _error(self, problem: str) -> DataFileError:
        return DataFileError([f"{self._file_name}: sheet '{self._sheet.title}' {problem}"])

    def _find_rows(self) -> None:
        """The rows that the form prefills, by identity."""
        for number in range(self._first_row, self._sheet.max_row + 1):
            key = self._key(number)
            if key:
                self._rows[key] = number
                self._next_row = number + 1

    def _key(self, number: int) -> str | None:
        text = {
            code: str(self._sheet.cell(number, place).value or "").strip()
            for code, place in self._columns.items()
        }
        field_code = self._field_codes.get(word_key(text.get("field_name", "")), "")
        code = self._definition.code
        if code == "task":
            return text["task_code"] or None
        if code == "target":
            parts = [text["target_code"], field_code]
        elif code == "dossier":
            parts = [field_code]
        elif code == "satisfaction":
            if not field_code and not text["survey_content"]:
                return None
            default = self._form.survey_content_default
            parts = [field_code or "*", self._word("content", text["survey_content"], default)]
        elif code == "feedback":
            parts = [
                self._word("channel", text["channel_name"], ""),
                self._word("feedback_kind", text["feedback_kind"], self._form.feedback_kind_default),
            ]
        else:
            return str(number - self._first_row + 1) if text[self._definition.identity[0]] else None
        return "/".join(filter(None, parts)) if parts[0] else None

    def _word(self, column_type: str, text: str, default: str) -> str:
        return spelling_index(self._form.words(column_type)).get(word_key(text), default)

    def _identity(self, key: str) -> Row:
        """What a row that is added says about itself."""
        if key.startswith("+"):
            return {}
        code = self._definition.code
        first, _, second = key.partition("/")
        if code == "dossier":
            return {"field_name": key}
        if code == "satisfaction":
            named: Row = {} if first == "*" else {"field_name": first}
            return {**named, "survey_content": self._form.survey_contents[second].label}
        if code == "feedback":
            return {
                "channel_name": self._form.channels[first].label,
                "feedback_kind": self._form.feedback_kinds[second].label,
            }
        raise self._error(f"has no row for '{key}', which the scenario reports")

    def _shown(self, code: str, value: Cell) -> Cell | None:
        if code == "status" and value in self._form.statuses:
            return self._form.statuses[str(value)].label
        if code == "field_name":
            return self._field_names.get(str(value), value)
        return value if value != "" else None

    def _address(self, code: str, number: int) -> str:
        return f"{get_column_letter(self._columns[code])}{number}"


def _write(worksheet: Worksheet, row: int, column: int, value: Cell | None) -> None:
    cell = worksheet.cell(row, column)
    if isinstance(cell, MergedCell):
        raise DataFileError([f"sheet '{worksheet.title}': cell {cell.coordinate} lies inside a merged one"])
    cell.value = value
    if isinstance(value, date):
        cell.number_format = "dd/mm/yyyy"


def _decompose(workbook: Workbook) -> None:
    for worksheet in workbook.worksheets:
        for cells in worksheet.iter_rows():
            for cell in cells:
                if isinstance(cell.value, str) and not isinstance(cell, MergedCell):
                    kind = cell.data_type  # a text such as "= 100 %" would become a formula
                    cell.value = unicodedata.normalize("NFD", cell.value)
                    cell.data_type = kind


def _save(workbook: Workbook, formulas: Formulas, author: str, saved_at: datetime) -> bytes:
    moment = saved_at.astimezone(UTC).replace(tzinfo=None)
    workbook.properties.creator = workbook.properties.lastModifiedBy = author
    workbook.properties.created = workbook.properties.modified = moment
    paths = {ws.title: f"xl/worksheets/sheet{i}.xml" for i, ws in enumerate(workbook.worksheets, start=1)}
    target = io.BytesIO()
    archive = _StableArchive(target, {paths[title]: cells for title, cells in formulas.items()})
    ExcelWriter(workbook, archive).save()
    return target.getvalue()
