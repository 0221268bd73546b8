"""Rows of raw.ref_period and its kin made from calendar.yml."""

from __future__ import annotations

from typing import Any

from sources.catalogue.calendar import CalendarFile
from warehouse import schema
from warehouse.reference import Rows
from warehouse.text import nfc


def calendar_rows(file: CalendarFile, keys: dict[str, int]) -> Rows:
    """Rows of ref_period, ref_round and ref_period_due."""
    periods: list[dict[str, Any]] = []
    dues: list[dict[str, Any]] = []
    for period in file.periods:
        same = {"period_id": period.id}
        same_source = {"source": period.source, "assumed": period.assumed}
        derived = period.derived
        periods.append(
            {
                **same,
                "period_kind": period.kind,
                "label_vi": nfc(period.label_vi),
                "label_en": period.label_en,
                "year": period.year,
                "period_order": period.order,
                "window_start": period.window.start,
                "window_end": period.window.end,
                "closes_on": period.window.end,
                "quarters": {"H1": 2, "9M": 3, "Y": 4}.get(period.kind, 1),
                "calendar_end": period.calendar_end,
                "review_date": period.review_date,
                "is_cumulative": period.cumulative,
                "is_derived": derived is not None,
                "minuend_period_id": derived.minuend if derived else None,
                "subtrahend_period_ids": derived.subtrahends if derived else None,
                **same_source,
            }
        )
    rounds: list[dict[str, Any]] = []
    for asked in file.rounds:
        of_round = {
            "unit_agency_key": keys[asked.unit],
            "period_id": asked.period,
            "source": asked.source,
            "assumed": asked.assumed,
        }
        rounds.append(of_round)
        dues += [
            {
                **of_round,
                "agency_kind": kind,
                "stated_date": due,
                "due_date": due,
                "effective_from": asked.effective_from,
            }
            for kind, due in asked.due.items()
        ]
    return {schema.ref_period: periods, schema.ref_round: rounds, schema.ref_period_due: dues}
