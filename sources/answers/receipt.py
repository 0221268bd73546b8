"""The receipt: one page of HTML that stands alone, readable on a phone, printed on one sheet of A4."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from sources.answers import wording
from sources.answers.look import ACCENT, FILLS, INK
from sources.answers.told import ERROR, SEVERITIES, Told, ToldFinding

_TEMPLATES = Path(__file__).parent / "templates"
_SHOWN_GROUPS, _ALL_GROUPS, _SHOWN_CELLS = 6, 60, 6
_SHOWN_GIVEN = 60


@dataclass(frozen=True)
class Group:
    """Findings of one rule on one sheet: the first in full, the cells of all.

    `example` is the first's cell, where the others' messages differ from its own.
    """

    grade: str
    where: str
    message: str
    count: int
    example: str | None = None


@dataclass(frozen=True)
class Workbook:
    """The marked workbook beside the receipt: its file name, and why it is a copy where it is one."""

    name: str
    remark: str | None = None


def render_receipt(told: Told, workbook: Workbook | None) -> bytes:
    """The page's bytes. Without a workbook it lists what it can, since there is nowhere else to look."""
    groups = [group for group in _groups(told) if group.message != told.reason_vi]
    shown = groups[: _SHOWN_GROUPS if workbook else _ALL_GROUPS]
    hidden = sum(group.count for group in groups) - sum(group.count for group in shown)
    page = _template().render(
        told=told,
        workbook=workbook,
        words=wording,
        sheets=[s for s in told.sheets if s.rows_read],
        groups=shown,
        hidden=hidden,
        state=_state(told),
        to_do=wording.to_do(told),
        fills=FILLS,
        ink=INK,
        accent=ACCENT,
    )
    return page.encode()


def _state(told: Told) -> str:
    """Which colour the page's verdict has."""
    if told.standing in ("refused", "rejected") or told.counts_of[ERROR]:
        return "error"
    return "good" if told.standing == "counts" and not told.counts_of["warning"] else "warning"


def _groups(told: Told) -> list[Group]:
    together: dict[tuple[str, str | None], list[ToldFinding]] = {}
    for finding in told.sorted_findings():
        together.setdefault((finding.rule_id, finding.sheet_name), []).append(finding)
    ordered = sorted(together.values(), key=lambda found: SEVERITIES.index(found[0].grade))
    return [_group(found) for found in ordered]


def _group(found: list[ToldFinding]) -> Group:
    first = found[0]
    cells = list(dict.fromkeys(f.cell for f in found if f.cell))
    listed = ", ".join(cells[:_SHOWN_CELLS]) + (" …" if len(cells) > _SHOWN_CELLS else "")
    where = " · ".join(filter(None, (first.sheet_name, listed))) or "Cả tệp"
    messages = list(map(_message, found))
    is_alike = len(set(messages)) == 1
    return Group(first.grade, where, messages[0], len(found), None if is_alike else first.cell)


def _message(finding: ToldFinding) -> str:
    """What a finding says; those of the gates name no figures of their own."""
    message = wording.message(finding)
    if finding.rule_id.startswith("intake."):
        return message
    if finding.given:
        message += f" Đã ghi: {finding.given[:_SHOWN_GIVEN]}."
    if finding.expected:
        message += f" Cần: {finding.expected[:_SHOWN_GIVEN]}."
    return message


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("receipt.html.j2")


def _finalize(value: Any) -> Any:
    """What is not markup of ours is text without control characters."""
    if value is None:
        return ""
    return value if isinstance(value, Markup | int) else wording.clean(value)
