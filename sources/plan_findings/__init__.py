"""Contradictions that can be computed: from the text of any decision, and from the catalogue's own data."""

from __future__ import annotations

from sources.plan_findings.bounds import bounds
from sources.plan_findings.catalogue import catalogue_findings
from sources.plan_findings.citations import check_citations, has_own_number
from sources.plan_findings.coverage import CoveredFindings, cover
from sources.plan_findings.findings import DocumentFinding, found
from sources.plan_findings.numbering import check_numbering
from sources.plan_findings.passages import passages
from sources.plan_findings.restated import check_bounds
from sources.plan_findings.sums import check_sums
from sources.plan_findings.years import check_years

__all__ = [
    "CHECKS",
    "CoveredFindings",
    "DocumentFinding",
    "catalogue_findings",
    "cover",
    "document_findings",
]

CHECKS = (
    "citation-dates",
    "citation-kind",
    "citation-issuer",
    "sum-of-parts",
    "stated-difference",
    "rise-that-falls",
    "restated-bound",
    "impossible-percent",
    "target-without-year",
    "year-outside-plan",
    "base-years",
    "repeated-change",
    "numbering-repeats",
    "numbering-gap",
    "number-missing",
)


def document_findings(text: str, counts: str = "line") -> list[DocumentFinding]:
    """What a decision's text contradicts in itself, whatever decision it is.

    A table's row is a line with its cells between tabs. Where the lines of the text stand for the paragraphs
    of another file, `counts` is "paragraph", and places say so. No text makes it raise; the same text gives
    the same list.
    """
    read = passages(text)
    if not read:
        return []
    set_bounds = list(bounds(read))
    findings = [
        *check_citations(read),
        *check_sums(read),
        *check_bounds(set_bounds),
        *check_years(read, set_bounds),
        *check_numbering(read),
    ]
    if not has_own_number(read):
        says = "Không có số văn bản: phần đầu của văn bản không nêu số của chính nó"
        findings.append(found("number-missing", "số văn bản", read[0].lines, says))
    return findings if counts == "line" else [finding.counted_by(counts) for finding in findings]
