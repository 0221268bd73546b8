"""`cchc review`: where the files are, for people and for machines."""

from __future__ import annotations

import json

import pytest
from typer import Typer
from typer.testing import CliRunner

from cli import review
from tests.review.synthetic_world import LABEL
from warehouse.errors import UsageError
from warehouse.settings import Settings


@pytest.fixture
def app(served: Settings, monkeypatch: pytest.MonkeyPatch) -> Typer:
    monkeypatch.setattr(review, "get_settings", lambda: served)
    built = Typer()
    built.command()(review.review)
    return built


def test_people_read_the_rates_and_the_paths(app: Typer) -> None:
    result = CliRunner().invoke(app, ["--period", "2023-Q1", "--data-label", LABEL], catch_exceptions=False)
    assert result.exit_code == 0
    assert LABEL in result.stdout
    assert "78,6\u00a0% (11/14)" in result.stdout
    assert "2023-Q1/index.html" in result.stdout


def test_machines_read_json(app: Typer) -> None:
    result = CliRunner().invoke(app, ["--period", "2023-Q1", "--json"], catch_exceptions=False)
    answer = json.loads(result.stdout)
    assert answer["agencies_late"] == 1
    assert answer["xlsx"].endswith("BT/2023-Q1/review.xlsx")


def test_an_unknown_unit_is_wrong_use(app: Typer) -> None:
    with pytest.raises(UsageError, match="BT: 2023-Q1"):
        CliRunner().invoke(app, ["--period", "2023-Q1", "--unit", "XX"], catch_exceptions=False)
