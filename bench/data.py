"""Filled workbooks of an invented round, seeded: the form as issued, filled as clerks fill it.

Every workbook is the real form and says that its data are synthetic. Beside ordinary values some hold what
real ones do: percent formats, formulas with their cached totals, total rows, decomposed accents, dates as
text, and in one of ten something that the intake must find.
"""

from __future__ import annotations

import hashlib
import io
import json
import random
import re
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bench import city
from sources.forms.content import FormContent, SheetContent, form_content
from sources.forms.definition import FormDefinition, load_definition
from sources.forms.issue_workbook import GUIDANCE_ROW, write_workbook

SEED = 20230315
LABEL = "DỮ LIỆU TỔNG HỢP - KHÔNG CÓ THẬT"
KEYS = {
    "task": "task_code",
    "target": "target_code",
    "dossier": "field_name",
    "satisfaction": "survey_content",
    "feedback": "channel_name",
    "figure": "indicator_code",
    "assessment": "topic",
}
"""The column that every row of data fills, by sheet: what a simple loader tells rows of data by."""
_INFO_ROW = 4
HEADING_ROWS = 3
"""Heading rows of the sheet with groups of columns, that of column numbers included; one in the others."""
_STRINGS, _STYLES = "xl/sharedStrings.xml", "xl/styles.xml"
_TOTAL = "Tổng cộng"
_EXCEL_EPOCH = date(1899, 12, 30)
_SENTENCE = """
    Thực hiện theo kế hoạch đã ban hành, đã rà soát và cập nhật trên hệ thống thông tin giải quyết thủ tục
    hành chính, tiếp tục phối hợp với các đơn vị liên quan trong kỳ tới
"""
Row = dict[str, Any]
Rows = dict[str, list[Row]]
Parts = dict[str, str]
"""The XML parts of a workbook by name."""


