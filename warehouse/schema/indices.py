"""External indices: what they are, and what the jurisdictions scored."""

from __future__ import annotations

import sqlalchemy as sa

from warehouse.schema.base import reference_table

ref_index = reference_table(
    "ref_index",
    sa.Column("index_code", sa.Text, nullable=False, comment="PAR, PAPI, SIPAS, 766"),
    sa.Column("content_no", sa.Integer, nullable=False, comment="0 = the index as a whole"),
    sa.Column("label_vi", sa.Text, nullable=False),
    sa.Column("label_en", sa.Text, nullable=False),
    sa.Column("unit", sa.Text, nullable=False, comment="score, percent"),
    sa.Column("publisher", sa.Text, nullable=False),
    comment="External indices and their contents, one row each.",
)
ref_index_result = reference_table(
    "ref_index_result",
    sa.Column("index_code", sa.Text, nullable=False),
    sa.Column("content_no", sa.Integer, nullable=False, comment="0 = the index as a whole"),
    sa.Column("jurisdiction_code", sa.Text, nullable=False),
    sa.Column("year", sa.Integer, nullable=False, comment="the year that the index measures"),
    sa.Column("score", sa.Numeric),
    sa.Column("rank", sa.Integer),
    sa.Column("ranked_of", sa.Integer, comment="how many provinces were ranked: 63, since 7/2025 34"),
    comment="What a jurisdiction scored, one row per index, content, jurisdiction and year.",
)
