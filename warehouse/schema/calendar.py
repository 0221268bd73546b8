"""Reporting periods, due dates, days off."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from warehouse.schema.base import reference_table

ref_period = reference_table(
    "ref_period",
    sa.Column("period_id", sa.Text, nullable=False),
    sa.Column("period_kind", sa.Text, nullable=False, comment="Q1, H1, Q3, 9M, N11, Y, Q2, Q4"),
    sa.Column("label_vi", sa.Text, nullable=False),
    sa.Column("label_en", sa.Text, nullable=False),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column(
        "period_order", sa.Integer, nullable=False, comment="order of the review within the year, from 1"
    ),
    sa.Column("window_start", sa.Date, comment="NULL = no document sets the window"),
    sa.Column("window_end", sa.Date, comment="cut-off, inclusive; NULL = no document sets the window"),
    sa.Column(
        "closes_on",
        sa.Date,
        nullable=False,
        comment="the day that stands for the period: its cut-off, or the day a report falls due where no window is set",
    ),
    sa.Column(
        "quarters", sa.Integer, comment="quarters that it covers; NULL = not a whole number of quarters"
    ),
    sa.Column(
        "calendar_end",
        sa.Date,
        nullable=False,
        comment="last day of the calendar quarter that closes the period (of the month, where it lies within one)",
    ),
    sa.Column(
        "review_date", sa.Date, nullable=False, comment="the review's day: states of tasks age no further"
    ),
    sa.Column(
        "province_due_date",
        sa.Date,
        comment="when a province owes the Government its report: the day set, or the next working day; NULL = not set",
    ),
    sa.Column("is_cumulative", sa.Boolean, nullable=False),
    sa.Column(
        "is_derived",
        sa.Boolean,
        nullable=False,
        comment="nobody reports it: computed from others, flows only",
    ),
    sa.Column("minuend_period_id", sa.Text, comment="derived only: flows of this period …"),
    sa.Column("subtrahend_period_ids", ARRAY(sa.Text), comment="… less the flows of these"),
    comment="Reporting periods with their data windows, the same for every jurisdiction.",
)
ref_round = reference_table(
    "ref_round",
    sa.Column("unit_agency_key", sa.Integer, nullable=False, comment="the consolidating unit"),
    sa.Column("period_id", sa.Text, nullable=False),
    comment="Rounds of reporting: which periods a consolidating unit asks of the agencies below it.",
)
ref_period_due = reference_table(
    "ref_period_due",
    sa.Column("unit_agency_key", sa.Integer, nullable=False, comment="to whom the report is owed"),
    sa.Column("period_id", sa.Text, nullable=False),
    sa.Column(
        "agency_kind",
        sa.Text,
        nullable=False,
        comment="whose due date; '*' = every kind without one of its own",
    ),
    sa.Column("stated_date", sa.Date, nullable=False, comment="as the document or the assumption has it"),
    sa.Column(
        "due_date",
        sa.Date,
        nullable=False,
        comment="end of day, Asia/Ho_Chi_Minh, inclusive: the stated date, or the next working day",
    ),
    sa.Column(
        "effective_from",
        sa.Date,
        nullable=False,
        comment="from this day on it is the due date; the newest one in effect counts",
    ),
    comment="When each kind of agency owes a period's report to its consolidating unit.",
)
ref_day_off = reference_table(
    "ref_day_off",
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("label_vi", sa.Text, nullable=False),
    sa.Column("is_working", sa.Boolean, nullable=False, comment="a Saturday or Sunday worked in exchange"),
    comment="Days off beside Saturdays and Sundays, and week-end days that were worked.",
)
