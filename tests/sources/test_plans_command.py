"""`cchc plans` says what the catalogue holds, for people and for machines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import plans
from warehouse.settings import Settings


def test_list_counts_by_kind_for_machines() -> None:
    result = CliRunner().invoke(plans.app, ["list", "--json"])
    (plan,) = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (plan["plan_code"], plan["tasks"], plan["targets"]) == ("BT-2022-7679", 77, 35)
    assert plan["tasks_by_deadline"]["whole_year"] == 62
    assert sum(plan["obligations_by_kind"].values()) == plan["obligations"] == 86


def test_list_reads_for_people() -> None:
    result = CliRunner().invoke(plans.app, ["list"])
    assert result.exit_code == 0
    assert "7679/QĐ-UBND of 30/12/2022" in result.stdout


def test_findings_name_the_places_that_disagree() -> None:
    found = json.loads(CliRunner().invoke(plans.app, ["findings", "--json"]).stdout)
    assert ["II.8", "III.6.3", "PL.6.6"] in [finding["at"] for finding in found]
    assert all(finding["read_as"] and finding["why"] for finding in found)


def test_import_says_what_was_found_and_missing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(plans, "get_settings", lambda: settings)
    document = tmp_path / "decision.txt"
    document.write_text("Số: 7679/QĐ-UBND\nII. CHƯƠNG\n8. Đoạn thử nghiệm\n", encoding="utf-8")
    result = CliRunner().invoke(plans.app, ["import", str(document), "--json"])
    imported = json.loads(result.stdout)
    assert (imported["tasks_found"], len(imported["tasks_missing"])) == (0, 77)
    assert imported["texts_written"] == 1
    again = CliRunner().invoke(plans.app, ["import", str(document)])
    assert "none: already stored" in again.stdout
    assert "tasks missing" in again.stdout
