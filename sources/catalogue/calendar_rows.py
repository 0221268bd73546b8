"""Rows of raw.ref_period and its kin made from the folder calendar/."""

from __future__ import annotations

from datetime import date
from typing import Any

from sources.catalogue.calendar import Calendar, Period
from warehouse import schema
from warehouse.reference import Rows
from warehouse.text import nfc


def calendar_rows(calendar: Calendar, keys: dict[str, int]) -> Rows:
    """Rows of ref_period, ref_round, ref_period_due and ref_day_off."""
    return {
        schema.ref_period: [_period(period, calendar) for period in calendar.periods],
        schema.ref_round: _rounds(calendar, keys),
        schema.ref_period_due: [
            {
                "unit_agency_key": keys[due.unit],
                "period_id": due.period_id,
                "agency_kind": due.agency_kind,
                "stated_date": due.stated,
                "due_date": calendar.days.working_day_from(due.stated),
                "effective_from": due.effective_from,
                "source": due.source,
                "assumed": due.assumed,
            }
            for due in calendar.dues()
        ],
        schema.ref_day_off: [
            {
                "day": day.day,
                "label_vi": nfc(day.label_vi),
                "is_working": day.is_working,
                "source": day.source,
                "assumed": day.assumed,
            }
            for day in calendar.days.listed
        ],
    }


def _period(period: Period, calendar: Calendar) -> dict[str, Any]:
    window, parts = period.window, period.parts
    province_due = period.province_due
    return {
        "period_id": period.id,
        "period_kind": period.kind,
        "label_vi": nfc(period.label_vi),
        "label_en": f"{period.label_en} (derived)" if parts else period.label_en,
        "year": period.year,
        "period_order": period.form.order,
        "window_start": window.start if window else None,
        "window_end": window.end if window else None,
        "closes_on": period.closes_on,
        "quarters": period.form.quarters,
        "calendar_end": period.calendar_end,
        "review_date": date(period.year, period.form.month, calendar.review_day),
        "province_due_date": calendar.days.working_day_from(province_due) if province_due else None,
        "is_cumulative": period.form.cumulative,
        "is_derived": bool(parts),
        "minuend_period_id": parts[0] if parts else None,
        "subtrahend_period_ids": parts[1:] or None,
        "source": f"{period.source}; derived, nobody reports it" if parts else period.source,
        "assumed": period.assumed,
    }


def _rounds(calendar: Calendar, keys: dict[str, int]) -> list[dict[str, Any]]:
    """One row a unit and period, by the entry that came first; a later one only changes due dates."""
    first: dict[tuple[str, str], dict[str, Any]] = {}
    for due in sorted(calendar.dues(), key=lambda due: due.effective_from):
        row = {
            "unit_agency_key": keys[due.unit],
            "period_id": due.period_id,
            "source": due.source,
            "assumed": due.assumed,
        }
        first.setdefault((due.unit, due.period_id), row)
    return list(first.values())
