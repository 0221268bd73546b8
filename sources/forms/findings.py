"""Findings at intake: the catalogue of rules as data, and the collector that words them for agencies."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from warehouse.data_files import read_model

RULES_FILE = Path(__file__).with_name("intake_rules.yml")
SHOWN_CHARACTERS = 200


class IntakeRule(BaseModel):
    """One rule of the intake: see intake_rules.yml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule_id: str
    scope: Literal["cell", "row", "delivery"]
    severity: Literal["note", "warning", "error", "fatal"]
    verdict: Literal["refused", "held"] | None = None
    area_code: str | None = None
    label_vi: str
    message_vi: str
    message_en: str


class IntakeRules(BaseModel):
    """The catalogue of the intake's rules, and what cells of a type should hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rules: list[IntakeRule]
    expected_vi: dict[str, str]

    @cached_property
    def by_id(self) -> dict[str, IntakeRule]:
        """The rules by their id."""
        return {rule.rule_id: rule for rule in self.rules}


@dataclass(frozen=True)
class Finding:
    """One thing the reader found: where, what was given, what is expected, in the agency's words."""

    rule_id: str
    severity: str
    message_vi: str
    sheet_no: int | None = None
    sheet_name: str | None = None
    cell: str | None = None
    given: str | None = None
    expected: str | None = None


class Findings:
    """Collects the findings of one delivery."""

    def __init__(self, rules: IntakeRules) -> None:
        self.rules = rules
        self.items: list[Finding] = []
        self._by_id = rules.by_id

    def add(
        self,
        rule_id: str,
        sheet: tuple[int, str] | None = None,
        cell: str | None = None,
        given: object = None,
        expected: object = None,
        **more: object,
    ) -> None:
        """Record a finding of a rule; `more` fills the placeholders that only this rule's message has."""
        rule = self._by_id[rule_id]
        given_text = _shown(given)
        words: dict[str, Any] = {
            "sheet": sheet[1] if sheet else "",
            "cell": cell or "",
            "given": given_text or "",
            "expected": _shown(expected) or "",
            **more,
        }
        self.items.append(
            Finding(
                rule_id=rule_id,
                severity=rule.severity,
                message_vi=rule.message_vi.format(**words),
                sheet_no=sheet[0] if sheet else None,
                sheet_name=sheet[1] if sheet else None,
                cell=cell,
                given=given_text,
                expected=_shown(expected),
            )
        )

    def verdict(self) -> tuple[str, str | None]:
        """The verdict that the findings make of the delivery, and the message that decides (ruling 7)."""
        for verdict in ("refused", "held"):
            for item in self.items:
                if self._by_id[item.rule_id].verdict == verdict:
                    return verdict, item.message_vi
        if any(item.severity != "note" for item in self.items):
            return "accepted_with_findings", None
        return "accepted", None


@cache
def load_rules(path: Path = RULES_FILE) -> IntakeRules:
    """Read the catalogue. Raises DataFileError that names the file, line and field of each fault."""
    return read_model(path, IntakeRules)


def _shown(value: object) -> str | None:
    if value is None:
        return None
    text = str(value).replace("\x00", "")
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"
