"""Which computed contradictions people have looked at and decided how to read."""

from __future__ import annotations

from dataclasses import dataclass

from sources.catalogue.plans import Finding
from sources.plan_findings.findings import DocumentFinding


@dataclass(frozen=True)
class CoveredFindings:
    """Reviewed findings, each with the computed ones it speaks of; and those nobody has decided on."""

    reviewed: list[tuple[Finding, list[DocumentFinding]]]
    not_reviewed: list[DocumentFinding]


def cover(reviewed: list[Finding], computed: list[DocumentFinding]) -> CoveredFindings:
    """A reviewed finding covers what its check computes of a subject that it cites, or names in its words."""
    pairs = [(finding, [one for one in computed if _covers(finding, one)]) for finding in reviewed]
    seen = {one for _, ones in pairs for one in ones}
    return CoveredFindings(pairs, [one for one in computed if one not in seen])


def _covers(reviewed: Finding, computed: DocumentFinding) -> bool:
    return reviewed.check == computed.check_code and (
        computed.subject in reviewed.says or computed.subject in reviewed.at
    )
