"""A draft of a plan's catalogue file: what was read of a decision, in the file's own fields, for review."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from string import ascii_lowercase
from typing import Any

from sources.plan_document.blocks import place
from sources.plan_document.deadlines import DeadlineRead
from sources.plan_document.duties import Duty
from sources.plan_document.guesses import area_of, field_groups_of, scope_of, source_of
from sources.plan_document.labels import shorten
from sources.plan_document.names import Agencies, MemberRead, Names
from sources.plan_document.owed import deadline_of_duty, deadline_of_row
from sources.plan_document.reading import PlanReading
from sources.plan_document.tables import TableRow
from sources.plan_document.targets import TargetRead
from warehouse.text import match_key, nfc

_MEMBERS = {"lead": "leads", "cooperate": "cooperating", "implement": "implementing"}
SURE = 0.7
_OTHERS_AT_LEAST = 0.75
"""Who cooperates owes nothing: an unknown name among them leaves the rest of a task as sure as this."""
_COUNTED = ("percent", "count")


@dataclass
class DraftItem:
    """One item of the file: its fields, how sure they are, where it was read, what a person must look at."""

    fields: dict[str, Any]
    confidence: float
    place: str
    words: str
    review: list[str] = field(default_factory=list)


@dataclass
class Draft:
    """The whole file."""

    head: DraftItem
    tasks: list[DraftItem]
    targets: list[DraftItem]
    unread: list[str] = field(default_factory=list)
    """Sentences that look like a target and gave none, with their places."""

    @property
    def unsure_tasks(self) -> int:
        """Tasks that a person must look at first."""
        return sum(item.confidence < SURE for item in self.tasks)

    @property
    def unsure_targets(self) -> int:
        """The same for targets."""
        return sum(item.confidence < SURE for item in self.targets)


def not_read(reading: PlanReading) -> list[str]:
    """The sentences that look like a target and gave none: 'line 30 "…"'."""
    return [f'{place(one.lines, reading.document.counts)} "{nfc(one.words)}"' for one in reading.unread]


def make_draft(reading: PlanReading, agencies: Agencies, code: str | None = None) -> Draft:
    """The draft of a plan, with the names of the catalogue where the issuer is one of its units.

    `code` is the plan's, which its file is named by; without it one is made of unit, year and number.
    """
    head = reading.head
    on = head.signed_on or date(head.first_year or 2000, 1, 1)
    unit = agencies.unit_named(head.issuer, on)
    maker = _Maker(reading, Names(agencies, unit, on))
    tasks = [maker.row(row) for row in reading.tables.rows if row.is_task]
    tasks += [maker.duty(duty) for duty in reading.duties]
    return Draft(_head(reading, agencies, unit, code), tasks, maker.targets(), not_read(reading))


def _head(reading: PlanReading, agencies: Agencies, unit: str | None, code: str | None) -> DraftItem:
    head = reading.head
    number = re.sub(r"/.*$", "", head.number or head.attached_to or "")
    year = head.signed_on.year if head.signed_on else head.first_year
    code = code or "-".join(filter(None, (unit or "PLAN", str(year or ""), number or "1")))
    fields: dict[str, Any] = {
        "code": code,
        "jurisdiction": agencies.jurisdiction_of(unit) if unit else None,
        "unit": unit,
        "document_number": head.number or head.attached_to,
        "document_date": head.signed_on,
    }
    if not fields["document_number"]:
        fields["cited_as"] = code
    fields |= {
        "issuer": head.issuer,
        "label": head.label,
        "years": {"from": head.first_year, "to": head.last_year},
        "areas": _areas(reading),
    }
    lost = [name for name in ("document_number", "document_date") if fields[name] is None]
    absent = [name for name in ("jurisdiction", "unit", "issuer", "label") if fields[name] is None]
    review = ["code: the file is named by it", f"years: confidence {head.years_confidence:.2f}"]
    review += [f"{', '.join(absent)}: not read, or not in the catalogue"] if absent else []
    review += [f"{', '.join(lost)}: not in the document; null says that it is lost"] if lost else []
    for name in absent:
        del fields[name]
    if head.first_year is None:
        del fields["years"]
    return DraftItem(fields, head.years_confidence, "head", head.label or "", review)


def _areas(reading: PlanReading) -> list[dict[str, str]]:
    """Groups of the appendix that have a number of their own; other items carry their area themselves."""
    areas = []
    for row in reading.tables.rows:
        title = row.cells.get("task") or row.cells.get("target") or ""
        holds = any(address.startswith(f"{row.address}.") for address in reading.tables.tasks)
        if row.kind == "group" and holds and row.address.count(".") == 1 and (area := area_of(title)):
            areas.append({"group": row.address, "label": shorten(nfc(title)), "area": area})
    return list({area["group"]: area for area in areas}.values())


class _Maker:
    def __init__(self, reading: PlanReading, names: Names) -> None:
        self._reading = reading
        self._names = names
        self._years = reading.head.years
        self._counts = reading.document.counts
        self._grouped = {area["group"] for area in _areas(reading)}
        self._rows = reading.tables.tasks
        self._leads: dict[str, list[MemberRead]] = {}

    # ------------------------------------------------------------ tasks
    def row(self, row: TableRow) -> DraftItem:
        """A task of the appendix."""
        words = nfc(row.cells.get("task", ""))
        fields: dict[str, Any] = {"stt": _stt(row.address)}
        if not row.address.startswith("PL."):
            fields["citation"] = row.address
        fields |= self._area(row.address, " ".join(row.groups), words)
        if words:
            fields["label"] = shorten(words)
        if product := nfc(row.cells.get("product", "")):
            fields["product"] = shorten(product)
        item = DraftItem(fields, 1.0, place(row.lines, self._counts), words)
        for role, name in _MEMBERS.items():
            self._members(item, row.address, role, name, row.cells.get(role, ""))
        self._deadline(item, deadline_of_row(row, self._reading.head))
        if not words:
            item.review.append("label: the cell is empty or lost")
        return item

    def duty(self, duty: Duty) -> DraftItem:
        """A paragraph of the text that somebody answers for; standing where an appendix assigns the work."""
        kind = "standing" if self._rows else "duty"
        stt = duty.address.replace("Điều ", "DIEU-")
        fields: dict[str, Any] = {"stt": stt, "kind": kind}
        if stt != duty.address:
            fields["citation"] = duty.address
        fields |= self._area(duty.address, duty.text)
        fields["label"] = shorten(nfc(duty.text))
        item = DraftItem(fields, 0.7, place(duty.lines, self._counts), duty.text)
        self._members(item, duty.address, "lead", "leads", duty.who)
        fields["cooperating"] = []
        deadline = deadline_of_duty(duty, self._reading.head)
        if deadline.obligations or deadline.impossible:
            self._deadline(item, deadline)
        elif kind == "standing":
            fields["deadline"] = {
                "label": "Thường xuyên",
                "obligations": [{"kind": "standing", "label": "Thường xuyên"}],
            }
        else:
            owed = [
                {"kind": "whole_year", "label": f"Trong năm {year}", "due": date(year, 12, 31)}
                for year in self._years
            ]
            fields["deadline"] = {"label": "Không nêu thời hạn", "obligations": owed}
            item.review.append("deadline: the text sets none; read as within the year")
            item.confidence = 0.4
        return item

    def _members(self, item: DraftItem, address: str, role: str, name: str, cell: str) -> None:
        if not cell.strip() and role != "lead":
            if role == "cooperate":
                item.fields[name] = []
            return
        members = self._names.members(cell)
        if role == "lead":
            self._leads[address] = members
        if not members and role == "lead":
            item.review.append("leads: nobody was read")
            return
        item.fields[name] = [member.code or {"body": member.body} for member in members]
        least = min((member.confidence for member in members), default=1.0)
        item.confidence = min(item.confidence, least if role == "lead" else max(least, _OTHERS_AT_LEAST))
        for member in members:
            if member.body:
                owes = (
                    "; a lead needs `reported_by`"
                    if role == "lead" and item.fields.get("kind") != "standing"
                    else ""
                )
                item.review.append(f"{name}: {member.body} is not in the catalogue{owes}")
            elif member.confidence < 0.8:
                item.review.append(f"{name}: {member.code} fits in part only")

    def _deadline(self, item: DraftItem, deadline: DeadlineRead) -> None:
        fields: dict[str, Any] = {"label": shorten(deadline.label) or None}
        if deadline.obligations:
            fields["obligations"] = [
                {
                    "kind": owed.kind,
                    "label": owed.label,
                    **({"due": owed.due} if owed.due else {}),
                    **({"year": owed.year} if owed.year else {}),
                    **({"quarter": owed.quarter} if owed.quarter else {}),
                    **({"ongoing": True} if owed.ongoing else {}),
                }
                for owed in deadline.obligations
            ]
            item.confidence = min(item.confidence, deadline.confidence)
        item.review += [f"deadline: {words} does not exist" for words in deadline.impossible]
        if not deadline.obligations:
            item.review.append(
                "deadline: not understood" if deadline.label else "deadline: the cell is empty"
            )
            item.confidence = min(item.confidence, 0.3)
        if deadline.read_as:
            fields["read_as"] = "; ".join(deadline.read_as)
        item.fields["deadline"] = {name: value for name, value in fields.items() if value is not None}

    def _area(self, address: str, *texts: str) -> dict[str, str]:
        group = ".".join(address.split(".")[:2])
        area = None if group in self._grouped and group != address else area_of(*texts)
        return {"area": area} if area else {}

    # ------------------------------------------------------------ targets
    def targets(self) -> list[DraftItem]:
        """The targets, lettered where one section sets several."""
        times = Counter(target.section for target in self._reading.targets)
        codes: dict[int, str] = {}
        used: Counter[str] = Counter()
        for target in self._reading.targets:
            letter = _letter(used[target.section]) if times[target.section] > 1 else ""
            used[target.section] += 1
            codes[id(target)] = target.section + letter
        return [self._target(target, codes) for target in self._reading.targets]

    def _target(self, target: TargetRead, codes: dict[int, str]) -> DraftItem:
        bound = target.bound
        fields: dict[str, Any] = {"code": codes[id(target)]}
        item = DraftItem(
            fields, target.confidence, place(target.lines, self._counts), target.words, list(target.notes)
        )
        self._years_of(target, fields, item)
        section = self._reading.outline.sections.get(target.section)
        titles = [upper.title for upper in section.chain()] if section else []
        row = self._rows.get(target.section)
        fields |= self._area(target.section, target.clause, *(row.groups if row else ()), *titles)
        fields["label"] = target.label
        fields["indicator"] = _slug(target.clause)
        fields["comparator"] = bound.comparator if bound else "none"
        if bound and not target.by_year:
            fields["value"] = bound.value
        if bound and bound.high is not None:
            fields["high"] = bound.high
        fields["unit"] = bound.unit if bound else "none"
        if bound and bound.baseline is not None:
            fields["baseline"] = bound.baseline
        if bound and bound.baseline_year is not None:
            fields["baseline_year"] = bound.baseline_year
        fields["scope"] = "field" if target.every_field else scope_of(target.clause, self._level())
        fields["quantifier"] = (
            "every_field" if target.every_field else "every_agency" if target.every_agency else "overall"
        )
        whole = target.parent or target.overrides
        groups = field_groups_of(target.clause) if whole is not None else []
        if groups:
            label = nfc(target.clause)  # whole, for it names every field
            fields["label"] = label[:1].upper() + label[1:]
            fields["field_groups"] = groups
            if target.parent is not None:
                fields |= {"scope": "field", "quantifier": "every_field"}
        for name, other in (("parent", target.parent), ("overrides", target.overrides)):
            if other is not None and id(other) in codes:
                fields[name] = codes[id(other)]
        self._figures(target, fields, item)
        fields["citation"] = target.section
        if target.also:
            fields["also_cited"] = list(dict.fromkeys(target.also))
        if target.restated:
            fields["restated"] = [
                {"citation": other.section, "comparator": other.bound.comparator, "value": other.bound.value}
                for other in target.restated
                if other.bound is not None
            ]
            item.review.append("restated: another place sets another bound")
        if target.unmeasurable:
            fields["unmeasurable"] = target.unmeasurable
        return item

    def _years_of(self, target: TargetRead, fields: dict[str, Any], item: DraftItem) -> None:
        if target.by_year:
            fields["by_year"] = dict(target.by_year)
        elif len(self._years) > 1 and len(target.years) == 1:
            fields["year"] = target.years[0]
        elif len(self._years) > 1 and target.years:
            fields["years"] = list(target.years)
        elif len(self._years) > 1:
            item.review.append("year: the text names none")

    def _figures(self, target: TargetRead, fields: dict[str, Any], item: DraftItem) -> None:
        """Who reports the figure and from what; what cannot be read is left out for the checks to name."""
        unit = fields["unit"]
        whole = (target.parent or target.overrides) if "field_groups" in fields else None
        said = whole or target  # fields of a whole are counted as the whole is
        source = source_of(f"{said.context} {said.clause}", unit)
        if target.bound is None:
            fields |= {"fed_by": "none", "roll_up": "none"}
            return
        fields["fed_by"] = source.fed_by
        if source.measure:
            fields["measure"] = source.measure
        if source.fed_by == "external":
            if source.index:
                fields["index"] = {"code": source.index, "content": 0}
            item.review.append("index: which one, and which of its contents")
            fields["roll_up"] = "own"
            return
        leads = [member.code for member in self._leads.get(target.task or "", []) if member.code]
        if len(leads) == 1:
            fields["reported_by"] = leads[0]
            fields["reporter_task"] = _stt(target.task or "")
        else:
            item.review.append("reported_by: an agency or a collective")
        if unit.startswith(_COUNTED):
            fields["numerator"] = target.label
        if unit.startswith("percent"):
            item.review.append("denominator: what the share is of")
        is_share = fields["quantifier"] == "every_agency" and source.fed_by == "target_row"
        fields["roll_up"] = "share_of_agencies" if is_share else "own" if len(leads) == 1 else "sum"

    def _level(self) -> str:
        issuer = match_key(self._reading.head.issuer or "")
        if re.search(r"\b(?:quan|huyen|thi xa)\b", issuer):
            return "district"
        return "ward" if re.search(r"\b(?:phuong|xa|thi tran)\b", issuer) else "city"


def _stt(address: str) -> str:
    """1.2.1 for PL.1.2.1; rows without a number of their own keep PL-07."""
    return address.removeprefix("PL.")


def _letter(number: int) -> str:
    letters = ""
    while number >= 0:
        number, place = divmod(number, len(ascii_lowercase))
        letters, number = ascii_lowercase[place] + letters, number - 1
    return f".{letters}"


def _slug(text: str) -> str:
    words = [word for word in match_key(text).split() if not word[0].isdigit()][:6]
    return "-".join(words) or "target"
