"""What came in: deliveries, what they turned out to be, decisions on them."""

from __future__ import annotations

import sqlalchemy as sa

from warehouse.schema.base import now, table

period_opened = table(
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
delivery = table(
    "raw",
    "delivery",
    sa.Column(
        "delivery_id",
        sa.BigInteger,
        primary_key=True,
        autoincrement=False,
        comment="1, 2, 3 … in order of arrival, allotted under the intake's lock: no number is ever missing",
    ),
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
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False, server_default=now()),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.UniqueConstraint(
        "source_path", "sha256", "source_modified_at", name="one_arrival", postgresql_nulls_not_distinct=True
    ),
    comment="One arrival of one file; its bytes are in the archive under their sha256 before anything reads them.",
)


def next_delivery_id() -> sa.ScalarSelect[int]:
    """The number of the next arrival; sure only under the intake's lock."""
    return sa.select(sa.func.coalesce(sa.func.max(delivery.c.delivery_id), 0) + 1).scalar_subquery()


reading = table(
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
    sa.Column("read_at", sa.DateTime(timezone=True), nullable=False, server_default=now()),
    sa.Column("run_id", sa.Text, nullable=False),
    comment="What one delivery turned out to be. A delivery without a reading was interrupted and is read again.",
)
delivery_decision = table(
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
answer = table(
    "raw",
    "answer",
    sa.Column("delivery_id", sa.BigInteger, sa.ForeignKey("raw.delivery.delivery_id"), nullable=False),
    sa.Column(
        "answer_no", sa.SmallInteger, nullable=False, comment="1 = what intake found; then what builds add"
    ),
    sa.Column(
        "build_id", sa.BigInteger, comment="the build whose findings are told; NULL = those of intake alone"
    ),
    sa.Column(
        "findings_sha256",
        sa.Text,
        nullable=False,
        comment="of the findings told: equal = nothing to tell anew",
    ),
    sa.Column("receipt_path", sa.Text, nullable=False, comment="page below the answers' folder"),
    sa.Column("receipt_sha256", sa.Text, nullable=False),
    sa.Column("workbook_path", sa.Text, comment="marked workbook; NULL where the file could not be opened"),
    sa.Column("workbook_sha256", sa.Text),
    sa.Column(
        "workbook_kind",
        sa.Text,
        comment="own = the delivered workbook, marked; copy = a marked .xlsx of another kind of file; "
        "fallback = a copy because the delivered .xlsx could not be marked",
    ),
    sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False, server_default=now()),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.PrimaryKeyConstraint("delivery_id", "answer_no"),
    comment="What an agency was told about a delivery: its receipt and its own workbook with the findings marked.",
)
