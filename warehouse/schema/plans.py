"""The plan catalogue."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from warehouse.schema.base import now, reference_table, table

ref_plan = reference_table(
    "ref_plan",
    sa.Column("plan_code", sa.Text, nullable=False),
    sa.Column("jurisdiction_code", sa.Text, nullable=False),
    sa.Column("consolidating_agency_key", sa.Integer, nullable=False),
    sa.Column("document_number", sa.Text, comment="NULL = lost with the document's head"),
    sa.Column("document_date", sa.Date, comment="NULL = lost with the document's head"),
    sa.Column(
        "cited_as", sa.Text, nullable=False, comment="what citations begin with: its number, or its plan code"
    ),
    sa.Column("issuer", sa.Text, nullable=False),
    sa.Column("label_vi", sa.Text, nullable=False),
    sa.Column("year_from", sa.Integer, nullable=False),
    sa.Column("year_to", sa.Integer, nullable=False),
    comment="Plans, one row each.",
)
ref_plan_area = reference_table(
    "ref_plan_area",
    sa.Column("plan_code", sa.Text, nullable=False),
    sa.Column("plan_group", sa.Text, nullable=False, comment="a part of the plan: sections that begin so"),
    sa.Column("group_label", sa.Text, nullable=False, comment="short, in our own words"),
    sa.Column("area_code", sa.Text, nullable=False),
    comment="How each plan's own groups map onto the common reform areas.",
)
ref_task = reference_table(
    "ref_task",
    sa.Column("plan_code", sa.Text, nullable=False),
    sa.Column("task_code", sa.Text, nullable=False),
    sa.Column("stt", sa.Text, nullable=False),
    sa.Column(
        "task_kind",
        sa.Text,
        nullable=False,
        comment="task (row of an appendix), duty (assigned in the text), standing (held without end, owes no row)",
    ),
    sa.Column("task_order", sa.Integer, nullable=False),
    sa.Column("area_code", sa.Text, nullable=False),
    sa.Column("task_label", sa.Text, nullable=False, comment="short, in our own words"),
    sa.Column("product_label", sa.Text, comment="short, in our own words"),
    sa.Column("deadline_label", sa.Text, nullable=False, comment="the deadline as read, in Vietnamese"),
    sa.Column("citation", sa.Text, nullable=False),
    comment="Tasks of the plans; a parent row of a plan is no task and is not here.",
)
ref_task_agency = reference_table(
    "ref_task_agency",
    sa.Column("plan_code", sa.Text, nullable=False),
    sa.Column("task_code", sa.Text, nullable=False),
    sa.Column("task_role", sa.Text, nullable=False, comment="lead, cooperate, implement"),
    sa.Column("member_order", sa.Integer, nullable=False),
    sa.Column(
        "resolution",
        sa.Text,
        nullable=False,
        comment="agency, collective, reported_by (body that is no agency), unresolved",
    ),
    sa.Column("agency_key", sa.Integer, comment="agency and reported_by; NULL otherwise"),
    sa.Column("collective_code", sa.Text, comment="collective only"),
    sa.Column("body_label", sa.Text, comment="a body that is no agency, as the plan names it"),
    comment="Who leads and who cooperates, as the plan names them.",
)
ref_obligation = reference_table(
    "ref_obligation",
    sa.Column("plan_code", sa.Text, nullable=False),
    sa.Column("task_code", sa.Text, nullable=False),
    sa.Column("obligation_no", sa.Integer, nullable=False, comment="1 …; a report's '#n' names milestone n"),
    sa.Column(
        "obligation_kind",
        sa.Text,
        nullable=False,
        comment="milestone, recurring, whole_year, on_event, external, ongoing, standing",
    ),
    sa.Column("obligation_label", sa.Text, nullable=False),
    sa.Column("due_date", sa.Date, comment="NULL where the kind has none"),
    sa.Column("due_year", sa.Integer, nullable=False),
    sa.Column("due_quarter", sa.Integer, comment="recurring only: the calendar quarter it falls in"),
    sa.Column("is_ongoing", sa.Boolean, nullable=False, comment="goes on in the years after"),
    comment="What a task's deadline obliges each lead agency to, by date or by quarter.",
)
ref_target = reference_table(
    "ref_target",
    sa.Column("plan_code", sa.Text, nullable=False),
    sa.Column("target_code", sa.Text, nullable=False),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("target_order", sa.Integer, nullable=False),
    sa.Column("area_code", sa.Text, nullable=False),
    sa.Column("target_label", sa.Text, nullable=False, comment="short, in our own words"),
    sa.Column("indicator_code", sa.Text, nullable=False),
    sa.Column(
        "comparator", sa.Text, nullable=False, comment="gt, ge, eq, lt, le, range, rank_le, by_date, none"
    ),
    sa.Column("direction", sa.Text, nullable=False, comment="higher, lower, none"),
    sa.Column(
        "unit",
        sa.Text,
        nullable=False,
        comment="percent, percent_change, count, count_per_quarter, count_per_half, count_per_year, months, rank, score, score_change, date, none",
    ),
    sa.Column("low_value", sa.Numeric, comment="in the unit; the bound of a one-sided comparator"),
    sa.Column("high_value", sa.Numeric, comment="range only"),
    sa.Column("baseline_value", sa.Numeric),
    sa.Column("baseline_year", sa.Integer),
    sa.Column(
        "scope_level", sa.Text, nullable=False, comment="city, district, department, ward, unit, field"
    ),
    sa.Column("quantifier", sa.Text, nullable=False, comment="overall, every_field, every_agency"),
    sa.Column("field_groups", ARRAY(sa.Text), comment="the fields it singles out; NULL = all"),
    sa.Column("excluded_field_groups", ARRAY(sa.Text), comment="fields an exception takes out of it"),
    sa.Column(
        "only_agency_keys", ARRAY(sa.Integer), comment="agencies whose figures alone count; NULL = all"
    ),
    sa.Column("excluded_agency_keys", ARRAY(sa.Integer)),
    sa.Column("parent_target_code", sa.Text),
    sa.Column("overrides_target_code", sa.Text),
    sa.Column("is_measurable", sa.Boolean, nullable=False),
    sa.Column("is_ambiguous", sa.Boolean, nullable=False),
    sa.Column("ambiguity_reason", sa.Text),
    sa.Column(
        "fed_by",
        sa.Text,
        nullable=False,
        comment="dossier, satisfaction, feedback, task, target_row, figure, external, none",
    ),
    sa.Column(
        "measure",
        sa.Text,
        comment="what of that source: on_time, late, apology, satisfied, satisfied_service, satisfied_public_service, feedback_answered, feedback_published",
    ),
    sa.Column("index_code", sa.Text, comment="external only: PAR, PAPI, SIPAS, 766"),
    sa.Column("index_content_no", sa.Integer, comment="external only: a content of the index; 0 = the whole"),
    sa.Column("reporter_collective_code", sa.Text, comment="who reports it: a collective …"),
    sa.Column("reporter_agency_key", sa.Integer, comment="… or one agency"),
    sa.Column("numerator_label", sa.Text),
    sa.Column("denominator_label", sa.Text),
    sa.Column(
        "roll_up",
        sa.Text,
        nullable=False,
        comment="own (the owner's figure), sum (sum of counts), share_of_agencies, none",
    ),
    sa.Column("citation", sa.Text, nullable=False, comment="main citation: document, section"),
    sa.Column("also_cited", ARRAY(sa.Text), nullable=False, server_default="{}"),
    comment="Targets of the plans, one row per target and year.",
)
official_text = table(
    "raw",
    "official_text",
    sa.Column("text_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("plan_code", sa.Text, nullable=False),
    sa.Column("item_code", sa.Text, nullable=False, comment="task_code or target_code"),
    sa.Column("part", sa.Text, nullable=False, comment="wording, product, lead, cooperate, deadline"),
    sa.Column("wording", sa.Text, nullable=False),
    sa.Column("document_sha256", sa.Text, nullable=False),
    sa.Column("document_place", sa.Text, nullable=False, comment="lines of the document it was read from"),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False, server_default=now()),
    comment="Official wording, read from the document at run time (cchc plans import).",
)
ref_plan_finding = reference_table(
    "ref_plan_finding",
    sa.Column("plan_code", sa.Text, nullable=False),
    sa.Column("finding_no", sa.Integer, nullable=False),
    sa.Column("citations", ARRAY(sa.Text), nullable=False),
    sa.Column("says_vi", sa.Text, nullable=False, comment="what the document says, and what conflicts"),
    sa.Column("read_as_vi", sa.Text, nullable=False),
    sa.Column("why_vi", sa.Text, nullable=False),
    sa.Column(
        "check_code",
        sa.Text,
        comment="the check that computes it (see sources/plan_findings); NULL = found by reading",
    ),
    comment="Where a plan's document contradicts itself, another or arithmetic, and how it was read.",
)
document_finding = table(
    "raw",
    "document_finding",
    sa.Column("finding_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("plan_code", sa.Text, nullable=False),
    sa.Column("document_sha256", sa.Text, nullable=False),
    sa.Column("check_code", sa.Text, nullable=False),
    sa.Column(
        "subject", sa.Text, nullable=False, comment="what it is about: a cited document, a sum, a target"
    ),
    sa.Column("document_place", sa.Text, nullable=False, comment="lines of the document"),
    sa.Column("says_vi", sa.Text, nullable=False),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("found_at", sa.DateTime(timezone=True), nullable=False, server_default=now()),
    comment="What the checks compute from the text of a decision when it is imported.",
)
