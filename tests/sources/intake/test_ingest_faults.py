"""Killed anywhere and run again, the result is that of an undisturbed run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import fsspec
import psutil
import pytest
import sqlalchemy as sa

from sources.intake import ledger
from sources.intake.ingest import ingest_landing
from tests.conftest import clone_settings, own_home
from tests.sources.intake.conftest import load_small_reference
from warehouse import migrate, schema, server
from warehouse.engine import dispose_engines, engine
from warehouse.settings import PROJECT_ROOT, Settings

RECEIVED = datetime(2023, 3, 16, 2, 0, tzinfo=UTC)
AGENCIES = ("XX-P-A", "XX-P-B", "XX-TCKH")
CONTENT = [
    schema.delivery, schema.reading, schema.section, schema.task_row, schema.target_row, schema.dossier_row,
    schema.satisfaction_row, schema.feedback_row, schema.assessment_row, schema.held_row,
    schema.intake_finding,
]  # fmt: skip
VOLATILE = {"recorded_at", "read_at", "run_id", "source_modified_at"}

# The process ends itself with SIGKILL at the nth call of a function of the intake.
KILLED_AT = """
import os, signal, sys
from datetime import datetime, UTC
from importlib import import_module
from warehouse.settings import Settings
module, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
settings = Settings.model_validate_json(sys.argv[4])
owner = import_module(module)
parts = name.split(".")
for part in parts[:-1]:
    owner = getattr(owner, part)
honest, calls = getattr(owner, parts[-1]), []
def deadly(*args, **kwargs):
    calls.append(1)
    if len(calls) == count:
        os.kill(os.getpid(), signal.SIGKILL)
    return honest(*args, **kwargs)
setattr(owner, parts[-1], deadly)
from sources.intake import ingest
ingest.ingest_landing(settings, "killed", datetime(2023, 3, 16, 2, 0, tzinfo=UTC))
"""


def _content(settings: Settings) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    with engine(settings, "loader").connect() as connection:
        names = dict(
            connection.execute(sa.select(schema.delivery.c.delivery_id, schema.delivery.c.source_name)).all()
        )
        for table in CONTENT:
            rows: list[str] = []
            for row in connection.execute(sa.select(table)).mappings():
                values: dict[str, Any] = {k: v for k, v in row.items() if k not in VOLATILE}
                rows.append(f"{names[row['delivery_id']]} {sorted(values.items())!r}")
            found[table.name] = sorted(rows)
    return found


@pytest.fixture(scope="module")
def undisturbed(
    server_home: Path,
    template_database: str,
    filled: Callable[..., bytes],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, list[str]]:
    """What a run without a fault makes of the same files, in a warehouse of its own."""
    for settings in clone_settings(server_home, template_database, tmp_path_factory.mktemp("undisturbed")):
        load_small_reference(settings)
        for agency in AGENCIES:
            Path(settings.landing_url.removeprefix("file://"), f"{agency}.xlsx").write_bytes(
                books(filled)[agency]
            )
        ingest_landing(settings, "whole", RECEIVED)
        return _content(settings)
    raise AssertionError("no warehouse")


@pytest.fixture
def own_server() -> Iterator[Settings]:
    """A migrated warehouse on a server of the test's own, which it may kill."""
    with own_home("killed-load") as home:
        settings = Settings(home=home, settle_seconds=0)
        migrate.migrate(settings)
        yield settings


_BOOKS: dict[str, bytes] = {}


def books(filled: Callable[..., bytes]) -> dict[str, bytes]:
    """The same bytes for both warehouses."""
    if not _BOOKS:
        _BOOKS.update({agency: filled(agency, edits={}) for agency in AGENCIES})
    return _BOOKS


