"""The workbook `review.xlsx`: one sheet per table, native charts, each figure linked to its evidence."""

from __future__ import annotations

from pathlib import Path

from review.book import HEADING_ROW, Book, write_table
from review.draft import Draft
from review.sheets import write_charts, write_guide, write_sources, write_summary


def write_book(path: Path, draft: Draft) -> None:
    """Write the whole workbook to `path`. Equal drafts give equal bytes."""
    book = Book(path, draft.as_of, draft.heading, draft.evidence)
    line = HEADING_ROW + 1
    for group in draft.evidence.groups:
        for row in group.rows:
            book.evidence_rows |= dict.fromkeys(row["keys"], line)
            line += 1
    tables = [table for chapter in draft.chapters for table in chapter.tables if table.sheet]
    tables += [draft.course] if len(draft.course.rows) > 1 else []
    write_summary(book, draft.figures, draft.points, [table.sheet for table in tables])
    write_charts(book, [chart for chapter in draft.chapters for chart in chapter.charts if chart.categories])
    for table in tables:
        write_table(book, table)
    write_sources(book)
    write_guide(book)
    book.file.close()
