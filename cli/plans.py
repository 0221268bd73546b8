"""`cchc plans`: the plan catalogue."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from cli.output import console, print_json
from cli.plan_findings import findings
from expectations.catalogue import load_rules
from sources.catalogue import load_catalogue, register_catalogue
from sources.catalogue.plans import PlanFile
from sources.intake.ingest import register_intake_rules
from sources.plan_document.importing import (
    ImportedDocument,
    ReadDocument,
    UnknownPlanError,
    draft_plan,
    prepare_import,
    store_import,
)
from warehouse.errors import UsageError
from warehouse.runs import run
from warehouse.settings import get_settings

app = typer.Typer(help="The catalogue of plans.", no_args_is_help=True)
TASK_KINDS = {"task": "tasks", "duty": "duties", "standing": "standing duties"}
JsonOption = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]


@app.command("list")
def list_plans(as_json: JsonOption = False) -> None:
    """List the plans of the catalogue with what they hold, counted by kind."""
    plans = [_summary(plan) for plan in load_catalogue().plans.values()]
    if as_json:
        print_json(plans)
        return
    for plan in plans:
        console.print(f"[bold]{plan['plan_code']}[/]  {escape(plan['label'])}")
        table = Table(show_header=False, box=None, padding=(0, 2))
        table.add_row("document", _document(plan))
        table.add_row("years", f"{plan['year_from']}-{plan['year_to']}")
        for kind, label in TASK_KINDS.items():
            if count := plan["tasks_by_kind"].get(kind):
                table.add_row(label, _counts(count, plan["deadlines_by_kind"][kind]))
        table.add_row("obligations", _counts(plan["obligations"], plan["obligations_by_kind"]))
        rows = f", {plan['target_rows']} rows (one a year)"
        table.add_row("targets", _counts(plan["targets"], plan["targets_by_source"]) + rows)
        table.add_row("", f"{plan['targets_measurable']} measurable, {plan['targets_ambiguous']} ambiguous")
        table.add_row("findings", f"{plan['findings']} in the document itself (cchc plans findings)")
        console.print(table)


app.command("findings")(findings)


@app.command("check")
def check(plan_file: Annotated[Path, typer.Argument(help="A plan's file, for instance a draft.")]) -> None:
    """Check a plan's file as if it stood in the catalogue, lines left to REVIEW included; writes nothing."""
    if not plan_file.is_file():
        raise UsageError(f"{plan_file} is no file")
    plan = load_catalogue(candidate=plan_file).plan(plan_file.stem)
    counts = f"{len(plan.tasks)} tasks and duties, {len(plan.targets)} targets, {len(plan.findings)} findings"
    console.print(f"{plan.plan.code}: nothing wrong; {counts}")


@app.command("register")
def register(as_json: JsonOption = False) -> None:
    """Load agencies, calendar, fields, rules and plans; a wrong line is refused with its place."""
    settings = get_settings()
    with run(settings, "register_plans") as current:
        new = load_rules(settings, current.run_id)
        new |= {"intake_rules": register_intake_rules(settings, current.run_id)}
        new |= register_catalogue(settings, current.run_id)
        current.detail.update(new)
    if as_json:
        print_json(new)
    else:
        for name, is_new in new.items():
            console.print(f"{name}: {'a new version is in force' if is_new else 'unchanged'}")


