"""Tables of the schemas `raw` and `audit`, and of `published`, as SQLAlchemy Core metadata.

Everything here is append-only: a row once written is neither changed nor deleted, and no role that a
service logs in as may do so. What is *current* is computed downstream (dbt, `staging`).

Conventions
-----------
- A reference table (`ref_*`) holds every version of a data set; `version_id` says which load a row came with.
  The newest version of each data set is the one in force.
- A row table (`*_row`) holds one sheet row of one delivery: `given` is the text as delivered by column code,
  the typed columns are what was read (NULL = not reported, or not readable: then there is a finding).
- A cell's address is `section.column_map ->> column_code` followed by `sheet_row`.
- Counts are whole numbers; `*_percent` is 0-100, `*_rate` is 0-1; all times are `timestamptz`.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata = sa.MetaData()


def _now() -> Any:
    return sa.text("clock_timestamp()")


def _table(schema: str, name: str, *columns: Any, comment: str) -> sa.Table:
    return sa.Table(name, metadata, *columns, schema=schema, comment=comment)


def _ref(name: str, *columns: Any, comment: str) -> sa.Table:
    """A reference table: every version of every row, with the source that it was taken from."""
    return _table(
        "raw",
        name,
        sa.Column("version_id", sa.BigInteger, sa.ForeignKey("raw.ref_version.version_id"), nullable=False),
        *columns,
        sa.Column("source", sa.Text, comment="document and section, or data set, the row was taken from"),
        sa.Column(
            "assumed", sa.Boolean, nullable=False, server_default=sa.false(), comment="no document says so"
        ),
        comment=comment,
    )


ref_version = _table(
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
    sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False, server_default=_now()),
    sa.Column("run_id", sa.Text, nullable=False),
    comment="One load of one reference data set; the same content twice is one version.",
)

# ---------------------------------------------------------------- agencies, calendar, fields, areas
ref_agency = _ref(
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
ref_agency_name = _ref(
    "ref_agency_name",
    sa.Column("agency_key", sa.Integer, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("match_key", sa.Text, nullable=False, comment="warehouse.text.match_key(name)"),
    sa.Column("name_kind", sa.Text, nullable=False, comment="official, variant, head_title"),
    comment="Every way an agency is written, official name included.",
)
ref_collective = _ref(
    "ref_collective",
    sa.Column("collective_code", sa.Text, nullable=False),
    sa.Column("collective_label", sa.Text, nullable=False),
    sa.Column("parent_agency_key", sa.Integer, nullable=False),
    sa.Column(
        "agency_kind", sa.Text, nullable=False, comment="one row per kind of agency that belongs to it"
    ),
    comment="Open collectives ('the heads of agencies and units …'): members are the agencies of a kind below a parent.",
)
ref_period = _ref(
    "ref_period",
    sa.Column("period_id", sa.Text, nullable=False),
    sa.Column("jurisdiction_code", sa.Text, nullable=False),
    sa.Column("period_kind", sa.Text, nullable=False, comment="Q1, H1, Q3, 9M, Y, Q2, Q4"),
    sa.Column("label_vi", sa.Text, nullable=False),
    sa.Column("label_en", sa.Text, nullable=False),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column(
        "period_order", sa.Integer, nullable=False, comment="order of the review within the year, from 1"
    ),
    sa.Column("window_start", sa.Date, nullable=False),
    sa.Column("window_end", sa.Date, nullable=False, comment="cut-off, inclusive"),
    sa.Column(
        "calendar_end",
        sa.Date,
        nullable=False,
        comment="last day of the calendar quarter that closes the period",
    ),
    sa.Column(
        "review_date", sa.Date, nullable=False, comment="the review's day: states of tasks age no further"
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
    comment="Reporting periods with their data windows.",
)
ref_period_due = _ref(
    "ref_period_due",
    sa.Column("period_id", sa.Text, nullable=False),
    sa.Column("jurisdiction_code", sa.Text, nullable=False),
    sa.Column(
        "agency_kind",
        sa.Text,
        nullable=False,
        comment="whose due date; '*' = every kind without one of its own",
    ),
    sa.Column("due_date", sa.Date, nullable=False, comment="end of day, Asia/Ho_Chi_Minh, inclusive"),
    comment="When each kind of agency owes a period's report to its consolidating unit.",
)
ref_field = _ref(
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
ref_field_name = _ref(
    "ref_field_name",
    sa.Column("field_code", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("match_key", sa.Text, nullable=False),
    comment="Every way a procedure field is written.",
)
ref_area = _ref(
    "ref_area",
    sa.Column("area_code", sa.Text, nullable=False, comment="0-7, X, K (see the reform areas of the domain)"),
    sa.Column("label_vi", sa.Text, nullable=False),
    sa.Column("label_en", sa.Text, nullable=False),
    sa.Column("sort_order", sa.Integer, nullable=False),
    comment="Reform areas (chuyên đề) common to all plans.",
)

# ---------------------------------------------------------------- plan catalogue
ref_plan = _ref(
    "ref_plan",
    sa.Column("plan_code", sa.Text, nullable=False),
    sa.Column("jurisdiction_code", sa.Text, nullable=False),
    sa.Column("consolidating_agency_key", sa.Integer, nullable=False),
    sa.Column("document_number", sa.Text, nullable=False),
    sa.Column("document_date", sa.Date, nullable=False),
    sa.Column("issuer", sa.Text, nullable=False),
    sa.Column("label_vi", sa.Text, nullable=False),
    sa.Column("year_from", sa.Integer, nullable=False),
    sa.Column("year_to", sa.Integer, nullable=False),
    comment="Plans, one row each.",
)
ref_task = _ref(
    "ref_task",
    sa.Column("plan_code", sa.Text, nullable=False),
    sa.Column("task_code", sa.Text, nullable=False),
    sa.Column("stt", sa.Text, nullable=False),
    sa.Column("task_order", sa.Integer, nullable=False),
    sa.Column("area_code", sa.Text, nullable=False),
    sa.Column("task_label", sa.Text, nullable=False, comment="short, in our own words"),
    sa.Column("product_label", sa.Text, comment="short, in our own words"),
    sa.Column("deadline_label", sa.Text, nullable=False, comment="the deadline as read, in Vietnamese"),
    sa.Column("citation", sa.Text, nullable=False),
    comment="Tasks of the plans; a parent row of a plan is no task and is not here.",
)
ref_task_agency = _ref(
    "ref_task_agency",
    sa.Column("plan_code", sa.Text, nullable=False),
    sa.Column("task_code", sa.Text, nullable=False),
    sa.Column("task_role", sa.Text, nullable=False, comment="lead, cooperate"),
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
ref_obligation = _ref(
    "ref_obligation",
    sa.Column("plan_code", sa.Text, nullable=False),
    sa.Column("task_code", sa.Text, nullable=False),
    sa.Column("obligation_no", sa.Integer, nullable=False, comment="1 …; a report's '#n' names milestone n"),
    sa.Column(
        "obligation_kind",
        sa.Text,
        nullable=False,
        comment="milestone, recurring, whole_year, on_event, external",
    ),
    sa.Column("obligation_label", sa.Text, nullable=False),
    sa.Column("due_date", sa.Date, comment="NULL for on_event and external"),
    sa.Column("due_year", sa.Integer, nullable=False),
    sa.Column("due_quarter", sa.Integer, comment="recurring only: the calendar quarter it falls in"),
    sa.Column("is_ongoing", sa.Boolean, nullable=False, comment="goes on in the years after"),
    comment="What a task's deadline obliges each lead agency to, by date or by quarter.",
)
ref_target = _ref(
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
        "unit", sa.Text, nullable=False, comment="percent, count, count_per_quarter, rank, score, date, none"
    ),
    sa.Column("low_value", sa.Numeric, comment="in the unit; the bound of a one-sided comparator"),
    sa.Column("high_value", sa.Numeric, comment="range only"),
    sa.Column("baseline_value", sa.Numeric),
    sa.Column("baseline_year", sa.Integer),
    sa.Column("scope_level", sa.Text, nullable=False, comment="district, department, ward, unit, field"),
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
        comment="what of that source: on_time, late, apology, satisfied, satisfied_service, feedback_answered, feedback_published",
    ),
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
    sa.Column("citation", sa.Text, nullable=False, comment="main citation: document number, section"),
    sa.Column("also_cited", ARRAY(sa.Text), nullable=False, server_default="{}"),
    comment="Targets of the plans, one row per target and year.",
)
official_text = _table(
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
    sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False, server_default=_now()),
    comment="Official wording, read from the document at run time (cchc plans import).",
)
ref_rule = _ref(
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
ref_tolerance = _ref(
    "ref_tolerance",
    sa.Column("tolerance_code", sa.Text, nullable=False),
    sa.Column("value", sa.Numeric, nullable=False),
    sa.Column("unit", sa.Text, nullable=False),
    comment="Tolerances of the rules.",
)
ref_waiver = _ref(
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

# ---------------------------------------------------------------- deliveries
period_opened = _table(
    "raw",
    "period_opened",
    sa.Column("period_id", sa.Text, nullable=False),
    sa.Column("agency_key", sa.Integer, nullable=False, comment="the agency that the form was issued to"),
    sa.Column("form_code", sa.Text, nullable=False),
    sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("file_name", sa.Text, nullable=False),
    sa.Column("file_sha256", sa.Text, nullable=False),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.PrimaryKeyConstraint("agency_key", "period_id", "form_code"),
    comment="Forms issued: a period is open for an agency once its form is issued.",
)
delivery = _table(
    "raw",
    "delivery",
    sa.Column("delivery_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("channel", sa.Text, nullable=False, comment="landing, cli"),
    sa.Column("source_name", sa.Text, nullable=False, comment="file name as it came; means nothing"),
    sa.Column("source_path", sa.Text, nullable=False, comment="path below the landing zone"),
    sa.Column(
        "source_modified_at", sa.DateTime(timezone=True), comment="the file's own time; proves nothing"
    ),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("archive_path", sa.Text, nullable=False, comment="path below the archive"),
    sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column(
        "received_stated",
        sa.Boolean,
        nullable=False,
        comment="somebody stated received_at: a file of the past",
    ),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False, server_default=_now()),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.UniqueConstraint(
        "source_path", "sha256", "source_modified_at", name="one_arrival", postgresql_nulls_not_distinct=True
    ),
    comment="One arrival of one file; its bytes are in the archive under their sha256 before anything reads them.",
)
reading = _table(
    "raw",
    "reading",
    sa.Column("delivery_id", sa.BigInteger, sa.ForeignKey("raw.delivery.delivery_id"), primary_key=True),
    sa.Column("agency_key", sa.Integer, nullable=False, comment="0 = not established"),
    sa.Column("period_id", sa.Text, comment="NULL = not established"),
    sa.Column("form_code", sa.Text),
    sa.Column("report_kind", sa.Text, comment="first, replacement, supplement"),
    sa.Column("amends", sa.Text),
    sa.Column("report_date", sa.Date),
    sa.Column("document_number", sa.Text),
    sa.Column("prepared_by", sa.Text),
    sa.Column("signed_by", sa.Text),
    sa.Column("signer_title", sa.Text),
    sa.Column("content_sha256", sa.Text, comment="of the content as read: the same after a re-save"),
    sa.Column(
        "verdict",
        sa.Text,
        nullable=False,
        comment="accepted, accepted_with_findings, held, refused, duplicate",
    ),
    sa.Column("verdict_reason_vi", sa.Text),
    sa.Column("duplicate_of", sa.BigInteger),
    sa.Column("read_at", sa.DateTime(timezone=True), nullable=False, server_default=_now()),
    sa.Column("run_id", sa.Text, nullable=False),
    comment="What one delivery turned out to be. A delivery without a reading was interrupted and is read again.",
)
delivery_decision = _table(
    "raw",
    "delivery_decision",
    sa.Column("decision_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("delivery_id", sa.BigInteger, sa.ForeignKey("raw.delivery.delivery_id"), nullable=False),
    sa.Column("decision", sa.Text, nullable=False, comment="accept, reject; the last one counts"),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
    comment="Decisions of people on held deliveries.",
)
section = _table(
    "raw",
    "section",
    sa.Column("delivery_id", sa.BigInteger, sa.ForeignKey("raw.delivery.delivery_id"), nullable=False),
    sa.Column("sheet_no", sa.SmallInteger, nullable=False, comment="position in the workbook, from 1"),
    sa.Column("agency_key", sa.Integer, nullable=False),
    sa.Column("period_id", sa.Text, nullable=False),
    sa.Column(
        "sheet_code",
        sa.Text,
        nullable=False,
        comment="info, task, target, dossier, satisfaction, feedback, figure, assessment",
    ),
    sa.Column("sheet_name", sa.Text, nullable=False, comment="as the workbook names it"),
    sa.Column("is_hidden", sa.Boolean, nullable=False),
    sa.Column("header_row", sa.Integer, comment="last row of the headings"),
    sa.Column("column_map", JSONB, nullable=False, comment="column code → column letters"),
    sa.Column("rows_read", sa.Integer, nullable=False),
    sa.Column("rows_loaded", sa.Integer, nullable=False),
    sa.Column("rows_held", sa.Integer, nullable=False),
    sa.Column("rows_structure", sa.Integer, nullable=False),
    sa.PrimaryKeyConstraint("agency_key", "delivery_id", "sheet_no"),
    comment="One sheet of one delivery: rows read = loaded + held + structure.",
)


def _rows(name: str, *columns: Any, comment: str) -> sa.Table:
    """A table of sheet rows: which delivery, sheet and row, the values read, the text as delivered."""
    return _table(
        "raw",
        name,
        sa.Column("delivery_id", sa.BigInteger, nullable=False),
        sa.Column("sheet_no", sa.SmallInteger, nullable=False),
        sa.Column("sheet_row", sa.Integer, nullable=False, comment="row number in the sheet, from 1"),
        sa.Column("agency_key", sa.Integer, nullable=False),
        sa.Column("period_id", sa.Text, nullable=False),
        *columns,
        sa.Column(
            "given",
            JSONB,
            nullable=False,
            comment="text as delivered, by column code; unknown columns as '+heading'",
        ),
        sa.PrimaryKeyConstraint("agency_key", "delivery_id", "sheet_no", "sheet_row"),
        comment=comment,
    )


def _count(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger)


task_row = _rows(
    "task_row",
    sa.Column("task_code", sa.Text, nullable=False),
    sa.Column("obligation_no", sa.Integer, comment="the milestone a '#n' names; NULL = the whole task"),
    sa.Column("status", sa.Text, comment="not_started, running, done, not_arisen, paused"),
    sa.Column("progress_percent", sa.Numeric),
    sa.Column("product", sa.Text),
    sa.Column("document_number", sa.Text),
    sa.Column("completed_on", sa.Date, comment="the last day where only a month, quarter or year was given"),
    sa.Column("completed_on_precision", sa.Text, comment="day, month, quarter, year"),
    sa.Column("difficulty", sa.Text),
    sa.Column("note", sa.Text),
    sa.Column("evidence", sa.Text),
    comment="Sheet Nhiệm vụ, one row per reported task or milestone.",
)
target_row = _rows(
    "target_row",
    sa.Column("target_code", sa.Text, nullable=False),
    sa.Column("field_name", sa.Text),
    sa.Column("field_code", sa.Text),
    sa.Column("unit", sa.Text),
    sa.Column("numerator", sa.Numeric),
    sa.Column("denominator", sa.Numeric),
    sa.Column("reported_value", sa.Numeric, comment="in the target's unit (percent 0-100)"),
    sa.Column("reported_date", sa.Date),
    sa.Column("note", sa.Text),
    comment="Sheet Chỉ tiêu, one row per target, or per target and field.",
)
dossier_row = _rows(
    "dossier_row",
    sa.Column("field_name", sa.Text, nullable=False),
    sa.Column("field_code", sa.Text, comment="NULL = a field that the list does not know"),
    _count("received_total"),
    _count("received_online"),
    _count("received_direct"),
    _count("carried_over"),
    _count("resolved_total"),
    _count("resolved_early"),
    _count("resolved_on_time"),
    _count("resolved_late"),
    _count("pending_total"),
    _count("pending_in_time"),
    _count("pending_overdue"),
    _count("apology_letters"),
    comment="Sheet Hồ sơ TTHC (biểu II.06a/VPCP/KSTT, columns 3-13, and letters), one row per field.",
)
satisfaction_row = _rows(
    "satisfaction_row",
    sa.Column("field_name", sa.Text),
    sa.Column("field_code", sa.Text),
    sa.Column("survey_content", sa.Text, nullable=False, comment="service, procedure, health, education"),
    _count("sent"),
    _count("returned"),
    _count("valid"),
    _count("satisfied"),
    sa.Column("note", sa.Text),
    comment="Sheet Hài lòng, one row per field and survey content.",
)
feedback_row = _rows(
    "feedback_row",
    sa.Column("channel_name", sa.Text, nullable=False),
    sa.Column("channel_code", sa.Text, comment="dvcqg, 1022, direct; NULL = unknown"),
    sa.Column("feedback_kind", sa.Text, nullable=False, comment="regulation, other, not_stated"),
    _count("carried_over"),
    _count("received"),
    _count("resolved_on_time"),
    _count("resolved_late"),
    _count("pending"),
    _count("pending_overdue"),
    _count("published"),
    comment="Sheet Phản ánh, kiến nghị, one row per channel and kind.",
)
figure_row = _rows(
    "figure_row",
    sa.Column("indicator_code", sa.Text, nullable=False),
    sa.Column("indicator_label", sa.Text),
    sa.Column("unit", sa.Text),
    sa.Column("numerator", sa.Numeric),
    sa.Column("denominator", sa.Numeric),
    sa.Column("value", sa.Numeric),
    sa.Column("note", sa.Text),
    comment="Sheet Số liệu khác.",
)
assessment_row = _rows(
    "assessment_row",
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("results", sa.Text),
    sa.Column("limits", sa.Text),
    sa.Column("causes", sa.Text),
    sa.Column("solutions", sa.Text),
    sa.Column("next_tasks", sa.Text),
    sa.Column("proposals", sa.Text),
    comment="Sheet Đánh giá: texts for the review.",
)
held_row = _rows(
    "held_row",
    sa.Column("rule_id", sa.Text, nullable=False),
    comment="Rows whose identity could not be established: kept whole, not loaded.",
)
intake_finding = _table(
    "raw",
    "intake_finding",
    sa.Column("finding_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("delivery_id", sa.BigInteger, sa.ForeignKey("raw.delivery.delivery_id"), nullable=False),
    sa.Column("agency_key", sa.Integer, nullable=False, comment="0 = not established"),
    sa.Column("period_id", sa.Text),
    sa.Column("sheet_no", sa.SmallInteger),
    sa.Column("sheet_name", sa.Text),
    sa.Column("cell", sa.Text, comment="A1 address; NULL = the sheet or the file as a whole"),
    sa.Column("rule_id", sa.Text, nullable=False),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("given", sa.Text),
    sa.Column("expected", sa.Text),
    sa.Column("message_vi", sa.Text, nullable=False),
    comment="What the reader found in a delivery.",
)

# ---------------------------------------------------------------- audit
run_event = _table(
    "audit",
    "run_event",
    sa.Column("event_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column(
        "run_kind", sa.Text, nullable=False, comment="register_plans, issue_forms, ingest, build, review"
    ),
    sa.Column("event", sa.Text, nullable=False, comment="started, finished, failed"),
    sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False, server_default=_now()),
    sa.Column("as_of", sa.DateTime(timezone=True)),
    sa.Column("detail", JSONB, nullable=False, server_default="{}"),
    comment="Run ledger.",
)
build = _table(
    "audit",
    "build",
    sa.Column("build_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
    sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False, server_default=_now()),
    sa.Column("full_refresh", sa.Boolean, nullable=False),
    sa.Column(
        "fingerprint",
        sa.Text,
        nullable=False,
        comment="of all that the build depends on: equal = nothing changed",
    ),
    sa.Column(
        "models_sha256",
        sa.Text,
        nullable=False,
        comment="of the dbt project: other models mean a full refresh",
    ),
    sa.Column("rules_sha256", sa.Text, nullable=False, comment="of the rules of the gates"),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("run_id", sa.Text, nullable=False),
    comment="One build of the warehouse; a newer build supersedes an unfinished older one.",
)
build_step = _table(
    "audit",
    "build_step",
    sa.Column("event_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("build_id", sa.BigInteger, sa.ForeignKey("audit.build.build_id"), nullable=False),
    sa.Column(
        "step",
        sa.Text,
        nullable=False,
        comment="audit_raw, core, audit_core, candidate, audit_candidate, promote",
    ),
    sa.Column("outcome", sa.Text, nullable=False, comment="done, failed"),
    sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False, server_default=_now()),
    sa.Column("detail", JSONB, nullable=False, server_default="{}"),
    comment="Steps of a build; the step `promote` done means that its marts were served.",
)
expectation_result = _table(
    "audit",
    "expectation_result",
    sa.Column("result_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("build_id", sa.BigInteger, sa.ForeignKey("audit.build.build_id"), nullable=False),
    sa.Column("gate", sa.Text, nullable=False),
    sa.Column("rule_id", sa.Text, nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("success", sa.Boolean, nullable=False),
    sa.Column("unexpected_count", sa.Integer, nullable=False),
    sa.Column("waived_count", sa.Integer, nullable=False),
    sa.Column("ran_at", sa.DateTime(timezone=True), nullable=False, server_default=_now()),
    comment="One rule at one gate of one build.",
)
expectation_finding = _table(
    "audit",
    "expectation_finding",
    sa.Column("finding_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("build_id", sa.BigInteger, sa.ForeignKey("audit.build.build_id"), nullable=False),
    sa.Column("gate", sa.Text, nullable=False),
    sa.Column("rule_id", sa.Text, nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("agency_key", sa.Integer, nullable=False, comment="0 = no agency"),
    sa.Column("period_id", sa.Text),
    sa.Column("delivery_id", sa.BigInteger),
    sa.Column("sheet_name", sa.Text),
    sa.Column("cell", sa.Text),
    sa.Column("given", sa.Text),
    sa.Column("expected", sa.Text),
    sa.Column("message_vi", sa.Text, nullable=False),
    sa.Column("is_waived", sa.Boolean, nullable=False),
    comment="Every offending row of every rule, at every gate of a build.",
)
hold = _table(
    "audit",
    "hold",
    sa.Column("hold_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("delivery_id", sa.BigInteger, sa.ForeignKey("raw.delivery.delivery_id"), nullable=False),
    sa.Column("rule_id", sa.Text, nullable=False),
    sa.Column("build_id", sa.BigInteger, sa.ForeignKey("audit.build.build_id"), nullable=False),
    sa.Column("reason_vi", sa.Text, nullable=False),
    sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False, server_default=_now()),
    comment="A fatal finding of scope delivery holds it; a later decision on the delivery lifts the hold.",
)

# ---------------------------------------------------------------- published
publication = _table(
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
