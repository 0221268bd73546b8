"""What the warehouse knows when a form is issued or read: the reference rows in force, indexed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa

from sources.forms.definition import word_key
from sources.resolver import Resolution, Resolver, valid
from warehouse.reference import current_rows
from warehouse.schema import (
    ref_agency,
    ref_agency_name,
    ref_area,
    ref_collective,
    ref_field,
    ref_field_name,
    ref_obligation,
    ref_period,
    ref_period_due,
    ref_round,
    ref_target,
    ref_task,
    ref_task_agency,
)

Row = dict[str, Any]
_TABLES = (
    ref_agency,
    ref_agency_name,
    ref_collective,
    ref_period,
    ref_period_due,
    ref_round,
    ref_field,
    ref_field_name,
    ref_area,
    ref_task,
    ref_obligation,
    ref_target,
    ref_task_agency,
)
LEAD = "lead"
_HYPHENS = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")


def code_key(code: str) -> str:
    """Key of a task, target or indicator code: upper case, no spaces, plain hyphens, no trailing dot."""
    return "".join(code.split()).translate(_HYPHENS).upper().rstrip(".")


@dataclass
class Reference:
    """Reference rows in force. Keys: agency_key, period_id, code_key of task and target codes.

    `rounds` holds, by period_id, the keys of the units that ask for it.
    """

    agencies: list[Row]
    resolver: Resolver
    collectives: dict[str, list[Row]]
    periods: dict[str, Row]
    rounds: dict[str, set[int]]
    dues: list[Row]
    fields: list[Row]
    field_names: dict[str, str]
    areas: list[Row]
    tasks: dict[str, Row]
    obligations: dict[str, list[Row]]
    targets: dict[tuple[str, int], Row]
    task_agencies: list[Row]
    identities: dict[tuple[Any, ...], Any] = field(default_factory=dict, init=False)
    """What rows name, by the cells that name them; kept here by `identity.py`, as good as the reference."""
    _roles: dict[date, dict[str, dict[int, str]]] = field(default_factory=dict, init=False)
    _there: dict[date, dict[int, Row]] = field(default_factory=dict, init=False)
    _members: dict[tuple[str, date], set[int]] = field(default_factory=dict, init=False)
    _reporters: dict[tuple[str, int, date], set[int]] = field(default_factory=dict, init=False)
    _periods: dict[str, list[Row]] = field(default_factory=dict, init=False)
    _codes: dict[str, int] = field(default_factory=dict, init=False)
    _labelled: dict[tuple[str, str], list[Row]] = field(default_factory=dict, init=False)

    def agency(self, agency_key: int, on: date) -> Row | None:
        """The agency as it was on a day, or None when it was not there."""
        return self._agencies_on(on).get(agency_key)

    def agency_by_code(self, code: str) -> int | None:
        """Key of the agency with this code."""
        if not self._codes:
            self._codes |= {code_key(a["agency_code"]): a["agency_key"] for a in reversed(self.agencies)}
        return self._codes.get(code_key(code))

    def periods_named(self, key: str) -> list[Row]:
        """The reported periods whose label or id has this word key."""
        if not self._periods:
            for period in self.periods.values():
                if not period["is_derived"]:
                    for name in {word_key(period["label_vi"]), word_key(period["period_id"])}:
                        self._periods.setdefault(name, []).append(period)
        return self._periods.get(key, [])

    def labelled(self, sheet_code: str, key: str) -> list[Row]:
        """The tasks (sheet `task`), or targets of all years (`target`), whose label has this word key."""
        if not self._labelled:
            for task in self.tasks.values():
                self._labelled.setdefault(("task", word_key(task["task_label"])), []).append(task)
            for target in self.targets.values():
                self._labelled.setdefault(("target", word_key(target["target_label"])), []).append(target)
        return self._labelled.get((sheet_code, key), [])

    def named(self, name: str, on: date) -> Resolution:
        """The agency that a name means on a day, or those that it may mean."""
        return self.resolver.resolve(name, on)

    def unit_of(self, agency_key: int, on: date) -> int | None:
        """Key of the unit that an agency reported to on a day: the nearest above it that consolidates."""
        there = self._agencies_on(on)
        agency = there.get(agency_key)
        while agency is not None:
            agency = there.get(agency["parent_agency_key"])
            if agency is not None and agency["consolidates"]:
                return int(agency["agency_key"])
        return None

    def units_asking(self, period: Row) -> list[Row]:
        """The units that ask for a period and are there when it closes, in the administration's order."""
        keys = self.rounds.get(period["period_id"], set())
        on = period["closes_on"]
        found = [a for a in self.agencies if a["agency_key"] in keys and a["consolidates"] and valid(a, on)]
        return sorted(found, key=lambda a: (a["sort_order"], a["agency_key"]))

    def reporting_agencies(self, period: Row, unit_agency_key: int) -> list[Row]:
        """Agencies that owe a unit their report of a period, in the administration's order."""
        on = period["closes_on"]
        found = [
            a
            for a in self.agencies
            if a["reports"] and valid(a, on) and self.unit_of(a["agency_key"], on) == unit_agency_key
        ]
        return sorted(found, key=lambda a: (a["sort_order"], a["agency_key"]))

    def due(self, unit_agency_key: int | None, period_id: str, agency_kind: str, on: date) -> Row | None:
        """The row that says, on a day, when an agency of this kind owes a unit the period's report.

        Of several the newest in effect counts; None before any is.
        """
        owed = [
            due
            for due in self.dues
            if (due["unit_agency_key"], due["period_id"]) == (unit_agency_key, period_id)
            and due["effective_from"] <= on
        ]
        for kind in (agency_kind, "*"):
            of_kind = [due for due in owed if due["agency_kind"] == kind]
            if of_kind:
                return max(of_kind, key=lambda due: due["effective_from"])
        return None

    def members(self, collective_code: str, on: date) -> set[int]:
        """Agency keys that an open collective means on a day, by the hierarchy of that day."""
        asked = collective_code, on
        if asked not in self._members:
            self._members[asked] = {
                agency["agency_key"]
                for rule in self.collectives.get(collective_code, [])
                for agency in self._agencies_on(on).values()
                if agency["agency_kind"] == rule["agency_kind"]
                and rule.get("agency_level") in (None, agency["agency_level"])
                and rule["parent_agency_key"] in self._above(agency, on, is_direct=rule.get("is_direct"))
            }
        return self._members[asked]

    def task_roles(self, on: date) -> dict[str, dict[int, str]]:
        """By code_key of the task: each agency's role on a day, collectives expanded; lead goes first."""
        if on not in self._roles:
            roles: dict[str, dict[int, str]] = defaultdict(dict)
            for row in self.task_agencies:
                named = {row["agency_key"]} if row["agency_key"] is not None else set()
                if row["collective_code"]:
                    named |= self.members(row["collective_code"], on)
                of_task = roles[code_key(row["task_code"])]
                for agency_key in named:
                    if of_task.get(agency_key) != LEAD:
                        of_task[agency_key] = row["task_role"]
            self._roles[on] = dict(roles)
        return self._roles[on]

    def reports_target(self, target: Row, agency_key: int, on: date) -> bool:
        """Whether the target's own figures are asked of this agency."""
        return agency_key in self.reporters(target, on)

    def reporters(self, target: Row, on: date) -> set[int]:
        """Keys of the agencies that are asked for a target's own figures on a day."""
        asked = target["target_code"], target["year"], on
        if asked not in self._reporters:
            code, only = target["reporter_collective_code"], target["only_agency_keys"]
            named = set(self.members(code, on)) if code else set()
            if target["reporter_agency_key"] is not None:
                named = {target["reporter_agency_key"]}
            named &= set(only) if only else named
            self._reporters[asked] = named - set(target["excluded_agency_keys"] or ())
        return self._reporters[asked]

    def _agencies_on(self, on: date) -> dict[int, Row]:
        """The agencies that are there on a day, by key."""
        if on not in self._there:
            self._there[on] = {a["agency_key"]: a for a in self.agencies if valid(a, on)}
        return self._there[on]

    def _above(self, agency: Row, on: date, *, is_direct: bool | None) -> list[int]:
        """Keys of the agencies above one on a day, the nearest first, or of its parent alone."""
        above = list(self.resolver.above(agency["agency_key"], on))
        return above[:1] if is_direct else above

    def fields_of(self, agency: Row) -> list[Row]:
        """Procedure fields that an agency handles, as far as is known (mostly assumed)."""
        found = [
            f
            for f in self.fields
            if agency["agency_kind"] in f["handled_by_kinds"]
            or agency["agency_key"] in f["handled_by_agency_keys"]
        ]
        return sorted(found, key=lambda f: (f["sort_order"], f["field_code"]))

    def field_code(self, name: str) -> str | None:
        """Code of the procedure field that is written like this."""
        return self.field_names.get(word_key(name))


