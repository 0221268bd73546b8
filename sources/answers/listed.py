"""The sheet that lists all findings, as text in its place: the package and the copy write the same one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sources.answers import wording
from sources.answers.told import Told
from sources.answers.wording import NOTHING, harmless

COLUMNS = (
    ("STT", 6),
    ("Mức độ", 11),
    ("Bảng", 19),
    ("Ô", 8),
    ("Nội dung đã ghi", 28),
    ("Cần ghi", 28),
    ("Việc cần làm", 62),
    ("Quy tắc", 22),
)
"""Headings with their widths in characters."""
LINK_COLUMN = 3
LONGEST_NAME = 31
"""Characters of a sheet's name."""
_HEAD_WIDTH = sum(width for _, width in COLUMNS[2:])
_LINE_POINTS, _HIGHEST = 16.0, 400.0
MOST_LINES = 20_000
"""Findings that the sheet lists; nobody mends more by hand. Excel takes 65,530 links of a sheet."""


@dataclass(frozen=True)
class Line:
    """One finding: its grade, the texts of its cells, the place in the workbook that it is about."""

    grade: str
    texts: tuple[str, ...]
    link: str | None


@dataclass(frozen=True)
class Listed:
    """What stands on the sheet: a title, labels with values, remarks on the workbook, one line a finding."""

    title: str
    facts: tuple[tuple[str, str], ...]
    remarks: tuple[str, ...]
    lines: tuple[Line, ...]


def free_name(wanted: str, taken: Iterable[str]) -> str:
    """A sheet name that is not taken: names differ without regard to case."""
    known, name, number = {other.lower() for other in taken}, wanted, 1
    while name.lower() in known:
        number += 1
        name = f"{wanted[: LONGEST_NAME - len(str(number)) - 3]} ({number})"
    return name


def list_findings(told: Told, sheet_names: Mapping[int, str], remarks: tuple[str, ...] = ()) -> Listed:
    """The sheet's content; `sheet_names` are those of the workbook that is returned, by number."""
    facts = [
        ("Nơi gửi", told.agency_name or "chưa xác định được"),
        ("Báo cáo kỳ", told.period_label or "chưa xác định được"),
        ("Lượt nộp", f"số {told.delivery_id}, lúc {wording.moment(told.received_at)}"),
        ("Kết quả", wording.verdict(told) + (f". {told.reason_vi}" if told.reason_vi else "")),
        ("Số phát hiện", wording.counts(told) if told.findings else wording.NO_FINDINGS),
        ("Việc cần làm", " ".join(wording.to_do(told)[:1])),
    ]
    if told.data_label:
        remarks = (told.data_label, *remarks)
    more = len(told.findings) - MOST_LINES
    if more > 0:
        remarks = (*remarks, f"Danh sách nêu {MOST_LINES} phát hiện đầu; còn {more} phát hiện khác.")
    lines = []
    for number, finding in enumerate(told.sorted_findings()[:MOST_LINES], start=1):
        sheet = sheet_names.get(finding.sheet_no or 0)
        is_there = sheet is not None and finding.place is not None
        lines.append(
            Line(
                grade=finding.grade,
                texts=(
                    str(number),
                    wording.GRADES[finding.grade],
                    harmless(finding.sheet_name or NOTHING),
                    finding.cell if is_there and finding.cell else harmless(finding.cell or NOTHING),
                    harmless(finding.given or ""),
                    harmless(finding.expected or ""),
                    harmless(wording.message(finding)),
                    finding.rule_id,
                ),
                link=f"{quoted(sheet)}!{finding.cell}" if is_there and sheet is not None else None,
            )
        )
    shown = [(label, harmless(value)) for label, value in facts]
    return Listed(wording.TITLE, tuple(shown), tuple(harmless(r) for r in remarks), tuple(lines))


def quoted(sheet_name: str) -> str:
    """A sheet's name as links write it."""
    return "'" + sheet_name.replace("'", "''") + "'"


def height_of(text: str, width: float = _HEAD_WIDTH) -> float:
    """Height in points that a text takes in a width in characters, within what Excel allows."""
    lines = sum(max(1, -(-len(part) // int(width * 1.02))) for part in text.split("\n"))
    return min(_LINE_POINTS * lines + 2, _HIGHEST)


def height_of_line(line: Line) -> float:
    """Height in points of a finding's row; stated, because not every program fits rows to their text."""
    widths = (width for _, width in COLUMNS[:-1])
    return max(height_of(text, width) for text, width in zip(line.texts, widths, strict=False))
