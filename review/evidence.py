"""Where each figure comes from: the rows behind it, the keys that link to them, the files they stand in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from review.marts import Marts, Rows

DOSSIER_FIGURE = "HS-TTHC"
"""Figure code of the dossier form, whose evidence has one row per agency and field."""

_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._-]+")


def evidence_key(figure: str, agency: str = "", field: str = "") -> str:
    """The key of a figure's evidence: of all of it, of one agency's, or of one field's."""
    return "|".join(part for part in (figure, agency, field) if part)


@dataclass(frozen=True)
class EvidenceGroup:
    """The rows behind one figure. Each row lists in `keys` the evidence keys that it is the first row of."""

    figure_code: str
    label: str
    citation: str
    rows: list[dict[str, Any]]


@dataclass(frozen=True)
class Evidence:
    """All evidence of a review. `anchors` names the place on the page of every evidence key."""

    groups: list[EvidenceGroup]
    anchors: dict[str, str]
    files: list[dict[str, Any]]

    def link(self, figure: str, agency: str = "", field: str = "") -> str:
        """The evidence key, or nothing when there is no such evidence (then there is no link either)."""
        key = evidence_key(figure, agency, field)
        return key if key in self.anchors else ""


def _anchors(keys: Iterable[str]) -> dict[str, str]:
    taken: dict[str, str] = {}
    used: set[str] = set()
    for key in keys:
        base = "nguon-" + _NOT_PLAIN.sub("-", key)
        anchor, again = base, 2
        while anchor in used:
            anchor, again = f"{base}-{again}", again + 1
        used.add(anchor)
        taken[key] = anchor
    return taken


def names_of_agencies(marts: Marts) -> dict[str, str]:
    """Agency names by code, from whichever marts name them."""
    return {
        row["agency_code"]: row["agency_name"]
        for rows in (marts.dossier, marts.evidence, marts.agency, marts.reporting)
        for row in rows
        if row["agency_name"]
    }


def order_of_agencies(marts: Marts) -> dict[str, int]:
    """The administration's own order of agencies, by code."""
    return {row["agency_code"]: row["sort_order"] for rows in (marts.agency, marts.reporting) for row in rows}


def collect(marts: Marts) -> Evidence:
    """Bring the evidence rows into groups, one per figure, targets in the plan's order, dossiers last."""
    agencies, order = names_of_agencies(marts), order_of_agencies(marts)
    targets = {row["target_code"]: row for row in marts.target}

    def place(row: dict[str, Any]) -> tuple[Any, ...]:
        target = targets.get(row["figure_code"])
        return (
            target is None,
            target["target_order"] if target else 0,
            row["figure_code"],
            order.get(row["agency_code"], 0),
            row["agency_code"],
            row["field_code"],
        )

    groups: list[EvidenceGroup] = []
    keys: list[str] = []
    for code, rows in groupby(
        sorted(map(dict, marts.evidence), key=place), key=lambda row: row["figure_code"]
    ):
        group_rows: list[dict[str, Any]] = []
        for row in rows:
            whole = [evidence_key(code)] if not group_rows else []
            new_agency = not group_rows or group_rows[-1]["agency_code"] != row["agency_code"]
            starts = [evidence_key(code, row["agency_code"])] if new_agency else []
            exact = [evidence_key(code, row["agency_code"], row["field_code"])]
            keys += whole + starts + exact
            group_rows.append(
                row
                | {
                    "keys": whole + starts + exact,
                    "field_name": "" if row["field_code"] == "*" else row["field_name"],
                }
            )
        target = targets.get(code)
        label = target["target_label"] if target else "Hồ sơ thủ tục hành chính (biểu II.06a)"
        groups.append(EvidenceGroup(code, label, group_rows[0]["citation"] or "", group_rows))
    return Evidence(groups, _anchors(keys), _files(marts, agencies))


def _files(marts: Marts, agencies: dict[str, str]) -> list[dict[str, Any]]:
    """Every file that figures were read from, once each."""
    files: dict[Any, dict[str, Any]] = {}

    def add(rows: Rows, number: str, name: str, digest: str, document: str = "") -> None:
        for row in rows:
            if row[number] is None:
                continue
            known = files.setdefault(
                row[number],
                {
                    "delivery_id": row[number],
                    "agency_name": agencies.get(row["agency_code"], row["agency_code"]),
                    "file_name": None,
                    "file_sha256": None,
                    "document_number": None,
                },
            )
            known["file_name"] = known["file_name"] or row.get(name)
            known["file_sha256"] = known["file_sha256"] or row.get(digest)
            known["document_number"] = known["document_number"] or row.get(document)

    add(
        marts.reporting,
        "current_delivery_id",
        "current_file_name",
        "current_file_sha256",
        "current_document_number",
    )
    add(marts.evidence, "delivery_id", "file_name", "file_sha256")
    add(marts.dossier, "delivery_id", "file_name", "file_sha256")
    return [files[key] for key in sorted(files)]
