"""CCHC_WAREHOUSE_DSN: a database on a server that is not ours, through a user who is no superuser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from sources.catalogue import load_catalogue, register_catalogue
from tests.conftest import own_home
from warehouse import migrate, server, transform
from warehouse.engine import ROLES, dispose_engines, engine
from warehouse.settings import Settings


@pytest.fixture
def external(tmp_path: Path) -> Iterator[Settings]:
    """Settings whose warehouse is another home's server, reached as a user who may create roles."""
    with own_home("external") as home:
        there = Settings(home=home)
        server.start(there)
        url = server.admin_url(there)
        admin = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with admin.connect() as connection:
            connection.exec_driver_sql("create role city_admin login createrole password 'of-the-city'")
            connection.exec_driver_sql("create database city owner city_admin")
        dsn = url.set(drivername="postgresql", username="city_admin", password="of-the-city", database="city")
        text = dsn.render_as_string(hide_password=False)
        yield Settings(home=tmp_path / "home", warehouse_dsn=SecretStr(text))
        dispose_engines()


def test_it_is_migrated_filled_and_read_like_the_embedded_one(external: Settings) -> None:
    assert migrate.migrate(external)[0] == "0001"
    assert migrate.migrate(external) == []
    assert not (external.home / "server" / "data").exists()
    for role in ROLES:
        with engine(external, role).connect() as connection:
            assert connection.exec_driver_sql("select current_database()").scalar() == "city"
    register_catalogue(external, "test")
    tasks = sum(len(plan.tasks) for plan in load_catalogue().plans.values())
    with engine(external, "builder").connect() as connection:
        assert connection.exec_driver_sql("select count(*) from raw.ref_task").scalar() == tasks
    assert transform.dbt_environment(external)["CCHC_DBT_DATABASE"] == "city"


def test_roles_keep_their_bounds_there(external: Settings) -> None:
    migrate.migrate(external)
    with (
        engine(external, "bi").connect() as connection,
        pytest.raises(sa.exc.ProgrammingError, match="denied"),
    ):
        connection.exec_driver_sql("select * from raw.delivery")
