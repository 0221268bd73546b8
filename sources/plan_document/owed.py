"""When a plan is owed: of a row by its column of time, of a duty by the words that name a day."""

from __future__ import annotations

import re

from sources.plan_document.deadlines import DeadlineRead, read_deadline, read_years
from sources.plan_document.duties import Duty
from sources.plan_document.head import Head
from sources.plan_document.tables import TableRow
from warehouse.text import nfc

_DATED = re.compile(
    r"\b(?:xong |hoàn thành )?(?:trước|chậm nhất|trong|vào)\s+(?:ngày|tháng|quý|\d{1,2}/\d)[^.;]{0,60}",
    re.IGNORECASE,
)


def deadline_of_row(row: TableRow, head: Head) -> DeadlineRead:
    """The deadline of a task of the appendix, in the column of time or in the columns of years."""
    if any(row.years.values()):
        return read_years(row.years, head.years, head.signed_on, nfc(row.cells.get("task", "")))
    return read_deadline(row.cells.get("deadline", ""), head.years, head.signed_on)


def deadline_of_duty(duty: Duty, head: Head) -> DeadlineRead:
    """The deadline that a duty's words name; without obligations where they name none."""
    found = _DATED.search(duty.text)
    return read_deadline(found.group() if found else "", head.years)
