"""A decision read whole: its head, its sections, the rows of its tables, the targets that it sets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from sources.plan_document.blocks import Document, Paragraph
from sources.plan_document.duties import Duty, read_duties
from sources.plan_document.head import Head, read_head
from sources.plan_document.masks import mask_years
from sources.plan_document.merge import merge_restated
from sources.plan_document.outline import Outline, Section, read_outline
from sources.plan_document.skeleton import skeleton
from sources.plan_document.tables import TableRow, Tables, read_tables
from sources.plan_document.targets import Passage, TargetRead, Unread, read_targets
from sources.plan_document.years import years_of_title

_PAST_CHAPTER = re.compile(
    r"^(?:danh gia|dac diem|thuc trang|ket qua|tinh hinh|su can thiet|boi canh|khai quat|tong quan|co so"
    r"|can cu)\b"
)
_PAST_SECTION = re.compile(
    r"^(?:ket qua(?: dat duoc| thuc hien|$|\.)|ton tai|han che|nguyen nhan|thuc trang|co so xay dung"
    r"|su can thiet|can cu)\b"
)
_GOAL = re.compile(r"\b(?:muc tieu|chi tieu)\b")
_TITLE = 160
_FEWEST = 3


@dataclass
class PlanReading:
    """Everything that was read of a document; nothing of it is known to be right."""

    document: Document
    head: Head
    outline: Outline
    tables: Tables
    targets: list[TargetRead]
    duties: list[Duty]
    said: list[TargetRead]
    """The targets in every place that says them, those said again too."""
    unread: list[Unread] = field(default_factory=list)
    """Sentences that look like a target and gave none."""

    @property
    def is_plan(self) -> bool:
        """Whether it sets anything to do or to reach: a table of tasks, or some targets and duties."""
        return bool(self.tables.tasks) or len(self.targets) + len(self.duties) >= _FEWEST

    def wording(self, citation: str) -> tuple[str, list[int]] | None:
        """The words at a section, a bullet or a row of the appendix, and where they stand."""
        if row := self.tables.tasks.get(citation):
            return row.cells.get("task", ""), row.lines
        return self.outline.wording(citation)


def read_plan(document: Document) -> PlanReading:
    """Read a document as a plan."""
    head = read_head(document)
    tables = read_tables(document, head.years)
    others = {id(row) for row in tables.others}
    paragraphs = [
        paragraph
        for block in document.blocks
        for paragraph in (
            [block] if isinstance(block, Paragraph) else _lines_of(block) if id(block) in others else []
        )
    ]
    outline = read_outline(paragraphs)
    unread: list[Unread] = []
    targets = [
        target
        for passages in _passages(outline, tables, head.years)
        for target in read_targets(passages, head.years, unread)
    ]
    unread = sorted(dict.fromkeys(unread), key=lambda one: one.lines)
    duties = [duty for duty in read_duties(outline) if not _is_goal_at(duty.address, outline)]
    return PlanReading(document, head, outline, tables, merge_restated(targets), duties, targets, unread)


def _lines_of(row: object) -> Iterator[Paragraph]:
    """The lines of a row of no plan's table, so that nothing in it is lost."""
    for cell in getattr(row, "cells", ()):
        for line in filter(None, cell.split("\n")):
            yield Paragraph(line, getattr(row, "lines", ()))


def _passages(outline: Outline, tables: Tables, plan_years: list[int]) -> Iterator[list[Passage]]:
    """The words of each section, then of each row: goals first, so that they are what others say again."""
    sections = [section for section in outline.sections.values() if not _is_passed_over(section)]
    goals = [section for section in sections if is_goal(section)]
    for section in [*goals, *(section for section in sections if not is_goal(section))]:
        years = tuple(_years_above(section, plan_years))
        yield [
            Passage(section.address, piece.text, piece.lines, years, is_goal(section))
            for piece in section.pieces
        ]
    for row in tables.rows:
        if row.kind != "group":
            yield list(_row_passages(row))


def _row_passages(row: TableRow) -> Iterator[Passage]:
    lines = tuple(row.lines)
    task = _in_line(row.cells.get("task", ""))
    if row.kind == "target":
        unit = "%" if re.search(r"%|phần trăm", row.cells.get("unit", ""), re.IGNORECASE) else ""
        values = {**row.years, **({0: row.cells["value"]} if row.cells.get("value") else {})}
        for year, value in values.items():  # year 0: one value for the whole plan
            if value:
                text = f"{row.cells.get('target', '')} đạt {value}{unit if unit not in value else ''}"
                yield Passage(row.address, _in_line(text), lines, (year,) if year else (), is_goal=True)
        return
    if task:
        yield Passage(row.address, task, lines, task=row.address)
    if product := row.cells.get("product"):
        yield Passage(row.address, _in_line(product), lines, task=row.address, context=task, restates=True)
    for year, cell in row.years.items():
        if cell:
            yield Passage(row.address, _in_line(cell), lines, (year,), True, row.address, task)


def _in_line(cell: str) -> str:
    return cell.replace("\n", " ")


def is_goal(section: Section) -> bool:
    """Whether a section lies among the plan's goals: a title above it, or its own, calls them so."""
    return any(
        _GOAL.search(skeleton(upper.title[:_TITLE])) for upper in section.chain() if _is_title(upper, section)
    )


def _is_goal_at(address: str, outline: Outline) -> bool:
    section = outline.sections.get(address) or outline.sections.get(address.rpartition("-")[0])
    return section is not None and is_goal(section)


def _is_title(upper: Section, section: Section) -> bool:
    return upper is not section or len(section.title) < _TITLE


def _is_passed_over(section: Section) -> bool:
    """Articles put the plan into force; what tells of the past sets no target."""
    for upper in section.chain():
        title = skeleton(upper.title[:_TITLE])
        if upper.kind == "article" or (
            upper.above is None and upper.kind == "chapter" and _PAST_CHAPTER.match(title)
        ):
            return True
        if len(upper.title) < _TITLE and upper.kind != "chapter" and _PAST_SECTION.match(title):
            return True
    return False


def _years_above(section: Section, plan_years: list[int]) -> list[int]:
    """The years that the nearest title above a section sets."""
    for upper in list(section.chain())[1:]:
        if years := years_of_title(mask_years(skeleton(upper.title)), plan_years):
            return years
    return []
