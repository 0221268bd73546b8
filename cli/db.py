"""`cchc db`: the server and the schema."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Annotated

import typer

from cli.output import console
from warehouse import engine, migrate, server
from warehouse.errors import ServerError, UsageError
from warehouse.settings import Settings, child_environment, get_settings

app = typer.Typer(help="The database server and its schema.", no_args_is_help=True)
RoleOption = Annotated[str, typer.Option(help=f"Who to connect as: {', '.join(engine.ROLES)}.")]


@app.command()
def start() -> None:
    """Start the embedded PostgreSQL server (127.0.0.1 only)."""
    settings = _embedded("start")
    info = server.start(settings)
    console.print(f"PostgreSQL listens on {info.host}:{info.port} (pid {info.pid}).")
    console.print("Set the warehouse up, or bring it up to date, with: cchc db migrate")


@app.command()
def stop() -> None:
    """Stop the embedded PostgreSQL server; data is kept."""
    stopped = server.stop(_embedded("stop"))
    console.print("PostgreSQL stopped." if stopped else "PostgreSQL was not running.")


@app.command("migrate")
def migrate_command() -> None:
    """Bring roles, schemas and tables up to date."""
    settings = get_settings()
    applied = migrate.migrate(settings)
    console.print(
        f"Applied: {', '.join(applied)}." if applied else f"Up to date at {migrate.revision(settings)}."
    )


@app.command()
def dsn(role: RoleOption = "bi") -> None:
    """Print a role's connection URL (it holds the role's password)."""
    print(engine.dsn(get_settings(), _role(role)))


@app.command()
def psql(
    role: RoleOption = "bi",
    command: Annotated[str | None, typer.Option("--command", "-c", help="Run this and leave.")] = None,
) -> None:
    """Open psql as a role."""
    options = ["-c", command] if command else []
    raise typer.Exit(_run(get_settings(), "psql", _role(role), ["-X", "-v", "ON_ERROR_STOP=1", *options]))


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="Where to write the backup.")]) -> None:
    """Write the whole warehouse database to one file (pg_dump, custom format)."""
    if file.is_dir() or not file.absolute().parent.is_dir():
        raise UsageError(f"{file} cannot be written: name a file in a folder that exists.")
    draft = file.with_name(file.name + ".part")
    if _run(get_settings(), "pg_dump", None, ["-Fc", "-f", str(draft)]):
        draft.unlink(missing_ok=True)
        raise ServerError(f"No backup was written to {file}: pg_dump failed, see above.")
    draft.replace(file)
    console.print(f"Backup written: {file} ({file.stat().st_size / 1e6:.1f} MB).")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A backup written by `cchc db backup`.")],
    database: Annotated[str, typer.Option(help="Name of the new database to restore into.")],
) -> None:
    """Restore a backup into a new database of the embedded server; what is there stays untouched."""
    settings = _embedded("restore")
    if not file.is_file():
        raise UsageError(f"There is no backup at {file}.")
    target = settings.model_copy(update={"database": database})
    server.start(settings)
    server.create_empty_database(target, database)
    if _run(target, "pg_restore", None, ["--exit-on-error", "-d", database, str(file)]):
        raise ServerError(f"{file} was not restored whole into {database}: see above.")
    migrate.migrate(target)
    console.print(f"Restored into {database}. Use it with CCHC_DATABASE={database}.")


def _run(settings: Settings, name: str, role: engine.Role | None, arguments: list[str]) -> int:
    target = engine.url(settings, role) if role else engine.admin_url(settings)
    environment = child_environment(
        PGHOST=str(target.host),
        PGPORT=str(target.port or 5432),
        PGDATABASE=str(target.database),
        PGUSER=str(target.username),
        PGPASSWORD=str(target.password),
        PGCLIENTENCODING="UTF8",
    )
    return subprocess.run([str(server.program(name)), *arguments], env=environment).returncode


def _role(name: str) -> engine.Role:
    for role in engine.ROLES:
        if role == name:
            return role
    raise UsageError(f"'{name}' is no role of the warehouse. Roles: {', '.join(engine.ROLES)}.")


def _embedded(verb: str) -> Settings:
    settings = get_settings()
    if settings.warehouse_dsn is not None:
        raise UsageError(
            f"CCHC_WAREHOUSE_DSN names a server of its own: `cchc db {verb}` serves the embedded one only."
        )
    return settings
