"""Reading the marts: one snapshot of everything that one review needs, through the role `bi`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from warehouse.engine import engine
from warehouse.errors import CchcError, UsageError
from warehouse.settings import Settings

Row = Mapping[str, Any]
Rows = Sequence[Row]

ORDER_BY = {
    "review_area": "sort_order, area_code",
    "review_agency": "sort_order, agency_code",
    "review_target": "target_order, target_code",
    "review_task": "task_order, task_code",
    "review_dossier": "agency_code, field_code",
    "review_reporting": "sort_order, agency_code",
    "review_finding": "severity_order, agency_code, delivery_id, sheet_name, cell, finding_code",
    "review_evidence": "figure_kind desc, figure_code, agency_code, field_code",
    "review_task_due": "sort_order, agency_code, due_date, task_order, task_code, obligation_no",
}
"""The marts a review reads for its unit and period, and the order that makes its output repeatable."""

OF_THE_YEAR = {
    "review_index": ("year <= :year", "index_code, content_no, year, target_order, target_code"),
    "review_plan_finding": (
        ":year between year_from and year_to",
        "cited_as, plan_code, finding_order, finding_code",
    ),
}
"""The marts without periods: which of the unit's rows a review of a year reads, and their order."""


@dataclass(frozen=True)
class Marts:
    """The rows of one unit and period, as they were served at one moment.

    `year` holds the `review_city` rows of the unit's whole year, in the order of the periods; `city` is
    the period's own. A period that nobody reports (a derived quarter) has no tasks, targets or reports.
    """

    build_id: int
    city: Row
    year: Rows
    area: Rows
    agency: Rows
    target: Rows
    task: Rows
    dossier: Rows
    reporting: Rows
    finding: Rows
    evidence: Rows
    task_due: Rows = ()
    index: Rows = ()
    plan_finding: Rows = ()

    def area_label(self, area_code: str) -> str:
        """The name of a reform area; its code where it has none."""
        return next((str(row["area_label"]) for row in self.area if row["area_code"] == area_code), area_code)

    def area_place(self, area_code: str) -> int:
        """The place of a reform area among the others; one that is not known comes last."""
        return next((n for n, row in enumerate(self.area) if row["area_code"] == area_code), len(self.area))


def _available(connection: sa.Connection) -> str:
    rows = connection.execute(
        sa.text(
            "select unit_code, string_agg(period_id, ', ' order by year, period_order) as periods"
            " from marts.review_city group by unit_code order by unit_code"
        )
    )
    return "; ".join(f"{row.unit_code}: {row.periods}" for row in rows) or "none yet"


def read_marts(settings: Settings, period_id: str, unit_code: str) -> Marts:
    """Read every mart of one unit and period in one repeatable-read snapshot.

    Raises UsageError when nothing was promoted yet, or when the unit or period is not among what is served.
    """
    reader = engine(settings, "bi").execution_options(
        isolation_level="REPEATABLE READ", postgresql_readonly=True
    )
    with reader.connect() as connection:
        if not sa.inspect(connection).has_table("serving", schema="marts"):
            raise UsageError("No marts are served yet: run `cchc build` first, then `cchc review`.")
        serving = connection.execute(sa.text("select build_id from marts.serving")).mappings().one_or_none()
        if serving is None:
            raise UsageError("No build has been promoted to the marts yet: run `cchc build` first.")
        place = {"unit": unit_code, "period": period_id}
        cities = _rows(
            connection,
            "select year_rows.* from marts.review_city as year_rows"
            " join marts.review_city as asked"
            "   on asked.unit_code = year_rows.unit_code and asked.year = year_rows.year"
            " where asked.unit_code = :unit and asked.period_id = :period"
            " order by year_rows.period_order, year_rows.period_id",
            place,
        )
        if not cities:
            raise UsageError(
                f"There is no review for unit '{unit_code}' and period '{period_id}'."
                f" Served now (unit: periods): {_available(connection)}."
            )
        of_period = "period_id = :period"
        queries = {name: (of_period, order) for name, order in ORDER_BY.items()} | OF_THE_YEAR
        place_in_year = {**place, "year": cities[0]["year"]}
        try:
            tables = {
                name.removeprefix("review_"): _rows(
                    connection,
                    f"select * from marts.{name} where unit_code = :unit and {condition} order by {order}",
                    place_in_year,
                )
                for name, (condition, order) in queries.items()
            }
        except sa.exc.ProgrammingError as error:
            raise CchcError(
                f"The marts do not have the shape that the review reads ({error.orig}). Run `cchc build`."
            ) from error
    return Marts(
        build_id=serving["build_id"],
        city=next(row for row in cities if row["period_id"] == period_id),
        year=cities,
        **tables,
    )


def _rows(connection: sa.Connection, query: str, place: dict[str, Any]) -> list[Row]:
    return [dict(row) for row in connection.execute(sa.text(query), place).mappings()]
