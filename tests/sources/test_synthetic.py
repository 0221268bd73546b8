"""The synthetic year: the same every time, consistent where no fault says otherwise, every fault in it."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import openpyxl
import pytest
import yaml

from sources.catalogue import register_catalogue
from sources.forms.issue import issue_forms
from sources.synthetic.generate import Generator, SyntheticFile
from sources.synthetic.reports import (
    Report,
    Row,
    dossier_rows,
    faithful_report,
    feedback_rows,
    satisfaction_rows,
)
from sources.synthetic.scenario import SCENARIO_2023, Scenario, load_scenario
from sources.synthetic.simulation import DOSSIER_FLOWS
from tests.conftest import clone_settings
from warehouse.errors import DataFileError, UsageError

FAULTS = {
    "bare_fraction_in_percent_column",
    "carry_over_broken",
    "code_against_name",
    "copied_from_another_ward",
    "cumulative_flow_falls",
    "dash_as_not_reported",
    "decomposed_text",
    "done_without_product",
    "formulas_with_cached_values",
    "identity_broken",
    "not_arisen_as_zero",
    "progress_against_status",
    "rate_over_received",
    "second_first_report",
    "section_left_out",
    "sent_twice",
    "supplement_of_one_sheet",
    "total_row",
    "truncated_file",
    "unknown_period",
    "unknown_procedure_field",
    "unknown_task_code",
    "unreadable_number",
}
ROWS = {"dossier": dossier_rows, "satisfaction": satisfaction_rows, "feedback": feedback_rows}


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario()


@pytest.fixture(scope="module")
def generator(
    server_home: Path, template_database: str, tmp_path_factory: pytest.TempPathFactory, scenario: Scenario
) -> Iterator[Generator]:
    """A generator on a registered catalogue, with the forms of two periods issued; it only reads them."""
    folder = tmp_path_factory.mktemp("synthetic")
    for settings in clone_settings(server_home, template_database, folder, data_label=scenario.label):
        register_catalogue(settings, "test")
        for reporting_round in (scenario.rounds[0], scenario.rounds[3]):
            issue_forms(settings, reporting_round.period, "test", reporting_round.opened_at)
        yield Generator.of(settings, scenario)


def every_row(scenario: Scenario, sheet: str) -> list[tuple[str, dict[str, Row]]]:
    """(agency/key, period → row) for one sheet of every agency, without faults."""
    found: dict[str, dict[str, Row]] = {}
    for agency in scenario.agencies:
        for reporting_round in scenario.rounds:
            rows = ROWS[sheet](scenario, agency.code, reporting_round.quarters)
            for key, row in rows.items():
                found.setdefault(f"{agency.code}/{key}", {})[reporting_round.period] = row
    return list(found.items())


def test_dossier_figures_keep_the_identities(scenario: Scenario) -> None:
    rows = every_row(scenario, "dossier")
    assert len(rows) > 60
    for place, by_period in rows:
        for r in by_period.values():
            assert r["received_total"] == r["received_online"] + r["received_direct"] + r["carried_over"], (
                place
            )
            assert r["resolved_total"] == r["resolved_early"] + r["resolved_on_time"] + r["resolved_late"], (
                place
            )
            assert r["pending_total"] == r["pending_in_time"] + r["pending_overdue"], place
            assert r["received_total"] == r["resolved_total"] + r["pending_total"], place
            assert 0 <= r["apology_letters"] <= r["resolved_late"], place
            assert min(r.values()) >= 0, place


def test_dossier_figures_carry_over_and_add_up(scenario: Scenario) -> None:
    for place, by_period in every_row(scenario, "dossier"):
        q1, h1, q3, year = (by_period[r.period] for r in scenario.rounds)
        assert q1["carried_over"] == h1["carried_over"] == year["carried_over"], place
        assert q3["carried_over"] == h1["pending_total"], place
        for flow in DOSSIER_FLOWS:
            assert q1[flow] <= h1[flow], (place, flow)
            assert h1[flow] + q3[flow] <= year[flow], (place, flow)


@pytest.mark.parametrize("sheet", ["satisfaction", "feedback"])
def test_survey_and_feedback_figures_add_up(scenario: Scenario, sheet: str) -> None:
    flows = {
        "satisfaction": ("sent", "returned", "valid", "satisfied"),
        "feedback": ("received", "resolved_on_time", "resolved_late", "published"),
    }[sheet]
    rows = every_row(scenario, sheet)
    assert len(rows) > 20
    for place, by_period in rows:
        q1, h1, q3, year = (by_period[r.period] for r in scenario.rounds)
        for flow in flows:
            assert q1[flow] <= h1[flow], (place, flow)
            assert h1[flow] + q3[flow] <= year[flow], (place, flow)
        for r in by_period.values():
            if sheet == "satisfaction":
                assert r["satisfied"] <= r["valid"] <= r["returned"] <= r["sent"], place
            else:
                handled = r["resolved_on_time"] + r["resolved_late"] + r["pending"]
                assert r["carried_over"] + r["received"] == handled, place


def test_the_seed_decides_every_figure(scenario: Scenario) -> None:
    again = load_scenario()
    other = scenario.model_copy(update={"seed": "another"})
    quarters = scenario.rounds[0].quarters
    assert dossier_rows(scenario, "BT-P-AL", quarters) == dossier_rows(again, "BT-P-AL", quarters)
    assert dossier_rows(scenario, "BT-P-AL", quarters) != dossier_rows(other, "BT-P-AL", quarters)


def test_each_period_hears_of_every_agency_but_the_missing_one(scenario: Scenario) -> None:
    everyone = {agency.code for agency in scenario.agencies}
    assert len(everyone) == 25
    silent = {}
    for reporting_round in scenario.rounds:
        first = [code for _, d, code in scenario.expand(reporting_round) if d.kind == "first"]
        silent[reporting_round.period] = everyone - set(first)
    assert silent == {"2023-Q1": set(), "2023-H1": set(), "2023-Q3": {"BT-YT"}, "2023-Y": set()}
    kinds = [d.kind for r in scenario.rounds for _, d, _ in scenario.expand(r)]
    assert (kinds.count("replacement"), kinds.count("supplement")) == (1, 1)


def test_every_fault_is_there_and_changes_its_report(generator: Generator, scenario: Scenario) -> None:
    seen: set[str] = set()
    for reporting_round in scenario.rounds:
        for file in generator.files(reporting_round):
            seen |= set(file.faults)
            if file.faults and file.faults != ("sent_twice",):
                agency = file.report.agency_code
                faithful = faithful_report(scenario, generator.duties, reporting_round, agency)
                assert differs(file.report, faithful), file.name
    assert seen == FAULTS


def differs(report: Report, faithful: Report) -> bool:
    """Whether a report says something else than the faithful one, its date and number apart."""
    info = {name: report.info[name] for name in faithful.info}
    form = (report.left_out, report.total_row, report.formulas, report.truncate_to, report.decomposed)
    faithful_form = (set(), False, (), None, False)
    return (info, report.sheets, form) != (faithful.info, faithful.sheets, faithful_form)


def test_a_file_says_that_it_is_synthetic_and_names_no_person(
    generator: Generator, scenario: Scenario, tmp_path: Path
) -> None:
    first = scenario.rounds[0]
    paths = generator.write_wave(first, first.waves[1], tmp_path)
    assert {path.name for path in paths} == {
        "BT-CCT 2023-Q1.xlsx",
        "BT-DKDD bao cao.xlsx",
        "BT-KBNN 2023-Q1.xlsx",
        "BT-TNMT 2023-Q1.xlsx",
        "BT-VP gui lai.xlsx",
    }
    for path in paths:
        book = openpyxl.load_workbook(path)
        told = {row[1]: row[2] for row in book["Thông tin"].iter_rows(max_col=3, values_only=True)}
        assert told["Người lập"] == told["Người ký"] == scenario.author
        assert "DỮ LIỆU TỔNG HỢP" in " ".join(filter(None, told))
        assert book.properties.creator == book.properties.lastModifiedBy == scenario.author
        assert path.stat().st_mtime == first.waves[1].received_at.timestamp()


def test_the_same_scenario_gives_the_same_bytes(
    generator: Generator, scenario: Scenario, tmp_path: Path
) -> None:
    first = scenario.rounds[0]
    for name in ("a", "b"):
        generator.write_wave(first, first.waves[2], tmp_path / name)
    once, again = ({p.name: p.read_bytes() for p in (tmp_path / name).iterdir()} for name in ("a", "b"))
    assert len(once) == 3
    assert once == again
    for path in (tmp_path / "a").iterdir():  # what comes from a clock would differ in another process
        with zipfile.ZipFile(path) as archive:
            assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        properties = openpyxl.load_workbook(path).properties
        written = first.waves[2].received_at.astimezone(UTC).replace(tzinfo=None)
        assert (properties.created, properties.modified) == (written, written)


def test_faults_reach_the_cells(generator: Generator, scenario: Scenario, tmp_path: Path) -> None:
    first = scenario.rounds[0]
    generator.write_wave(first, first.waves[0], tmp_path)

    dash = dossier_cells(tmp_path / "BT-P-AL 2023-Q1.xlsx", "Bảo trợ xã hội")
    assert (dash["Quá hạn 2"], dash["Thư xin lỗi"]) == ("Không phát sinh", "-")
    broken = dossier_cells(tmp_path / "BT-P-BHH 2023-Q1.xlsx", "Hộ tịch")
    parts = broken["Trực tuyến"] + broken["Trực tiếp và bưu chính"] + broken["Từ kỳ trước"]
    assert broken["Tổng số"] == parts + 12
    unknown = openpyxl.load_workbook(tmp_path / "BT-TTR 2023-Q1.xlsx")["Nhiệm vụ"]
    assert "BT-2022-7679/9.9" in {cell.value for cell in unknown["B"]}

    with zipfile.ZipFile(tmp_path / "BT-TCKH 2023-Q1.xlsx") as archive:
        texts = [archive.read(n).decode() for n in archive.namelist() if n.startswith("xl/worksheets/sheet")]
    cached = re.findall(r"<f>[D-M0-9+]+</f><v>(\d+)</v>", "".join(texts))
    assert len(cached) == 6
    assert all(int(value) >= 0 for value in cached)

    total = dossier_cells(tmp_path / "BT-P-BTD 2023-Q1.xlsx", "Tổng cộng")
    assert str(total["Tổng số"]).startswith("=SUM(")


def dossier_cells(path: Path, field: str) -> dict[str, object]:
    """The cells of one field's row, by the lowest heading; the second of its name as 'name 2'."""
    sheet = openpyxl.load_workbook(path)["Hồ sơ TTHC"]
    rows = list(sheet.iter_rows(values_only=True))
    upper = next(i for i, row in enumerate(rows) if row[0] == "STT")
    headings = [low or high for high, low in zip(rows[upper], rows[upper + 1], strict=True)]
    row = next(row for row in rows[upper + 2 :] if row[1] == field)
    cells: dict[str, object] = {}
    for heading, value in zip(headings, row, strict=True):
        seen = sum(name.rsplit(" ", 1)[0] == heading or name == heading for name in cells)
        cells[f"{heading} {seen + 1}" if seen else str(heading)] = value
    return cells


