"""The workbook `review.xlsx`: one sheet per table, native charts, each figure linked to its evidence."""

from __future__ import annotations

from pathlib import Path

from review.book import Book
from review.draft import Draft
from review.sheets import write_charts, write_files, write_guide, write_sources, write_summary
from review.table_sheet import write_table


def write_book(path: Path, draft: Draft) -> None:
    """Write the whole workbook to `path`. Equal drafts give equal bytes."""
    book = Book(path, draft.as_of, draft.heading, draft.evidence)
    tables = [
        (f"{chapter.title}: {table.title[:1].lower()}{table.title[1:]}", table)
        for chapter in draft.chapters
        for table in chapter.tables
        if table.sheet
    ]
    if len(draft.course.rows) > 1:
        tables.append((draft.course.title, draft.course))
    write_summary(book, draft.figures, draft.points, [table.sheet for _, table in tables])
    write_charts(book, [chart for chapter in draft.chapters for chart in chapter.charts if chart.categories])
    for title, table in tables:
        write_table(book, title, table)
    write_sources(book)
    write_files(book)
    write_guide(book)
    book.file.close()
