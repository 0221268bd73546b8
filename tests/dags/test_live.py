"""Airflow live, as `make up` starts it: a dropped workbook reaches the review without a hand on it."""

from __future__ import annotations

import http.client
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import pytest
import sqlalchemy as sa

from cli import components, live
from expectations.catalogue import load_rules
from sources.catalogue import register_catalogue
from sources.forms.issue import issue_forms
from sources.synthetic.generate import Generator
from sources.synthetic.scenario import load_scenario
from tests.conftest import TEST_HOME
from warehouse import migrate, server
from warehouse.airflow_env import metadata_url
from warehouse.engine import dispose_engines, engine
from warehouse.settings import Settings

pytestmark = pytest.mark.slow

AGENCY, PERIOD = "BT-TP", "2023-Q1"
_FOUND_SECONDS = 900.0  # two builds on a busy machine


@dataclass
class Running:
    """A live Airflow of its own home, and a workbook that has not been dropped yet."""

    settings: Settings
    started: live.Live
    workbook: Path

    def components(self) -> list[components.Component]:
        return components.read_record(self.settings.home / "airflow" / "live.json")

    def processes(self) -> list[psutil.Process]:
        return [process for component in self.components() for process in component.members()]

    def marts(self, query: str) -> list[Any]:
        with engine(self.settings, "bi").connect() as connection:
            return list(connection.execute(sa.text(query), {"agency": AGENCY, "period": PERIOD}))

    def reasons(self, dag_id: str) -> str:
        """The errors in a DAG's task logs."""
        logs = (self.settings.home / "airflow" / "logs").glob(f"dag_id={dag_id}/**/*.log")
        lines = [line for log in logs for line in log.read_text(encoding="utf-8").splitlines()]
        errors = [json.loads(line) for line in lines if '"level":"error"' in line]
        return "\n".join(
            str(exc.get("exc_value")) for error in errors for exc in error.get("exception") or []
        )

    def dag_runs(self, dag_id: str) -> list[Any]:
        url = metadata_url(self.settings)
        with sa.create_engine(url, poolclass=sa.NullPool).connect() as connection:
            query = (
                "select run_type, partition_key, state, start_date, end_date from dag_run where dag_id = :dag"
            )
            return list(connection.execute(sa.text(f"{query} order by id"), {"dag": dag_id}))


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    settings = Settings(
        home=TEST_HOME / f"live-{uuid4().hex[:8]}",
        as_of=datetime(2023, 3, 17, 9, tzinfo=UTC),
        data_label="SYNTHETIC",
    )
    try:
        migrate.migrate(settings)
        workbook = _filled_workbook(settings)
        yield Running(settings, live.up(settings), workbook)
    finally:
        live.down(settings)
        dispose_engines()
        shutil.rmtree(settings.home, ignore_errors=True)


def _filled_workbook(settings: Settings) -> Path:
    """One agency's synthetic report, written somewhere else than the landing zone."""
    register_catalogue(settings, "test")
    load_rules(settings, "test")
    scenario = load_scenario()
    opened = next(found for found in scenario.rounds if found.period == PERIOD)
    issue_forms(settings, PERIOD, "test", opened.opened_at)
    generator, folder = Generator.of(settings, scenario), settings.home / "filled"
    return next(
        path
        for wave in opened.waves
        for path in generator.write_wave(opened, wave, folder)
        if path.name.startswith(AGENCY)
    )


def test_every_component_runs_in_a_session_of_its_own(running: Running) -> None:
    assert set(running.started.started) == set(live.COMPONENTS)
    assert running.started.password
    assert (
        {c.name for c in running.components()} == set(live.COMPONENTS) == set(live.running(running.settings))
    )


def test_nothing_listens_beyond_this_machine(running: Running) -> None:
    info = server.status(running.settings)
    assert info is not None
    database = psutil.Process(info.pid)
    processes = [*running.processes(), database, *database.children(recursive=True)]
    assert len(processes) > len(live.COMPONENTS)
    listening = set()
    for process in processes:
        try:
            found = process.net_connections("inet")
        except psutil.NoSuchProcess:
            continue
        listening |= {c.laddr for c in found if c.status == psutil.CONN_LISTEN or c.type == 2}
    assert {address.ip for address in listening if address.port} == {"127.0.0.1"}
    port = int(running.started.url.rsplit(":", 1)[1])
    assert {port, info.port} <= {address.port for address in listening}


def test_the_ui_asks_who_is_there(running: Running) -> None:
    connection = http.client.HTTPConnection(running.started.url.removeprefix("http://"), timeout=30)
    connection.request("GET", "/api/v2/dags")
    assert connection.getresponse().status == 401
    connection.close()


def test_secrets_are_readable_by_their_owner_alone(running: Running) -> None:
    home = running.settings.home
    for path in [home / "airflow" / "passwords.json", *(home / "secrets").iterdir()]:
        assert path.stat().st_mode & 0o077 == 0, path
    logs = [path.read_bytes() for path in (home / "logs").glob("airflow-*.log")]
    assert len(logs) == len(live.COMPONENTS)
    assert not any(str(running.started.password).encode() in log for log in logs)


def test_a_second_up_changes_nothing(running: Running) -> None:
    before = running.components()
    again = live.up(running.settings)
    assert again.started == ()
    assert again.password is None
    assert running.components() == before


def test_a_dropped_workbook_reaches_marts_and_review(running: Running) -> None:
    landing = running.settings.landing_folder
    assert landing is not None
    dropped_at = datetime.now(UTC)
    shutil.copyfile(running.workbook, landing / running.workbook.name)

    reporting = (
        "select reporting_state, deliveries from marts.review_reporting"
        " where unit_code = 'BT' and period_id = :period and agency_code = :agency"
    )

    def reported() -> bool:
        failed = [run for run in running.dag_runs("build_warehouse") if run.state == "failed"]
        assert not failed, running.reasons("build_warehouse")
        try:
            return [tuple(row) for row in running.marts(reporting)] == [("on_time", 1)]
        except sa.exc.ProgrammingError:
            return False  # the first promotion makes the tables

    assert components.until(reported, _FOUND_SECONDS, every=2), running.dag_runs("build_warehouse")

    def drafted() -> bool:
        return any(
            run.state == "success" and run.partition_key == PERIOD and run.start_date > dropped_at
            for run in running.dag_runs("quarterly_review")
        )

    assert components.until(drafted, _FOUND_SECONDS, every=2), running.dag_runs("quarterly_review")
    folder = running.settings.output_dir / "review" / "BT" / PERIOD
    for name in ("index.html", "review.xlsx"):
        assert (folder / name).stat().st_mtime > dropped_at.timestamp()
    by_hand = [
        dag_id
        for dag_id in ("ingest_reports", "build_warehouse", "quarterly_review")
        for run in running.dag_runs(dag_id)
        if run.run_type == "manual"
    ]
    assert by_hand == []
    assert not list(landing.iterdir())


def test_down_leaves_nothing_behind(running: Running) -> None:
    processes = running.processes()
    assert processes
    stopped = live.down(running.settings)
    assert set(stopped) == {*live.COMPONENTS, "database server"}
    assert [process for process in processes if _runs(process)] == []
    assert live.running(running.settings) == []
    assert server.status(running.settings) is None
    port = int(running.started.url.rsplit(":", 1)[1])
    with pytest.raises(ConnectionRefusedError):
        http.client.HTTPConnection("127.0.0.1", port, timeout=5).connect()
    assert live.down(running.settings) == []


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
