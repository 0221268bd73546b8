"""Connections to the warehouse, by role, and COPY."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal, get_args

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from warehouse import server
from warehouse.errors import UsageError
from warehouse.secrets import secret
from warehouse.settings import Settings

_PIECE = 1 << 17

Role = Literal["owner", "loader", "builder", "analyst", "bi"]
ROLES: tuple[Role, ...] = get_args(Role)


def role_name(role: Role) -> str:
    """The database's name of a role."""
    return f"cchc_{role}"


def admin_url(settings: Settings) -> sa.URL:
    """URL of the user who may create roles and schemas in the warehouse database."""
    if settings.warehouse_dsn is not None:
        return _external(settings)
    return server.admin_url(settings, settings.database)


def url(settings: Settings, role: Role) -> sa.URL:
    """URL of a role on the warehouse database, password included."""
    if role not in ROLES:
        raise UsageError(f"'{role}' is no role of the warehouse. Roles: {', '.join(ROLES)}.")
    return admin_url(settings).set(username=role_name(role), password=secret(settings, role_name(role)))


def dsn(settings: Settings, role: Role) -> str:
    """The connection URL of a role for other programs (libpq form)."""
    return url(settings, role).set(drivername="postgresql").render_as_string(hide_password=False)


_engines: dict[sa.URL, sa.Engine] = {}


def engine(settings: Settings, role: Role) -> sa.Engine:
    """The pooled engine of a role in this process."""
    target = url(settings, role)
    if target not in _engines:
        _engines[target] = sa.create_engine(target, pool_size=2, max_overflow=8, pool_pre_ping=True)
    return _engines[target]


def dispose_engines() -> None:
    """Close the pooled connections of this process."""
    while _engines:
        _engines.popitem()[1].dispose()


def copy_rows(connection: sa.Connection, table: sa.Table, rows: Iterable[Mapping[str, Any]]) -> int:
    """COPY rows into a table inside the connection's transaction; returns how many.

    Missing keys of a row are NULL (no column default applies); identity columns are left to the database.
    """
    rows = list(rows)
    if not rows:
        return 0
    present = {name for row in rows for name in row}
    unknown = present - set(table.columns.keys())
    if unknown:
        raise KeyError(f"{table.fullname} has no column {sorted(unknown)}")
    columns = [column for column in table.columns if column.name in present]
    json_columns = {column.name for column in columns if isinstance(column.type, JSONB)}
    with _copying(connection, table, [column.name for column in columns]) as copy:
        for row in rows:
            copy.write_row([_value(row.get(c.name), c.name in json_columns) for c in columns])
    return len(rows)


def copy_text(
    connection: sa.Connection, table: sa.Table, columns: Sequence[str], chunks: Iterable[bytes]
) -> None:
    """COPY prepared text (see warehouse.copy_text) into a table inside the connection's transaction.

    Each chunk holds whole lines with a value for each of `columns`; columns not named get their default.
    """
    with _copying(connection, table, columns) as copy:
        for piece in _pieces(chunks):
            copy.write(piece)


def _pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Chunks put together as far as psycopg sends them at once: it would cut what is larger, a copy more."""
    waiting: list[bytes] = []
    size = 0
    for chunk in chunks:
        if size + len(chunk) > _PIECE:
            yield b"".join(waiting)
            waiting, size = [], 0
        waiting.append(chunk)
        size += len(chunk)
    yield b"".join(waiting)


@contextmanager
def _copying(connection: sa.Connection, table: sa.Table, columns: Sequence[str]) -> Iterator[Any]:
    quote = connection.dialect.identifier_preparer.quote
    names = ", ".join(map(quote, columns))
    statement = f"copy {quote(str(table.schema))}.{quote(table.name)} ({names}) from stdin"
    raw: Any = connection.connection.driver_connection
    with raw.cursor() as cursor, cursor.copy(statement) as copy:
        yield copy


def _value(value: Any, is_json: bool) -> Any:
    return json.dumps(value, ensure_ascii=False) if is_json and value is not None else value


def _external(settings: Settings) -> sa.URL:
    expected = "postgresql://user:password@host:port/database"
    try:
        target = sa.make_url(settings.warehouse_dsn.get_secret_value() if settings.warehouse_dsn else "")
    except (sa.exc.ArgumentError, ValueError):
        raise UsageError(f"CCHC_WAREHOUSE_DSN is no URL. Expected {expected}") from None
    if not target.drivername.startswith("postgresql") or not target.database:
        raise UsageError(f"CCHC_WAREHOUSE_DSN must name a PostgreSQL database: {expected}")
    return target.set(drivername="postgresql+psycopg")
