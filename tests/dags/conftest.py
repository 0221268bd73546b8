"""Airflow for the tests: its environment from the settings, its database in the tests' server."""

from __future__ import annotations

from pathlib import Path

import pytest

from warehouse.airflow_env import airflow_environment, prepare_metadata
from warehouse.settings import Settings, child_environment


@pytest.fixture(scope="session")
def airflow_variables(server_home: Path) -> dict[str, str]:
    """Environment of a process that runs Airflow; its metadata database is migrated."""
    settings = Settings(home=server_home)
    prepare_metadata(settings)
    return child_environment(**airflow_environment(settings))