def test_a_supplement_carries_its_sheet_alone(generator: Generator, scenario: Scenario) -> None:
    half = scenario.rounds[1]
    files: list[SyntheticFile] = list(generator.files(half))
    supplement = next(f for f in files if f.delivery.kind == "supplement")
    assert supplement.report.sheets.keys() - supplement.report.left_out == {"satisfaction"}
    assert supplement.report.info["amends"] == files_first(files, "BT-TP").report.info["document_number"]


def files_first(files: list[SyntheticFile], agency_code: str) -> SyntheticFile:
    return next(f for f in files if f.report.agency_code == agency_code and f.delivery.kind == "first")


def test_a_period_without_forms_is_refused(generator: Generator, scenario: Scenario, tmp_path: Path) -> None:
    half = scenario.rounds[1]
    with pytest.raises(UsageError, match="cchc forms issue --period 2023-H1"):
        generator.write_wave(half, half.waves[0], tmp_path)


def test_a_wrong_scenario_names_the_field(tmp_path: Path) -> None:
    data = yaml.safe_load(SCENARIO_2023.read_text(encoding="utf-8"))
    data["dossiers"][0]["online"] = 1.4
    data["rounds"][0]["waves"][0]["deliveries"][2]["edits"][0]["total_row"] = True
    path = tmp_path / "wrong.yml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    with pytest.raises(DataFileError) as caught:
        load_scenario(path)
    assert " dossiers[0].online: " in str(caught.value)
    assert "done_without_product" in str(caught.value)
