"""A warehouse with synthetic marts, and the reviews written from them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from review.pack import ReviewPack, write_review
from tests.conftest import clone_settings
from tests.review import synthetic_marts
from tests.review.synthetic_world import LABEL
from warehouse.engine import engine
from warehouse.settings import Settings


@pytest.fixture(scope="session")
def served(
    server_home: Path, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Settings of a warehouse that serves the synthetic marts."""
    folder = tmp_path_factory.mktemp("served")
    for settings in clone_settings(server_home, template_database, folder):
        synthetic_marts.create(engine(settings, "builder"))
        yield settings


@pytest.fixture(scope="session")
def half_year(served: Settings) -> ReviewPack:
    """The review of the half year, labelled synthetic."""
    return write_review(served, "2023-H1", "BT", LABEL)


@pytest.fixture(scope="session")
def derived_quarter(served: Settings) -> ReviewPack:
    """The review of the second quarter, which nobody reports."""
    return write_review(served, "2023-Q2", "BT", LABEL)
