"""The bench's own server, a migrated template that knows the invented city, a fresh clone for every run."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from bench import city
from sources.intake.ingest import register_intake_rules
from warehouse import migrate, server
from warehouse.engine import dispose_engines, engine
from warehouse.reference import load_version
from warehouse.schema import delivery, intake_finding, metadata, reading, section
from warehouse.settings import Settings

TEMPLATE = "bench_template"
SHEETS = ("task", "target", "dossier", "satisfaction", "feedback", "figure", "assessment", "held")
_NUMBERS = iter(range(1, 1_000_000))


@contextmanager
def running_server(home: Path) -> Iterator[server.ServerInfo]:
    """The server of the bench's home with a new template; stopped in the end."""
    settings = Settings(home=home, database=TEMPLATE)
    info = server.start(settings)
    try:
        _drop(home, TEMPLATE)
        migrate.migrate(settings)
        with engine(settings, "loader").begin() as connection:
            for dataset, rows in city.datasets().items():
                load_version(connection, dataset, rows, "bench")
        register_intake_rules(settings, "bench")
        dispose_engines()
        yield info
    finally:
        dispose_engines()
        server.stop(settings)


@contextmanager
def clone(home: Path) -> Iterator[Settings]:
    """A fresh clone of the template, dropped in the end. What earlier runs left to write is written first."""
    name = f"bench_{next(_NUMBERS)}"
    _drop(home, name)  # left by a run that was killed
    with _admin(home).connect() as connection:
        connection.exec_driver_sql(f"create database {name} template {TEMPLATE} owner cchc_owner")
        connection.exec_driver_sql(f"grant connect, temporary, create on database {name} to cchc_loader")
        connection.exec_driver_sql(f"grant connect on database {name} to cchc_owner")
        connection.exec_driver_sql("checkpoint")
    try:
        yield Settings(home=home, database=name)
    finally:
        dispose_engines()
        _drop(home, name)


def server_cpu_seconds(info: server.ServerInfo) -> float:
    """CPU time of the server and of all its backends, finished ones included."""
    main = psutil.Process(info.pid)
    used = 0.0
    for process in (main, *main.children()):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue  # it ended in between: the main process has its time by now
        used += times.user + times.system
    times = main.cpu_times()
    return used + times.children_user + times.children_system


def write_loaded_rows(settings: Settings, path: Path) -> None:
    """Keep all rows that the intake wrote into a warehouse, for the floor to load the same."""
    tables: list[tuple[str, list[str], list[tuple[Any, ...]]]] = []
    with engine(settings, "loader").connect() as connection:
        for table in (delivery, reading, section, *_sheet_tables(), intake_finding):
            columns = [
                sa.cast(c, sa.Text).label(c.name) if isinstance(c.type, JSONB) else c for c in table.columns
            ]
            rows = connection.execute(sa.select(*columns).order_by(*table.primary_key))
            tables.append((table.fullname, [c.name for c in table.columns], [tuple(row) for row in rows]))
    path.write_bytes(pickle.dumps(tables))


def _sheet_tables() -> list[sa.Table]:
    return [metadata.tables[f"raw.{code}_row"] for code in SHEETS]


def table_counts(settings: Settings, schema: str) -> dict[str, int]:
    """Rows of the sheet tables in a schema, by sheet code; tables that are not there are left out."""
    found: dict[str, int] = {}
    with engine(settings, "loader").connect() as connection:
        for code in SHEETS:
            if connection.scalar(sa.select(sa.func.to_regclass(f"{schema}.{code}_row"))):
                found[code] = connection.scalar(sa.text(f"select count(*) from {schema}.{code}_row")) or 0
    return found


def section_counts(settings: Settings) -> dict[str, int]:
    """Rows loaded and held by sheet code, as the ledger tells; `refused`: deliveries that do not count."""
    with engine(settings, "loader").connect() as connection:
        found = connection.execute(
            sa.select(
                section.c.sheet_code, sa.func.sum(section.c.rows_loaded + section.c.rows_held)
            ).group_by(section.c.sheet_code)
        )
        counts = {code: int(number) for code, number in found if code != "info"}
        refused = sa.select(sa.func.count()).where(reading.c.verdict.in_(("refused", "held", "duplicate")))
        return counts | {"refused": connection.scalar(refused) or 0}


def _admin(home: Path) -> sa.Engine:
    url = server.admin_url(Settings(home=home))
    return sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)


def _drop(home: Path, name: str) -> None:
    with _admin(home).connect() as connection:
        connection.exec_driver_sql(f"drop database if exists {name} with (force)")
