{{ config(materialized='view') }}

{# Counts are added where they belong together: a rate's numerator and denominator come from the same rows. #}
with dossier as (

    select
        agency_key,
        period_id,
        {{ total('received_total_computed') }} as dossiers_received_total,
        {{ total('received_online', 'where received_direct is not null') }} as dossiers_received_online,
        {{ total('received_direct', 'where received_online is not null') }} as dossiers_received_direct,
        {{ total('carried_over') }} as dossiers_carried_over,
        {{ total('resolved_total_computed') }} as dossiers_resolved_total,
        {{ total('resolved_in_time') }} as dossiers_resolved_in_time,
        {{ total('resolved_total_computed - resolved_in_time') }} as dossiers_resolved_late,
        {{ total('pending_total_computed') }} as dossiers_pending_total,
        {{ total('pending_overdue') }} as dossiers_pending_overdue,
        {{ total('apology_letters') }} as apology_letters,
        sum(case when resolved_late = 0 then coalesce(apology_letters, 0) else apology_letters end)
            filter (where resolved_late is not null) as apology_counted,
        sum(resolved_late) filter (where resolved_late = 0 or apology_letters is not null) as apology_of
    from {{ ref('int_dossier_by_period') }}
    group by agency_key, period_id

),

satisfaction as (

    select
        agency_key,
        period_id,
        {{ total('valid') }} as satisfaction_valid,
        {{ total('satisfied') }} as satisfaction_satisfied
    from {{ ref('int_satisfaction_by_period') }}
    where survey_content = 'procedure' and valid is not null and satisfied is not null
    group by agency_key, period_id

),

feedback as (

    select
        agency_key,
        period_id,
        {{ total('received') }} as feedback_received,
        {{ total('resolved_on_time', 'where resolved_late is not null') }} as feedback_resolved_on_time,
        {{ total('resolved_late', 'where resolved_on_time is not null') }} as feedback_resolved_late,
        {{ total('pending') }} as feedback_pending,
        {{ total('published') }} as feedback_published
    from {{ ref('int_feedback_by_period') }}
    group by agency_key, period_id

)

select
    u.unit_agency_key,
    u.unit_code,
    u.period_id,
    u.agency_key,
    d.agency_key is not null as has_dossiers,
    d.dossiers_received_total,
    d.dossiers_received_online,
    d.dossiers_received_direct,
    d.dossiers_carried_over,
    d.dossiers_resolved_total,
    d.dossiers_resolved_in_time,
    d.dossiers_resolved_late,
    d.dossiers_pending_total,
    d.dossiers_pending_overdue,
    d.apology_letters,
    d.apology_counted,
    d.apology_of,
    s.satisfaction_valid,
    s.satisfaction_satisfied,
    f.feedback_received,
    f.feedback_resolved_on_time,
    f.feedback_resolved_late,
    f.feedback_pending,
    f.feedback_published
from {{ ref('int_unit_agency_period') }} as u
left join dossier as d on d.agency_key = u.agency_key and d.period_id = u.period_id
left join satisfaction as s on s.agency_key = u.agency_key and s.period_id = u.period_id
left join feedback as f on f.agency_key = u.agency_key and f.period_id = u.period_id
