"""dlt into PostgreSQL: one pipeline run over the rows of all files, which calamine reads; nothing checked.

Settings are dlt's own (loader file format included); telemetry is off, its working folder is the run's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dlt
import python_calamine

from bench.contenders import tables
from bench.job import Job

SCHEMA = "dlt_way"


def run(job: Job) -> None:
    """Extract, normalise and load everything once."""
    pipeline = dlt.pipeline(
        pipeline_name="bench",
        pipelines_dir=f"{job.work}/dlt",
        destination=dlt.destinations.postgres(job.dsn.replace("+psycopg", "")),
        dataset_name=SCHEMA,
    )
    pipeline.run(_rows(job)).raise_on_failed_jobs()


@dlt.resource(name="reports")
def _rows(job: Job) -> Iterator[Any]:
    known = tables.by_sheet_name()
    for path in job.paths:
        with python_calamine.CalamineWorkbook.from_path(path) as book:
            for name in book.sheet_names:
                cells = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                if table := known.get(name):
                    first = table.first_row(row[0] for row in cells)
                    named = (dict(zip(table.columns, row, strict=False)) for row in cells[first:])
                    rows = [{**row, "file_name": path.name} for row in named if row[table.key] != ""]
                    yield dlt.mark.with_table_name(rows, table.name)
