"""The least that loading these files can cost: every cell read by calamine, the same rows sent by COPY.

The rows are the very ones that the intake wrote, those of its ledger and its findings included, made
beforehand, into equal tables with equal keys. Nothing is archived, recorded, understood or checked.
"""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import psycopg
import python_calamine

from bench.job import Job

_tables: list[tuple[str, list[str], list[tuple[Any, ...]]]] = []


def prepare(job: Job) -> None:
    """Read the rows that are to be loaded."""
    _tables.extend(pickle.loads(Path(job.rows).read_bytes()))  # noqa: S301 (our own file)


def run(job: Job) -> None:
    """Read every cell of every sheet, and COPY the rows."""
    for path in job.paths:
        with python_calamine.CalamineWorkbook.from_path(path) as book:
            for name in book.sheet_names:
                book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    with psycopg.connect(job.dsn) as connection, connection.cursor() as cursor:
        for table, columns, rows in _tables:
            with cursor.copy(f"copy {table} ({', '.join(columns)}) from stdin") as copy:
                for row in rows:
                    copy.write_row(row)
