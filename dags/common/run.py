"""What the DAG files share: assets, the run as its tasks see it, and which failures deserve another try."""

from __future__ import annotations

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
"""What builds are made from; partition key = a period that a delivery touches, else `reference` or `day`."""
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
        "execution_timeout": timedelta(hours=1),
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
    run_id = f"{dag_run.dag_id}/{dag_run.run_id}"
    return ThisRun(settings, run_id, conf, dag_run.partition_key)


def announce(events: Any, asset: Asset, keys: list[str], otherwise: str) -> None:
    """Emit one event of an asset per partition key; skips, saying `otherwise`, when there is none."""
    if not keys:
        raise AirflowSkipException(otherwise)
    events[asset].add_partitions(keys)


def ledger(run: ThisRun, kind: str) -> Any:
    """The run ledger's entry for one step, under this run's id."""
    from warehouse.runs import run as ledger_run

    return ledger_run(run.settings, kind, run_id=run.run_id)
