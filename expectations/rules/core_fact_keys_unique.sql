-- One row per key that a fact holds more than once.
with keys as (
    select 'fct_dossier' as fact, agency_key, period_id, field_code as rest from core.fct_dossier
    union all
    select 'fct_satisfaction', agency_key, period_id, concat_ws('/', field_code, survey_content)
    from core.fct_satisfaction
    union all
    select 'fct_feedback', agency_key, period_id, concat_ws('/', channel_code, feedback_kind)
    from core.fct_feedback
    union all
    select 'fct_target_result', agency_key, period_id, concat_ws('/', target_code, year, field_code)
    from core.fct_target_result
    union all
    select 'fct_task_obligation', agency_key, period_id, concat_ws('/', task_code, obligation_no)
    from core.fct_task_obligation
    union all
    select 'fct_reporting', agency_key, period_id, '' from core.fct_reporting
)

select
    agency_key,
    period_id,
    null::bigint as delivery_id,
    null::text as sheet_name,
    null::text as cell,
    format('%s: %s dòng với khóa %s', fact, count(*), rest) as given,
    '1 dòng' as expected
from keys
group by fact, agency_key, period_id, rest
having count(*) > 1
