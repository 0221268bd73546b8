"""A wrong data file is refused before anything is written, with file, line and field of every fault."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from sources.catalogue import DATA_DIR, load_catalogue, register_catalogue
from tests.sources.wrong_data import change, problems
from warehouse import schema
from warehouse.errors import DataFileError
from warehouse.settings import Settings

PLAN_FILE = "plans/BT-2022-7679.yml"


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA_DIR, tmp_path / "data"))


def test_unknown_agency_is_named_with_line_field_and_what_is_known(data_dir: Path) -> None:
    line = change(data_dir, PLAN_FILE, "leads: [BT-KT]", "leads: [BT-XX]")
    (problem,) = problems(data_dir)
    assert problem.startswith(
        f"{data_dir / PLAN_FILE}:{line} tasks[24].leads[0]: unknown agency 'BT-XX' (known:"
    )
    assert "BT-KT" in problem


def test_an_exception_that_measures_something_else_says_for_which_fields(data_dir: Path) -> None:
    change(data_dir, PLAN_FILE, "  field_groups: [land, investment]\n", "")
    (problem,) = problems(data_dir)
    assert ".overrides: takes the place of II.3.1.a in every field, yet" in problem


def test_who_is_of_another_unit_may_cooperate(data_dir: Path) -> None:
    change(data_dir, PLAN_FILE, "cooperating: []", "cooperating: [HCM-Q-GO-VAP]")
    assert load_catalogue(data_dir)


@pytest.mark.parametrize(
    ("name", "old", "new", "field", "reason"),
    [
        (PLAN_FILE, 'stt: "1.5"', 'stt: "1.4"', "tasks[5]", "stt '1.4' is given twice"),
        (PLAN_FILE, 'stt: "1.10"', "stt: 1.10", "tasks[10].stt", "valid string"),
        (PLAN_FILE, 'label: "Kiện toàn Ban', 'labl: "Kiện toàn Ban', "tasks[0].label", "is missing"),
        (PLAN_FILE, "leads: [BT-DKDD]", "leads: []", "leads", "at least 1 item"),
        (PLAN_FILE, "deadline: ca-nam\n", "deadline: ca-nan\n", "deadline", "unknown reading 'ca-nan'"),
        (PLAN_FILE, "due: 2023-10-31", "due: 2024-10-31", "obligations[0].due", "outside the plan's years"),
        (
            PLAN_FILE,
            "due: 2023-06-30, quarter: 2",
            "due: 2023-07-01, quarter: 2",
            "due",
            "calendar quarter 2",
        ),
        (PLAN_FILE, ", reported_by: BT-NV}", "}", "leads[0]", "nobody would owe the task"),
        (PLAN_FILE, "code: II.2.b", "code: II.2.a", "targets[2]", "are those of item [1]"),
        (PLAN_FILE, "  citation: II.6\n", "", "citation", "is missing"),
        (PLAN_FILE, "citation: II.6\n", "citation: II.8\n", "citation", "does not follow from the section"),
        (PLAN_FILE, "overrides: II.3.1.a", "overrides: II.3.9", "overrides", "unknown target 'II.3.9'"),
        (PLAN_FILE, "leads: [BT-KT]", "leads: [BT-KT, HCM-H-CU-CHI]", "leads[1]", "not lead"),
        (PLAN_FILE, "leads: [BT-KT]", "leads: [NA-HUYEN]", "leads[0]", "neither below BT, the plan's unit,"),
        (PLAN_FILE, "reported_by: BT-NV}", "reported_by: HCM-Q-GO-VAP}", "reported_by", "neither below BT"),
        (PLAN_FILE, 'tra định kỳ"\n  denominator', 'tra…"\n  denominator', "numerator", "in your own words"),
        (PLAN_FILE, "Tổng số cơ quan, đơn vị", "Tổng số …", "denominator", "is cut"),
        (PLAN_FILE, "được kiểm tra CCHC định kỳ", "được kiểm...", "targets[1].label", "is cut"),
        (PLAN_FILE, 'label: "Kiện toàn Ban', 'label: "Kiện…" #', "tasks[0].label", "is cut"),
        (PLAN_FILE, "parent: II.4.2.a", "parent: II.4.2.b", "parent", "names the target itself"),
        (
            PLAN_FILE,
            "also_cited: [PL.3.12]",
            "also_cited: [PL.3.99]",
            "also_cited[0]",
            "no task of this plan",
        ),
        (PLAN_FILE, "measure: apology", "measure: satisfied", "fed_by", "dossier needs a `measure`"),
        (PLAN_FILE, "comparator: lt\n  value: 3", "comparator: lt", "comparator", "lt needs `value`"),
        (PLAN_FILE, "comparator: lt", "comparator: below", "comparator", "Input should be 'gt'"),
        (
            PLAN_FILE,
            'reporter_task: "6.6"',
            'reporter_task: "6.5"',
            "reporter_task",
            "does not lead task 6.5",
        ),
        (PLAN_FILE, 'area: "X"', 'area: "9"', "area", "unknown area '9'"),
        (PLAN_FILE, "at: [II.7,", "at: [PL.9.9,", "findings[4].at[0]", "no task of this plan"),
        ("fields.yml", "agencies: [BT-TTR]", "agencies: [BT-TTX]", "agencies[0]", "unknown agency 'BT-TTX'"),
        ("fields.yml", '"Thuế"', '"Y tế"', "names", "would also mean 'y-te'"),
        ("areas.yml", 'code: "1"', 'code: "0"', "areas[1]", "given twice"),
        ("areas.yml", "areas:", "areas: [", "(YAML)", ""),
        ("areas.yml", "areas:", "? [areas]\n:", "(file)", "a key is a word"),
        ("areas.yml", "areas:", "more: &more [*more]\nareas:", "(YAML)", "aliases are not read"),
        ("areas.yml", "areas:", f"more: {'[' * 50000}\nareas:", "(YAML)", "nested more than 40 deep"),
        ("calendar/periods.yml", "years: {from: 2019", "years: {from: 0", "years.from", "or equal to 1986"),
        (PLAN_FILE, "years: {from: 2023, to: 2023}", "years: {from: 2023, to: 999999}", "years.to", "2100"),
        (PLAN_FILE, "comparator: lt", "years: []\n  comparator: lt", "years", "at least 1 item"),
        (PLAN_FILE, "comparator: lt", "by_year: {}\n  comparator: lt", "by_year", "at least 1 item"),
    ],
)
def test_each_fault_is_refused_with_its_place(
    data_dir: Path, name: str, old: str, new: str, field: str, reason: str
) -> None:
    change(data_dir, name, old, new)
    found = problems(data_dir)
    place = [problem for problem in found if problem.startswith(f"{data_dir / name}:") and reason in problem]
    assert place, found
    assert any(field in problem.split(": ")[0] for problem in place), place


def test_an_impossible_date_is_one_fault_among_others(data_dir: Path) -> None:
    bodies = data_dir / "agencies" / "BT.yml"
    date_line = change(data_dir, "agencies/BT.yml", "valid_to: 2025-06-30", "valid_to: 2025-06-31")
    kind_line = change(data_dir, "agencies/BT.yml", "kind: vertical", "kind: vertcal")
    found = problems(data_dir)
    assert any(p.startswith(f"{bodies}:{date_line} ") and "2025-06-31" in p for p in found)
    assert any(f":{kind_line} " in p and "vertcal" in p for p in found)


def test_all_faults_are_named_at_once_and_nothing_is_written(
    settings: Settings, engine_as: Callable[[str], sa.Engine], data_dir: Path
) -> None:
    change(data_dir, PLAN_FILE, "leads: [BT-KT]", "leads: [BT-XX]")
    change(data_dir, PLAN_FILE, "comparator: lt", "comparator: below")
    change(data_dir, "calendar/rounds.yml", "2023-03-17}", "2023-03-14}")
    with pytest.raises(DataFileError) as caught:
        register_catalogue(settings, "r1", data_dir=data_dir)
    assert len(caught.value.problems) == 2
    with engine_as("loader").connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(schema.ref_version)).scalar() == 0


def test_a_missing_file_is_named(data_dir: Path) -> None:
    (data_dir / "areas.yml").unlink()
    assert problems(data_dir)[0].startswith(f"{data_dir / 'areas.yml'}:1 (file): cannot be read")
