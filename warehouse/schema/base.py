"""What all tables share: the metadata, how a table, a reference table and a table of sheet rows are declared."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData()


def now() -> Any:
    """Server default of a moment: the clock's, not the transaction's."""
    return sa.text("clock_timestamp()")


def table(schema: str, name: str, *columns: Any, comment: str) -> sa.Table:
    """A table of a schema, with its comment."""
    return sa.Table(name, metadata, *columns, schema=schema, comment=comment)


def reference_table(name: str, *columns: Any, comment: str) -> sa.Table:
    """A reference table: every version of every row, with the source that it was taken from."""
    return table(
        "raw",
        name,
        sa.Column("version_id", sa.BigInteger, sa.ForeignKey("raw.ref_version.version_id"), nullable=False),
        *columns,
        sa.Column("source", sa.Text, comment="document and section, or data set, the row was taken from"),
        sa.Column(
            "assumed", sa.Boolean, nullable=False, server_default=sa.false(), comment="no document says so"
        ),
        comment=comment,
    )