@app.command("import")
def import_plan(
    document: Annotated[
        Path, typer.Argument(help="The decision: a Word document (.docx) or a text in UTF-8.")
    ],
    plan: Annotated[
        str | None, typer.Option(help="The plan's code, where the document's number is lost.")
    ] = None,
    draft: Annotated[
        Path | None, typer.Option(help="Write a draft of a plan's file here; store nothing.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Read the official wording of a known plan from its decision, or draft the file of a new one."""
    if draft is not None:
        _print_read(draft_plan(document, draft), as_json, draft)
        return
    try:
        prepared = prepare_import(document, plan)
    except UnknownPlanError as error:
        _print_read(error.found, as_json)
        raise
    settings = get_settings()
    with run(settings, "import_document") as current:
        imported = store_import(settings, prepared, current.run_id)
        current.detail.update(asdict(imported))
    if as_json:
        print_json(asdict(imported))
    else:
        _print_import(imported)


def _print_read(found: ReadDocument, as_json: bool, draft: Path | None = None) -> None:
    if as_json:
        print_json({**asdict(found), "draft": draft})
        return
    console.print(f"[bold]{escape(found.document_number or 'no number')}[/]  {escape(found.label or '')}")
    table = Table(show_header=False, box=None, padding=(0, 2))
    rows = f"{found.headers} header rows, {found.split_rows} rows split by a page break"
    table.add_row("tasks", f"{found.tasks_found} ({rows}), {found.duties_found} duties in the text")
    table.add_row("targets", str(found.targets_found))
    unsure = f"{found.unsure_tasks} tasks and duties, {found.unsure_targets} targets"
    table.add_row("confidence below 0.7", unsure)
    _add_not_read(table, found.sentences_not_read)
    if found.unread_lines:
        table.add_row("[yellow]lines of the table not read[/]", ", ".join(map(str, found.unread_lines)))
    console.print(table)
    if draft is not None:
        console.print(f"The draft for review is in {escape(str(draft))}")
    else:
        console.print("A plan that the catalogue does not hold: --draft FILE.yml writes a file for review.")


def _add_not_read(table: Table, sentences: list[str]) -> None:
    """Sentences that look like a target and gave none."""
    if sentences:
        table.add_row("[yellow]look like a target, not read[/]", str(len(sentences)))
    for sentence in sentences:
        table.add_row("", escape(sentence))


def _print_import(imported: ImportedDocument) -> None:
    console.print(f"[bold]{imported.plan_code}[/]  {imported.document_number}")
    table = Table(show_header=False, box=None, padding=(0, 2))
    rows = f"{imported.headers} header rows, {imported.split_rows} rows split by a page break"
    table.add_row("tasks found", f"{imported.tasks_found} ({rows})")
    table.add_row("targets found", str(imported.targets_found))
    for label, codes in (
        ("tasks missing", imported.tasks_missing),
        ("tasks the catalogue lacks", imported.tasks_unknown),
        ("targets missing", imported.targets_missing),
        ("lines of the table not read", list(map(str, imported.unread_lines))),
    ):
        if codes:
            table.add_row(f"[yellow]{label}[/]", ", ".join(codes))
    _add_not_read(table, imported.sentences_not_read)
    table.add_row("differences from the catalogue", str(len(imported.differences)))
    for difference in imported.differences:
        table.add_row("[yellow]differs from the catalogue[/]", escape(difference))
    written = str(imported.texts_written) if imported.texts_written else "none: already stored"
    table.add_row("texts written", written)
    table.add_row("contradictions in the text", f"{len(imported.findings)} ({imported.findings_written} new)")
    for finding in imported.findings:
        table.add_row("", escape(finding))
    console.print(table)


def _summary(plan: PlanFile) -> dict[str, Any]:
    head = plan.plan
    deadlines: dict[str, Counter[str]] = {}
    for task in plan.tasks:
        kinds = dict.fromkeys(obligation.kind for obligation in plan.deadline_of(task).obligations)
        deadlines.setdefault(task.kind, Counter())[" + ".join(kinds)] += 1
    obligations = Counter(
        item.kind
        for task in plan.tasks
        if task.kind != "standing"
        for item in plan.deadline_of(task).obligations
        for _ in item.years(head.years)
    )
    return {
        "plan_code": head.code,
        "document_number": head.document_number,
        "document_date": head.document_date,
        "label": head.label,
        "year_from": head.years.first,
        "year_to": head.years.last,
        "tasks": len(plan.tasks),
        "tasks_by_kind": dict(Counter(task.kind for task in plan.tasks)),
        "deadlines_by_kind": {kind: dict(counted.most_common()) for kind, counted in deadlines.items()},
        "obligations": obligations.total(),
        "obligations_by_kind": dict(obligations.most_common()),
        "targets": len(plan.targets),
        "target_rows": sum(len(plan.values_by_year(target)) for target in plan.targets),
        "targets_by_source": dict(Counter(target.fed_by for target in plan.targets).most_common()),
        "targets_measurable": sum(target.is_measurable for target in plan.targets),
        "targets_ambiguous": sum(target.ambiguity is not None for target in plan.targets),
        "findings": len(plan.findings),
        "findings_computed": sum(finding.check is not None for finding in plan.findings),
    }


def _document(plan: dict[str, Any]) -> str:
    if plan["document_number"] is None:
        return "number and date are lost: cited by the plan's code"
    return f"{plan['document_number']} of {plan['document_date']:%d/%m/%Y}"


def _counts(total: int, by_kind: dict[str, int]) -> str:
    return f"{total} ({', '.join(f'{count} {kind}' for kind, count in by_kind.items())})"
