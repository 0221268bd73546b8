"""pandas, openpyxl and `to_sql`, as people load workbooks with them: text columns, no types, nothing checked.

`to_sql` goes with its default (executemany): `method="multi"` needs more CPU time here (docs/speed.md).
"""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa

from bench.contenders import tables
from bench.job import Job

SCHEMA = "pandas_way"


def run(job: Job) -> None:
    """Read every sheet of every file and append its rows to the sheet's table."""
    known = tables.by_sheet_name()
    engine = sa.create_engine(job.dsn)
    with engine.begin() as connection:
        connection.execute(sa.schema.CreateSchema(SCHEMA))
    for path in job.paths:
        frames = pd.read_excel(path, sheet_name=None, engine="openpyxl", header=None, dtype=str)
        with engine.begin() as connection:
            for name, frame in frames.items():
                if table := known.get(str(name)):
                    first = table.first_row(frame[0])
                    rows = frame.iloc[first:, : len(table.columns)].set_axis(table.columns, axis="columns")
                    rows = rows.dropna(subset=[table.key]).assign(file_name=path.name)
                    rows.to_sql(table.name, connection, schema=SCHEMA, if_exists="append", index=False)
