"""`cchc plans` says what the catalogue holds, for people and for machines."""

from __future__ import annotations

import json
from pathlib import Path

import docx
import pytest
from typer.testing import CliRunner

from cli import plans
from warehouse.settings import Settings


def test_list_counts_by_kind_for_machines() -> None:
    result = CliRunner().invoke(plans.app, ["list", "--json"])
    assert result.exit_code == 0
    plan = next(plan for plan in json.loads(result.stdout) if plan["plan_code"] == "BT-2022-7679")
    assert (plan["tasks_by_kind"], plan["targets"]) == ({"task": 77, "standing": 14}, 35)
    assert plan["deadlines_by_kind"]["task"]["whole_year"] == 62
    assert sum(plan["obligations_by_kind"].values()) == plan["obligations"] == 86


def test_list_reads_for_people() -> None:
    result = CliRunner().invoke(plans.app, ["list"])
    assert result.exit_code == 0
    assert "7679/QĐ-UBND of 30/12/2022" in result.stdout


def test_findings_name_the_places_that_disagree() -> None:
    found = json.loads(CliRunner().invoke(plans.app, ["findings", "BT-2022-7679", "--json"]).stdout)
    reviewed = [finding for plan in found for finding in plan["reviewed"]]
    assert ["II.8", "III.6.3", "PL.6.6"] in [finding["at"] for finding in reviewed]
    assert all(finding["read_as"] and finding["why"] for finding in reviewed)


def test_findings_are_computed_from_a_word_document_too(tmp_path: Path) -> None:
    decision = docx.Document()
    decision.add_paragraph("Nghị định 1/2020/NĐ-CP ngày 1/2/2020 và Nghị định 1/2020/NĐ-CP ngày 2/2/2020.")
    decision.save(str(tmp_path / "quyet-dinh.docx"))
    asked = ["findings", "BT-2022-7679", "--document", str(tmp_path / "quyet-dinh.docx"), "--json"]
    (found,) = json.loads(CliRunner().invoke(plans.app, asked).stdout)
    by_check = {finding["check"]: finding["place"] for finding in found["not_reviewed"]}
    assert by_check["citation-dates"] == "paragraph 1"


def test_import_says_what_was_found_and_missing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(plans, "get_settings", lambda: settings)
    document = tmp_path / "decision.txt"
    document.write_text("Số: 7679/QĐ-UBND\nII. CHƯƠNG\n8. Đoạn thử nghiệm\n", encoding="utf-8")
    result = CliRunner().invoke(plans.app, ["import", str(document), "--json"])
    imported = json.loads(result.stdout)
    assert (imported["tasks_found"], len(imported["tasks_missing"])) == (0, 77 + 14)
    assert imported["texts_written"] == 1
    again = CliRunner().invoke(plans.app, ["import", str(document)])
    assert "none: already stored" in again.stdout
    assert "tasks missing" in again.stdout
