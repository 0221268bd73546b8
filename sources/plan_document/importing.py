"""A decision is imported: its official wording goes beside the plan that the catalogue knows."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from sources.catalogue import Catalogue, load_catalogue
from sources.catalogue.plan_rows import target_code
from sources.catalogue.plans import PlanFile
from sources.names import name_key
from sources.plan_document.compare import deadline_differences, target_differences
from sources.plan_document.draft import Draft, make_draft, not_read
from sources.plan_document.draft_file import write_draft
from sources.plan_document.files import DocumentError, read_document
from sources.plan_document.names import Agencies, Names
from sources.plan_document.reading import PlanReading, read_plan
from sources.plan_document.wording import differences, fit_of, official_texts
from sources.plan_findings import DocumentFinding, document_findings
from warehouse.engine import copy_rows, engine
from warehouse.errors import UsageError
from warehouse.schema import document_finding, official_text
from warehouse.settings import Settings


@dataclass(frozen=True)
class ReadDocument:
    """What a document holds, whether the catalogue knows it or not."""

    document_number: str | None
    document_sha256: str
    label: str | None
    years: list[int]
    tasks_found: int
    duties_found: int
    targets_found: int
    unsure_tasks: int
    unsure_targets: int
    sentences_not_read: list[str]
    headers: int
    split_rows: int
    unread_lines: list[int]


@dataclass(frozen=True)
class ImportedDocument:
    """What an import found, and how it compares with the catalogue. Lists hold STTs and target codes."""

    plan_code: str
    document_number: str
    document_sha256: str
    tasks_found: int
    tasks_missing: list[str]
    tasks_unknown: list[str]
    targets_found: int
    targets_missing: list[str]
    headers: int
    split_rows: int
    unread_lines: list[int]
    sentences_not_read: list[str]
    differences: list[str]
    texts_written: int
    findings: list[str]
    findings_written: int


class UnknownPlanError(UsageError):
    """A plan that the catalogue does not hold. `found` says what was read of it."""

    def __init__(self, message: str, found: ReadDocument) -> None:
        self.found = found
        super().__init__(message)


@dataclass(frozen=True)
class PreparedImport:
    """A document that fits a plan of the catalogue, read and compared, not stored yet."""

    catalogue: Catalogue
    plan: PlanFile
    reading: PlanReading
    digest: str


def prepare_import(
    path: Path, plan_code: str | None = None, catalogue: Catalogue | None = None
) -> PreparedImport:
    """Read a document and find its plan in the catalogue (loaded where it is not given).

    The plan is recognised by the number that the document gives itself; `plan_code` names it where the number
    is lost, and the text must fit it. Raises `UsageError` with the reason for a file that cannot be read, is
    no plan, or does not fit; `UnknownPlanError` for a plan that the catalogue does not hold.
    """
    content, document = read_document(path)
    reading = read_plan(document)
    digest = hashlib.sha256(content).hexdigest()
    catalogue = catalogue or load_catalogue()
    return PreparedImport(catalogue, _recognise(reading, path, catalogue, plan_code, digest), reading, digest)


def store_import(settings: Settings, prepared: PreparedImport, run_id: str) -> ImportedDocument:
    """Store the wording of the plan's tasks and targets, and what its text contradicts, as role loader.

    The same document twice writes nothing.
    """
    plan, reading, digest = prepared.plan, prepared.reading, prepared.digest
    texts = list(official_texts(plan, reading))
    findings = document_findings(reading.document.text, reading.document.counts)
    items = {row["item_code"] for row in texts}
    targets = {target.code: target_code(plan.plan.code, target.code) for target in plan.targets}
    found = {task.stt for task in plan.tasks if reading.wording(task.citation)}
    known = {task.citation for task in plan.tasks}
    names = Names.of_plan(Agencies(prepared.catalogue.agencies), plan)
    texts_written, findings_written = _store(settings, plan.plan.code, texts, findings, digest, run_id)
    return ImportedDocument(
        plan_code=plan.plan.code,
        document_number=plan.plan.cited_as,
        document_sha256=digest,
        tasks_found=len(found),
        tasks_missing=[task.stt for task in plan.tasks if task.stt not in found],
        tasks_unknown=[row.address for row in reading.tables.tasks.values() if row.address not in known],
        targets_found=sum(code in items for code in targets.values()),
        targets_missing=[code for code, full in targets.items() if full not in items],
        headers=reading.tables.headers,
        split_rows=reading.tables.split_rows,
        unread_lines=reading.tables.unread_lines,
        sentences_not_read=not_read(reading),
        differences=[
            *differences(plan, reading, names),
            *deadline_differences(plan, reading),
            *target_differences(plan, reading),
        ],
        texts_written=texts_written,
        findings=[f"{one.check_code}, {one.document_place}: {one.says_vi}" for one in findings],
        findings_written=findings_written,
    )


def import_document(
    settings: Settings,
    path: Path,
    run_id: str,
    plan_code: str | None = None,
    catalogue: Catalogue | None = None,
) -> ImportedDocument:
    """Read a document and store it: `prepare_import`, then `store_import`."""
    return store_import(settings, prepare_import(path, plan_code, catalogue), run_id)


def draft_plan(path: Path, draft_path: Path, catalogue: Catalogue | None = None) -> ReadDocument:
    """Write a draft of a catalogue file for a decision, known or not; nothing is stored, no file overwritten.

    Raises `UsageError` for a file that cannot be read or is no plan, and for a draft that is there already.
    """
    content, reading = _read_plan(path)
    digest = hashlib.sha256(content).hexdigest()
    agencies = Agencies((catalogue or load_catalogue()).agencies)
    draft = make_draft(reading, agencies, draft_path.stem)
    write_draft(draft, draft_path, path.name, digest)
    return _summary(reading, digest, draft)


def _read_plan(path: Path) -> tuple[bytes, PlanReading]:
    content, document = read_document(path)
    reading = read_plan(document)
    _refuse_other_texts(reading, path)
    return content, reading


def _refuse_other_texts(reading: PlanReading, path: Path) -> None:
    if not reading.is_plan:
        raise DocumentError(
            f"{path} is no plan that can be read: no table of tasks, {len(reading.targets)} targets and "
            f"{len(reading.duties)} duties in {len(reading.outline.sections)} numbered paragraphs"
        )


def _recognise(
    reading: PlanReading, path: Path, catalogue: Catalogue, plan_code: str | None, digest: str
) -> PlanFile:
    by_number = {
        plan.plan.document_number: plan for plan in catalogue.plans.values() if plan.plan.document_number
    }
    number = reading.head.number or reading.head.attached_to
    if number and plan_code is None and number in by_number:
        _refuse_another(reading, path, by_number[number])
        return by_number[number]
    if plan_code is not None:
        return _named(reading, path, catalogue.plan(plan_code), number)
    _refuse_other_texts(reading, path)
    found = _summary(reading, digest, make_draft(reading, Agencies(catalogue.agencies)))
    given = f"calls itself {number}" if number else "gives no number of its own (Số: …)"
    known = ", ".join(sorted(plan.plan.cited_as for plan in catalogue.plans.values()))
    raise UnknownPlanError(f"{path} {given}; the catalogue knows: {known}", found)


def _named(reading: PlanReading, path: Path, plan: PlanFile, number: str | None) -> PlanFile:
    """The plan that the user named, where the document fits it."""
    code = plan.plan.code
    if number and number != plan.plan.document_number:
        own = plan.plan.document_number or "no number"
        raise UsageError(f"{path} calls itself {number}, but {code} has {own}: it is another document")
    _refuse_another(reading, path, plan)
    fit = fit_of(plan, reading)
    if not fit.is_good:
        raise UsageError(
            f"{path} does not fit {code}: {fit.found} of the {fit.cited} places that it cites are there, "
            f"{fit.held} of {fit.numbers} targets have their number where the plan cites it"
        )
    return plan


def _refuse_another(reading: PlanReading, path: Path, plan: PlanFile) -> None:
    """Every unit numbers its decisions from 1 each year: another day or issuer makes it another document.

    An issuer is read less surely than a date: a text that fits the plan is not held back by it.
    """
    head, known = reading.head, plan.plan
    if head.signed_on and known.document_date and head.signed_on != known.document_date:
        of_both = f"of {head.signed_on:%d/%m/%Y}, but {known.code} of {known.document_date:%d/%m/%Y}"
    elif (
        head.issuer and name_key(head.issuer) != name_key(known.issuer) and not fit_of(plan, reading).is_good
    ):
        of_both = f"of {head.issuer}, but {known.code} of {known.issuer}"
    else:
        return
    number = head.number or head.attached_to or "a document"
    raise UsageError(f"{path} is {number} {of_both}: it is another document")


def _summary(reading: PlanReading, digest: str, draft: Draft) -> ReadDocument:
    return ReadDocument(
        document_number=reading.head.number or reading.head.attached_to,
        document_sha256=digest,
        label=reading.head.label,
        years=reading.head.years,
        tasks_found=len(reading.tables.tasks),
        duties_found=len(reading.duties),
        targets_found=len(reading.targets),
        unsure_tasks=draft.unsure_tasks,
        unsure_targets=draft.unsure_targets,
        sentences_not_read=draft.unread,
        headers=reading.tables.headers,
        split_rows=reading.tables.split_rows,
        unread_lines=reading.tables.unread_lines,
    )


def _store(
    settings: Settings,
    plan_code: str,
    texts: list[dict[str, Any]],
    findings: list[DocumentFinding],
    digest: str,
    run_id: str,
) -> tuple[int, int]:
    """What is new of texts and findings, in one transaction; how many rows of each were written."""
    with engine(settings, "loader").begin() as connection:
        lock = {"name": f"official text {plan_code}"}
        connection.execute(sa.text("select pg_advisory_xact_lock(hashtext(:name))"), lock)
        same = {"plan_code": plan_code, "document_sha256": digest, "run_id": run_id}
        new_texts = [{**row, **same} for row in _new_texts(connection, plan_code, texts, digest)]
        new_findings = [{**row, **same} for row in _new_findings(connection, plan_code, findings, digest)]
        return (
            copy_rows(connection, official_text, new_texts),
            copy_rows(connection, document_finding, new_findings),
        )


def _new_texts(
    connection: sa.Connection, plan_code: str, texts: list[dict[str, Any]], digest: str
) -> list[dict[str, Any]]:
    table = official_text
    newest = (
        sa.select(table)
        .distinct(table.c.item_code, table.c.part)
        .where(table.c.plan_code == plan_code)
        .order_by(table.c.item_code, table.c.part, table.c.text_id.desc())
    )
    stored = {
        (row.item_code, row.part): (row.wording, row.document_sha256) for row in connection.execute(newest)
    }
    return [row for row in texts if stored.get((row["item_code"], row["part"])) != (row["wording"], digest)]


def _new_findings(
    connection: sa.Connection, plan_code: str, findings: list[DocumentFinding], digest: str
) -> list[dict[str, Any]]:
    table = document_finding
    names = ("check_code", "subject", "document_place", "says_vi")
    stored = {
        tuple(getattr(row, name) for name in names)
        for row in connection.execute(
            sa.select(table).where(table.c.plan_code == plan_code, table.c.document_sha256 == digest)
        )
    }
    rows = [{name: getattr(finding, name) for name in names} for finding in findings]
    return [row for row in rows if tuple(row.values()) not in stored]
