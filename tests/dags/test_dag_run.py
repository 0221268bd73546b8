"""DAGs in this process: what they return, whose error is raised, what is tried again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from cli import components, dag_run, live
from cli.dag_run import run_dag
from sources.answers import answering
from sources.catalogue import register_catalogue
from sources.intake import ingest
from sources.intake.ingest import IngestSummary
from warehouse import schema
from warehouse.engine import engine
from warehouse.errors import CchcError, UsageError
from warehouse.settings import Settings, get_settings


@pytest.fixture(autouse=True)
def _own_environment(settings: Settings) -> Iterator[None]:
    """A DAG's tasks read their settings from the environment, which is put back afterwards."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)
    get_settings.cache_clear()


def test_an_unknown_dag_is_named_with_those_that_there_are(settings: Settings) -> None:
    with pytest.raises(UsageError, match=r"no DAG 'build'.*build_warehouse.*register_plans"):
        run_dag(settings, "build")


def test_a_review_without_a_period_is_refused_before_anything_is_read(settings: Settings) -> None:
    with pytest.raises(UsageError, match=r"No period: .*\"period\": \"2023-Q1\""):
        run_dag(settings, "quarterly_review")


def test_a_time_that_is_none_is_wrong_use(settings: Settings) -> None:
    with pytest.raises(UsageError, match="'tomorrow' is no time"):
        run_dag(settings, "ingest_reports", {"as_of": "tomorrow"})


def test_ingest_skips_when_nothing_landed_and_says_nothing(
    settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    run_dag(settings, "ingest_reports")  # the first use of Airflow in a process may have something to say
    capfd.readouterr()
    outcome = run_dag(settings, "ingest_reports")
    assert outcome["tasks"] == dict.fromkeys(("ingest", "answer", "ask_for_build"), "skipped")
    assert capfd.readouterr() == ("", "")


def test_forms_are_issued_for_the_unit_that_conf_names(settings: Settings) -> None:
    register_catalogue(settings, "test", plans=())
    conf = {"period": "2023-Q1", "as_of": "2023-03-01T08:00:00+07:00"}
    assert run_dag(settings, "issue_report_forms", {**conf, "unit": "BT"})["returned"] == {"issue": 25}
    with pytest.raises(UsageError, match=r"'BT-NV' is no unit .*Units that ask for 2023-Q1: BT"):
        run_dag(settings, "issue_report_forms", {**conf, "unit": "BT-NV"})


def test_what_landed_is_answered_and_a_failing_answer_delays_no_build(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    register_catalogue(settings, "test", plans=())
    landing = settings.landing_folder
    assert landing is not None
    (landing / "a.xlsx").write_bytes(b"")
    monkeypatch.setattr(answering, "render_receipt", _fails)
    outcome = run_dag(settings, "ingest_reports")
    assert outcome["tasks"] == dict.fromkeys(("ingest", "answer", "ask_for_build"), "success")
    assert outcome["returned"]["answer"] == 0
    with engine(settings, "loader").connect() as connection:
        detail = connection.scalar(
            sa.select(schema.run_event.c.detail).where(
                schema.run_event.c.run_kind == "answer", schema.run_event.c.event == "finished"
            )
        )
    assert detail["failed"] == {"1": "KeyError: 'a bug of ours'"}
    monkeypatch.undo()
    again = run_dag(settings, "ingest_reports")
    assert (again["tasks"]["ingest"], again["returned"]["answer"]) == ("skipped", 1)


def _fails(*_: object) -> bytes:
    raise KeyError("a bug of ours")


class _Intake:
    """Stands for the intake: raises the errors given, one a call, then takes in nothing."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls: list[tuple[Settings, Any]] = []

    def __call__(
        self, settings: Settings, run_id: str, received_at: Any = None, progress: Any = None
    ) -> IngestSummary:
        self.calls.append((settings, received_at))
        if self.errors:
            raise self.errors.pop(0)
        return IngestSummary()


@pytest.fixture
def at_once(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries without the wait."""
    for task in dag_run._dags(settings).dags["ingest_reports"].tasks:
        monkeypatch.setattr(task, "retry_delay", timedelta(0))
        monkeypatch.setattr(task, "retry_exponential_backoff", 0)


@pytest.mark.usefixtures("at_once")
def test_a_fault_of_the_storage_is_tried_again(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    intake = _Intake(OSError("storage is out of reach"))
    monkeypatch.setattr(ingest, "ingest_landing", intake)
    assert run_dag(settings, "ingest_reports")["tasks"]["ingest"] == "skipped"
    assert len(intake.calls) == 2


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("error", [CchcError("A1 is no number"), KeyError("a bug of ours")])
def test_bad_data_and_bugs_fail_at_once_with_their_own_error(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    intake = _Intake(error)
    monkeypatch.setattr(ingest, "ingest_landing", intake)
    with pytest.raises(type(error)) as raised:
        run_dag(settings, "ingest_reports")
    assert raised.value is error
    assert len(intake.calls) == 1


def test_conf_reaches_the_step(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    intake = _Intake()
    monkeypatch.setattr(ingest, "ingest_landing", intake)
    run_dag(settings, "ingest_reports", {"as_of": "2023-03-20", "received_at": "2023-03-15T08:00"})
    ((used, received_at),) = intake.calls
    assert used.database == settings.database
    assert used.as_of is not None
    assert used.as_of.isoformat() == "2023-03-20T23:59:59+07:00"
    assert received_at.isoformat() == "2023-03-15T08:00:00+07:00"


def test_a_live_scheduler_is_not_run_beside(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "running", lambda _settings: ["scheduler"])
    with pytest.raises(UsageError, match="make down"):
        run_dag(settings, "register_plans")
    assert components.read_record(settings.home / "airflow" / "live.json") == []
