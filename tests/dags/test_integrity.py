"""The DAG files: which there are, that they parse lightly, what each says of itself."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from warehouse.settings import PROJECT_ROOT

DAG_IDS = {"register_plans", "issue_report_forms", "ingest_reports", "build_warehouse", "quarterly_review"}
FILES = sorted((PROJECT_ROOT / "dags").glob("*.py"))
HEAVY = {
    "dbt",
    "great_expectations",
    "pandas",
    "openpyxl",
    "altair",
    "vl_convert",
    "python_calamine",
    "xlsxwriter",
}
ROOMS = {"sources", "expectations", "review", "cli", "warehouse"}

_PARSE = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
before = set(sys.modules)
bag = DagBag(dag_folder=sys.argv[1], load_op_links=False)
def policy(task):
    return task.retry_policy.serialize() if task.retry_policy else None
json.dump({
    "imported": sorted({name.split(".")[0] for name in set(sys.modules) - before}),
    "errors": {path: str(error) for path, error in bag.import_errors.items()},
    "dags": {dag_id: {
        "tags": sorted(dag.tags), "doc": dag.doc_md, "schedule": type(dag.timetable).__name__,
        "catchup": dag.catchup, "max_active_runs": dag.max_active_runs,
        "tasks": {task.task_id: {
            "owner": task.owner, "retries": task.retries, "backoff": task.retry_exponential_backoff,
            "timeout": task.execution_timeout is not None, "policy": policy(task),
            "down": sorted(task.downstream_task_ids), "outlets": [asset.name for asset in task.outlets],
        } for task in dag.tasks},
    } for dag_id, dag in bag.dags.items()},
}, open(sys.argv[2], "w"))
"""


@pytest.fixture(scope="module")
def bag(airflow_variables: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What Airflow reads from the folder `dags`, in a process of its own."""
    answer = tmp_path_factory.mktemp("bag") / "bag.json"
    command = [sys.executable, "-c", _PARSE, str(PROJECT_ROOT / "dags"), str(answer)]
    done = subprocess.run(command, env=airflow_variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    return found


def test_exactly_these_dags_and_no_import_errors(bag: dict[str, Any]) -> None:
    assert bag["errors"] == {}
    assert set(bag["dags"]) == DAG_IDS
    assert {path.stem for path in FILES} == DAG_IDS


def test_parsing_imports_no_room_and_nothing_heavy(bag: dict[str, Any]) -> None:
    assert not HEAVY & set(bag["imported"])
    # warehouse.errors alone, to name what deserves another try
    assert ROOMS & set(bag["imported"]) <= {"warehouse"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_dag_file_reads_like_a_table_of_contents(path: Any) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 60
    for word in ("Consumes: ", "Produces: ", "When it fails: "):
        assert word in text, f"{path.name} does not say what it {word}"
    assert "select " not in text


def test_each_dag_has_an_owner_tags_and_its_docs(bag: dict[str, Any]) -> None:
    for dag_id, dag in bag["dags"].items():
        assert "cchc" in dag["tags"], dag_id
        assert "When it fails: " in dag["doc"], dag_id
        assert not dag["catchup"], dag_id
        assert dag["max_active_runs"] == 1, dag_id
        for task_id, task in dag["tasks"].items():
            assert task["owner"] == "data-engineering", f"{dag_id}.{task_id}"
            assert task["timeout"], f"{dag_id}.{task_id}"


def test_only_faults_of_database_and_storage_are_tried_again(bag: dict[str, Any]) -> None:
    for dag_id, dag in bag["dags"].items():
        for task_id, task in dag["tasks"].items():
            assert task["retries"] >= 3, f"{dag_id}.{task_id}"
            assert task["backoff"] > 1, f"{dag_id}.{task_id}"
            assert task["policy"]["default"] == "fail", f"{dag_id}.{task_id}"
            (rule,) = task["policy"]["rules"]
            assert "sqlalchemy.exc.OperationalError" in rule["exception"]
            assert not any("CchcError" in name or "GateFailed" in name for name in rule["exception"])


def test_everything_downstream_of_an_asset_is_partitioned(bag: dict[str, Any]) -> None:
    """A consumer that is not partitioned never runs on events with a key."""
    schedules = {dag_id: dag["schedule"] for dag_id, dag in bag["dags"].items()}
    assert schedules["build_warehouse"] == schedules["quarterly_review"] == "PartitionedAssetTimetable"
    assert schedules["issue_report_forms"] == "PartitionedAtRuntime"
    outlets = {
        (dag_id, name)
        for dag_id, dag in bag["dags"].items()
        for task in dag["tasks"].values()
        for name in task["outlets"]
    }
    assert outlets == {("ingest_reports", "deliveries"), ("build_warehouse", "review_marts")}


def test_a_build_is_one_line_from_raw_to_promotion(bag: dict[str, Any]) -> None:
    tasks, order, task_id = bag["dags"]["build_warehouse"]["tasks"], ["open_build"], "open_build"
    while tasks[task_id]["down"] and task_id != "promote":
        (task_id,) = tasks[task_id]["down"]
        order.append(task_id)
    assert order == [
        "open_build",
        "audit_raw",
        "core",
        "audit_core",
        "candidate",
        "audit_candidate",
        "compare",
        "promote",
    ]
    # what the agencies hear is no step of the build: neither waits for the other
    assert tasks["promote"]["down"] == ["announce_periods", "answer"]
    assert set(tasks) == {*order, "announce_periods", "answer"}
    assert tasks["answer"]["down"] == tasks["announce_periods"]["down"] == []


def test_no_answer_stands_between_what_came_and_its_build(bag: dict[str, Any]) -> None:
    tasks = bag["dags"]["ingest_reports"]["tasks"]
    assert tasks["ingest"]["down"] == ["answer", "ask_for_build"]
    assert tasks["answer"]["down"] == tasks["ask_for_build"]["down"] == []
    assert set(tasks) == {"ingest", "answer", "ask_for_build"}
