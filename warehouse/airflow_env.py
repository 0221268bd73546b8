"""Airflow's environment, generated from `Settings`: nothing of Airflow is configured in any other place."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import sqlalchemy as sa
from pydantic import SecretStr

from warehouse import server
from warehouse.errors import ServerError
from warehouse.ports import HOST
from warehouse.secrets import secret, write_private
from warehouse.settings import PROJECT_ROOT, Settings, child_environment

USER = "admin"
METADATA_DATABASE = "airflow"
DEFAULT_PORT = 8080


def project_environment(settings: Settings) -> dict[str, str]:
    """The `CCHC_` variables that make `get_settings()` of another process equal to these settings."""
    values: dict[str, str] = {}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
        if value is not None:
            values[f"CCHC_{name.upper()}"] = str(value)
    return values


def metadata_url(settings: Settings) -> sa.URL:
    """URL of Airflow's own database in the embedded server, which must be running.

    Raises ServerError when it is not.
    """
    password = secret(settings, METADATA_DATABASE)
    return server.admin_url(settings, METADATA_DATABASE).set(username=METADATA_DATABASE, password=password)


def airflow_environment(settings: Settings, port: int = DEFAULT_PORT) -> dict[str, str]:
    """Every variable that Airflow's components need, secrets included; `port` is the API server's.

    Airflow masks secrets in its logs; they are never written into a file that others can read.
    Raises ServerError when the embedded server is not running.
    """
    home = settings.home / "airflow"
    url = metadata_url(settings).render_as_string(hide_password=False)
    return {
        **project_environment(settings),
        "AIRFLOW_HOME": str(home),
        "PYTHONPATH": str(PROJECT_ROOT),  # a DAG file imports the rooms
        **{f"AIRFLOW__{name}": value for name, value in _options(settings, port, url).items()},
    }


def _options(settings: Settings, port: int, url: str) -> dict[str, str]:
    home = settings.home / "airflow"
    return {
        "DATABASE__SQL_ALCHEMY_CONN": url,
        "DATABASE__SQL_ALCHEMY_CONN_ASYNC": url,  # psycopg 3 serves both; without this Airflow takes asyncpg
        "CORE__DAGS_FOLDER": str(PROJECT_ROOT / "dags"),
        "CORE__PLUGINS_FOLDER": str(home / "plugins"),
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__PARALLELISM": "4",  # LocalExecutor forks this many workers at once
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__DEFAULT_TIMEZONE": "Asia/Ho_Chi_Minh",
        "CORE__HOSTNAME_CALLABLE": "socket.gethostname",  # the default asks the network
        "CORE__FERNET_KEY": fernet_key(settings),
        "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(password_file(settings)),
        "CORE__EXECUTION_API_SERVER_URL": f"http://{HOST}:{port}/execution/",
        "API__HOST": HOST,
        "API__PORT": str(port),
        "API__BASE_URL": f"http://{HOST}:{port}",
        "API__WORKERS": "1",
        "API__SECRET_KEY": secret(settings, "airflow-api"),
        "API__EXPOSE_CONFIG": "False",
        "API__ENABLE_SWAGGER_UI": "False",  # it loads scripts from outside
        "API_AUTH__JWT_SECRET": hashlib.sha512(secret(settings, "airflow-jwt").encode()).hexdigest(),
        "API_AUTH__JWT_ISSUER": "cchc",
        "DAG_PROCESSOR__REFRESH_INTERVAL": "60",
        "SCHEDULER__ENABLE_HEALTH_CHECK": "False",  # it would listen on 0.0.0.0
        "LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        "LOGGING__JSON_LOGS": "True",
        "LOGGING__FILE_TASK_HANDLER_NEW_FOLDER_PERMISSIONS": "0o750",
        "LOGGING__FILE_TASK_HANDLER_NEW_FILE_PERMISSIONS": "0o640",
        "METRICS__STATSD_ON": "False",
        "METRICS__OTEL_ON": "False",
        "TRACES__OTEL_ON": "False",
    }


def fernet_key(settings: Settings) -> str:
    """The key that Airflow encrypts connections with: 32 bytes in URL-safe base64, generated once."""
    return base64.urlsafe_b64encode(
        hashlib.sha256(secret(settings, "airflow-fernet").encode()).digest()
    ).decode()


def password_file(settings: Settings) -> Path:
    """Where the password of the UI is kept."""
    return settings.home / "airflow" / "passwords.json"


def ui_password(settings: Settings) -> str:
    """The password of the UI's user: 20 characters, generated once."""
    return secret(settings, "airflow-ui")[:20]


def ensure_password(settings: Settings) -> bool:
    """Put the UI's password where Airflow's simple auth manager reads it (mode 0600); True when it is new."""
    path = password_file(settings)
    is_new = not path.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_private(path, json.dumps({USER: ui_password(settings)}))
    return is_new


def prepare_metadata(settings: Settings) -> None:
    """Start the embedded server and bring Airflow's own database to the installed version, once per version.

    Raises ServerError with Airflow's last words when its migration fails.
    """
    server.start(settings)
    server.ensure_database(settings, METADATA_DATABASE, METADATA_DATABASE)
    done = settings.home / "airflow" / "migrated"
    stamp = f"{version('apache-airflow-core')} {_revision(settings)}"
    if done.exists() and done.read_text(encoding="utf-8").strip() == stamp:
        return
    migration = subprocess.run(
        [sys.executable, "-m", "airflow", "db", "migrate"],
        env=child_environment(**airflow_environment(settings)),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if migration.returncode:
        raise ServerError(f"Airflow's database could not be migrated:\n{migration.stderr[-2000:]}")
    done.parent.mkdir(parents=True, exist_ok=True)
    done.write_text(f"{version('apache-airflow-core')} {_revision(settings)}\n", encoding="utf-8")


def _revision(settings: Settings) -> str | None:
    engine = sa.create_engine(metadata_url(settings), poolclass=sa.NullPool)
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        revision: str | None = connection.scalar(sa.text("select version_num from alembic_version"))
    return revision
