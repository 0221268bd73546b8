"""What the warehouse knows of deliveries that are to be answered: one query a table for a whole batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from sources.answers.told import SheetCounts, Told, ToldFinding, VersionInForce
from sources.answers.wording import READER_FAILED
from sources.forms.definition import FormDefinition
from sources.forms.findings import load_rules
from sources.forms.reference import Reference, index_reference
from sources.intake.ledger import counting_versions, standing_of
from sources.intake.rulings import Version, current
from warehouse.clock import local_date
from warehouse.reference import current_rows
from warehouse.schema import (
    build,
    delivery,
    delivery_decision,
    expectation_finding,
    hold,
    intake_finding,
    reading,
    ref_agency,
    ref_period,
    ref_period_due,
    ref_round,
    ref_rule,
    section,
)

Row = dict[str, Any]
BESIDE_OTHERS = "intake.neighbour_"
"""Rules of the intake that hold a report against other periods."""
_KNOWN = (ref_agency, ref_period, ref_period_due, ref_round)


class Facts:
    """The reference rows that answers name, read once a run."""

    def __init__(self, connection: sa.Connection, form: FormDefinition, data_label: str | None) -> None:
        self._form, self._label = form, data_label
        rows: dict[str, list[Row]] = defaultdict(list)
        rows |= {table.name: current_rows(connection, table) for table in _KNOWN}
        self._reference: Reference = index_reference(rows)
        self._holding = {rule.rule_id for rule in load_rules().rules if rule.verdict == "held"}
        self._labels = {row["rule_id"]: row["label_vi"] for row in current_rows(connection, ref_rule)}

    def told(self, connection: sa.Connection, ids: Collection[int], build_id: int | None) -> list[Told]:
        """What is told of deliveries that were read, in their order; findings of `build_id` are added."""
        rows = self._readings(connection, ids)
        versions = counting_versions(connection, {row["agency_key"] for row in rows if row["agency_key"]})
        counting = {v.delivery_id for found in versions.values() for v in found}
        sections = _by_delivery(_rows(connection, section, ids, section.c.sheet_no))
        decisions = _by_delivery(_rows(connection, delivery_decision, ids, delivery_decision.c.decided_at))
        holds = _by_delivery(_rows(connection, hold, ids, hold.c.hold_id))
        standings = {
            row["delivery_id"]: standing_of(
                row["verdict"], row["delivery_id"] in counting, _last(decisions[row["delivery_id"]])
            )
            for row in rows
        }
        in_force = {pair: current(found).versions for pair, found in versions.items()}
        newest = {v.delivery_id for found in in_force.values() for v in found}
        audited = _Audited(connection, rows, build_id, newest, holds, standings)
        found = self._findings(connection, rows, audited, sections)
        for row in rows:
            if row["verdict"] == "held" and row["delivery_id"] in counting:  # what a person has settled
                found[row["delivery_id"]] = [
                    f for f in found[row["delivery_id"]] if f.rule_id not in self._holding
                ]
        told = []
        for row in rows:
            number, pair = row["delivery_id"], (row["agency_key"], row["period_id"])
            is_ours = any(finding.rule_id == READER_FAILED for finding in found[number])
            standing = "failed" if is_ours else standings[number]
            row["reason"] = _reason(row, standing, decisions[number], found[number])
            told.append(
                self._one(row, standing, sections[number], found[number], in_force.get(pair, []), build_id)
            )
        return told

    def _one(
        self,
        row: Row,
        standing: str,
        sections: list[Row],
        findings: list[ToldFinding],
        in_force: list[Version],
        build_id: int | None,
    ) -> Told:
        period = self._reference.periods.get(row["period_id"] or "")
        agency = unit = due = None
        received_on = local_date(row["received_at"])
        if period is not None and row["agency_key"]:
            on = period["closes_on"]
            agency = self._reference.agency(row["agency_key"], on) or self._latest(row["agency_key"])
            unit_key = self._reference.unit_of(row["agency_key"], on)
            unit = self._reference.agency(unit_key, on) if unit_key else None
            kind = agency["agency_kind"] if agency else ""
            due = self._reference.due(unit_key, period["period_id"], kind, received_on)
        kinds = self._form.report_kinds
        return Told(
            delivery_id=row["delivery_id"],
            channel=row["channel"],
            source_name=row["source_name"],
            size_bytes=row["size_bytes"],
            sha256=row["sha256"],
            archive_path=row["archive_path"],
            received_at=row["received_at"],
            received_stated=row["received_stated"],
            verdict=row["verdict"],
            reason_vi=row["reason"],
            standing=standing,
            duplicate_of=row["duplicate_of"],
            form_code=self._form.form_code,
            answer_sheet=self._form.answer_sheet,
            agency_code=agency["agency_code"] if agency else None,
            agency_name=agency["agency_name"] if agency else None,
            unit_name=unit["agency_name"] if unit else None,
            period_id=row["period_id"],
            period_label=period["label_vi"] if period else None,
            report_kind=row["report_kind"],
            report_kind_label=kinds[row["report_kind"]].label if row["report_kind"] in kinds else None,
            document_number=row["document_number"],
            report_date=row["report_date"],
            due_date=due["due_date"] if due else None,
            due_assumed=bool(due and due["assumed"]),
            is_late=bool(due and received_on > due["due_date"]),
            sheets=tuple(_counts(item) for item in sections),
            findings=tuple(findings),
            in_force=tuple(
                VersionInForce(v.delivery_id, v.received_at, v.report_kind)
                for v in sorted(in_force, key=lambda v: v.order)
            ),
            build_id=build_id,
            data_label=self._label,
        )

    def _latest(self, agency_key: int) -> Row | None:
        """An agency that was not there when the period closed, as it was last."""
        rows = [row for row in self._reference.agencies if row["agency_key"] == agency_key]
        return max(rows, key=lambda row: row["valid_from"], default=None)

    def _readings(self, connection: sa.Connection, ids: Collection[int]) -> list[Row]:
        more = [c for c in reading.c if c.name not in ("delivery_id", "run_id", "prepared_by", "signed_by")]
        query = (
            sa.select(delivery, *more)
            .join(reading, reading.c.delivery_id == delivery.c.delivery_id)
            .where(delivery.c.delivery_id.in_(ids))
            .order_by(delivery.c.delivery_id)
        )
        return [dict(row) for row in connection.execute(query).mappings()]

    def _findings(
        self, connection: sa.Connection, rows: list[Row], audited: _Audited, sections: dict[int, list[Row]]
    ) -> dict[int, list[ToldFinding]]:
        """By delivery, what intake found, then what rules add where intake did not speak of the cell."""
        found: dict[int, list[ToldFinding]] = defaultdict(list)
        ids = [row["delivery_id"] for row in rows]
        said = set()
        for row in _rows(connection, intake_finding, ids, intake_finding.c.finding_no):
            said.add(_place(row))
            if audited.confirms(row):
                found[row["delivery_id"]].append(self._finding(row, row["sheet_no"]))
        places = {(n, item["sheet_name"]): item["sheet_no"] for n in ids for item in sections[n]}
        added = set()
        for row in audited.findings:
            number = row["delivery_id"]
            if row["is_waived"] or (row["cell"] and _place(row) in said):
                continue
            finding = self._finding(row, places.get((number, row["sheet_name"])))
            if (number, finding) not in added:  # an audit that ran twice, a hold that still stands
                added.add((number, finding))
                found[number].append(finding)
        return found

    def _finding(self, row: Row, sheet_no: int | None) -> ToldFinding:
        return ToldFinding(
            rule_id=row["rule_id"],
            severity=row["severity"],
            message_vi=row["message_vi"],
            sheet_no=sheet_no,
            sheet_name=row["sheet_name"],
            cell=row["cell"],
            given=row["given"],
            expected=row["expected"],
            label_vi=self._labels.get(row["rule_id"], ""),
        )


class _Audited:
    """What the gates of one build say of deliveries; of earlier builds, what is behind holds that stand."""

    def __init__(
        self,
        connection: sa.Connection,
        rows: list[Row],
        build_id: int | None,
        in_force: Collection[int],
        holds: dict[int, list[Row]],
        standings: dict[int, str],
    ) -> None:
        ids = [row["delivery_id"] for row in rows]
        behind = {
            (number, item["build_id"], item["rule_id"])
            for number in ids
            if standings[number] == "held"
            for item in holds[number]
        }
        builds = {held_in for _, held_in, _ in behind} | ({build_id} if build_id is not None else set())
        self.findings: list[Row] = []
        self._looked_at: set[int] = set()
        self._is_waived: dict[tuple[int, str | None, str | None], bool] = {}
        if not builds:
            return
        query = (
            sa.select(expectation_finding)
            .where(
                expectation_finding.c.delivery_id.in_(ids),
                expectation_finding.c.build_id.in_(builds),
                expectation_finding.c.scope != "build",
            )
            .order_by(expectation_finding.c.finding_id)
        )
        for row in map(dict, connection.execute(query).mappings()):
            if row["build_id"] == build_id or (row["delivery_id"], row["build_id"], row["rule_id"]) in behind:
                self.findings.append(row)
        opened_at = connection.scalar(sa.select(build.c.opened_at).where(build.c.build_id == build_id))
        self._looked_at = {
            row["delivery_id"]
            for row in rows
            if opened_at is not None and row["delivery_id"] in in_force and row["read_at"] <= opened_at
        }
        for row in self.findings:
            self._is_waived[_place(row)] = self._is_waived.get(_place(row), True) and row["is_waived"]

    def confirms(self, row: Row) -> bool:
        """Whether a finding of the intake still holds.

        A waiver of what a gate says of the cell holds for the intake too; what the intake found beside
        another period may have been mended there since, and then no gate finds it any more.
        """
        if row["delivery_id"] not in self._looked_at or row["cell"] is None:
            return True
        if row["rule_id"].startswith(BESIDE_OTHERS):
            return not self._is_waived.get(_place(row), True)
        return not self._is_waived.get(_place(row), False)


def _place(row: Row) -> tuple[int, str | None, str | None]:
    return row["delivery_id"], row["sheet_name"], row["cell"]


def _last(decisions: list[Row]) -> str | None:
    return decisions[-1]["decision"] if decisions else None


def _reason(row: Row, standing: str, decisions: list[Row], findings: list[ToldFinding]) -> str | None:
    """Why a delivery does not count: the person's reason, the intake's, or that of the rule that holds it."""
    if standing == "rejected":
        return str(decisions[-1]["reason"])
    if standing == "held" and row["verdict_reason_vi"] is None:
        return next((f.message_vi for f in findings if f.severity == "fatal"), None)
    return row["verdict_reason_vi"] if standing != "counts" else None


def _counts(item: Row) -> SheetCounts:
    names = ("sheet_no", "sheet_name", "is_hidden", "rows_read", "rows_loaded", "rows_held", "rows_structure")
    return SheetCounts(**{name: item[name] for name in names})


def _rows(
    connection: sa.Connection, table: sa.Table, ids: Collection[int], order: sa.ColumnElement[Any]
) -> list[Row]:
    query = (
        sa.select(table)
        .where(table.c.delivery_id.in_(ids))
        .order_by(table.c.delivery_id, order, *table.primary_key.columns)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def _by_delivery(rows: list[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["delivery_id"]].append(row)
    return found
