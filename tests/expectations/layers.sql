-- The columns of staging, core and candidate that the rules read, empty. The real tables are dbt's.
create table staging.int_section_current (
    agency_key integer, period_id text, sheet_code text, delivery_id bigint, sheet_no smallint, sheet_name text,
    column_map jsonb, report_date date, received_at timestamptz
);
create table core.dim_period (
    period_id text, label_vi text, year integer, period_order integer, window_start date, window_end date,
    closes_on date, is_derived boolean
);
create table core.int_round (unit_code text, period_id text, closes_on date);
create table core.dim_target (
    target_code text, year integer, unit text, direction text, fed_by text, measure text, field_groups text[],
    excluded_field_groups text[]
);
create table core.dim_field (field_code text, field_name text, field_group text);
create table core.bridge_unit_agency (
    unit_code text, agency_key integer, valid_from date, valid_to date, reports boolean
);
create table core.bridge_task_agency (
    task_code text, agency_key integer, task_role text, valid_from date, valid_to date
);
create table core.fct_dossier (
    agency_key integer, period_id text, field_code text, received_total bigint, received_online bigint,
    received_direct bigint, carried_over bigint, resolved_total bigint, resolved_early bigint,
    resolved_on_time bigint, resolved_late bigint, pending_total bigint, pending_in_time bigint,
    pending_overdue bigint, apology_letters bigint, received_total_computed bigint, resolved_total_computed bigint,
    pending_total_computed bigint, resolved_in_time bigint, delivery_id bigint, sheet_no smallint, sheet_row integer,
    sheet_rows text
);
create view core.int_dossier_by_period as select *, false as is_derived from core.fct_dossier;
create table core.fct_satisfaction (
    agency_key integer, period_id text, field_code text, survey_content text, sent bigint, returned bigint,
    valid bigint, satisfied bigint, valid_is_returned boolean, delivery_id bigint, sheet_no smallint, sheet_row integer, sheet_rows text
);
create table core.fct_feedback (
    agency_key integer, period_id text, channel_code text, feedback_kind text, carried_over bigint, received bigint,
    resolved_on_time bigint, resolved_late bigint, pending bigint, pending_overdue bigint, published bigint,
    delivery_id bigint, sheet_no smallint, sheet_row integer, sheet_rows text
);
create table core.fct_target_result (
    agency_key integer, period_id text, target_code text, year integer, field_code text, numerator numeric,
    denominator numeric, computed_value numeric, reported_value numeric, fed_by text, cells text
);
create table core.fct_task_obligation (
    agency_key integer, period_id text, task_code text, obligation_no integer
);
create table core.fct_reporting (agency_key integer, period_id text, reporting_state text);
create table candidate.review_city (
    unit_code text, period_id text, is_derived boolean, as_of timestamptz,
    agencies_expected bigint, agencies_on_time bigint, agencies_late bigint, agencies_missing bigint,
    agencies_held bigint, agencies_not_due bigint, tasks_total bigint, tasks_done bigint, tasks_overdue bigint,
    tasks_running bigint, tasks_other bigint, obligations_total bigint, obligations_done_early bigint,
    obligations_done_on_time bigint, obligations_done_late bigint, obligations_running bigint,
    obligations_overdue bigint, obligations_not_due bigint, obligations_not_arisen bigint,
    obligations_awaiting bigint, targets_total bigint, targets_met bigint, targets_missed bigint,
    targets_no_data bigint, targets_not_applicable bigint, targets_not_measurable bigint,
    dossiers_received_total bigint, dossiers_resolved_total bigint, dossiers_resolved_in_time bigint,
    dossiers_resolved_late bigint, dossiers_pending_total bigint, apology_letters bigint,
    dossier_on_time_rate numeric
);
create table candidate.review_agency (unit_code text, period_id text, agency_code text, dossier_on_time_rate numeric);
create table candidate.review_dossier (
    unit_code text, period_id text, agency_code text, field_code text, received_total_computed bigint,
    resolved_total_computed bigint, pending_total_computed bigint, resolved_in_time bigint, resolved_late bigint,
    apology_letters bigint, on_time_rate numeric
);
create table candidate.review_reporting (
    unit_code text, period_id text, agency_code text, reporting_state text
);