@pytest.mark.parametrize(
    ("module", "name", "count"),
    [
        ("sources.intake.archive", "Archive._place", 2),
        ("sources.intake.ingest", "record_arrival", 2),
        ("sources.intake.ingest", "read_report", 2),
        ("sources.intake.ledger", "copy_rows", 9),
        ("sources.intake.ledger", "copy_rows", 16),
        ("sources.intake.landing", "Landing.remove", 1),
        ("sources.intake.landing", "Landing.remove", 3),
    ],
)
def test_a_killed_run_goes_on_where_it_stopped(
    small: Settings,
    filled: Callable[..., bytes],
    drop: Callable[[str, bytes], Path],
    undisturbed: dict[str, list[str]],
    module: str,
    name: str,
    count: int,
) -> None:
    for agency, data in books(filled).items():
        drop(f"{agency}.xlsx", data)
    arguments = [module, name, str(count), small.model_dump_json(exclude={"warehouse_dsn"})]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_AT, *arguments], cwd=PROJECT_ROOT, check=False, timeout=120
    )
    assert killed.returncode == -signal.SIGKILL
    assert any(Path(small.landing_url.removeprefix("file://")).iterdir())
    ingest_landing(small, "again", RECEIVED)
    assert not any(Path(small.landing_url.removeprefix("file://")).iterdir())
    after = _content(small)
    assert len(after["delivery"]) == len(after["reading"]) == len(AGENCIES)
    assert after == undisturbed


def test_what_was_recorded_and_not_read_is_read_from_the_archive(
    small: Settings,
    filled: Callable[..., bytes],
    drop: Callable[[str, bytes], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = drop("a.xlsx", filled())

    def lost(*_: object) -> None:
        raise sa.exc.OperationalError("copy", {}, Exception("server closed the connection unexpectedly"))

    with monkeypatch.context() as broken:
        broken.setattr("sources.intake.ledger.copy_rows", lost)
        with pytest.raises(sa.exc.OperationalError):
            ingest_landing(small, "broken", RECEIVED)
    assert _content(small)["reading"] == []
    path.unlink()
    summary = ingest_landing(small, "again", RECEIVED)
    assert [o.verdict for o in summary.deliveries] == ["accepted"]
    assert summary.deliveries[0].rows_loaded > 0


def test_landing_zone_and_archive_are_any_fsspec_url(small: Settings, filled: Callable[..., bytes]) -> None:
    remote = small.model_copy(
        update={"landing_url": "memory://landing-test", "archive_url": "memory://archive-test"}
    )
    store = fsspec.filesystem("memory")
    store.pipe("/landing-test/phuong/a.xlsx", filled())
    store.pipe("/landing-test/phuong/a.xlsx.part", b"half")
    summary = ingest_landing(remote, "run", RECEIVED)
    assert [(o.source_name, o.verdict) for o in summary.deliveries] == [("a.xlsx", "accepted")]
    assert store.find("/landing-test") == ["/landing-test/phuong/a.xlsx.part"]
    assert len([path for path in store.find("/archive-test") if "incoming" not in path]) == 1


@pytest.mark.parametrize("count", [3, 12])
def test_a_server_killed_in_the_middle_of_a_load_costs_nothing(
    filled: Callable[..., bytes],
    undisturbed: dict[str, list[str]],
    own_server: Settings,
    monkeypatch: pytest.MonkeyPatch,
    count: int,
) -> None:
    load_small_reference(own_server)
    landing = Path(own_server.landing_url.removeprefix("file://"))
    landing.mkdir(parents=True)
    for agency, data in books(filled).items():
        (landing / f"{agency}.xlsx").write_bytes(data)
    honest, calls = ledger.copy_rows, []

    def kill_the_server(*arguments: Any) -> int:
        calls.append(1)
        if len(calls) == count:
            info = server.status(own_server)
            assert info is not None
            backends = psutil.Process(info.pid).children()
            os.kill(info.pid, signal.SIGKILL)
            psutil.wait_procs(backends, timeout=30)
        return honest(*arguments)

    with monkeypatch.context() as fault:
        fault.setattr(ledger, "copy_rows", kill_the_server)
        with pytest.raises(sa.exc.OperationalError):
            ingest_landing(own_server, "disturbed", RECEIVED)
    assert len(calls) >= count
    assert any(landing.iterdir())
    server.start(own_server)
    dispose_engines()
    ingest_landing(own_server, "again", RECEIVED)
    assert not any(landing.iterdir())
    assert _content(own_server) == undisturbed
