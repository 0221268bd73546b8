"""What came in, as people ask for it: the list, one delivery with its findings, decisions on held ones."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sources.intake.ledger import LARGEST_ID, counting_versions, lock_intake, standing_of
from sources.intake.rulings import current
from warehouse.engine import engine
from warehouse.errors import UsageError
from warehouse.reference import current_rows
from warehouse.schema import (
    answer,
    delivery,
    delivery_decision,
    hold,
    intake_finding,
    reading,
    ref_agency,
    ref_period,
    section,
)
from warehouse.settings import Settings

VERDICTS = ("accepted", "accepted_with_findings", "held", "refused", "duplicate")


def list_deliveries(
    settings: Settings,
    period_id: str | None = None,
    agency_code: str | None = None,
    verdict: str | None = None,
) -> list[dict[str, Any]]:
    """Deliveries with their reading, newest last; `held` are those held at intake and those a rule holds.

    `standing` says what became of each (counts, held, rejected, refused, duplicate, unread), `in_force` which
    of its sheets are current, by code.
    Raises UsageError for a period, agency or verdict that is none.
    """
    if verdict is not None and verdict not in VERDICTS:
        raise UsageError(f"'{verdict}' is no verdict. Verdicts: {', '.join(VERDICTS)}.")
    with engine(settings, "loader").connect() as connection:
        codes = _agency_codes(connection)
        query = _deliveries()
        if period_id is not None:
            periods = sorted(row["period_id"] for row in current_rows(connection, ref_period))
            if period_id not in periods:
                raise UsageError(f"'{period_id}' is no period. Periods: {', '.join(periods)}.")
            query = query.where(reading.c.period_id == period_id)
        if verdict is not None:
            wanted = reading.c.verdict == verdict
            query = query.where(sa.or_(wanted, _held_by_rule()) if verdict == "held" else wanted)
        if agency_code is not None:
            keys = [key for key, code in codes.items() if code == agency_code]
            if not keys:
                raise UsageError(
                    f"'{agency_code}' is no agency. Agencies: {', '.join(sorted(codes.values()))}."
                )
            query = query.where(reading.c.agency_key.in_(keys))
        return _with_standing(
            connection, [_with_code(row, codes) for row in connection.execute(query).mappings()]
        )


def show_delivery(settings: Settings, delivery_id: int) -> dict[str, Any]:
    """One delivery with its sections, findings, decisions, holds and answers, and the versions beside it.

    `versions` are all deliveries of the agency and period in the order of the ledger, this one among them,
    each with its standing and the sheets of it that are in force; every section says which delivery's sheets
    of its code are (`in_force_from`; None = nobody's). Raises UsageError when there is no such delivery.
    """
    with engine(settings, "loader").connect() as connection:
        query = _deliveries().where(delivery.c.delivery_id == delivery_id)
        row = connection.execute(query).mappings().first() if 0 < delivery_id <= LARGEST_ID else None
        if row is None:
            raise UsageError(f"There is no delivery {delivery_id}. See which there are: cchc deliveries list")
        codes = _agency_codes(connection)
        (found,) = _with_standing(connection, [_with_code(row, codes)])
        for name, table, order in (
            ("sections", section, section.c.sheet_no),
            ("findings", intake_finding, intake_finding.c.finding_no),
            ("decisions", delivery_decision, delivery_decision.c.decided_at),
            ("holds", hold, hold.c.hold_id),
            ("answers", answer, answer.c.answer_no),
        ):
            rows = connection.execute(
                sa.select(table)
                .where(table.c.delivery_id == delivery_id)
                .order_by(order, *table.primary_key.columns)
            )
            found[name] = [dict(item) for item in rows.mappings()]
        found["versions"] = []
        if found["period_id"] is not None:
            beside = _deliveries().where(
                reading.c.agency_key == found["agency_key"], reading.c.period_id == found["period_id"]
            )
            others = [_with_code(other, codes) for other in connection.execute(beside).mappings()]
            found["versions"] = _with_standing(connection, others)
        carriers = {code: other["delivery_id"] for other in found["versions"] for code in other["in_force"]}
        for item in found["sections"]:
            item["in_force_from"] = carriers.get(item["sheet_code"])
        return found


def decide(
    settings: Settings, delivery_id: int, decision: str, reason: str, decided_by: str, decided_at: datetime
) -> None:
    """Record a person's decision: accept a delivery that is held, or take any delivery that counts out.

    Raises UsageError where there is nothing to decide: nothing to accept in what is not held (at intake, or
    by a rule of a build since the last decision) nor rejected, nothing to reject in what was refused, doubles
    another, or is rejected already.
    """
    if not reason.strip() or not decided_by.strip():
        raise UsageError("A decision needs a reason (--reason) and the name of who decides (--by).")
    known = show_delivery(settings, delivery_id)
    possible = {"accept": ("held", "rejected"), "reject": ("held", "counts")}
    if known["standing"] not in possible[decision]:
        last = known["decisions"][-1]["decision"] if known["decisions"] else None
        state = f"{last}ed already" if last else str(known["verdict"])
        raise UsageError(
            f"Delivery {delivery_id} waits for no such decision (it is {state}). "
            "See which do: cchc deliveries list --verdict held"
        )
    with engine(settings, "loader").begin() as connection:
        lock_intake(connection)  # what is being judged just now sees either all of it or nothing
        connection.execute(
            sa.insert(delivery_decision).values(
                delivery_id=delivery_id,
                decision=decision,
                reason=reason.strip(),
                decided_by=decided_by.strip(),
                decided_at=decided_at,
            )
        )


def _deliveries() -> sa.Select[Any]:
    findings = (
        sa.select(sa.func.count())
        .where(intake_finding.c.delivery_id == delivery.c.delivery_id)
        .scalar_subquery()
    )
    decision = (
        sa.select(delivery_decision.c.decision)
        .where(delivery_decision.c.delivery_id == delivery.c.delivery_id)
        .order_by(delivery_decision.c.decided_at.desc(), delivery_decision.c.decision_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    held_by_rule = _held_by_rule().label("is_held_by_rule")
    described = [c for c in reading.c if c.name not in ("delivery_id", "run_id", "prepared_by", "signed_by")]
    return (
        sa.select(
            delivery,
            *described,
            findings.label("finding_count"),
            decision.label("last_decision"),
            held_by_rule,
        )
        .outerjoin(reading, reading.c.delivery_id == delivery.c.delivery_id)
        .order_by(delivery.c.delivery_id)
    )


def _held_by_rule() -> sa.ColumnElement[bool]:
    """Whether a rule of a build holds the delivery, and nobody has decided since."""
    decided = sa.select(sa.func.max(delivery_decision.c.decided_at)).where(
        delivery_decision.c.delivery_id == delivery.c.delivery_id
    )
    since = sa.func.coalesce(decided.scalar_subquery(), sa.text("'-infinity'::timestamptz"))
    return sa.exists().where(hold.c.delivery_id == delivery.c.delivery_id, hold.c.placed_at > since)


def _with_standing(connection: sa.Connection, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each delivery with what became of it, and with its sheets that are in force."""
    keys = {row["agency_key"] for row in rows if row["period_id"] is not None}
    versions = counting_versions(connection, keys) if keys else {}
    counting = {version.delivery_id for of_pair in versions.values() for version in of_pair}
    in_force: dict[int, list[str]] = defaultdict(list)
    for of_pair in versions.values():
        now = current(of_pair)
        for code in sorted(frozenset().union(*(version.sheets for version in now.versions))):
            version = now.section(code)
            if version is not None:
                in_force[version.delivery_id].append(code)
    return [
        row
        | {
            "standing": standing_of(row["verdict"], row["delivery_id"] in counting, row["last_decision"]),
            "in_force": in_force.get(row["delivery_id"], []),
        }
        for row in rows
    ]


def _agency_codes(connection: sa.Connection) -> dict[int, str]:
    return {row["agency_key"]: row["agency_code"] for row in current_rows(connection, ref_agency)}


def _with_code(row: Any, codes: dict[int, str]) -> dict[str, Any]:
    found = dict(row)
    found["agency_code"] = codes.get(found["agency_key"]) if found["agency_key"] else None
    return found
