"""Tasks of the DAGs, each idempotent: a task may be killed at any point and simply runs again."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from airflow.sdk.exceptions import AirflowSkipException

from dags.common.run import ledger, this_run


def open_build(dag_run: Any = None) -> int | None:
    """The new build's id, handed on from step to step; None, which skips them all, when nothing changed."""
    from warehouse import builds

    run = this_run(dag_run)
    return builds.open_build(run.settings, run.as_of, run.partition_key or "by hand", run.run_id)


def audit_at(build_id: int, gate: Any, dag_run: Any = None) -> int:
    """Audit at one gate; a delivery that the gate after core holds is taken out of core again."""
    from expectations.gates import pass_gate

    with _superseded_skips():
        pass_gate(this_run(dag_run).settings, build_id, gate)
    return build_id


def build_layer(build_id: int, layer: str, dag_run: Any = None) -> int:
    """dbt's models and tests of one layer, in this process."""
    from warehouse.transform import run_dbt

    with _superseded_skips():
        run_dbt(this_run(dag_run).settings, build_id, layer)
    return build_id


def compare(build_id: int, dag_run: Any = None) -> dict[str, Any]:
    """The periods that promotion will change: kept before it, so that none is forgotten after it."""
    from expectations.promotion import changed_periods

    return {"build_id": build_id, "periods": changed_periods(this_run(dag_run).settings)}


def promote(changes: dict[str, Any], dag_run: Any = None) -> list[str]:
    """Promote the audited candidate marts; the periods whose figures changed."""
    from expectations.promotion import promote as write_difference

    with _superseded_skips():
        write_difference(this_run(dag_run).settings, changes["build_id"])
    return list(changes["periods"])


def log_batch(done: int, total: int, name: str) -> None:
    """A line of the task's log for each batch of files."""
    logging.getLogger("airflow.task").info("%s of %s files taken in, the last one %s", done, total, name)


def answer_agencies(*, after_build: bool = False, dag_run: Any = None) -> int:
    """Number of answers written: to new deliveries, after a build also to those that it has news for.

    An answer that failed is named in the ledger and tried again by the next run.
    """
    from sources.answers.answering import answer_deliveries
    from warehouse import builds

    run = this_run(dag_run)
    served = builds.serving(run.settings) if after_build else None
    summary = answer_deliveries(run.settings, run.run_id, served.build_id if served else None)
    if not summary.answers and not summary.failed:
        raise AirflowSkipException("Every agency knows what there is to know.")
    with ledger(run, "answer") as entry:
        entry.detail.update(summary.detail)
    return len(summary.answers)


@contextmanager
def _superseded_skips() -> Iterator[None]:
    """Skip the task when a newer build was opened meanwhile: that one takes what this one would have."""
    from warehouse.errors import BuildSuperseded

    try:
        yield
    except BuildSuperseded as reason:
        raise AirflowSkipException(str(reason)) from None
