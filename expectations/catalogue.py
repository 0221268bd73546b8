"""The rules as reviewed files (catalogue, a SQL file a rule, tolerances, waivers) and their load into raw."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from warehouse.data_files import Problem, duplicates, parse, read_marked, refuse
from warehouse.engine import engine
from warehouse.errors import CchcError
from warehouse.reference import load_version
from warehouse.schema import ref_rule, ref_tolerance, ref_version, ref_waiver
from warehouse.settings import Settings
from warehouse.text import nfc

FOLDER = Path(__file__).resolve().parent
Gate = Literal["raw", "core", "candidate"]
GATES: tuple[Gate, ...] = ("raw", "core", "candidate")
COLUMNS = ("agency_key", "period_id", "delivery_id", "sheet_name", "cell", "given", "expected")
"""What the SQL of every rule selects, in this order."""

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BuiltIn(_Entry):
    """An expectation of Great Expectations that judges a rule on one table."""

    table: Annotated[str, StringConstraints(pattern=r"^[a-z_]+\.[a-z_0-9]+$")]
    expectation: Annotated[str, StringConstraints(pattern=r"^Expect[A-Za-z]+$")]
    arguments: dict[str, Any]


class Rule(_Entry):
    """One rule: what it says, at which gate, and the SQL that selects the offending rows."""

    id: Identifier
    gate: Gate
    scope: Literal["cell", "row", "delivery", "build"]
    severity: Literal["note", "warning", "error", "fatal"]
    area: str | None
    waivable: bool
    label_vi: Text
    message_vi: Text
    message_en: Text
    built_in: tuple[BuiltIn, ...] = ()
    sql: str = Field(default="", exclude=True)

    @model_validator(mode="after")
    def _fatal_has_consequences(self) -> Rule:
        if self.severity == "fatal" and self.scope not in {"delivery", "build"}:
            raise ValueError("fatal needs scope delivery (a hold) or build (the promotion stops)")
        if self.scope == "build" and self.waivable:
            raise ValueError("a rule about our own work (scope build) is never waivable")
        return self

    @property
    def stops_build(self) -> bool:
        """Whether an offending row stops the promotion."""
        return self.severity == "fatal" and self.scope == "build"

    @property
    def holds_delivery(self) -> bool:
        """Whether an offending row puts a hold on its delivery."""
        return self.severity == "fatal" and self.scope == "delivery"


class Tolerance(_Entry):
    """How far a figure may be off before a rule speaks."""

    code: Identifier
    value: float
    unit: Text
    source: Text
    assumed: bool


class Waiver(_Entry):
    """A dated acceptance of the findings of one rule."""

    rule_id: Identifier
    agency_code: Text
    period_id: Text
    valid_from: date
    valid_to: date
    reason: Text
    granted_by: Text

    @model_validator(mode="after")
    def _dates_in_order(self) -> Waiver:
        if self.valid_to < self.valid_from:
            raise ValueError("valid_to lies before valid_from")
        return self


class _RulesFile(_Entry):
    rules: tuple[Rule, ...]


class _TolerancesFile(_Entry):
    tolerances: tuple[Tolerance, ...]


class _WaiversFile(_Entry):
    waivers: tuple[Waiver, ...]


@dataclass(frozen=True)
class Catalogue:
    """All rules with their tolerances and waivers, as the files have them."""

    rules: tuple[Rule, ...]
    tolerances: tuple[Tolerance, ...]
    waivers: tuple[Waiver, ...]

    def at(self, gate: Gate) -> tuple[Rule, ...]:
        """The rules of one gate, in the order of the catalogue."""
        return tuple(rule for rule in self.rules if rule.gate == gate)


def load(folder: Path = FOLDER) -> Catalogue:
    """Read and check the files. Raises DataFileError with one line per problem: file, line, field, reason."""
    rules_file, tolerances_file, waivers_file = (
        read_marked(folder / name) for name in ("catalogue.yml", "tolerances.yml", "waivers.yml")
    )
    listed = parse(rules_file, _RulesFile)
    tolerances = parse(tolerances_file, _TolerancesFile)
    waivers = parse(waivers_file, _WaiversFile)
    if listed:
        rules_file.check(_check_rules(listed.rules, folder))
    if tolerances:
        tolerances_file.check(duplicates(tolerances.tolerances, lambda t: t.code, ("tolerances",), "code"))
    if listed and waivers:
        waivers_file.check(_check_waivers(waivers.waivers, listed.rules))
    refuse([rules_file, tolerances_file, waivers_file])
    if not (listed and tolerances and waivers):
        raise AssertionError("a file without a model has problems, and those were raised")
    rules = tuple(rule.model_copy(update={"sql": _sql(folder, rule)}) for rule in listed.rules)
    return Catalogue(rules, tolerances.tolerances, waivers.waivers)


def _sql_file(folder: Path, rule_id: str) -> Path:
    return folder / "rules" / f"{rule_id}.sql"


def _sql(folder: Path, rule: Rule) -> str:
    return _sql_file(folder, rule.id).read_text(encoding="utf-8").strip().rstrip(";")


def _check_rules(rules: tuple[Rule, ...], folder: Path) -> Iterator[Problem]:
    """Ids given once, and one SQL file for each."""
    yield from duplicates(rules, lambda rule: rule.id, ("rules",), "id")
    for number, rule in enumerate(rules):
        if not _sql_file(folder, rule.id).is_file():
            yield ("rules", number, "id"), f"there is no rules/{rule.id}.sql"
    ids = {rule.id for rule in rules}
    for path in sorted((folder / "rules").glob("*.sql")):
        if path.stem not in ids:
            yield ("rules",), f"rules/{path.name} has no entry"


def _check_waivers(waivers: tuple[Waiver, ...], rules: tuple[Rule, ...]) -> Iterator[Problem]:
    waivable = {rule.id: rule.waivable for rule in rules}
    for number, waiver in enumerate(waivers):
        if not waivable.get(waiver.rule_id, False):
            known = "is not waivable" if waiver.rule_id in waivable else "is no rule of catalogue.yml"
            yield ("waivers", number, "rule_id"), f"'{waiver.rule_id}' {known}"


def load_rules(settings: Settings, run_id: str, folder: Path = FOLDER) -> dict[str, bool]:
    """Load rules, tolerances and waivers into raw as reference versions; returns which of them are new."""
    catalogue = load(folder)
    with engine(settings, "loader").begin() as connection:
        loaded = {
            name: load_version(connection, name, {table: rows}, run_id)
            for name, (table, rows) in _rows(catalogue).items()
        }
    return {name: version.is_new for name, version in loaded.items()}


def require_loaded(connection: sa.Connection, catalogue: Catalogue) -> None:
    """Raise CchcError unless raw holds exactly the rules about to run: a build names their version."""
    newest = sa.select(sa.func.max(ref_version.c.version_id)).where(ref_version.c.dataset == "rules")
    loaded = connection.execute(
        sa.select(ref_rule.c.rule_id, ref_rule.c.severity, ref_rule.c.sql_sha256).where(
            ref_rule.c.version_id == newest.scalar_subquery()
        )
    )
    expected = {(rule.id, rule.severity, _digest(rule.sql)) for rule in catalogue.rules}
    found = {(row.rule_id, row.severity, row.sql_sha256) for row in loaded}
    if found == expected:
        return
    differing = sorted({rule_id for rule_id, _, _ in found ^ expected})
    raise CchcError(
        f"The rules in expectations/ are not those loaded in raw.ref_rule: {', '.join(differing)}. "
        "Load them (the DAG register_plans does, or `cchc plans register`), then open a new build."
    )


def _rows(catalogue: Catalogue) -> dict[str, tuple[sa.Table, list[dict[str, Any]]]]:
    rules = [
        {
            "rule_id": rule.id,
            "gate": rule.gate,
            "scope": rule.scope,
            "severity": rule.severity,
            "area_code": rule.area,
            "waivable": rule.waivable,
            "label_vi": nfc(rule.label_vi),
            "message_vi": nfc(rule.message_vi),
            "message_en": rule.message_en,
            "sql_sha256": _digest(rule.sql),
            "source": f"expectations/rules/{rule.id}.sql",
        }
        for rule in catalogue.rules
    ]
    tolerances = [
        {
            "tolerance_code": entry.code,
            "value": entry.value,
            "unit": entry.unit,
            "source": entry.source,
            "assumed": entry.assumed,
        }
        for entry in catalogue.tolerances
    ]
    waivers = [{**waiver.model_dump(), "source": "expectations/waivers.yml"} for waiver in catalogue.waivers]
    return {
        "rules": (ref_rule, rules),
        "tolerances": (ref_tolerance, tolerances),
        "waivers": (ref_waiver, waivers),
    }


def _digest(sql: str) -> str:
    return hashlib.sha256(sql.encode()).hexdigest()
