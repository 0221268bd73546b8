"""The rules as reviewed files (catalogue, a SQL file a rule, tolerances, waivers) and their load into raw."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import sqlalchemy as sa
import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from warehouse.engine import engine
from warehouse.errors import CchcError, DataFileError
from warehouse.reference import load_version
from warehouse.schema import ref_rule, ref_tolerance, ref_version, ref_waiver
from warehouse.settings import Settings
from warehouse.text import nfc

FOLDER = Path(__file__).resolve().parent
Gate = Literal["raw", "core", "candidate"]
GATES: tuple[Gate, ...] = ("raw", "core", "candidate")
COLUMNS = ("agency_key", "period_id", "delivery_id", "sheet_name", "cell", "given", "expected")
"""What the SQL of every rule selects, in this order."""

Model = TypeVar("Model", bound="_Entry")
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
    problems: list[str] = []
    rule_file = _Sheet(folder / "catalogue.yml", "rules", problems)
    rules = rule_file.read(Rule)
    tolerance_file = _Sheet(folder / "tolerances.yml", "tolerances", problems)
    tolerances = tolerance_file.read(Tolerance)
    waiver_file = _Sheet(folder / "waivers.yml", "waivers", problems)
    waivers = waiver_file.read(Waiver)

    rule_file.unique((index, rule.id) for index, rule in rules)
    tolerance_file.unique((index, tolerance.code) for index, tolerance in tolerances)
    waivable = {rule.id: rule.waivable for _, rule in rules}
    for index, waiver in waivers:
        if not waivable.get(waiver.rule_id, False):
            known = "is not waivable" if waiver.rule_id in waivable else "is no rule of catalogue.yml"
            waiver_file.problem(index, "rule_id", f"'{waiver.rule_id}' {known}")
    complete: list[Rule] = []
    for index, rule in rules:
        path = folder / "rules" / f"{rule.id}.sql"
        if not path.is_file():
            rule_file.problem(index, "id", f"there is no rules/{rule.id}.sql")
            continue
        complete.append(rule.model_copy(update={"sql": path.read_text(encoding="utf-8").strip().rstrip(";")}))
    ids = {rule.id for _, rule in rules}
    if rules:
        strays = sorted(path.stem for path in (folder / "rules").glob("*.sql") if path.stem not in ids)
        problems += [f"{folder.name}/rules/{stem}.sql: line 1: no entry in catalogue.yml" for stem in strays]
    if problems:
        raise DataFileError(problems)
    return Catalogue(tuple(complete), tuple(t for _, t in tolerances), tuple(w for _, w in waivers))


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


class _Sheet:
    """One YAML file that holds a list under one key, read so that every problem names its line."""

    def __init__(self, path: Path, key: str, problems: list[str]) -> None:
        self._path, self._key, self._problems = path, key, problems
        self._nodes: list[yaml.Node] = []

    def read(self, model: type[Model]) -> list[tuple[int, Model]]:
        """The entries that are well formed, with their position; the others are among the problems."""
        try:
            text = self._path.read_text(encoding="utf-8")
            root = yaml.compose(text, Loader=yaml.SafeLoader)
            content = yaml.safe_load(text)
        except FileNotFoundError:
            self._problems.append(f"{self._name}: line 1: the file is missing")
            return []
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            self._problems.append(f"{self._name}: line {line}: {error.problem}")
            return []
        if not isinstance(content, dict) or not isinstance(content.get(self._key), list) or len(content) > 1:
            self._problems.append(f"{self._name}: line 1: expected the one key '{self._key}' with a list")
            return []
        assert isinstance(root, yaml.MappingNode)  # noqa: S101  (a dict was read from it)
        self._nodes = list(root.value[0][1].value)
        entries: list[tuple[int, Model]] = []
        for index, item in enumerate(content[self._key]):
            try:
                entries.append((index, model.model_validate(item)))
            except ValidationError as error:
                for fault in error.errors():
                    where = [str(part) for part in fault["loc"]]
                    self.problem(index, ".".join(where), fault["msg"])
        return entries

    def unique(self, names: Iterable[tuple[int, str]]) -> None:
        """Note every name that an earlier entry has."""
        seen: set[str] = set()
        for index, name in names:
            if name in seen:
                self.problem(index, "id", f"'{name}' is there twice")
            seen.add(name)

    def problem(self, index: int, field: str, reason: str) -> None:
        """Note a problem of one entry; its line is the field's where the field is there."""
        node = self._nodes[index]
        line = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            for key, _ in node.value:
                if key.value == field.split(".")[0]:
                    line = key.start_mark.line + 1
        self._problems.append(f"{self._name}: line {line}: {field or self._key}: {reason}")

    @property
    def _name(self) -> str:
        return f"{self._path.parent.name}/{self._path.name}"
