"""What targets and milestones ask for, in the words of the reports (`target_text_vi` of the warehouse)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sources.forms.definition import FormDefinition
from sources.forms.reference import Row

_TURNED = str.maketrans("<>≤≥", "><≥≤")
_CHANGES = frozenset({"percent_change", "score_change"})
_SCORES = frozenset({"score", "score_change"})
_HOW_OFTEN = {"count_per_quarter": " mỗi quý", "count_per_half": " mỗi 6 tháng", "count_per_year": " mỗi năm"}
_AMOUNTS = {
    "percent": " %",
    "percent_change": " %",
    "score": " điểm",
    "score_change": " điểm",
    "months": " tháng",
}
_NO_CHANGE = {"gt": "tăng", "lt": "giảm", "ge": "không giảm", "le": "không tăng", "eq": "không đổi"}
_NONE = "không có (0)"


def required_text(form: FormDefinition, target: Row) -> str:
    """'≥ 98 %', '20–30 %', 'chậm nhất 29/09/2024', 'giảm ≥ 15 % so với 2022'; '' where nothing is asked."""
    unit, comparator = target["unit"], target["comparator"]
    if target["low_value"] is None or comparator == "none":
        return ""
    low = Decimal(str(target["low_value"]))
    sign = form.comparators.get(comparator, "")
    if comparator == "by_date":
        return f"{sign} {datetime.strptime(str(int(low)), '%Y%m%d').date():%d/%m/%Y}"  # noqa: DTZ007
    if comparator == "rank_le":
        return f"{sign} {number_text(low)}"
    if comparator == "range" and target["high_value"] is not None:
        return f"{number_text(low)}–{_amount(target['high_value'], unit)}{_HOW_OFTEN.get(unit, '')}"
    if unit in _CHANGES:
        return f"{_change(comparator, sign, low, unit)} so với {target.get('baseline_year') or 'năm trước'}"
    if unit.startswith("count") and comparator == "eq" and low == 0:
        return _NONE
    return f"{sign} {_amount(low, unit)}{_HOW_OFTEN.get(unit, '')}"


def milestone_text(form: FormDefinition, obligation: Row) -> str:
    """A milestone below the label of its task: 'Mốc 2: …'."""
    return f"{form.texts.milestone_vi} {obligation['obligation_no']}: {obligation['obligation_label']}"


def number_text(value: Decimal | float | int) -> str:
    """A number as Vietnamese write it: 1.234,5."""
    text = f"{Decimal(str(value)):,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return _vietnamese(text)


def date_text(day: date) -> str:
    """A day as Vietnamese write it: 17/3/2023."""
    return f"{day.day}/{day.month}/{day.year}"


def _change(comparator: str, sign: str, low: Decimal, unit: str) -> str:
    """A fall by at least 15 % is stored as '≤ −15'."""
    if low == 0:
        return _NO_CHANGE[comparator]
    word, shown = ("giảm", sign.translate(_TURNED)) if low < 0 else ("tăng", sign)
    return f"{word} {shown} {_amount(abs(low), unit)}"


def _amount(value: Decimal | float | int, unit: str) -> str:
    """A number with its unit; scores have two decimals."""
    text = _vietnamese(f"{Decimal(str(value)):,.2f}") if unit in _SCORES else number_text(value)
    return text + _AMOUNTS.get(unit, "")


def _vietnamese(text: str) -> str:
    return text.translate(str.maketrans(",.", ".,"))
