"""Versions of the reference data."""

from __future__ import annotations

import sqlalchemy as sa

from warehouse.schema.base import now, table

ref_version = table(
    "raw",
    "ref_version",
    sa.Column("version_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column(
        "dataset",
        sa.Text,
        nullable=False,
        comment="agencies, calendar, fields, areas, plan:<plan_code>, rules …",
    ),
    sa.Column("content_sha256", sa.Text, nullable=False),
    sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False, server_default=now()),
    sa.Column("run_id", sa.Text, nullable=False),
    comment="One load of one reference data set; the same content twice is one version.",
)
