"""A warehouse with empty layers for the rules, and one transaction of it a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.conftest import clone_settings
from tests.expectations.factories import LAYERS, World
from warehouse import server
from warehouse.settings import Settings


def create_layers(settings: Settings) -> None:
    """Create the empty staging, core and candidate tables as their owner."""
    with _admin(settings).begin() as connection:
        connection.exec_driver_sql("set local role cchc_builder")
        connection.exec_driver_sql(LAYERS.read_text(encoding="utf-8"))


def _admin(settings: Settings) -> sa.Engine:
    return sa.create_engine(server.admin_url(settings, settings.database), poolclass=sa.NullPool)


@pytest.fixture(scope="session")
def layered(
    server_home: Path, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Settings of a warehouse whose layers exist and are empty."""
    for settings in clone_settings(server_home, template_database, tmp_path_factory.mktemp("layered")):
        create_layers(settings)
        yield settings


@pytest.fixture
def world(layered: Settings) -> Iterator[World]:
    """A world whose rows are gone after the test."""
    with _admin(layered).connect() as connection:
        transaction = connection.begin()
        yield World(connection)
        transaction.rollback()


@pytest.fixture
def standing(settings: Settings) -> Callable[[], World]:
    """Makes a world in the test's own warehouse, where roles and other connections see it."""
    create_layers(settings)
    connection = _admin(settings).execution_options(isolation_level="AUTOCOMMIT").connect()
    yield lambda: World(connection)  # type: ignore[misc]
    connection.close()
