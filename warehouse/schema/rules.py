"""Rules, tolerances and waivers."""

from __future__ import annotations

import sqlalchemy as sa

from warehouse.schema.base import reference_table

ref_rule = reference_table(
    "ref_rule",
    sa.Column("rule_id", sa.Text, nullable=False),
    sa.Column("gate", sa.Text, nullable=False, comment="intake, raw, core, candidate"),
    sa.Column("scope", sa.Text, nullable=False, comment="cell, row, delivery, build"),
    sa.Column("severity", sa.Text, nullable=False, comment="note, warning, error, fatal"),
    sa.Column("area_code", sa.Text),
    sa.Column("waivable", sa.Boolean, nullable=False),
    sa.Column("label_vi", sa.Text, nullable=False),
    sa.Column("message_vi", sa.Text, nullable=False),
    sa.Column("message_en", sa.Text, nullable=False),
    sa.Column("sql_sha256", sa.Text, comment="NULL for intake rules, which the reader applies"),
    comment="Catalogue of the rules of intake and of the gates.",
)
ref_tolerance = reference_table(
    "ref_tolerance",
    sa.Column("tolerance_code", sa.Text, nullable=False),
    sa.Column("value", sa.Numeric, nullable=False),
    sa.Column("unit", sa.Text, nullable=False),
    comment="Tolerances of the rules.",
)
ref_waiver = reference_table(
    "ref_waiver",
    sa.Column("rule_id", sa.Text, nullable=False),
    sa.Column("agency_code", sa.Text, nullable=False, comment="'*' = any"),
    sa.Column("period_id", sa.Text, nullable=False, comment="'*' = any"),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("valid_to", sa.Date, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("granted_by", sa.Text, nullable=False),
    comment="Dated waivers of waivable rules.",
)
