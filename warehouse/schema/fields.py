"""Procedure fields and reform areas."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from warehouse.schema.base import reference_table

ref_field = reference_table(
    "ref_field",
    sa.Column("field_code", sa.Text, nullable=False),
    sa.Column("field_name", sa.Text, nullable=False),
    sa.Column(
        "field_group",
        sa.Text,
        comment="group that targets single out: land, construction, investment, complaints",
    ),
    sa.Column(
        "handled_by_kinds", ARRAY(sa.Text), nullable=False, comment="kinds of agency that handle it (assumed)"
    ),
    sa.Column(
        "handled_by_agency_keys", ARRAY(sa.Integer), nullable=False, comment="and single agencies (assumed)"
    ),
    sa.Column("sort_order", sa.Integer, nullable=False),
    comment="Procedure fields (lĩnh vực TTHC). The list is open: an unknown field counts under its own name.",
)
ref_field_name = reference_table(
    "ref_field_name",
    sa.Column("field_code", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("match_key", sa.Text, nullable=False),
    comment="Every way a procedure field is written.",
)
ref_area = reference_table(
    "ref_area",
    sa.Column("area_code", sa.Text, nullable=False, comment="0-7, X, K (see the reform areas of the domain)"),
    sa.Column("label_vi", sa.Text, nullable=False),
    sa.Column("label_en", sa.Text, nullable=False),
    sa.Column("sort_order", sa.Integer, nullable=False),
    comment="Reform areas (chuyên đề) common to all plans.",
)
