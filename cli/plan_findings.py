"""`cchc plans findings`: where the plans' documents contradict themselves, and how each place was read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from cli.output import console, print_json
from sources.catalogue import Catalogue, load_catalogue
from sources.catalogue.plans import PlanFile
from sources.plan_document.files import read_document
from sources.plan_findings import (
    CoveredFindings,
    DocumentFinding,
    catalogue_findings,
    cover,
    document_findings,
)
from warehouse.errors import UsageError


def findings(
    plan: Annotated[str | None, typer.Argument(help="A plan's code; without it, all plans.")] = None,
    document: Annotated[
        Path | None,
        typer.Option(help="The plan's decision (Word or text): compute its contradictions from it anew."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """List where the plans' documents contradict themselves, and how each place was read.

    Reviewed: what people found or confirmed and decided how to read. Computed: what the checks find in the
    catalogue's own data and, with --document, in the decision's text.
    """
    catalogue = load_catalogue()
    if document is not None and plan is None:
        raise UsageError("--document needs the code of its plan before it")
    plans = [catalogue.plan(plan)] if plan else list(catalogue.plans.values())
    found = [_of_plan(one, catalogue, document) for one in plans]
    if as_json:
        print_json(found)
        return
    for one in found:
        _print(one)


def _of_plan(plan: PlanFile, catalogue: Catalogue, document: Path | None) -> dict[str, Any]:
    from_text = _computed_from(document) if document else []
    covered: CoveredFindings = cover(plan.findings, from_text)
    return {
        "plan_code": plan.plan.code,
        "cited_as": plan.plan.cited_as,
        "label": plan.plan.label,
        "reviewed": [
            {
                "at": finding.at,
                "says": finding.says,
                "read_as": finding.read_as,
                "why": finding.why,
                "check": finding.check,
                "document_places": [one.document_place for one in by],
            }
            for finding, by in covered.reviewed
        ],
        "not_reviewed": [_computed(one) for one in covered.not_reviewed],
        "of_the_catalogue": [_computed(one) for one in catalogue_findings(plan, catalogue.indices)],
    }


def _computed(finding: DocumentFinding) -> dict[str, str]:
    return {
        "check": finding.check_code,
        "subject": finding.subject,
        "place": finding.document_place,
        "says": finding.says_vi,
    }


def _computed_from(path: Path) -> list[DocumentFinding]:
    _, document = read_document(path)
    return document_findings(document.text, document.counts)


def _print(found: dict[str, Any]) -> None:
    console.print(f"\n[bold]{found['plan_code']}[/]  {escape(found['label'])}")
    table = Table("where", "what the document says", "read as", "why", "found by", show_lines=True)
    for finding in found["reviewed"]:
        places = f" ({'; '.join(finding['document_places'])})" if finding["document_places"] else ""
        by = f"check {finding['check']}{places}" if finding["check"] else "reading"
        where = f"{found['cited_as']}, {', '.join(finding['at'])}"
        words = (where, finding["says"], finding["read_as"], finding["why"], by)
        table.add_row(*(escape(text) for text in words))
    console.print(table)
    for title, part in (
        ("computed from the document, not reviewed yet", "not_reviewed"),
        ("computed from the catalogue's own data", "of_the_catalogue"),
    ):
        if found[part]:
            more = Table(
                "check", "place", "what conflicts", title=title, title_justify="left", show_lines=True
            )
            for one in found[part]:
                more.add_row(*(escape(one[key]) for key in ("check", "place", "says")))
            console.print(more)
