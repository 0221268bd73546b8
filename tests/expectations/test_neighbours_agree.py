"""What the intake says of neighbouring periods and what the core gate says later name the same cells.

Random histories of reports go through both. The gate speaks of all current reports together; the intake of
the one that has just come: of its own cells, and where the gate names a cell of another report because of it,
of its cell that the other is held against.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from sources.forms.definition import load_definition
from sources.forms.findings import Findings, load_rules
from sources.intake.neighbours import compared_sheets, judge_neighbours
from sources.intake.rulings import REPLACEMENT, Version, current
from tests.expectations.factories import COLUMNS, PERIODS, SHEETS, World

FORM = load_definition()
REFERENCE: Any = SimpleNamespace(
    periods={
        period_id: {
            "period_id": period_id,
            "label_vi": label,
            "window_start": date.fromisoformat(start),
            "window_end": date.fromisoformat(end),
            "is_derived": False,
        }
        for period_id, (label, _, start, end) in PERIODS.items()
    }
)
NAMES = {
    "dossier": [("Đất đai", "dat-dai"), ("Hộ tịch", "ho-tich"), ("Nuôi  Ong", None)],
    "satisfaction": [("Đất đai", "dat-dai"), (None, None), ("Nuôi Ong", None)],
    "feedback": [("Cổng 1022", "1022"), ("Zalo phường", None)],
}
RULES = {
    "dossier_carried_over_continuity": ("dossier", "carried_over", "closing"),
    "dossier_carried_over_shared": ("dossier", "opening", "opening"),
    "dossier_cumulative_falls": ("dossier", "falls", "exceeds"),
    "satisfaction_cumulative_falls": ("satisfaction", "falls", "exceeds"),
    "feedback_cumulative_falls": ("feedback", "falls", "exceeds"),
}
Said = set[tuple[str, str, str]]
"""What is said (the end of the intake's rule), sheet code, cell."""


@dataclass
class Sheet:
    """One sheet of a report of the history."""

    sheet_code: str
    rows: list[dict[str, Any]]
    sheet_no: int
    sheet_name: str
    column_map: dict[str, str]
    held: tuple[()] = ()

    @property
    def loaded(self) -> list[dict[str, Any]]:
        return [row | {"sheet_row": 7 + index} for index, row in enumerate(self.rows)]


@dataclass
class History:
    """Reports of one agency, each the newest of its period."""

    world: World
    chance: random.Random
    in_force: dict[str, Version] = field(default_factory=dict)
    sheets: dict[int, dict[str, Sheet]] = field(default_factory=dict)

    def step(self) -> tuple[Said, Said]:
        """One more report; what the intake says of it, and what the gate says then."""
        period_id = self.chance.choice(list(PERIODS))
        delivery_id = self.world.delivery(31, period_id)
        codes = [code for code in NAMES if self.chance.random() < 0.85]
        sheets = {code: self._sheet(code) for code in codes}
        new = Version(
            delivery_id=delivery_id,
            report_kind=REPLACEMENT,
            report_date=date(2023, 1, 1) + timedelta(days=delivery_id),
            received_at=datetime(2023, 3, 20, tzinfo=UTC),
            sha256=str(delivery_id),
            content_sha256=None,
            sheets=frozenset(codes),
        )
        findings = Findings(load_rules())
        judge_neighbours(
            new,
            period_id,
            [*sheets.values()],
            {other: [version] for other, version in self.in_force.items()},
            lambda version, code: self.sheets[version.delivery_id][code].loaded,
            FORM,
            REFERENCE,
            findings,
        )
        told = {
            (item.rule_id.removeprefix("intake.neighbour_"), item.sheet_name or "", item.cell or "")
            for item in findings.items
        }
        self._put(period_id, new, sheets)
        return told, self._gate(new)

    def _sheet(self, code: str) -> Sheet:
        names = [name for name in NAMES[code] if self.chance.random() < 0.8] or NAMES[code][:1]
        self.chance.shuffle(names)
        rows = []
        for name, known in names:
            row = {c: self._count() for c in COLUMNS[code] if c not in ("field_name", "channel_name")}
            if code == "feedback":
                row |= {"channel_name": name, "channel_code": known, "feedback_kind": "other"}
            else:
                row |= {"field_name": name, "field_code": known}
            if code == "satisfaction":
                row["survey_content"] = self.chance.choice(["procedure", "service"])
            rows.append(row)
        sheet_no = list(SHEETS).index(code) + 2
        return Sheet(code, rows, sheet_no, SHEETS[code][0], COLUMNS[code])

    def _count(self) -> int | None:
        return self.chance.choice([None, 0, 1, 1, 2, 2, 3])

    def _put(self, period_id: str, new: Version, sheets: dict[str, Sheet]) -> None:
        """The report becomes current in the layers that the gate reads."""
        old = self.in_force.get(period_id)
        if old is not None:
            for table in ("core.fct_dossier", "core.fct_satisfaction", "core.fct_feedback"):
                self.world.connection.exec_driver_sql(
                    f"delete from {table} where delivery_id = {old.delivery_id}"
                )
            self.world.connection.exec_driver_sql(
                f"delete from staging.int_section_current where delivery_id = {old.delivery_id}"
            )
        self.in_force[period_id], self.sheets[new.delivery_id] = new, sheets
        assert current([new]).base == new
        for code, sheet in sheets.items():
            self.world.sheet(code, sheet.rows, 31, period_id, delivery_id=new.delivery_id)
            for row in sheet.loaded:
                self._fact(code, row, period_id, sheet, new.delivery_id)

    def _fact(self, code: str, row: dict[str, Any], period_id: str, sheet: Sheet, delivery_id: int) -> None:
        values = {c: v for c, v in row.items() if c not in ("field_name", "channel_name")}
        key, name = ("channel_code", "channel_name") if code == "feedback" else ("field_code", "field_name")
        folded = "?" + re.sub(r"\s+", " ", row[name].lower()).strip() if row[name] else "*"
        values[key] = row[key] or folded
        if code == "dossier":
            parts = row["pending_in_time"], row["pending_overdue"]
            values["pending_total_computed"] = None if None in parts else sum(parts)
        if code == "satisfaction":
            values["valid_is_returned"] = row["valid"] is None and row["returned"] is not None
            values["valid"] = row["returned"] if row["valid"] is None else row["valid"]
        place = {"delivery_id": delivery_id, "sheet_no": sheet.sheet_no, "sheet_rows": str(row["sheet_row"])}
        self.world.insert(f"core.fct_{code}", agency_key=31, period_id=period_id, **place, **values)

    def _gate(self, new: Version) -> Said:
        said: Said = set()
        for rule_id, (code, own, others) in RULES.items():
            for row in self.world.offending(rule_id):
                if row["delivery_id"] == new.delivery_id:
                    said.add((own, row["sheet_name"], row["cell"]))
                elif row["expected"].endswith(f"lượt nộp {new.delivery_id})"):
                    said.add((others, row["sheet_name"], self._own_cell(new, code, others, row)))
        return said

    def _own_cell(self, new: Version, code: str, said: str, row: dict[str, Any]) -> str:
        """The cell of the new report that a cell of another one was held against."""
        letter, number = row["cell"][0], int(row["cell"][1:])
        other = self.sheets[row["delivery_id"]][code].loaded[number - 7]
        keys = ("field_code", "field_name", "channel_name", "survey_content")
        mine = next(
            r
            for r in self.sheets[new.delivery_id][code].loaded
            if all(r.get(key) == other.get(key) for key in keys)
        )
        if said == "closing":
            letter = "L" if mine["pending_total"] is None else "K"
        if code == "satisfaction" and letter == "F" and mine["valid"] is None:
            letter = "E"  # blank stands for what was returned
        return f"{letter}{mine['sheet_row']}"


def _agree(world: World, seeds: range, steps: int = 8) -> int:
    count = 0
    for seed in seeds:
        savepoint = world.connection.begin_nested()
        history = History(world, random.Random(seed))  # noqa: S311
        for number in range(steps):
            told, gate = history.step()
            assert told == gate, f"seed {seed}, step {number}"
            count += len(told)
        savepoint.rollback()
    return count


def test_what_is_compared_at_intake_is_what_the_gates_compare() -> None:
    assert compared_sheets(FORM) == set(NAMES)


def test_intake_and_gate_name_the_same_cells(world: World) -> None:
    assert _agree(world, range(4)) > 50


@pytest.mark.slow
def test_intake_and_gate_name_the_same_cells_in_many_histories(world: World) -> None:
    assert _agree(world, range(100, 200)) > 1000
