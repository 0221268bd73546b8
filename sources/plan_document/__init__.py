"""The official wording of a plan, read from its decision when its file is given: never kept with the code."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from sources.catalogue import DATA_DIR, Catalogue, load_catalogue
from sources.catalogue.plan_rows import target_code, task_code
from sources.catalogue.plans import Member, PlanFile, Task
from sources.plan_document.names import Names, meaning
from sources.plan_document.text import PlanText, TableRow, place, read_plan_text
from warehouse.engine import copy_rows, engine
from warehouse.errors import UsageError
from warehouse.schema import official_text
from warehouse.settings import Settings

PARTS = ("wording", "product", "lead", "cooperate", "deadline")


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
    differences: list[str]
    texts_written: int


def import_document(
    settings: Settings, path: Path, run_id: str, data_dir: Path = DATA_DIR
) -> ImportedDocument:
    """Store the wording of the known tasks and targets of a plan in raw.official_text, as role loader.

    The document is a UTF-8 text of the decision; the plan is recognised by the number the text gives itself.
    The same document twice writes nothing. Raises `UsageError` for a file that is no such text, and for a
    document that the catalogue does not know.
    """
    catalogue = load_catalogue(data_dir)
    content, text = _read(path)
    found = read_plan_text(text)
    plan = _recognise(found, path, catalogue)
    digest = hashlib.sha256(content).hexdigest()
    texts = list(_texts(plan, found))
    items = {row["item_code"] for row in texts}
    targets = {target.code: target_code(plan.plan.code, target.code) for target in plan.targets}
    known = {task.stt: task for task in plan.tasks}
    return ImportedDocument(
        plan_code=plan.plan.code,
        document_number=plan.plan.cited_as,
        document_sha256=digest,
        tasks_found=sum(stt in known for stt in found.tasks),
        tasks_missing=[stt for stt in known if stt not in found.tasks],
        tasks_unknown=[stt for stt in found.tasks if stt not in known],
        targets_found=sum(code in items for code in targets.values()),
        targets_missing=[code for code, full in targets.items() if full not in items],
        headers=found.headers,
        split_rows=found.split_rows,
        unread_lines=found.unread_lines,
        differences=list(compare_members(plan, found, Names(catalogue.agencies, plan))),
        texts_written=_store(settings, plan.plan.code, texts, digest, run_id),
    )


def compare_members(plan: PlanFile, found: PlanText, names: Names) -> Iterator[str]:
    """A line for every cell of leads or cooperating bodies that document and catalogue fill differently."""
    for task in plan.tasks:
        row = found.tasks.get(task.stt)
        if row is None:
            continue
        for part, members in (("lead", task.leads), ("cooperate", task.cooperating)):
            yield from _compare(task, row, part, members, names)


def _compare(task: Task, row: TableRow, part: str, members: list[Member], names: Names) -> Iterator[str]:
    read = names.read(row.cells[PARTS.index(part)])
    listed = {meaning(member) for member in members}
    where = f"{task.stt} {part} ({place(row.lines)})"
    if read.members != listed:
        document, catalogue = (", ".join(sorted(side)) or "nobody" for side in (read.members, listed))
        yield f"{where}: the document names {document}; the catalogue {catalogue}"
    if read.unread:
        yield f"{where}: not understood: {read.unread}"


def _read(path: Path) -> tuple[bytes, str]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error
    try:
        return content, content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{path} is no UTF-8 text (byte {error.start}): give the decision as a text file"
        raise UsageError(message) from error


def _recognise(found: PlanText, path: Path, catalogue: Catalogue) -> PlanFile:
    by_number = {plan.plan.cited_as: plan for plan in catalogue.plans.values()}
    number = found.number or found.attached_to
    if number in by_number:
        return by_number[number]
    given = f"calls itself {number}" if number else "gives no number of its own (Số: …)"
    raise UsageError(f"{path} {given}; the catalogue knows: {', '.join(sorted(by_number))}")


def _texts(plan: PlanFile, found: PlanText) -> Iterator[dict[str, Any]]:
    tasks = found.tasks
    for task in plan.tasks:
        if row := tasks.get(task.stt):
            yield from _cells(task_code(plan.plan.code, task.stt), row, PARTS)
    for target in plan.targets:
        code = target_code(plan.plan.code, target.code)
        if section := found.sections.get(target.citation):
            yield _text(code, "wording", section.text, section.lines)
        elif row := tasks.get(target.citation.removeprefix("PL.")):
            yield from _cells(code, row, ("wording", "product"))


def _cells(item_code: str, row: TableRow, parts: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for part in parts:
        cell = row.cells[PARTS.index(part)]
        if cell:
            yield _text(item_code, part, cell, row.lines)


def _text(item_code: str, part: str, wording: str, lines: list[int]) -> dict[str, Any]:
    return {"item_code": item_code, "part": part, "wording": wording, "document_place": place(lines)}


def _store(settings: Settings, plan_code: str, texts: list[dict[str, Any]], digest: str, run_id: str) -> int:
    table = official_text
    newest = (
        sa.select(table)
        .distinct(table.c.item_code, table.c.part)
        .where(table.c.plan_code == plan_code)
        .order_by(table.c.item_code, table.c.part, table.c.text_id.desc())
    )
    with engine(settings, "loader").begin() as connection:
        lock = {"name": f"official text {plan_code}"}
        connection.execute(sa.text("select pg_advisory_xact_lock(hashtext(:name))"), lock)
        stored = {
            (row.item_code, row.part): (row.wording, row.document_sha256)
            for row in connection.execute(newest)
        }
        new = [
            {**row, "plan_code": plan_code, "document_sha256": digest, "run_id": run_id}
            for row in texts
            if stored.get((row["item_code"], row["part"])) != (row["wording"], digest)
        ]
        return copy_rows(connection, table, new)
