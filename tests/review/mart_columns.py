"""The columns of the marts that the review reads, with their types, for the synthetic marts."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

INT, NUM, BOOL, DATE, TIME = sa.BigInteger, sa.Numeric, sa.Boolean, sa.Date, sa.DateTime(timezone=True)


def _columns(kind: Any, names: str) -> dict[str, Any]:
    return dict.fromkeys(names.split(), kind)


PLACE = _columns(sa.Text, "unit_code period_id")
_COUNTS = (
    "received_total received_online received_direct carried_over resolved_total resolved_early"
    " resolved_on_time"
    " resolved_late pending_total pending_in_time pending_overdue"
)
COLUMNS: dict[str, dict[str, Any]] = {
    "review_city": _columns(sa.Text, "unit_name period_label calendar_source")
    | _columns(BOOL, "is_derived is_calendar_assumed")
    | _columns(TIME, "as_of")
    | _columns(DATE, "evaluated_on window_start window_end")
    | _columns(
        INT,
        "year period_order agencies_expected agencies_received agencies_on_time agencies_late"
        " agencies_missing"
        " agencies_held agencies_not_due tasks_total tasks_done tasks_overdue tasks_running tasks_other"
        " obligations_total obligations_done_early obligations_done_on_time obligations_done_late"
        " obligations_running obligations_overdue obligations_not_due obligations_not_arisen"
        " obligations_awaiting"
        " targets_total targets_met targets_missed targets_no_data targets_not_applicable"
        " targets_not_measurable"
        " dossier_agencies_covered dossiers_received_total dossiers_received_online dossiers_received_direct"
        " dossiers_carried_over dossiers_resolved_total dossiers_resolved_in_time dossiers_resolved_late"
        " dossiers_pending_total dossiers_pending_overdue apology_letters satisfaction_valid"
        " satisfaction_satisfied feedback_received feedback_resolved_on_time feedback_resolved_late"
        " feedback_pending feedback_published deliveries_received deliveries_counted deliveries_held"
        " deliveries_refused findings_fatal findings_error findings_warning findings_note",
    ),
    "review_area": _columns(sa.Text, "area_code area_label")
    | _columns(
        INT,
        "sort_order tasks_total tasks_done tasks_overdue obligations_total obligations_done"
        " obligations_overdue"
        " targets_total targets_met targets_missed targets_no_data targets_not_applicable"
        " targets_not_measurable",
    ),
    "review_agency": _columns(sa.Text, "agency_code agency_name agency_kind reporting_state")
    | _columns(DATE, "received_on due_date")
    | _columns(
        INT,
        "sort_order obligations_total obligations_done obligations_done_late obligations_overdue"
        " obligations_running satisfaction_valid satisfaction_satisfied feedback_received findings_fatal"
        " findings_error findings_warning findings_note",
    ),
    "review_target": _columns(
        sa.Text,
        "target_code area_code target_label comparator unit_of_measure target_text_vi quantifier roll_up"
        " outcome"
        " failing_text_vi ambiguity_reason citation also_cited_text",
    )
    | _columns(NUM, "low_value high_value numerator denominator value")
    | _columns(INT, "year target_order agencies_expected agencies_covered fields_total fields_met")
    | _columns(BOOL, "is_measurable is_ambiguous is_assumed"),
    "review_task": _columns(
        sa.Text,
        "task_code area_code stt task_label product_label deadline_label task_state lead_names products_text"
        " difficulties_text citation",
    )
    | _columns(DATE, "next_due_date")
    | _columns(
        INT, "task_order leads_total leads_done obligations_total obligations_done obligations_overdue"
    )
    | _columns(BOOL, "is_assumed"),
    "review_dossier": _columns(
        sa.Text, "agency_code field_code agency_name field_name file_sha256 sheet_name"
    )
    | _columns(
        INT,
        f"{_COUNTS} received_total_computed resolved_total_computed pending_total_computed resolved_in_time"
        " apology_letters delivery_id sheet_row",
    )
    | _columns(BOOL, "is_derived"),
    "review_reporting": _columns(
        sa.Text,
        "agency_code agency_name agency_kind reporting_state current_file_name current_file_sha256"
        " current_document_number",
    )
    | _columns(BOOL, "is_due_date_assumed is_agency_assumed")
    | _columns(DATE, "due_date received_on")
    | _columns(TIME, "first_received_at")
    | _columns(
        INT,
        "sort_order days_late deliveries replacements supplements held_deliveries refused_deliveries"
        " current_delivery_id",
    ),
    "review_finding": _columns(
        sa.Text,
        "finding_code gate rule_id severity agency_code agency_name file_name sheet_name cell given expected"
        " message_vi",
    )
    | _columns(INT, "severity_order delivery_id")
    | _columns(BOOL, "is_waived is_current"),
    "review_evidence": _columns(
        sa.Text,
        "figure_kind figure_code agency_code agency_name field_code field_name value_text file_name"
        " file_sha256"
        " sheet_name cells citation",
    )
    | _columns(NUM, "numerator denominator")
    | _columns(INT, "delivery_id"),
    "review_task_due": _columns(
        sa.Text,
        "agency_code agency_name task_code stt task_label product_label obligation_label obligation_state"
        " citation",
    )
    | _columns(DATE, "due_date")
    | _columns(INT, "sort_order task_order obligation_no"),
    "review_index": _columns(
        sa.Text,
        "index_code index_label target_code target_label target_text_vi outcome ambiguity_reason"
        " target_citation figure_source",
    )
    | _columns(NUM, "score score_before")
    | _columns(INT, "content_no year target_order rank ranked_of rank_before")
    | _columns(BOOL, "is_ambiguous is_figure_assumed"),
    "review_plan_finding": _columns(
        sa.Text,
        "plan_code finding_code plan_label cited_as citations_text says_vi read_as_vi why_vi found_by",
    )
    | _columns(INT, "finding_order year_from year_to")
    | _columns(BOOL, "is_reviewed"),
}
"""The columns that the review reads, by mart, with their types."""
WITHOUT_PERIOD = {"review_index", "review_plan_finding"}
"""Marts whose rows belong to a unit, and to years rather than periods."""
