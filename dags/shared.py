"""What the DAG files share: assets, the run as its tasks see it, and which failures deserve another try."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pendulum
from airflow.sdk import Asset, ExceptionRetryPolicy, RetryAction, RetryRule
from airflow.sdk.exceptions import AirflowSkipException

if TYPE_CHECKING:
    from datetime import datetime

    from warehouse.settings import Settings

DELIVERIES = Asset("deliveries", uri="cchc://raw/deliveries")
"""Deliveries in `raw`; partition key = a period that one of them touches."""
MARTS = Asset("review_marts", uri="cchc://marts/review")
"""The promoted marts; partition key = a period whose figures changed."""

FAULTS_ONLY = ExceptionRetryPolicy(
    rules=[
        RetryRule(
            exception=[
                "sqlalchemy.exc.OperationalError",
                "sqlalchemy.exc.InterfaceError",
                "psycopg.OperationalError",
                "warehouse.errors.ServerError",
                OSError,
            ],
            action=RetryAction.DEFAULT,
        )
    ],
    default=RetryAction.FAIL,
)
"""Database and storage faults pass; bad data, a failed gate or a programming error would only fail again."""

COMMON: dict[str, Any] = {
    "start_date": pendulum.datetime(2023, 1, 1, tz="Asia/Ho_Chi_Minh"),
    "catchup": False,
    "max_active_runs": 1,
    "default_args": {
        "owner": "data-engineering",
        "retries": 4,
        "retry_delay": timedelta(seconds=15),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(minutes=10),
        "retry_policy": FAULTS_ONLY,
    },
}
"""Arguments of every DAG."""


@dataclass(frozen=True)
class ThisRun:
    """One DAG run: its settings (with `as_of` where the run states it), its id, and what `conf` asks for."""

    settings: Settings
    run_id: str
    conf: dict[str, Any]
    partition_key: str | None

    @property
    def as_of(self) -> datetime:
        """The moment that the run works for."""
        from warehouse.clock import now

        return now(self.settings)

    @property
    def received_at(self) -> datetime | None:
        """`conf.received_at`: when files of the past were received; None = now."""
        from warehouse.clock import parse_time

        return parse_time(self.conf["received_at"]) if self.conf.get("received_at") else None

    @property
    def period(self) -> str:
        """The partition key, else `conf.period`. Raises UsageError when neither is there."""
        from warehouse.errors import UsageError

        period = self.partition_key or self.conf.get("period")
        if not period:
            raise UsageError('No period: trigger with a partition key, or with conf {"period": "2023-Q1"}.')
        return str(period)


def this_run(dag_run: Any) -> ThisRun:
    """The run that a task belongs to. Raises UsageError when `conf.as_of` is no time."""
    from warehouse.clock import parse_time
    from warehouse.settings import get_settings

    settings, conf = get_settings(), dict(dag_run.conf or {})
    if conf.get("as_of"):
        settings = settings.model_copy(update={"as_of": parse_time(conf["as_of"])})
    return ThisRun(settings, dag_run.run_id, conf, dag_run.partition_key)


def periods_read(run: ThisRun) -> list[str]:
    """Periods of the deliveries that this run read, earlier tries of its tasks included."""
    import sqlalchemy as sa

    from warehouse.engine import engine
    from warehouse.schema import reading

    query = sa.select(reading.c.period_id).distinct().where(reading.c.run_id == run.run_id)
    with engine(run.settings, "loader").connect() as connection:
        return sorted(connection.scalars(query.where(reading.c.period_id.is_not(None))))


def build_layer(run: ThisRun, build_id: int, layer: str) -> int:
    """dbt's models and tests of one layer, in this process; returns the build's id."""
    from warehouse.transform import run_dbt

    with superseded_skips():
        run_dbt(run.settings, build_id, layer)
    return build_id


def gate(run: ThisRun, build_id: int, name: str, rebuild: str | None = None) -> int:
    """Audit at one gate; where it holds a delivery, build the layer again without it and audit again."""
    from expectations.gates import audit

    with superseded_skips():
        if audit(run.settings, build_id, name).holds_placed and rebuild:
            build_layer(run, build_id, rebuild)
            audit(run.settings, build_id, name)
    return build_id


def promote_or_skip(run: ThisRun, build_id: int) -> list[str]:
    """Promote the audited candidate; returns the periods whose figures changed, skips when none did."""
    from expectations.promotion import promote

    with superseded_skips():
        periods = promote(run.settings, build_id)
    if not periods:
        raise AirflowSkipException("The marts are as they were.")
    return sorted(periods)


@contextmanager
def superseded_skips() -> Iterator[None]:
    """Skip the task when a newer build was opened meanwhile: that one takes what this one would have."""
    from warehouse.errors import BuildSuperseded

    try:
        yield
    except BuildSuperseded as reason:
        raise AirflowSkipException(str(reason)) from None
