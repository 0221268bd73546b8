"""Agencies over time: names, codes, collectives, who came after whom."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from warehouse.schema.base import reference_table

ref_agency = reference_table(
    "ref_agency",
    sa.Column(
        "agency_key",
        sa.Integer,
        nullable=False,
        comment="assigned once in the data file; 0 is the unknown agency",
    ),
    sa.Column("agency_code", sa.Text, nullable=False),
    sa.Column("jurisdiction_code", sa.Text, nullable=False),
    sa.Column("agency_name", sa.Text, nullable=False),
    sa.Column("short_name", sa.Text, nullable=False),
    sa.Column(
        "agency_kind",
        sa.Text,
        nullable=False,
        comment="people_committee, department, public_service, vertical, ward",
    ),
    sa.Column("agency_level", sa.Text, nullable=False, comment="city, district, commune"),
    sa.Column("parent_agency_key", sa.Integer),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("valid_to", sa.Date, comment="last day of validity; NULL = still valid"),
    sa.Column("sort_order", sa.Integer, nullable=False, comment="order of the administration's own lists"),
    sa.Column("sort_key", sa.Text, nullable=False, comment="Vietnamese alphabetical order, computed"),
    sa.Column(
        "reports", sa.Boolean, nullable=False, comment="owes the quarterly report to its consolidating unit"
    ),
    sa.Column("consolidates", sa.Boolean, nullable=False, comment="writes a review of the agencies below it"),
    comment="Agencies, one row per agency and span of validity.",
)
ref_agency_name = reference_table(
    "ref_agency_name",
    sa.Column("agency_key", sa.Integer, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column(
        "match_key", sa.Text, nullable=False, comment="sources.names.name_key(name): the words that decide"
    ),
    sa.Column(
        "name_kind",
        sa.Text,
        nullable=False,
        comment="official, variant, head_title, bare (without the word for its kind: 'UBND Bình Tân'), "
        "local (leans on the unit: 'UBND quận')",
    ),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("valid_to", sa.Date, comment="last day; NULL = still in use"),
    comment="Every way an agency is written, official name included, one row per name and span of validity.",
)
ref_collective = reference_table(
    "ref_collective",
    sa.Column("collective_code", sa.Text, nullable=False),
    sa.Column("collective_label", sa.Text, nullable=False),
    sa.Column("parent_agency_key", sa.Integer, nullable=False),
    sa.Column(
        "agency_kind", sa.Text, nullable=False, comment="one row per kind of agency that belongs to it"
    ),
    sa.Column(
        "agency_level",
        sa.Text,
        comment="and level: city, district, commune; NULL = any (a district's departments lie below the city too)",
    ),
    sa.Column(
        "is_direct",
        sa.Boolean,
        nullable=False,
        server_default=sa.text("false"),
        comment="only agencies right below the parent; else below it at any depth",
    ),
    comment="Open collectives ('the heads of agencies and units …'): members are the agencies of a kind below a parent.",
)

ref_agency_code = reference_table(
    "ref_agency_code",
    sa.Column("agency_key", sa.Integer, nullable=False),
    sa.Column("code_system", sa.Text, nullable=False, comment="gso: codes of the General Statistics Office"),
    sa.Column("code", sa.Text, nullable=False, comment="reused for other units in 2025: no key"),
    sa.Column("valid_from", sa.Date, nullable=False),
    sa.Column("valid_to", sa.Date, comment="last day; NULL = still in use"),
    comment="Codes that others give an agency, one row per code and span of validity.",
)
ref_agency_link = reference_table(
    "ref_agency_link",
    sa.Column(
        "predecessor_agency_key", sa.Integer, comment="NULL = a unit of another province, named in the label"
    ),
    sa.Column("predecessor_label", sa.Text, nullable=False, comment="the unit as its source names it"),
    sa.Column("successor_agency_key", sa.Integer, nullable=False),
    sa.Column("effective_on", sa.Date, nullable=False, comment="first day of the successor"),
    sa.Column(
        "weight",
        sa.Numeric,
        nullable=False,
        comment="part of the predecessor that went to this successor, 0-1; adds up to 1 over a predecessor",
    ),
    sa.Column("is_estimated", sa.Boolean, nullable=False, comment="no document gives the weight"),
    comment="Who came after whom, one row per predecessor and successor.",
)
ref_agency_count = reference_table(
    "ref_agency_count",
    sa.Column("jurisdiction_code", sa.Text, nullable=False),
    sa.Column("agency_level", sa.Text, nullable=False, comment="city, district, commune"),
    sa.Column("agency_kind", sa.Text, nullable=False),
    sa.Column("counted_on", sa.Date, nullable=False),
    sa.Column("known_count", sa.Integer, nullable=False, comment="how many there were, by the source"),
    sa.Column("missing_count", sa.Integer, nullable=False, comment="how many of them the list lacks"),
    sa.Column("missing_vi", sa.Text, comment="what the list lacks; NULL = it is whole"),
    sa.Column(
        "beside_agency_keys",
        ARRAY(sa.Integer),
        nullable=False,
        comment="agencies of the list that the source does not count",
    ),
    comment="How many agencies of a level and kind a jurisdiction had on a day, to hold the lists against.",
)
