"""The ledger of runs and builds, results of the rules, holds."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from warehouse.schema.base import now, table

run_event = table(
    "audit",
    "run_event",
    sa.Column("event_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column(
        "run_kind", sa.Text, nullable=False, comment="register_plans, issue_forms, ingest, build, review"
    ),
    sa.Column("event", sa.Text, nullable=False, comment="started, finished, failed"),
    sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False, server_default=now()),
    sa.Column("as_of", sa.DateTime(timezone=True)),
    sa.Column("detail", JSONB, nullable=False, server_default="{}"),
    comment="Run ledger.",
)
build = table(
    "audit",
    "build",
    sa.Column("build_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
    sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False, server_default=now()),
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
build_step = table(
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
    sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False, server_default=now()),
    sa.Column("detail", JSONB, nullable=False, server_default="{}"),
    comment="Steps of a build; the step `promote` done means that its marts were served.",
)
expectation_result = table(
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
    sa.Column("ran_at", sa.DateTime(timezone=True), nullable=False, server_default=now()),
    comment="One rule at one gate of one build.",
)
expectation_finding = table(
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
hold = table(
    "audit",
    "hold",
    sa.Column("hold_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("delivery_id", sa.BigInteger, sa.ForeignKey("raw.delivery.delivery_id"), nullable=False),
    sa.Column("rule_id", sa.Text, nullable=False),
    sa.Column("build_id", sa.BigInteger, sa.ForeignKey("audit.build.build_id"), nullable=False),
    sa.Column("reason_vi", sa.Text, nullable=False),
    sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False, server_default=now()),
    comment="A fatal finding of scope delivery holds it; a later decision on the delivery lifts the hold.",
)
