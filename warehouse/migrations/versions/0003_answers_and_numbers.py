"""Answers to agencies; deliveries and findings are numbered without gaps.

A number that a rolled-back transaction had drawn left a gap, so that an interrupted intake and an undisturbed
one gave different rows.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table raw.delivery alter column delivery_id drop identity")
    op.alter_column(
        "delivery",
        "delivery_id",
        comment="1, 2, 3 … in order of arrival, allotted under the intake's lock: no number is ever missing",
        schema="raw",
    )
    op.add_column(
        "intake_finding",
        sa.Column("finding_no", sa.Integer(), nullable=True, comment="within the delivery, from 1"),
        schema="raw",
    )
    op.execute(
        "update raw.intake_finding as f set finding_no = n.finding_no from ("
        " select finding_id, row_number() over (partition by delivery_id order by finding_id) as finding_no"
        " from raw.intake_finding) as n where n.finding_id = f.finding_id"
    )
    op.drop_column("intake_finding", "finding_id", schema="raw")
    op.alter_column("intake_finding", "finding_no", nullable=False, schema="raw")
    op.create_primary_key(
        "intake_finding_pkey", "intake_finding", ["delivery_id", "finding_no"], schema="raw"
    )
    op.create_table(
        "answer",
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "answer_no",
            sa.SmallInteger(),
            nullable=False,
            comment="1 = what intake found; then what builds add",
        ),
        sa.Column(
            "build_id",
            sa.BigInteger(),
            nullable=True,
            comment="the build whose findings are told; NULL = those of intake alone",
        ),
        sa.Column(
            "findings_sha256",
            sa.Text(),
            nullable=False,
            comment="of the findings told: equal = nothing to tell anew",
        ),
        sa.Column("receipt_path", sa.Text(), nullable=False, comment="page below the answers' folder"),
        sa.Column("receipt_sha256", sa.Text(), nullable=False),
        sa.Column(
            "workbook_path",
            sa.Text(),
            nullable=True,
            comment="marked workbook; NULL where the file could not be opened",
        ),
        sa.Column("workbook_sha256", sa.Text(), nullable=True),
        sa.Column(
            "workbook_kind",
            sa.Text(),
            nullable=True,
            comment="own = the delivered workbook, marked; copy = a marked .xlsx of another kind of file; "
            "fallback = a copy because the delivered .xlsx could not be marked",
        ),
        sa.Column(
            "answered_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["raw.delivery.delivery_id"]),
        sa.PrimaryKeyConstraint("delivery_id", "answer_no"),
        schema="raw",
        comment="What an agency was told about a delivery: its receipt and its own workbook with the findings marked.",
    )
