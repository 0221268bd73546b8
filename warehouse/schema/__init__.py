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

from warehouse.schema.agencies import (
    ref_agency,
    ref_agency_code,
    ref_agency_count,
    ref_agency_link,
    ref_agency_name,
    ref_collective,
)
from warehouse.schema.audit import build, build_step, expectation_finding, expectation_result, hold, run_event
from warehouse.schema.base import metadata
from warehouse.schema.calendar import ref_day_off, ref_period, ref_period_due, ref_round
from warehouse.schema.deliveries import (
    answer,
    delivery,
    delivery_decision,
    next_delivery_id,
    period_opened,
    reading,
)
from warehouse.schema.fields import ref_area, ref_field, ref_field_name
from warehouse.schema.indices import ref_index, ref_index_result
from warehouse.schema.plans import (
    document_finding,
    official_text,
    ref_obligation,
    ref_plan,
    ref_plan_area,
    ref_plan_finding,
    ref_target,
    ref_task,
    ref_task_agency,
)
from warehouse.schema.published import publication
from warehouse.schema.rules import ref_rule, ref_tolerance, ref_waiver
from warehouse.schema.sheets import (
    assessment_row,
    dossier_row,
    feedback_row,
    figure_row,
    held_row,
    intake_finding,
    satisfaction_row,
    section,
    target_row,
    task_row,
)
from warehouse.schema.versions import ref_version

__all__ = [
    "answer",
    "assessment_row",
    "build",
    "build_step",
    "delivery",
    "delivery_decision",
    "document_finding",
    "dossier_row",
    "expectation_finding",
    "expectation_result",
    "feedback_row",
    "figure_row",
    "held_row",
    "hold",
    "intake_finding",
    "metadata",
    "next_delivery_id",
    "official_text",
    "period_opened",
    "publication",
    "reading",
    "ref_agency",
    "ref_agency_code",
    "ref_agency_count",
    "ref_agency_link",
    "ref_agency_name",
    "ref_area",
    "ref_collective",
    "ref_day_off",
    "ref_field",
    "ref_field_name",
    "ref_index",
    "ref_index_result",
    "ref_obligation",
    "ref_period",
    "ref_period_due",
    "ref_plan",
    "ref_plan_area",
    "ref_plan_finding",
    "ref_round",
    "ref_rule",
    "ref_target",
    "ref_task",
    "ref_task_agency",
    "ref_tolerance",
    "ref_version",
    "ref_waiver",
    "run_event",
    "satisfaction_row",
    "section",
    "target_row",
    "task_row",
]
