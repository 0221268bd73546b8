"""Bring the warehouse database up to date: roles, schemas, tables, grants."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from warehouse import roles, server
from warehouse.engine import admin_url
from warehouse.settings import Settings

_MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_SCHEMA = "audit"
_ONE_MIGRATION = 7_679_001  # advisory lock: two processes must not migrate at the same time


def migrate(settings: Settings, to: str = "head") -> list[str]:
    """Migrate to a revision, by default the newest; returns those applied, oldest first (none = up to date).

    Staging views are dropped when a revision is pending, since they stand on the tables that may change;
    the next build restores them.
    """
    if settings.warehouse_dsn is None:
        server.start(settings)
        server.ensure_database(settings, settings.database, "cchc_owner")
    engine = sa.create_engine(admin_url(settings), poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"select pg_advisory_xact_lock({_ONE_MIGRATION})")
        roles.ensure_roles(settings, connection)
        pending = _pending(connection, to)
        if pending:
            connection.exec_driver_sql("drop schema staging cascade")
            connection.exec_driver_sql("create schema staging authorization cchc_builder")
            connection.exec_driver_sql("set role cchc_owner")
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, to)
            connection.exec_driver_sql("reset role")
        roles.grant(connection)
    return pending


def revision(settings: Settings) -> str | None:
    """The revision that the database is at, or None before the first migration."""
    engine = sa.create_engine(admin_url(settings), poolclass=sa.NullPool)
    with engine.connect() as connection:
        return _context(connection).get_current_revision()


def _pending(connection: sa.Connection, to: str) -> list[str]:
    script = ScriptDirectory.from_config(_config())
    current = _context(connection).get_current_revision()
    return [item.revision for item in reversed(list(script.iterate_revisions(to, current or "base")))]


def _context(connection: sa.Connection) -> MigrationContext:
    return MigrationContext.configure(connection, opts={"version_table_schema": VERSION_SCHEMA})


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config
