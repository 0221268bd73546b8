"""`make up` and `make down`: Airflow's components one by one, healthy before `up` returns, gone after `down`.

`airflow standalone` is not used: it listens beyond 127.0.0.1 and leaves orphans behind.
"""

from __future__ import annotations

import fcntl
import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from cli import components
from cli.components import Component
from cli.output import console, print_json
from warehouse import migrate, server
from warehouse.airflow_env import (
    DEFAULT_PORT,
    USER,
    airflow_environment,
    ensure_password,
    password_file,
    prepare_metadata,
    ui_password,
)
from warehouse.errors import ServerError
from warehouse.ports import HOST, kept_port
from warehouse.settings import PROJECT_ROOT, Settings, child_environment, get_settings

app = typer.Typer(help="Airflow with its scheduler, watching the landing zone.", no_args_is_help=True)

COMPONENTS: dict[str, list[str]] = {
    "api-server": ["airflow", "api-server"],
    "dag-processor": ["airflow", "dag-processor"],
    "scheduler": ["airflow", "scheduler", "--skip-serve-logs"],
    "triggerer": ["airflow", "triggerer", "--skip-serve-logs"],
}
"""In the order they start; the log servers that are skipped would listen on 0.0.0.0."""
_HEALTHY_SECONDS = 180.0
_GRACE_SECONDS = 25.0


@dataclass(frozen=True)
class Live:
    """A live Airflow. `password` is there only when it was made just now."""

    url: str
    landing: str
    started: tuple[str, ...]
    password: str | None


def up(settings: Settings) -> Live:
    """Start what does not run yet, wait until all of it is healthy, unpause the DAGs; idempotent.

    A start also registers the reference data, which writes nothing where they are there already.
    Raises ServerError with the log's last lines, and everything stopped again, when a component ends or is
    not healthy in time.
    """
    with _exclusive(settings):
        alive = {c.name: c for c in components.read_record(_record(settings)) if c.is_alive()}
        migrate.migrate(settings)
        prepare_metadata(settings)
        password_is_new = ensure_password(settings)
        if settings.landing_folder is not None:
            settings.landing_folder.mkdir(parents=True, exist_ok=True)
        port = kept_port(settings.home / "airflow" / "port", DEFAULT_PORT, is_ours="api-server" in alive)
        environment = child_environment(**airflow_environment(settings, port))
        missing = [name for name in COMPONENTS if name not in alive]
        for name in missing:
            alive[name] = components.start(
                name, COMPONENTS[name], cwd=PROJECT_ROOT, environment=environment, log=_log(settings, name)
            )
            components.write_record(_record(settings), list(alive.values()))
        try:
            _wait_healthy(settings, port, list(alive.values()))
            token = _unpause(settings, port)
            if missing:
                _ask(port, "POST", "/api/v2/dags/register_plans/dagRuns", {"logical_date": None}, token)
        except BaseException:
            _stop(settings)
            raise
        password = ui_password(settings) if password_is_new else None
        return Live(
            f"http://{HOST}:{port}",
            str(settings.landing_folder or settings.landing_url),
            tuple(missing),
            password,
        )


def down(settings: Settings, *, keep_server: bool = False) -> list[str]:
    """Stop what `up` started, and the embedded database server; returns the names of what ran.

    Components are asked first; after a grace period everything left in their sessions is killed. Tasks are
    idempotent, so the next run takes up what was cut off.
    """
    with _exclusive(settings):
        names = _stop(settings)
        if not keep_server and server.stop(settings):
            names.append("database server")
        return names


def running(settings: Settings) -> list[str]:
    """Names of the components that run. Nothing is started or asked."""
    return [c.name for c in components.read_record(_record(settings)) if c.is_alive()]


# ---------------------------------------------------------------- commands


@app.command("up")
def up_command() -> None:
    """Start Airflow on 127.0.0.1 and watch the landing zone."""
    settings = get_settings()
    with console.status("Starting Airflow …"):
        live = up(settings)
    console.print("Airflow runs." if live.started else "Airflow was running already.")
    console.print(f"  UI        {live.url}   user: {USER}")
    if live.password:
        console.print(f"  password  {live.password}   (shown this once)", markup=False)
    else:
        console.print("  password  as shown at the first start; kept in", password_file(settings))
    console.print(f"  landing   {live.landing}   drop workbooks here", soft_wrap=True)
    console.print("  stop      make down")


