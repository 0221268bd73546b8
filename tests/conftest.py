"""A real PostgreSQL for the tests: one server for all sessions, a migrated template, a fresh clone a test."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from warehouse import migrate, server
from warehouse.engine import Role, dispose_engines, engine
from warehouse.settings import DEFAULT_HOME, Settings

TEST_HOME = Path(os.environ.get("CCHC_TEST_HOME", DEFAULT_HOME / "tests"))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where CI is set nothing may be skipped: a test that did not run has proved nothing."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def server_home() -> Iterator[Path]:
    """The home of the tests' server; the last session that uses it stops it."""
    TEST_HOME.mkdir(parents=True, exist_ok=True)
    with (TEST_HOME / "sessions.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_SH)
        server.start(Settings(home=TEST_HOME))
        yield TEST_HOME
        fcntl.flock(handle, fcntl.LOCK_UN)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return
        server.stop(Settings(home=TEST_HOME))


@pytest.fixture(scope="session")
def template_database(server_home: Path) -> Iterator[str]:
    """Name of a migrated, empty warehouse database that tests clone."""
    name = f"template_{uuid4().hex[:8]}"
    migrate.migrate(Settings(home=server_home, database=name))
    yield name
    drop_database(server_home, name)


@pytest.fixture
def settings(server_home: Path, template_database: str, tmp_path: Path) -> Iterator[Settings]:
    """Settings of a fresh warehouse: its own database, landing zone, archive and outputs."""
    yield from clone_settings(server_home, template_database, tmp_path)


def clone_settings(server_home: Path, template: str, folder: Path, **more: object) -> Iterator[Settings]:
    """A clone of a template database with its own folders, dropped in the end."""
    name = f"test_{uuid4().hex[:10]}"
    with _admin(server_home).connect() as connection:
        connection.exec_driver_sql(f"create database {name} template {template} owner cchc_owner")
        roles = "cchc_owner, cchc_loader, cchc_builder, cchc_analyst, cchc_bi"
        connection.exec_driver_sql(f"grant connect, temporary on database {name} to {roles}")
        connection.exec_driver_sql(f"grant create on database {name} to cchc_owner")
        connection.exec_driver_sql(f"revoke connect, temporary on database {name} from public")
    (folder / "landing").mkdir(parents=True, exist_ok=True)
    values: dict[str, object] = {
        "home": server_home,
        "database": name,
        "landing_url": (folder / "landing").as_uri(),
        "archive_url": (folder / "archive").as_uri(),
        "output_dir": folder / "out",
        "settle_seconds": 0.0,
        "unfinished_wait_seconds": 0.0,
    }
    yield Settings(**{**values, **more})  # type: ignore[arg-type]
    drop_database(server_home, name)


@pytest.fixture
def engine_as(settings: Settings) -> Callable[[Role], sa.Engine]:
    """An engine by role on the test's warehouse."""
    return lambda role: engine(settings, role)


@contextmanager
def own_home(name: str) -> Iterator[Path]:
    """A home for a server that a test may kill; stopped and removed in the end."""
    home = TEST_HOME / f"own-{os.getpid()}-{name}"
    try:
        yield home
    finally:
        dispose_engines()
        server.stop(Settings(home=home))
        shutil.rmtree(home)


def _admin(home: Path) -> sa.Engine:
    url = server.admin_url(Settings(home=home))
    return sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)


def drop_database(home: Path, name: str) -> None:
    """Drop a database of the tests' server, whoever is connected."""
    dispose_engines()
    with _admin(home).connect() as connection:
        connection.exec_driver_sql(f"drop database if exists {name} with (force)")
