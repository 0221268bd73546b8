"""Publications."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from warehouse.schema.base import table

publication = table(
    "published",
    "publication",
    sa.Column("publication_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("unit_code", sa.Text, nullable=False),
    sa.Column("period_id", sa.Text, nullable=False),
    sa.Column("version_no", sa.Integer, nullable=False),
    sa.Column("build_id", sa.BigInteger, nullable=False),
    sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
    sa.Column("manifest", JSONB, nullable=False),
    sa.Column("content_sha256", sa.Text, nullable=False),
    sa.Column("approved_by", sa.Text, nullable=False),
    sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("restatement_reason", sa.Text, comment="NULL for the first version"),
    sa.UniqueConstraint("unit_code", "period_id", "version_no"),
    comment="Publications: frozen once written.",
)