@app.command("down")
def down_command() -> None:
    """Stop everything that `up` and the demo started, the embedded database server included."""
    stopped = down(get_settings())
    console.print(f"Stopped: {', '.join(stopped)}." if stopped else "Nothing was running.")


@app.command("status")
def status_command(
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Say which components run; exit 1 when one of them does not."""
    names = running(get_settings())
    if as_json:
        print_json({name: name in names for name in COMPONENTS})
    else:
        for name in COMPONENTS:
            console.print(f"{name:14} {'runs' if name in names else 'does not run'}")
    raise typer.Exit(0 if set(names) == set(COMPONENTS) else 1)


# ---------------------------------------------------------------- steps of up and down


def _wait_healthy(settings: Settings, port: int, started: list[Component]) -> None:
    parts = ("metadatabase", "scheduler", "triggerer", "dag_processor")

    def healthy() -> bool:
        for component in started:
            if not component.is_alive():
                raise ServerError(f"{component.name} ended.\n{_last_words(settings, component.name)}")
        status, answer = _ask(port, "GET", "/api/v2/monitor/health")
        return status == 200 and all((answer.get(part) or {}).get("status") == "healthy" for part in parts)

    if not components.until(healthy, _HEALTHY_SECONDS, every=1):
        words = "\n".join(_last_words(settings, component.name) for component in started)
        raise ServerError(f"Airflow was not healthy within {_HEALTHY_SECONDS:.0f} s.\n{words}")


def _unpause(settings: Settings, port: int) -> str:
    """Let every DAG run, since Airflow pauses those it sees for the first time; returns an access token."""
    expected = {path.stem for path in (PROJECT_ROOT / "dags").glob("*.py")}
    user = {"username": USER, "password": ui_password(settings)}
    _, login = _ask(port, "POST", "/auth/token", user)
    token = str(login.get("access_token", ""))

    def all_known() -> bool:
        _, answer = _ask(port, "GET", "/api/v2/dags?exclude_stale=true", token=token)
        return expected <= {found["dag_id"] for found in answer.get("dags", [])}

    if not components.until(all_known, _HEALTHY_SECONDS, every=1):
        raise ServerError(f"Airflow did not read all DAGs.\n{_last_words(settings, 'dag-processor')}")
    query = urlencode({"dag_id_pattern": "~", "update_mask": "is_paused"})
    status, answer = _ask(port, "PATCH", f"/api/v2/dags?{query}", {"is_paused": False}, token)
    if status != 200:
        raise ServerError(f"The DAGs could not be unpaused: {status} {answer}")
    return token


def _stop(settings: Settings) -> list[str]:
    recorded = components.read_record(_record(settings))
    names = [component.name for component in recorded if component.is_alive()]
    api_server = [component for component in recorded if component.name == "api-server"]
    others = [component for component in recorded if component.name != "api-server"]
    components.stop(others, _GRACE_SECONDS)  # running tasks still report to the API server
    components.stop(api_server, _GRACE_SECONDS)
    _record(settings).unlink(missing_ok=True)
    return names


def _ask(
    port: int, method: str, path: str, body: dict[str, Any] | None = None, token: str = ""
) -> tuple[int, dict[str, Any]]:
    """One request to the API server; (0, {}) while it does not answer."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        response = connection.getresponse()
        answer = json.loads(response.read() or b"{}")
    except (OSError, http.client.HTTPException, ValueError):
        return 0, {}
    finally:
        connection.close()
    return response.status, answer if isinstance(answer, dict) else {}


def _log(settings: Settings, name: str) -> Path:
    return settings.home / "logs" / f"airflow-{name}.log"


def _last_words(settings: Settings, name: str, lines: int = 12) -> str:
    path = _log(settings, name)
    if not path.exists():
        return f"{name} left no log."
    tail = path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
    return f"The log of {name} ({path}) ends with:\n" + "\n".join(tail)


def _record(settings: Settings) -> Path:
    return settings.home / "airflow" / "live.json"


@contextmanager
def _exclusive(settings: Settings) -> Iterator[None]:
    """One `up` or `down` at a time."""
    folder = settings.home / "airflow"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "live.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
