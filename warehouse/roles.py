"""Roles and what each may do; applied after every migration, idempotent.

| role | may |
|---|---|
| owner | migrate: owns raw, audit |
| loader | insert into raw and the run ledger |
| builder | read raw, own staging, core, candidate and marts, insert into audit |
| analyst | read core, marts, audit, published |
| bi | read marts, published and the dimensions |
| publisher | owns published; nobody logs in as it |
"""

from __future__ import annotations

import sqlalchemy as sa

from warehouse import server
from warehouse.engine import ROLES, role_name
from warehouse.settings import Settings

PUBLISHER = "cchc_publisher"
_OWNED = {
    "raw": "cchc_owner",
    "audit": "cchc_owner",
    "published": PUBLISHER,
    "staging": "cchc_builder",
    "core": "cchc_builder",
    "candidate": "cchc_builder",
    "marts": "cchc_builder",
}
_READ = {
    "raw": ("cchc_loader", "cchc_builder"),
    "audit": ("cchc_loader", "cchc_builder", "cchc_analyst"),
    "core": ("cchc_analyst",),
    "marts": ("cchc_analyst", "cchc_bi"),
    "published": ("cchc_analyst", "cchc_bi"),
}


def ensure_roles(settings: Settings, connection: sa.Connection) -> None:
    """Create the roles with generated passwords, and the schemas with their owners. Needs a user who may."""
    for role in ROLES:
        server.ensure_login_role(settings, connection, role_name(role))
    known = connection.scalar(sa.text("select 1 from pg_roles where rolname = :role"), {"role": PUBLISHER})
    if not known:
        connection.exec_driver_sql(f"create role {PUBLISHER} nologin")
    connection.exec_driver_sql(f"grant {', '.join([*map(role_name, ROLES), PUBLISHER])} to current_user")
    connection.exec_driver_sql(f"grant {PUBLISHER} to cchc_owner")
    database = connection.dialect.identifier_preparer.quote(str(connection.engine.url.database))
    names = ", ".join(map(role_name, ROLES))
    connection.exec_driver_sql(f"grant connect, temporary on database {database} to {names}")
    connection.exec_driver_sql(f"grant create on database {database} to cchc_owner")
    connection.exec_driver_sql("revoke create on schema public from public")
    for schema, owner in _OWNED.items():
        connection.exec_driver_sql(f"create schema if not exists {schema} authorization {owner}")


def grant(connection: sa.Connection) -> None:
    """Give each role what it may do on the tables that are there, and on those that builds will add."""
    run = connection.exec_driver_sql
    for schema, readers in _READ.items():
        run(f"grant usage on schema {schema} to {', '.join(readers)}")
        if schema != "core":
            run(f"grant select on all tables in schema {schema} to {', '.join(readers)}")
    run("grant usage on schema core to cchc_bi")
    run("grant usage on schema staging to cchc_analyst")
    for schema in ("core", "marts"):
        readers_of = ", ".join(_READ[schema])
        run(f"grant select on all tables in schema {schema} to {readers_of}")
        future = f"alter default privileges for role cchc_builder in schema {schema}"
        run(f"{future} grant select on tables to {readers_of}")
    owned = run(
        "select tablename from pg_tables where schemaname = 'published' and tableowner <> %s", (PUBLISHER,)
    )
    for (table,) in owned.all():
        run(f"alter table published.{table} owner to {PUBLISHER}")
    run("grant insert on all tables in schema raw to cchc_loader")
    run("grant insert on audit.run_event to cchc_loader")
    run("grant usage on all sequences in schema raw to cchc_loader")
    run("grant insert on all tables in schema audit to cchc_builder")
    run("grant usage on all sequences in schema audit to cchc_loader, cchc_builder")