def load_reference(connection: sa.Connection) -> Reference:
    """Read the reference rows in force. An empty warehouse gives an empty reference."""
    return index_reference({table.name: current_rows(connection, table) for table in _TABLES})


def index_reference(rows: Mapping[str, list[Row]]) -> Reference:
    """Index reference rows, given by table name."""
    collectives: dict[str, list[Row]] = defaultdict(list)
    for row in rows["ref_collective"]:
        collectives[row["collective_code"]].append(row)
    obligations: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(rows["ref_obligation"], key=lambda r: r["obligation_no"]):
        obligations[code_key(row["task_code"])].append(row)
    rounds: dict[str, set[int]] = defaultdict(set)
    for row in rows["ref_round"]:
        rounds[row["period_id"]].add(row["unit_agency_key"])
    field_names = {word_key(r["field_name"]): r["field_code"] for r in rows["ref_field"]}
    field_names |= {word_key(r["name"]): r["field_code"] for r in rows["ref_field_name"]}
    tasks = sorted(rows["ref_task"], key=lambda r: (r["plan_code"], r["task_order"]))
    targets = sorted(rows["ref_target"], key=lambda r: (r["plan_code"], r["target_order"]))
    return Reference(
        agencies=[a for a in rows["ref_agency"] if a["agency_key"]],
        resolver=Resolver(rows["ref_agency"], rows["ref_agency_name"]),
        collectives=dict(collectives),
        periods={r["period_id"]: r for r in rows["ref_period"]},
        rounds=dict(rounds),
        dues=rows["ref_period_due"],
        fields=rows["ref_field"],
        field_names=field_names,
        areas=sorted(rows["ref_area"], key=lambda r: r["sort_order"]),
        tasks={code_key(r["task_code"]): r for r in tasks},
        obligations=dict(obligations),
        targets={(code_key(r["target_code"]), r["year"]): r for r in targets},
        task_agencies=rows["ref_task_agency"],
    )
