"""What the sheets of a delivery hold: sections, rows as delivered and as read, findings."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from warehouse.schema.base import table

section = table(
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
    return table(
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
intake_finding = table(
    "raw",
    "intake_finding",
    sa.Column("delivery_id", sa.BigInteger, sa.ForeignKey("raw.delivery.delivery_id"), nullable=False),
    sa.Column("finding_no", sa.Integer, nullable=False, comment="within the delivery, from 1"),
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
    sa.PrimaryKeyConstraint("delivery_id", "finding_no"),
    comment="What the reader found in a delivery.",
)
