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
    """Labels in Vietnamese: the findings are read at Sở Nội vụ."""
    console.print(f"\n[bold]{found['plan_code']}[/]  {escape(found['label'])}")
    if not found["reviewed"]:
        console.print("Không có mâu thuẫn nào đã được xem xét.")
    for number, finding in enumerate(found["reviewed"], start=1):
        places = f" ({'; '.join(finding['document_places'])})" if finding["document_places"] else ""
        by = f"máy, {finding['check']}{places}" if finding["check"] else "người đọc"
        where = f"{found['cited_as']}, {', '.join(finding['at'])}"
        _print_block(
            f"{number}. {where}",
            {
                "Văn bản ghi": finding["says"],
                "Hiểu là": finding["read_as"],
                "Lý do": finding["why"],
                "Phát hiện bởi": by,
            },
        )
    for title, part in (
        ("Máy tính ra từ văn bản, chưa ai xem xét", "not_reviewed"),
        ("Máy tính ra từ dữ liệu danh mục", "of_the_catalogue"),
    ):
        for one in found[part]:
            _print_block(f"{title}: {one['place']}", {"Nội dung": one["says"], "Phép kiểm tra": one["check"]})


def _print_block(title: str, rows: dict[str, str]) -> None:
    console.print(f"\n[bold]{escape(title)}[/]", soft_wrap=True)
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    for label, text in rows.items():
        table.add_row(f"  {label}", escape(text))
    console.print(table)
