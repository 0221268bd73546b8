"""The commands for forms, intake and deliveries: what they print, and what they say to wrong use."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from cli import deliveries, forms, ingest
from cli.main import app
from warehouse.builds import open_build
from warehouse.engine import engine
from warehouse.errors import UsageError
from warehouse.schema import hold
from warehouse.settings import Settings

Run = Callable[..., Any]


@pytest.fixture
def cchc(small: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    for module in (forms, deliveries, ingest):
        monkeypatch.setattr(module, "get_settings", lambda: small)

    def run(*arguments: str) -> Any:
        return CliRunner().invoke(app, list(arguments))

    return run


def test_issue_ingest_list_show_accept(cchc: Run, filled: Callable[..., bytes], tmp_path: Path) -> None:
    issued = json.loads(cchc("forms", "issue", "--period", "2023-Q1", "--unit", "XX", "--json").stdout)
    assert [Path(p).name for p in issued["forms"]] == ["XX-TCKH.xlsx", "XX-P-A.xlsx", "XX-P-B.xlsx"]
    path = tmp_path / "a.xlsx"
    path.write_bytes(filled(info={"agency_code": "XX-P-B"}))
    taken = json.loads(cchc("ingest", str(path), "--received-at", "2023-03-16", "--json").stdout)
    assert taken["deliveries"][0]["verdict"] == "held"
    number = str(taken["deliveries"][0]["delivery_id"])
    listed = json.loads(cchc("deliveries", "list", "--verdict", "held", "--json").stdout)
    assert [str(row["delivery_id"]) for row in listed] == [number]
    shown = json.loads(cchc("deliveries", "show", number, "--json").stdout)
    assert shown["findings"][0]["rule_id"] == "intake.agency_code_disagrees"
    assert "signed_by" not in shown
    accepted = cchc("deliveries", "accept", number, "--reason", "đã gọi điện", "--by", "người xem")
    assert accepted.exit_code == 0
    assert "accept by người xem" in cchc("deliveries", "show", number).stdout
    assert "a.xlsx" in cchc("deliveries", "list").stdout


def test_what_counts_can_be_taken_out_and_a_rule_holds_in_sight(
    cchc: Run, small: Settings, filled: Callable[..., bytes], tmp_path: Path
) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(filled())
    taken = json.loads(cchc("ingest", str(path), "--received-at", "2023-03-16", "--json").stdout)
    number = taken["deliveries"][0]["delivery_id"]
    decision = ("--reason", "đã gọi điện", "--by", "người xem")

    def held() -> list[int]:
        listed = json.loads(cchc("deliveries", "list", "--verdict", "held", "--json").stdout)
        return [row["delivery_id"] for row in listed]

    assert held() == []
    assert isinstance(cchc("deliveries", "accept", str(number), *decision).exception, UsageError)
    with engine(small, "builder").begin() as connection:
        moment = datetime(2023, 3, 20, tzinfo=UTC)
        build_id = open_build(small, moment, "test", "test")
        place = {"delivery_id": number, "rule_id": "r", "build_id": build_id, "reason_vi": "trùng số liệu"}
        connection.execute(sa.insert(hold).values(**place, placed_at=moment))
    assert held() == [number]
    assert "held by a rule" in cchc("deliveries", "list").stdout
    assert cchc("deliveries", "accept", str(number), *decision).exit_code == 0
    assert held() == []
    assert cchc("deliveries", "accept", str(number), "--reject", *decision).exit_code == 0
    assert "accepted, rejected" in cchc("deliveries", "list").stdout
    again = cchc("deliveries", "accept", str(number), "--reject", *decision).exception
    assert isinstance(again, UsageError)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("forms", "issue", "--period", "2023-Q7"), "2023-Q1"),
        (("forms", "issue", "--period", "2023-Q1", "--unit", "ZZ"), "XX, YY"),
        (("forms", "issue", "--period", "2023-H1", "--unit", "YY"), "2023-N11"),
        (("ingest", "/nowhere/a.xlsx"), "does not exist"),
        (("deliveries", "show", "77"), "deliveries list"),
        (("deliveries", "show", "99999999999999999999"), "deliveries list"),
        (("deliveries", "list", "--period", "2023-Q9"), "2023-Q1"),
        (("deliveries", "list", "--verdict", "good"), "accepted_with_findings"),
        (("deliveries", "list", "--agency", "ZZ"), "XX-P-A"),
        (("deliveries", "accept", "77", "--reason", "r", "--by", "b"), "no delivery 77"),
    ],
)
def test_wrong_use_says_what_would_be_right(cchc: Run, arguments: tuple[str, ...], said: str) -> None:
    result = cchc(*arguments)
    assert isinstance(result.exception, UsageError)
    assert result.exception.exit_code == 2
    assert said in str(result.exception)


def test_a_time_in_the_future_is_refused(cchc: Run, tmp_path: Path) -> None:
    result = cchc("ingest", str(tmp_path), "--received-at", "2999-01-01")
    assert isinstance(result.exception, UsageError)
    assert "future" in str(result.exception)
