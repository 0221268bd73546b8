"""Run a DAG in this process, without a scheduler: what `make demo` does.

Airflow reads its configuration once, when it is first imported; so one process works for one home. The
database, the folders and the rest of the settings may differ from call to call.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cli import live
from warehouse.airflow_env import airflow_environment, prepare_metadata
from warehouse.errors import CchcError, UsageError
from warehouse.settings import PROJECT_ROOT, Settings, apply_environment, get_settings

_QUIET = {"AIRFLOW__LOGGING__LOGGING_LEVEL": "CRITICAL"}  # errors are raised here, not printed


def run_dag(settings: Settings, dag_id: str, conf: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Run a DAG to its end; `conf` may hold `period`, `unit`, `as_of`, `received_at`, `plan`.

    Returns `{"run_id", "tasks": {task_id: state}, "returned": {task_id: value}}`. Raises the failing task's
    own error, and UsageError when there is no such DAG or a live scheduler would run the same tasks.
    """
    if live.running(settings):
        raise UsageError(
            "Airflow is running (make up): its scheduler would run the same tasks. First: make down"
        )
    bag = _dags(settings)
    get_settings.cache_clear()
    if dag_id not in bag.dags:
        raise UsageError(f"There is no DAG '{dag_id}'. DAGs: {', '.join(sorted(bag.dags))}.")
    dag = bag.dags[dag_id]
    errors: list[BaseException] = []
    for task in dag.tasks:
        task.on_failure_callback = [lambda context: errors.append(context["exception"])]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run = dag.test(run_conf=dict(conf or {}))
    if errors:
        raise errors[0]
    instances = run.get_task_instances()
    if run.state != "success":
        raise CchcError(f"{dag_id} ended as {run.state}: { {i.task_id: str(i.state) for i in instances} }")
    return {
        "run_id": run.run_id,
        "tasks": {instance.task_id: str(instance.state) for instance in instances},
        "returned": {instance.task_id: instance.xcom_pull(instance.task_id) for instance in instances},
    }


_bags: dict[Path, Any] = {}


def _dags(settings: Settings) -> Any:
    """Airflow's DAGs, with the environment set for these settings. Takes about 10 s, once."""
    if _bags and settings.home not in _bags:
        raise UsageError(f"This process already runs DAGs for another home than {settings.home}.")
    prepare_metadata(settings)
    apply_environment({**airflow_environment(settings), **_QUIET})
    if settings.home not in _bags:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from airflow.dag_processing.dagbag import DagBag

            bag = DagBag(dag_folder=str(PROJECT_ROOT / "dags"), load_op_links=False)
        if bag.import_errors:
            raise CchcError("\n".join(f"{path}: {error}" for path, error in bag.import_errors.items()))
        _bags[settings.home] = bag
    return _bags[settings.home]
