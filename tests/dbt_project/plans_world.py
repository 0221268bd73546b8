"""The five real plans with reports made for them: figures pass in one round of each year, none in another.

What is made follows from the catalogue's files alone: which agencies a target names, what its bound is, what
would be just enough and what just too little.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sources.catalogue import Catalogue, load_catalogue
from sources.catalogue.agency_rows import agency_keys, agency_rows
from sources.catalogue.calendar_rows import calendar_rows
from sources.catalogue.field_rows import area_rows, field_rows
from sources.catalogue.index_rows import index_rows
from sources.catalogue.plan_rows import plan_rows
from sources.catalogue.plans import Target
from tests.dbt_project.world import Deliveries, load
from warehouse import schema
from warehouse.engine import engine
from warehouse.settings import Settings

ROUNDS = {
    ("HCM", 2018): ("2018-9M", "2018-Y"),
    ("HCM", 2019): ("2019-H1", "2019-Y"),
    ("HCM", 2020): ("2020-H1", "2020-Y"),
    ("HCM", 2022): ("2022-H1", "2022-Y"),
    ("NA", 2018): ("2018-9M", "2018-Y"),
    ("BT", 2023): ("2023-H1", "2023-Y"),
}
"""By unit and year: the round in which every figure passes, and the one in which none does."""
ADDED = {"HCM": "2022-H1", "NA": "2018-9M"}
"""Rounds that the calendar does not have, so that each year has two."""
SENDERS = {
    *("HCM-SNV", "HCM-SYT", "HCM-SGDDT", "HCM-Q-1", "HCM-THUE", "NA-SNV", "NA-STC", "NA-VINH"),
    *("BT-NV", "BT-YT", "BT-P-AL", "BT-P-BHH"),
}
"""Those who report for the collectives; where none of them is asked, all who are asked report."""
INDEX_RESULTS = [
    # PAR: in the leading group in 2018, not in 2019; the score rises, then falls; 2020 is not published yet
    ("PAR", 0, 2017, "70.00", 15),
    ("PAR", 0, 2018, "71.19", 10),
    ("PAR", 0, 2019, "71.18", 8),
    # PAPI: in the leading group; content 1 stands at its bound, content 2 above it
    ("PAPI", 0, 2018, "41.00", 16),
    ("PAPI", 1, 2018, "6.00", None),
    ("PAPI", 2, 2018, "6.51", None),
]
"""Made results of 2017 to 2019, beside those that the documents give."""
_FIELDS = ("ho-tich", "dat-dai", "xay-dung", "dau-tu", "khieu-nai-to-cao")
_WHOLE = 1000
_STEP = Decimal("0.1")


@dataclass(frozen=True)
class Asked:
    """A target of one year: whose plan it is of, and the agencies that the catalogue says report it."""

    plan_code: str
    unit: str
    target: Target
    year: int
    bound: Decimal | None

    @property
    def code(self) -> str:
        """The code under which the warehouse knows it."""
        return f"{self.plan_code}/CT-{self.target.code}"

    @property
    def is_reported(self) -> bool:
        """Agencies report figures of it, and a number decides it."""
        return self.target.is_measurable and self.target.fed_by != "external"


class Plans:
    """The catalogue as registered, and what follows from it."""

    def __init__(self) -> None:
        self.catalogue: Catalogue = load_catalogue()
        self.keys = agency_keys(self.catalogue.agencies)
        self.codes = {key: code for code, key in self.keys.items()}
        agencies = agency_rows(self.catalogue.agencies)
        self._spans = agencies[schema.ref_agency]
        self._collectives = agencies[schema.ref_collective]
        periods = calendar_rows(self.catalogue.calendar, self.keys)[schema.ref_period]
        self.periods = {row["period_id"]: row for row in periods}
        self.asked = [
            Asked(code, file.plan.unit, target, year, bound)
            for code, file in self.catalogue.plans.items()
            for target in file.targets
            for year, bound in file.values_by_year(target).items()
        ]

    def register(self, settings: Settings) -> None:
        """Load everything as `cchc` would, with two rounds a year and the made index results."""
        calendar = calendar_rows(self.catalogue.calendar, self.keys)
        for unit, period in ADDED.items():
            added = {"unit_agency_key": self.keys[unit], "period_id": period, "source": "test"}
            due = self.periods[period]["closes_on"] + timedelta(days=5)
            dated = {
                "agency_kind": "*",
                "stated_date": due,
                "due_date": due,
                "effective_from": date(2018, 1, 1),
            }
            calendar[schema.ref_round].append(added)
            calendar[schema.ref_period_due].append(added | dated)
        indices = index_rows(self.catalogue.indices)
        indices[schema.ref_index_result] += [
            {"index_code": code, "content_no": content, "jurisdiction_code": "HCM", "year": year}
            | {"score": Decimal(score), "rank": rank, "ranked_of": 63, "source": "test"}
            for code, content, year, score, rank in INDEX_RESULTS
        ]
        load(
            settings,
            {
                "agencies": agency_rows(self.catalogue.agencies),
                "calendar": calendar,
                "fields": field_rows(self.catalogue.fields, self.keys),
                "areas": area_rows(self.catalogue.areas),
                "indices": indices,
                **{f"plan:{code}": plan_rows(file, self.keys) for code, file in self.catalogue.plans.items()},
            },
        )

    def members(self, code: str, unit: str, on: date) -> set[str]:
        """The agency or the collective's agencies that a code means on a day, if they report to the unit."""
        there = {
            row["agency_key"]: row
            for row in self._spans
            if row["valid_from"] <= on and (row["valid_to"] is None or on <= row["valid_to"])
        }
        meant = {self.keys[code]} if code in self.keys else set(self._of_collective(code, there))
        return {
            self.codes[key] for key in meant if key in there and self._reports_to(key, self.keys[unit], there)
        }

    def _of_collective(self, code: str, there: dict[int, dict[str, Any]]) -> Iterator[int]:
        rows = [row for row in self._collectives if row["collective_code"] == code]
        for key, agency in there.items():
            for row in rows:
                above = list(_ancestors(key, there))
                near = above[:1] if row["is_direct"] else above
                if (
                    row["parent_agency_key"] in near
                    and agency["agency_kind"] == row["agency_kind"]
                    and row["agency_level"] in (None, agency["agency_level"])
                ):
                    yield key

    @staticmethod
    def _reports_to(key: int, unit: int, there: dict[int, dict[str, Any]]) -> bool:
        above = (ancestor for ancestor in _ancestors(key, there) if there[ancestor]["consolidates"])
        return key == unit or next(above, None) == unit

    def reporters(self, asked: Asked, period_id: str) -> set[str]:
        """Who reports a target in a round of its unit: the unit itself where the plan names nobody."""
        target, closes_on = asked.target, self.periods[period_id]["closes_on"]
        members = self.members(target.reported_by or asked.unit, asked.unit, closes_on)
        if target.only_agencies is not None:
            members &= set(target.only_agencies)
        return members - set(target.excluded_agencies or ())

    def senders(self, asked: Asked, period_id: str) -> set[str]:
        """Who of them does so in this world."""
        reporters = self.reporters(asked, period_id)
        return reporters & SENDERS or reporters

    def send_all(self, settings: Settings) -> None:
        """Every sender's report of every round: all figures pass, or none."""
        reports = Reports(settings)
        for (unit, year), (passing, failing) in ROUNDS.items():
            self.send_round(reports, unit, year, passing, passes=True)
            self.send_round(reports, unit, year, failing, passes=False)

    def send_round(self, reports: Reports, unit: str, year: int, period_id: str, *, passes: bool) -> None:
        """Every sender's report of one round of a unit, the day after it closes."""
        rows: dict[str, list[dict[str, Any]]] = {}
        for asked in self.asked:
            if asked.is_reported and (asked.unit, asked.year) == (unit, year):
                given = self.figure(asked, period_id, passes=passes)
                for sender in self.senders(asked, period_id):
                    rows.setdefault(sender, []).extend(given)
        received = self.periods[period_id]["closes_on"] + timedelta(days=1)
        # Nghệ An asks that no dossier be late; elsewhere one is, and has its letter
        late = 0 if unit == "NA" else 1
        for sender, stated in rows.items():
            sheets = {"target": stated, **other_sheets(late, passes=passes)}
            reports.report(self.keys[sender], period_id, f"{received} 09:00", sheets)

    def figure(self, asked: Asked, period_id: str, *, passes: bool) -> list[dict[str, Any]]:
        """A target's row in the sheet Chỉ tiêu: just enough or too little; none where other sheets count."""
        target, bound = asked.target, asked.bound
        if target.fed_by != "target_row" or bound is None:
            return []
        row: dict[str, Any] = {"target_code": asked.code}
        if target.unit == "date":
            day = date.fromisoformat(str(int(bound)))
            return [row | {"reported_date": day if passes else day + timedelta(days=1)}]
        if target.unit in ("percent", "percent_change"):
            base = _WHOLE if target.unit == "percent_change" else 0
            share = just(target.comparator, bound, _STEP, passes=passes)
            return [row | {"numerator": base + share * _WHOLE / 100, "denominator": _WHOLE}]
        quarters = self.periods[period_id]["quarters"]
        times = {"count_per_quarter": quarters, "count_per_half": quarters // 2}.get(target.unit, 1)
        if target.comparator == "ge" and not passes:
            return [row | {"numerator": Decimal(0)}]
        return [row | {"numerator": just(target.comparator, bound * times, Decimal(1), passes=passes)}]


_SHEETS = {
    "target": (3, schema.target_row),
    "dossier": (4, schema.dossier_row),
    "satisfaction": (5, schema.satisfaction_row),
    "feedback": (6, schema.feedback_row),
}


class Reports(Deliveries):
    """Deliveries with any sheet."""

    def report(self, agency_key: int, period_id: str, received_at: str, sheets: dict[str, Any]) -> int:
        """One delivery with these sheets; returns its id."""
        delivery_id = self.send(agency_key, period_id, received_at)
        key = {"delivery_id": delivery_id, "agency_key": agency_key, "period_id": period_id}
        with engine(self.settings, "loader").begin() as connection:
            for code, rows in sheets.items():
                number, table = _SHEETS[code]
                self._sheet(connection, number, code, key, table, rows)
        return delivery_id


def just(comparator: str, bound: Decimal, step: Decimal, *, passes: bool) -> Decimal:
    """The figure that is just enough, or just too little, for a bound."""
    enough = {"gt": bound + step, "lt": bound - step}.get(comparator, bound)
    too_little = {"gt": bound, "lt": bound, "le": bound + step}.get(comparator, bound - step)
    if comparator == "eq" and bound == 0:
        too_little = bound + step
    return enough if passes else too_little


def other_sheets(late: int, *, passes: bool) -> dict[str, list[dict[str, Any]]]:
    """The sheets that count: nearly all well, or half of everything late and unsatisfied."""
    overdue = late if passes else _WHOLE // 2
    dossiers = [
        {"field_name": code, "field_code": code}
        | {"received_total": _WHOLE, "received_online": _WHOLE, "received_direct": 0, "carried_over": 0}
        | {"resolved_total": _WHOLE, "resolved_early": _WHOLE - overdue, "resolved_on_time": 0}
        | {"resolved_late": overdue, "apology_letters": late if passes else 0}
        | {"pending_total": 0, "pending_in_time": 0, "pending_overdue": 0}
        for code in _FIELDS
    ]
    surveys = [
        {"survey_content": content, "field_code": code, "field_name": code}
        | {"sent": _WHOLE, "returned": _WHOLE, "valid": _WHOLE, "satisfied": _WHOLE - 1 if passes else 10}
        for content, codes in {
            "procedure": _FIELDS,
            "service": [None],
            "health": [None],
            "education": [None],
        }.items()
        for code in codes
    ]
    answered = _WHOLE if passes else 0
    feedback = {
        "channel_name": "1022",
        "channel_code": "1022",
        "feedback_kind": "regulation",
        "received": _WHOLE,
    }
    feedback |= {
        "resolved_on_time": answered,
        "resolved_late": 0,
        "pending": _WHOLE - answered,
        "carried_over": 0,
    }
    feedback |= {"pending_overdue": _WHOLE - answered, "published": answered}
    return {"dossier": dossiers, "satisfaction": surveys, "feedback": [feedback]}


def _ancestors(key: int, there: dict[int, dict[str, Any]]) -> Iterator[int]:
    while (key := there[key]["parent_agency_key"]) in there:
        yield key
