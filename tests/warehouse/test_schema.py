"""Migrations give the tables of the metadata, and each role may do what its line in `roles` says."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from warehouse import migrate
from warehouse.engine import Role, admin_url, copy_rows
from warehouse.schema import metadata, ref_area, ref_version, run_event
from warehouse.settings import Settings

Engines = Callable[[Role], sa.Engine]


def test_migrations_and_metadata_agree(settings: Settings) -> None:
    ours = {"raw", "audit", "published"}
    options = {
        "version_table_schema": "audit",
        "include_schemas": True,
        "compare_type": True,
        "include_name": lambda name, kind, _: kind != "schema" or name in ours,
    }
    with sa.create_engine(admin_url(settings), poolclass=sa.NullPool).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []


def test_migrating_twice_applies_nothing(settings: Settings) -> None:
    assert migrate.migrate(settings) == []
    assert migrate.revision(settings) is not None


@pytest.mark.parametrize("role", ["loader", "builder", "analyst", "bi"])
@pytest.mark.parametrize(
    "statement", ["update raw.ref_version set dataset = 'x'", "delete from raw.ref_version"]
)
def test_raw_is_append_only_for_every_role(engine_as: Engines, role: Role, statement: str) -> None:
    with (
        engine_as(role).connect() as connection,
        pytest.raises(sa.exc.ProgrammingError, match="permission denied"),
    ):
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize(
    ("role", "relation", "allowed"),
    [
        ("bi", "published.publication", True),
        ("bi", "raw.delivery", False),
        ("bi", "audit.build", False),
        ("analyst", "audit.build", True),
        ("analyst", "raw.reading", False),
        ("loader", "raw.reading", True),
        ("builder", "raw.reading", True),
    ],
)
def test_who_reads_what(engine_as: Engines, role: Role, relation: str, allowed: bool) -> None:
    with engine_as(role).connect() as connection:
        if allowed:
            assert connection.exec_driver_sql(f"select count(*) from {relation}").scalar() == 0
        else:
            with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
                connection.exec_driver_sql(f"select count(*) from {relation}")


def test_nobody_writes_published(engine_as: Engines) -> None:
    for role in ("loader", "builder", "analyst", "bi"):
        with (
            engine_as(role).connect() as connection,
            pytest.raises(sa.exc.ProgrammingError, match="permission"),
        ):
            connection.exec_driver_sql("delete from published.publication")


def test_future_tables_of_the_builder_are_readable(engine_as: Engines) -> None:
    with engine_as("builder").begin() as connection:
        connection.exec_driver_sql("create table marts.made_later as select 1 as one")
        connection.exec_driver_sql("create table core.made_later as select 1 as one")
    with engine_as("bi").connect() as connection:
        assert connection.exec_driver_sql("select one from marts.made_later").scalar() == 1
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            connection.exec_driver_sql("select one from core.made_later")
    with engine_as("analyst").connect() as connection:
        assert connection.exec_driver_sql("select one from core.made_later").scalar() == 1


def test_copy_rows_is_part_of_the_transaction(engine_as: Engines) -> None:
    row = {
        "version_id": 0,
        "area_code": "1",
        "label_vi": "Thể chế\t\\N",
        "label_en": "x",
        "sort_order": 1,
        "assumed": False,
    }
    with engine_as("loader").connect() as connection:
        version = sa.insert(ref_version).values(dataset="t", content_sha256="s", run_id="r")
        row["version_id"] = connection.execute(version.returning(ref_version.c.version_id)).scalar_one()
        assert copy_rows(connection, ref_area, [row]) == 1
        assert connection.scalar(sa.select(ref_area.c.label_vi)) == "Thể chế\t\\N"
        connection.rollback()
        assert connection.scalar(sa.select(sa.func.count()).select_from(ref_area)) == 0


def test_copy_rows_writes_json_and_refuses_unknown_columns(engine_as: Engines) -> None:
    with engine_as("loader").begin() as connection:
        event = {"run_id": "r", "run_kind": "k", "event": "started", "detail": {"câu": [1, None]}}
        event["happened_at"] = "2023-03-20T00:00:00Z"
        copy_rows(connection, run_event, [event])
        assert connection.scalar(sa.select(run_event.c.detail)) == {"câu": [1, None]}
        with pytest.raises(KeyError, match="no_such"):
            copy_rows(connection, run_event, [{"no_such": 1}])
