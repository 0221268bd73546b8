"""The rule files: complete, tested both ways, checked with errors that name file, line, field, and loaded."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from expectations.catalogue import FOLDER, load, load_rules
from expectations.runner import escaped
from warehouse.engine import Role
from warehouse.errors import DataFileError
from warehouse.reference import current_rows
from warehouse.schema import ref_rule, ref_tolerance, ref_waiver
from warehouse.settings import Settings
from warehouse.text import nfc

HERE = Path(__file__).parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the files, to be spoilt."""
    target = tmp_path / "expectations"
    target.mkdir()
    for name in ("catalogue.yml", "tolerances.yml", "waivers.yml"):
        shutil.copy(FOLDER / name, target / name)
    shutil.copytree(FOLDER / "rules", target / "rules")
    return target


def _replace(path: Path, old: str, new: str) -> int:
    """Replace the first occurrence; returns the line it stands in."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_every_rule_has_a_passing_and_a_failing_test() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_rules_*.py"))
    tested = {kind: set(re.findall(rf"def test_(\w+?)__{kind}", source)) for kind in ("passes", "fails")}
    ids = {rule.id for rule in load().rules}
    assert (tested["passes"], tested["fails"]) == (ids, ids)


def test_every_message_is_normal_vietnamese_text() -> None:
    for rule in load().rules:
        for text in (rule.label_vi, rule.message_vi):
            assert text == nfc(text)
            assert re.search("[à-ỹđ]", text.lower())


def test_every_rule_reads_what_exists_at_its_gate() -> None:
    later = {
        "raw": r"\b(staging|core|candidate|marts)\.",
        "core": r"\b(candidate|marts)\.",
        "candidate": r"\bmarts\.",
    }
    for rule in load().rules:
        code = re.sub("--.*", "", rule.sql)
        assert not re.search(later[rule.gate], code), rule.id


def test_the_library_is_handed_the_sql_with_braces_and_colons_escaped() -> None:
    assert escaped("select '{2} :x a::b'") == r"/* {batch} */ select '{{2}} \:x a::b'"


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("catalogue.yml", "severity: fatal", "severity: deadly", "severity: Input should be"),
        ("catalogue.yml", "    label_vi: Số dòng đọc", "    label: Số dòng đọc", "label: Extra inputs"),
        (
            "catalogue.yml",
            "  - id: field_unknown",
            "  - id: dossier_flow_balance",
            "id 'dossier_flow_balance' is given twice",
        ),
        (
            "catalogue.yml",
            "  - id: field_unknown",
            "  - id: no_such_rule",
            "there is no rules/no_such_rule.sql",
        ),
        ("catalogue.yml", "    scope: build", "    scope: row", "fatal needs scope delivery"),
        ("tolerances.yml", "    value: 0.1", "    value: little", "value: Input should be a valid number"),
    ],
)
def test_a_fault_is_reported_with_file_line_and_field(
    folder: Path, file: str, old: str, new: str, expected: str
) -> None:
    line = _replace(folder / file, old, new)
    with pytest.raises(DataFileError) as refused:
        load(folder)
    reported = [problem for problem in refused.value.problems if expected in problem]
    assert reported
    named = int(re.search(rf"/expectations/{file}:(\d+) ", reported[0])[1])  # type: ignore[index]
    assert abs(named - line) <= 2  # a rule about the whole entry names the entry's first line


def test_a_rule_file_without_an_entry_is_reported(folder: Path) -> None:
    (folder / "rules" / "stray.sql").write_text("select 1")
    with pytest.raises(DataFileError, match=r"rules/stray\.sql has no entry"):
        load(folder)


@pytest.mark.parametrize("content", ["rules: [", "rules: {}", "other: []"])
def test_a_file_that_is_no_catalogue_is_reported(folder: Path, content: str) -> None:
    (folder / "catalogue.yml").write_text(content)
    with pytest.raises(DataFileError, match=r"expectations/catalogue\.yml:[12] "):
        load(folder)


WAIVER = """waivers:
  - rule_id: dossier_carried_over_continuity
    agency_code: BT-P-AL
    period_id: 2023-H1
    valid_from: 2023-06-20
    valid_to: 2023-12-31
    reason: sổ theo dõi đã đối chiếu
    granted_by: Phòng Nội vụ
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "dossier_carried_over_continuity",
            "raw_rows_conserved",
            r":2 waivers\[0\]\.rule_id: .* not waivable",
        ),
        ("dossier_carried_over_continuity", "no_such_rule", r":2 waivers\[0\]\.rule_id: .* is no rule"),
        ("2023-12-31", "2023-01-01", "valid_to lies before valid_from"),
        ("sổ theo dõi đã đối chiếu", '""', r":7 waivers\[0\]\.reason: "),
        ("    granted_by: Phòng Nội vụ\n", "", "granted_by: is missing"),
    ],
)
def test_a_waiver_needs_a_waivable_rule_dates_a_reason_and_a_name(
    folder: Path, old: str, new: str, expected: str
) -> None:
    (folder / "waivers.yml").write_text(WAIVER, encoding="utf-8")
    assert load(folder).waivers[0].granted_by == "Phòng Nội vụ"
    _replace(folder / "waivers.yml", old, new)
    with pytest.raises(DataFileError, match=expected):
        load(folder)


def test_rules_are_loaded_as_versions_and_the_same_again_is_nothing_new(
    settings: Settings, engine_as: Callable[[Role], sa.Engine], folder: Path
) -> None:
    assert load_rules(settings, "test") == {"rules": True, "tolerances": True, "waivers": True}
    assert load_rules(settings, "test") == {"rules": False, "tolerances": False, "waivers": False}
    _replace(folder / "tolerances.yml", "value: 0.1", "value: 0.5")
    (folder / "waivers.yml").write_text(WAIVER, encoding="utf-8")
    assert load_rules(settings, "test", folder) == {"rules": False, "tolerances": True, "waivers": True}
    with engine_as("builder").connect() as connection:
        rules = current_rows(connection, ref_rule)
        tolerances = {row["tolerance_code"]: row["value"] for row in current_rows(connection, ref_tolerance)}
        waivers = current_rows(connection, ref_waiver)
    assert {row["rule_id"] for row in rules} == {rule.id for rule in load().rules}
    assert float(tolerances["rate_difference_points"]) == 0.5
    assert [row["granted_by"] for row in waivers] == ["Phòng Nội vụ"]
