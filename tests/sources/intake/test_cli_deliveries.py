"""`cchc deliveries`: the story of a report's versions as people read it, at the width of their terminal."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli import deliveries
from cli.main import app
from sources.intake.ingest import ingest_landing
from warehouse.errors import UsageError
from warehouse.settings import Settings

Run = Callable[..., str]
DECIDED = ("--reason", "đã gọi điện cho cơ quan", "--by", "người xem")


@pytest.fixture
def cchc(
    small: Settings, filled: Callable[..., bytes], drop: Callable[[str, bytes], Path], monkeypatch: Any
) -> Run:
    """The command where four deliveries came: a first report, a refused file, a second one, a supplement."""
    monkeypatch.setattr(deliveries, "get_settings", lambda: small)

    def send(day: int, name: str, data: bytes) -> None:
        drop(name, data)
        ingest_landing(small, "run", datetime(2023, 3, day, 2, tzinfo=UTC))

    late = {("dossier", "Hộ tịch"): {"received_total": 7}}
    send(16, "Báo cáo CCHC quý I của UBND phường Hòa An (bản gửi lần đầu).xlsx", filled())
    send(17, "ảnh chụp.xlsx", b"%PDF-1.7 ...")
    send(18, "ban 2.xlsx", filled(info={"report_date": date(2023, 3, 18)}, edits=late))
    more = {"report_kind": "Bổ sung", "report_date": date(2023, 3, 20), "amends": "12/BC-UBND"}
    survey = {("satisfaction", "Hộ tịch"): {"sent": 9, "returned": 9, "satisfied": 9}}
    send(20, "bo sung.xlsx", filled(info=more, edits=survey))

    def run(*arguments: str, width: int = 140) -> str:
        monkeypatch.setattr(deliveries.console, "width", width)
        result = CliRunner().invoke(app, ["deliveries", *arguments])
        if result.exception is not None:
            raise result.exception
        return result.stdout

    return run


@pytest.mark.parametrize("width", [80, 140])
def test_the_list_keeps_to_the_width_and_names_what_waits(cchc: Run, width: int) -> None:
    listed = cchc("list", width=width)
    assert max(map(len, listed.splitlines())) <= width
    assert "Waiting for a person: 3" in listed
    assert ["in force" in line for line in listed.splitlines() if "XX-P-A" in line] == [True, False, True]


@pytest.mark.parametrize("width", [80, 140])
def test_show_tells_the_version_story_of_each_sheet(cchc: Run, width: int) -> None:
    shown = cchc("show", "1", width=width)
    assert max(map(len, shown.splitlines())) <= width
    of_sheet = {line.split("  ")[0].strip(): line for line in shown.splitlines()}
    assert "in force" in of_sheet["Hồ sơ TTHC"]
    assert "replaced by 4" in of_sheet["Hài lòng"]
    assert "answered" in shown
    assert "not yet" in shown
    told = json.loads(cchc("show", "1", "--json"))
    assert [(v["delivery_id"], v["standing"]) for v in told["versions"]] == [
        (1, "counts"),
        (3, "held"),
        (4, "counts"),
    ]
    assert told["versions"][2]["in_force"] == ["satisfaction"]


def test_show_says_why_a_delivery_is_held_and_what_to_do(cchc: Run) -> None:
    shown = cchc("show", "3")
    assert "Đã có một báo cáo lần đầu khác" in shown
    assert "cchc deliveries accept 3" in shown


def test_show_says_what_becomes_of_a_refused_file(cchc: Run) -> None:
    shown = cchc("show", "2")
    assert "Tệp thuộc loại chưa được tiếp nhận" in shown
    assert "sends it again" in shown


def test_a_decision_says_what_it_brings_into_force(cchc: Run) -> None:
    accepted = json.loads(cchc("accept", "3", *DECIDED, "--json"))
    assert accepted == {
        "delivery_id": 3,
        "decision": "accept",
        "standing": "counts",
        "in_force": ["assessment", "dossier", "feedback", "figure", "target", "task"],
    }
    assert "accept by người xem" in cchc("show", "3")
    assert "not reported" not in cchc("show", "1")
    assert "does not count" in cchc("accept", "3", "--reject", *DECIDED)
    with pytest.raises(UsageError, match="waits for no such decision"):
        cchc("accept", "3", "--reject", *DECIDED)


@pytest.mark.parametrize("number", ["0", "5", "99999999999999999999"])
def test_an_unknown_number_says_where_to_look(cchc: Run, number: str) -> None:
    with pytest.raises(UsageError, match="deliveries list"):
        cchc("show", number)
