"""docker-compose.yml and Dockerfile, checked as far as parsers can.

Docker does not run in the tests: that images build, and that services come up healthy, is not shown here.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from warehouse.settings import Settings
from warehouse.storage import open_storage

ROOT = Path(__file__).resolve().parents[2]
VARIABLE = re.compile(r"(?<!\$)\$\{(?P<name>[A-Z0-9_]+)(?P<rest>[^}]*)\}")
SECRET = re.compile(r"PASSWORD|SECRET|_KEY$|TOKEN")


@pytest.fixture(scope="module")
def text() -> str:
    return (ROOT / "docker-compose.yml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def compose(text: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(text)
    return document


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = compose["services"]
    return found


def test_the_services_are_all_there(services: dict[str, Any]) -> None:
    assert set(services) == {"postgres", "init", "api-server", "scheduler", "dag-processor", "triggerer"}


def test_a_secret_has_no_default_and_its_absence_says_what_to_do(text: str) -> None:
    used = {match["name"]: match["rest"] for match in VARIABLE.finditer(text) if SECRET.search(match["name"])}
    assert {"CCHC_DB_PASSWORD", "AIRFLOW_DB_PASSWORD", "AIRFLOW_FERNET_KEY", "AIRFLOW_JWT_SECRET"} <= set(
        used
    )
    for name, rest in used.items():
        assert rest == ":?set it in .env, see .env.example", name


def test_no_environment_value_is_a_secret_written_out(services: dict[str, Any]) -> None:
    for name, service in services.items():
        for variable, value in service.get("environment", {}).items():
            if SECRET.search(variable) and not variable.endswith("PASSWORDS_FILE"):
                assert VARIABLE.fullmatch(value), f"{name}: {variable}"
            for password in re.findall(r"://[^:/@\s]+:([^@]*)@", str(value)):
                assert VARIABLE.fullmatch(password), f"{name}: {variable}"


def test_the_example_lists_every_required_variable_and_holds_no_value(text: str) -> None:
    required = {match["name"] for match in VARIABLE.finditer(text) if match["rest"].startswith(":?")}
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    listed = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert set(listed) == required
    assert not any(listed.values())


def test_only_services_that_prepare_the_server_hold_its_superuser(services: dict[str, Any]) -> None:
    holders = {name for name, service in services.items() if "CCHC_DB_PASSWORD" in json.dumps(service)}
    assert holders == {"postgres", "init"}


def test_every_published_port_is_on_loopback(services: dict[str, Any]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert len(ports) == 2
    assert all(re.fullmatch(r"127\.0\.0\.1:\$\{[A-Z_]+:-\d+\}:\d+", port) for port in ports), ports


def test_images_are_pinned(services: dict[str, Any]) -> None:
    images = {service["image"] for service in services.values()}
    assert images == {"postgres:18-bookworm", "cchc-warehouse:0.1.0"}
    base = re.findall(r"^FROM (\S+)", _dockerfile(), re.MULTILINE)
    assert base == ["python:3.12-slim-bookworm"]


def test_long_running_services_are_watched_and_wait_for_init(services: dict[str, Any]) -> None:
    for name in set(services) - {"postgres", "init"}:
        assert services[name]["healthcheck"]["test"][0] == "CMD", name
        assert services[name]["depends_on"]["init"]["condition"] == "service_completed_successfully", name
    assert services["init"]["depends_on"]["postgres"]["condition"] == "service_healthy"


def test_state_landing_archive_and_outputs_are_kept_in_volumes(compose: dict[str, Any]) -> None:
    kept = {volume.split(":")[0] for volume in compose["services"]["scheduler"]["volumes"]}
    assert kept == {"state", "landing", "archive", "out"}
    assert kept | {"postgres"} == set(compose["volumes"])


def test_airflow_understands_every_command(services: dict[str, Any], tmp_path: Path) -> None:
    commands = [service["command"] for service in services.values() if "command" in service]
    commands += [
        service["healthcheck"]["test"][1:] for service in services.values() if "healthcheck" in service
    ]
    script = [line.split() for line in services["init"]["command"][-1].splitlines()]
    airflow = [command[1:] for command in [*commands, *script] if command[0] == "airflow"]
    assert len(airflow) == 8
    code = (
        "import json, sys\n"
        "from airflow.cli import cli_parser\n"
        "parser = cli_parser.get_parser()\n"
        "for words in json.load(sys.stdin): parser.parse_args(words)\n"
    )
    environment = {**os.environ, "AIRFLOW_HOME": str(tmp_path), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps(airflow),
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_airflow_knows_every_option(services: dict[str, Any]) -> None:
    """A misspelt option would be ignored without a word."""
    spec = importlib.util.find_spec("airflow")
    assert spec is not None
    assert spec.origin is not None
    file = Path(spec.origin).parent / "config_templates" / "config.yml"
    known = yaml.safe_load(file.read_text(encoding="utf-8"))
    for name in services["scheduler"]["environment"]:
        if name.startswith("AIRFLOW__"):
            _, section, option = name.lower().split("__")
            assert option in known[section]["options"], name


def test_the_image_installs_by_hash_and_runs_as_an_ordinary_user() -> None:
    dockerfile = _dockerfile()
    assert "pip install --require-hashes --no-deps -r requirements.lock" in dockerfile
    assert re.findall(r"^USER (\S+)", dockerfile, re.MULTILINE) == ["cchc"]
    assert "compileall" in dockerfile
    assert not SECRET.search(" ".join(re.findall(r"^(?:ENV|ARG) .*$", dockerfile, re.MULTILINE)))


def test_the_image_holds_every_room_and_nothing_of_the_state() -> None:
    copied = set(re.findall(r"^COPY (\S+) \1$", _dockerfile(), re.MULTILINE))
    assert copied == {"warehouse", "sources", "expectations", "review", "cli", "dags", "dbt_project"}
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignored[1] == "*"  # everything is left out that is not named below
    allowed = {line.removeprefix("!").removesuffix("/**") for line in ignored if line.startswith("!")}
    assert allowed == copied | {"requirements.lock", "pyproject.toml", "README.md", "LICENSE"}


def _dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_an_operator_can_name_every_place_and_what_opens_it(
    compose: dict[str, Any], services: dict[str, Any]
) -> None:
    """Settings that compose does not hand on would be set in `.env` in vain."""
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    for place in ("LANDING", "ARCHIVE", "ANSWERS"):
        for variable in (f"CCHC_{place}_URL", f"CCHC_{place}_OPTIONS"):
            for name in ("init", "api-server", "scheduler", "dag-processor", "triggerer"):
                assert services[name]["environment"][variable].startswith(f"${{{variable}:-"), (
                    name,
                    variable,
                )
            assert f"#{variable}=" in example
    folders = {
        default.removesuffix("}").removeprefix("file://")
        for variable, value in compose["x-settings"].items()
        if variable.endswith("_URL")
        for default in [value.partition(":-")[2]]
    }
    mounted = [volume.split(":")[1] for volume in compose["services"]["scheduler"]["volumes"]]
    assert len(folders) == 3
    assert all(any(folder.startswith(mount) for mount in mounted) for folder in folders)


def test_the_examples_options_are_json_objects_that_their_places_take() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    given = dict(re.findall(r"^#(CCHC_\w+)=(.*)$", example, re.MULTILINE))
    for place in ("landing", "archive", "answers"):
        url, options = given[f"CCHC_{place.upper()}_URL"], given[f"CCHC_{place.upper()}_OPTIONS"]
        known = json.loads(options.removeprefix("'").removesuffix("'"))
        known.pop("private_key", None)  # an example is no key
        settings = Settings(
            **{f"{place}_url": url, f"{place}_options": json.dumps(known)}  # type: ignore[arg-type]
        )
        file_system, root = open_storage(settings, place)  # type: ignore[arg-type]
        assert "example" not in root
        assert type(file_system).__name__ == ("S3FileSystem" if url.startswith("s3:") else "SftpFileSystem")
