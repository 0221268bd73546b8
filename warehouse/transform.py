"""dbt, run in this process as the role builder; its environment comes from the settings."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from warehouse.builds import step
from warehouse.engine import url
from warehouse.errors import GateFailed, ServerError
from warehouse.settings import PROJECT_ROOT, Settings, apply_environment

PROJECT_DIR = PROJECT_ROOT / "dbt_project"
_LOST_CONNECTION = (  # as libpq and the server say it: a fault to try again, not a finding
    "server closed the connection",
    "connection to server",
    "terminating connection",
    "connection already closed",
    "the database system is",
)
_SELECT = {"core": ["tag:staging", "tag:core"], "candidate": ["tag:candidate"]}


def dbt_environment(settings: Settings) -> dict[str, str]:
    """The variables that profiles.yml and dbt itself read."""
    target = url(settings, "builder")
    return {
        "CCHC_DBT_HOST": str(target.host),
        "CCHC_DBT_PORT": str(target.port or 5432),
        "CCHC_DBT_DATABASE": str(target.database),
        "CCHC_DBT_USER": str(target.username),
        "DBT_ENV_SECRET_CCHC_PASSWORD": str(target.password),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
        "DBT_TARGET_PATH": str(target_dir(settings)),
        "DBT_LOG_PATH": str(settings.home / "logs" / "dbt"),
        "DBT_PROFILES_DIR": str(PROJECT_DIR),
    }


def target_dir(settings: Settings) -> Path:
    """Where dbt keeps its compiled SQL and artifacts."""
    return settings.home / "dbt"


def run_dbt(settings: Settings, build_id: int, layer: str) -> dict[str, int]:
    """Build one layer (`core` or `candidate`) with its data tests, as a step of the build.

    Returns counts by status. Raises GateFailed with the nodes that failed and what dbt says of each,
    ServerError when the database was out of reach.
    """
    from dbt.cli.main import dbtRunner

    with step(settings, build_id, layer) as current:
        apply_environment(dbt_environment(settings))
        manifest = _parsed(str(target_dir(settings)), settings.database)
        variables = {"as_of": current.as_of.isoformat(), "build_id": build_id}
        arguments = ["build", "--select", *_SELECT[layer], "--vars", json.dumps(variables), "--quiet"]
        arguments += ["--project-dir", str(PROJECT_DIR), "--fail-fast", "--no-use-colors"]
        arguments += ["--exclude-resource-type", "unit_test"]  # they test the SQL, not the data: make test
        if current.full_refresh:
            arguments.append("--full-refresh")
        outcome = dbtRunner(manifest=manifest).invoke(arguments)
        counts: dict[str, int] = {}
        failures: list[str] = []
        for result in getattr(outcome.result, "results", None) or []:
            counts[str(result.status)] = counts.get(str(result.status), 0) + 1
            if str(result.status) in {"error", "fail", "runtime error"}:
                failures.append(f"{result.node.unique_id} ({_place(result)}): {str(result.message).strip()}")
        current.detail.update(counts)
        if not outcome.success:
            reason = "\n".join(failures) or str(outcome.exception or "dbt gave no reason")
            if any(sign in reason for sign in _LOST_CONNECTION):
                raise ServerError(f"dbt lost the database while building {layer}.\n{reason}")
            raise GateFailed(f"dbt stopped building {layer}. What is being served stays as it was.\n{reason}")
    return counts


@cache
def _parsed(_target: str, _database: str) -> Any:
    """The parsed project, once per process and database: parsing names no variables, so builds share it."""
    from dbt.cli.main import dbtRunner

    outcome = dbtRunner().invoke(["parse", "--project-dir", str(PROJECT_DIR), "--quiet", "--no-use-colors"])
    if not outcome.success:
        raise GateFailed(f"dbt cannot parse {PROJECT_DIR.name}: {outcome.exception}")
    return outcome.result


def _place(result: Any) -> str:
    return str(getattr(result.node, "original_file_path", "dbt_project"))
