"""What the tests of this room share: the catalogue, read once."""

from __future__ import annotations

import pytest

from sources.catalogue import Catalogue, load_catalogue


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The catalogue of the project; tests that change something change a copy."""
    return load_catalogue()
