"""Reference data in `raw`: every load of a data set is a version; the newest is the one in force."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from warehouse.engine import copy_rows
from warehouse.schema import ref_version

Rows = Mapping[sa.Table, list[dict[str, Any]]]
"""Rows of reference tables, without `version_id`."""


@dataclass(frozen=True)
class LoadedVersion:
    """The version in force after a load; `is_new` is False when the content was there already."""

    version_id: int
    is_new: bool


def load_version(connection: sa.Connection, dataset: str, rows: Rows, run_id: str) -> LoadedVersion:
    """Write one data set as a new version, unless its content equals the newest version's.

    `rows` holds, by table, rows without `version_id`. Loads of one data set wait for each other.
    """
    digest = _digest(rows)
    connection.execute(
        sa.text("select pg_advisory_xact_lock(hashtext(:name))"), {"name": f"reference {dataset}"}
    )
    newest = connection.execute(
        sa.select(ref_version.c.version_id, ref_version.c.content_sha256)
        .where(ref_version.c.dataset == dataset)
        .order_by(ref_version.c.version_id.desc())
        .limit(1)
    ).one_or_none()
    if newest is not None and newest.content_sha256 == digest:
        return LoadedVersion(newest.version_id, is_new=False)
    version_id = connection.execute(
        sa.insert(ref_version)
        .values(dataset=dataset, content_sha256=digest, run_id=run_id)
        .returning(ref_version.c.version_id)
    ).scalar_one()
    for table, table_rows in rows.items():
        copy_rows(
            connection, table, [{"assumed": False, **row, "version_id": version_id} for row in table_rows]
        )
    return LoadedVersion(version_id, is_new=True)


def current_versions(connection: sa.Connection) -> dict[str, int]:
    """The version in force of each data set."""
    found = connection.execute(
        sa.select(ref_version.c.dataset, sa.func.max(ref_version.c.version_id)).group_by(
            ref_version.c.dataset
        )
    )
    return dict(found.tuples().all())


def current_rows(connection: sa.Connection, table: sa.Table) -> list[dict[str, Any]]:
    """The rows of a reference table that are in force (of the newest version of each data set)."""
    names = tuple(table.columns.keys())
    columns = ", ".join(map(connection.dialect.identifier_preparer.quote, names))
    # as text: putting a statement together costs as much as asking it, and every run asks a dozen
    found = connection.exec_driver_sql(
        f"select {columns} from {table.fullname} where version_id in "
        f"(select max(version_id) from {ref_version.fullname} group by dataset)"
    )
    return [dict(zip(names, row, strict=True)) for row in found]  # a mapping a row costs four times as much


def _digest(rows: Rows) -> str:
    content = {
        table.fullname: sorted(
            json.dumps(row, ensure_ascii=False, sort_keys=True, default=str) for row in table_rows
        )
        for table, table_rows in rows.items()
    }
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