def workbooks(folder: Path, agencies: int | None = None, told: Callable[[str], None] = print) -> Path:
    """The folder of the round's workbooks, written unless they are there; with `rows.json` beside them.

    `agencies`: only so many, evenly over the kinds; None = all 355. The folder is named for the seed, the
    form and the code that makes the data: other data never lie under the same name.
    """
    target = folder / f"{_version()}-{agencies or 'all'}"
    if (target / "rows.json").exists():
        return target
    form, reference = load_definition(), city.reference()
    period = reference.periods[city.PERIODS[0]]
    chosen = reference.reporting_agencies(period, city.CITY)
    if agencies:
        chosen = [chosen[n * len(chosen) // agencies] for n in range(agencies)]
    target.mkdir(parents=True, exist_ok=True)
    counted: dict[str, dict[str, int]] = {}
    for number, agency in enumerate(chosen):
        content = form_content(form, reference, agency, period, period["closes_on"])
        name = f"Bao cao {agency['agency_code']}.xlsx"
        data, counted[name] = _workbook(form, content, _chance(agency["agency_code"]))
        (target / name).write_bytes(data)
        if number % 71 == 70:
            told(f"  {number + 1} of {len(chosen)} workbooks written")
    (target / "rows.json").write_text(json.dumps(counted, indent=1), encoding="utf-8")
    return target


def _chance(code: str) -> random.Random:
    return random.Random(f"{SEED} {code}")  # noqa: S311 (the same data every time)


def of_period(data: bytes, label: str, other: str) -> bytes:
    """The same workbook for another period."""

    def edit(parts: Parts) -> None:
        given = unicodedata.normalize("NFD", label) if f">{label}<" not in parts[_STRINGS] else label
        _replace(parts, _STRINGS, f">{given}<", f">{other}<")

    return _edited(data, edit)


def _version() -> str:
    digest = hashlib.sha256(str(SEED).encode())
    for path in (Path(__file__), Path(city.__file__)):
        digest.update(path.read_bytes())
    digest.update(load_definition().model_dump_json().encode())
    return digest.hexdigest()[:12]


def _workbook(
    form: FormDefinition, content: FormContent, chance: random.Random
) -> tuple[bytes, dict[str, int]]:
    """A filled workbook, and by sheet its rows of data; `total` counts total rows, which are none."""
    clerk = _Clerk(form, content, chance)
    rows = clerk.filled()
    counts = {code: sum(bool(row.get(KEYS[code])) for row in of_sheet) for code, of_sheet in rows.items()}
    counts["dossier"] -= clerk.total_row
    counts["total"] = int(clerk.total_row)
    sheets = {
        code: SheetContent(
            rows[code], max(0, sheet.blank_rows - (len(rows[code]) - len(sheet.rows))), sheet.remarks
        )
        for code, sheet in content.sheets.items()
    }
    data = write_workbook(form, replace(content, sheets=sheets), LABEL)
    return _edited(data, lambda parts: clerk.edit(parts, rows)), counts


class _Clerk:
    """Fills one agency's form. What this clerk's workbooks are like is decided once, at the beginning."""

    def __init__(self, form: FormDefinition, content: FormContent, chance: random.Random) -> None:
        self.form, self.content, self.chance = form, content, chance
        self.percent_format = chance.random() < 0.15
        self.formulas = chance.random() < 0.3
        self.total_row = chance.random() < 0.3
        self.decomposed = chance.random() < 0.1
        self.text_dates = chance.random() < 0.15
        self.is_careless = chance.random() < 0.1

    def filled(self) -> Rows:
        """The form's rows, filled."""
        fill = {
            "task": self._task,
            "target": self._target,
            "dossier": self._dossier,
            "satisfaction": self._satisfaction,
            "feedback": self._feedback,
            "figure": lambda row: row,
            "assessment": self._assessment,
        }
        rows = {
            code: [row if "section" in row else fill[code](dict(row)) for row in sheet.rows]
            for code, sheet in self.content.sheets.items()
        }
        if self.is_careless:
            self._make_mistakes(rows)
        if self.total_row:
            counts = [c.code for c in self.form.sheet("dossier").columns if c.type == "count"]
            sums = {
                code: sum(row[code] for row in rows["dossier"] if isinstance(row.get(code), int))
                for code in counts
            }
            rows["dossier"].append({"field_name": _TOTAL, **sums})
        return rows

    def edit(self, parts: Parts, rows: Rows) -> None:
        """Put into the file's parts what the form's writer does not write."""
        sheets = {
            sheet.code: f"xl/worksheets/sheet{n}.xml" for n, sheet in enumerate(self.form.sheets, start=2)
        }
        self._fill_info(parts)
        if self.formulas or self.total_row:
            self._write_formulas(parts, sheets["dossier"], rows["dossier"])
        if self.percent_format:
            _show_percent(parts, sheets["task"], self._letter("task", "progress_percent"))
        if self.decomposed:
            parts[_STRINGS] = unicodedata.normalize("NFD", parts[_STRINGS])

    def _fill_info(self, parts: Parts) -> None:
        """Date, number and people, beside their labels on the first sheet."""
        day = self.content.period["closes_on"] + timedelta(days=self.chance.randrange(1, 4))
        values: dict[str, str | int] = {
            "report_date": (day - _EXCEL_EPOCH).days,
            "document_number": f"{self.chance.randrange(10, 400)}/BC-UBND",
            "prepared_by": "Người lập mẫu",
            "signed_by": "Người ký mẫu",
            "signer_title": "Phó Chủ tịch",
        }
        for row, code in enumerate(self.form.info.labels, start=_INFO_ROW):
            if code in values:
                value = values[code]
                kind, inner = ("", f"<v>{value}</v>")
                if isinstance(value, str):
                    kind, inner = ' t="inlineStr"', f"<is><t>{value}</t></is>"
                _replace(
                    parts,
                    "xl/worksheets/sheet1.xml",
                    rf'<c r="C{row}"([^>]*)/>',
                    rf'<c r="C{row}"\1{kind}>{inner}</c>',
                )

    def _task(self, row: Row) -> Row:
        chance = self.chance
        status = chance.choices(["done", "running", "not_started", "not_arisen"], [50, 38, 9, 3])[0]
        row["status"] = self.form.statuses[status].label
        row["progress_percent"] = {"done": 100, "running": chance.randrange(10, 95, 5), "not_started": 0}.get(
            status
        )
        if status == "done":
            day = self.content.period["closes_on"] - timedelta(days=chance.randrange(0, 80))
            row |= {
                "product": f"Kế hoạch {self._words(5, 12)}",
                "document_number": f"{chance.randrange(1, 900)}/KH-UBND",
                "completed_on": f"{day.day}/{day.month}/{day.year}" if self.text_dates else day,
            }
        if chance.random() < 0.12:
            row["difficulty"] = self._words(8, 20)
        if chance.random() < 0.2:
            row["note"] = self._words(4, 12)
        return row

    def _target(self, row: Row) -> Row:
        chance, unit = self.chance, row["unit"]
        if unit == "%":
            whole = chance.randrange(20, 4000)
            row |= {"numerator": round(whole * chance.uniform(0.8, 1)), "denominator": whole}
            if chance.random() < 0.3:
                row["reported_value"] = round(100 * row["numerator"] / whole, 2)
        elif unit == "ngày":
            row["reported_value"] = self.content.period["closes_on"] - timedelta(days=chance.randrange(0, 60))
        elif unit.startswith("lần"):
            row["numerator"] = chance.randrange(0, 6)
        else:
            row["reported_value"] = chance.randrange(1, 90)
        if chance.random() < 0.2:
            row["note"] = self._words(4, 12)
        return row

    def _dossier(self, row: Row) -> Row:
        chance = self.chance
        if chance.random() < 0.08:
            return row | {"received_total": "Không phát sinh"}
        size = int(10 ** chance.uniform(0.7, 3.4))
        online, carried = chance.randrange(0, size + 1), chance.randrange(0, size // 10 + 1)
        row |= {"received_online": online, "received_direct": size - online, "carried_over": carried}
        row["received_total"] = size + carried
        row["pending_total"] = chance.randrange(0, row["received_total"] // 8 + 1)
        row["pending_overdue"] = row["pending_total"] // 20
        row["pending_in_time"] = row["pending_total"] - row["pending_overdue"]
        row["resolved_total"] = row["received_total"] - row["pending_total"]
        row["resolved_late"] = row["resolved_total"] // chance.randrange(30, 200)
        row["resolved_early"] = round(
            (row["resolved_total"] - row["resolved_late"]) * chance.uniform(0.3, 0.9)
        )
        row["resolved_on_time"] = row["resolved_total"] - row["resolved_late"] - row["resolved_early"]
        row["apology_letters"] = row["resolved_late"]
        return row

    def _satisfaction(self, row: Row) -> Row:
        sent = self.chance.randrange(10, 300)
        if self.chance.random() < 0.3:
            return row | dict.fromkeys(("sent", "returned", "satisfied"), "-")
        returned = round(sent * self.chance.uniform(0.7, 1))
        return row | {
            "sent": sent,
            "returned": returned,
            "satisfied": round(returned * self.chance.uniform(0.8, 1)),
        }

    def _feedback(self, row: Row) -> Row:
        received = self.chance.randrange(0, 40)
        late = received // 15
        return row | {
            "received": received,
            "resolved_on_time": received - late,
            "resolved_late": late,
            "pending": 0,
            "published": received - late,
        }

    def _assessment(self, row: Row) -> Row:
        for code in ("results", "limits", "causes", "solutions", "next_tasks", "proposals"):
            if self.chance.random() < 0.6:
                row[code] = self._words(15, 60)
        return row

    def _make_mistakes(self, rows: Rows) -> None:
        tasks = [row for row in rows["task"] if "section" not in row]
        full = [row for row in rows["dossier"] if "resolved_total" in row]
        self.chance.choice(full)["received_total"] += 3
        self.chance.choice(tasks)["progress_percent"] = "khoảng một nửa"
        self.chance.choice(tasks)["status"] = "Sắp xong"
        self.chance.choice(rows["satisfaction"])["satisfied"] = -4
        rows["dossier"].append(
            {"field_name": "Lĩnh vực tự đặt", **dict.fromkeys(full[0].keys() - {"stt", "field_name"}, 0)}
        )
        tasks[-1]["task_code"] += ".99"
        rows["feedback"][0]["received"] = "12 lượt"

    def _words(self, least: int, most: int) -> str:
        words = _SENTENCE.split()
        start = self.chance.randrange(0, len(words))
        return " ".join((words * 4)[start : start + self.chance.randrange(least, most)])

    def _letter(self, sheet_code: str, column_code: str) -> str:
        codes = [column.code for column in self.form.sheet(sheet_code).columns]
        return chr(ord("A") + codes.index(column_code))

    def _write_formulas(self, parts: Parts, name: str, rows: list[Row]) -> None:
        """Formulas of total columns and of the total row, beside the values that they gave."""
        sheet = self.form.sheet("dossier")
        first = GUIDANCE_ROW + 1 + len(self.content.sheets["dossier"].remarks) + HEADING_ROWS + 1
        formulas: dict[str, str] = {}
        for number, row in enumerate(rows, start=first):
            if row["field_name"] == _TOTAL:
                for code in (c.code for c in sheet.columns if c.type == "count"):
                    letter = self._letter("dossier", code)
                    formulas[f"{letter}{number}"] = f"SUM({letter}{first}:{letter}{number - 1})"
            elif self.formulas:
                for rule in sheet.identities[:3]:
                    if isinstance(row.get(rule.total), int):
                        sum_of = "+".join(f"{self._letter('dossier', code)}{number}" for code in rule.parts)
                        formulas[f"{self._letter('dossier', rule.total)}{number}"] = sum_of
        cells = "|".join(formulas)
        _replace(
            parts,
            name,
            rf'(<c r="({cells})"[^>]*>)(<v>)',
            lambda found: f"{found[1]}<f>{formulas[found[2]]}</f>{found[3]}",
            times=len(formulas),
        )


def _show_percent(parts: Parts, name: str, letter: str) -> None:
    """Progress as a fraction in cells of a percent format, as typing "85%" leaves it."""
    formats = re.search(r'<cellXfs count="(\d+)">(.*?)</cellXfs>', parts[_STYLES], re.S)
    number = re.search(r'numFmtId="(\d+)" formatCode="0\.##"', parts[_STYLES])
    if formats is None or number is None:
        raise AssertionError("the form has no format of progress")
    shown = next(xf for xf in re.findall(r"<xf .*?</xf>", formats[2], re.S) if f'"{number[1]}"' in xf)
    shown = shown[shown.rindex("<xf ") :].replace(f'"{number[1]}"', '"9"')
    last = int(formats[1])
    parts[_STYLES] = parts[_STYLES].replace(
        formats[0], f'<cellXfs count="{last + 1}">{formats[2]}{shown}</cellXfs>'
    )
    parts[name] = re.sub(
        rf'(<c r="{letter}\d+") s="\d+"><v>(\d+)</v>',
        lambda found: f'{found[1]} s="{last}"><v>{int(found[2]) / 100}</v>',
        parts[name],
    )


def _replace(
    parts: Parts, name: str, pattern: str, new: str | Callable[[re.Match[str]], str], times: int = 1
) -> None:
    parts[name], done = re.subn(pattern, new, parts[name])
    if done != times:
        raise AssertionError(f"{name}: {pattern} was found {done} times, expected {times}")


def _edited(data: bytes, edit: Callable[[Parts], None]) -> bytes:
    """A workbook with its XML parts edited."""
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        parts = {name: old.read(name).decode() for name in old.namelist()}
    edit(parts)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name, text in parts.items():
            new.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
    return target.getvalue()
