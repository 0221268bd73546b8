{%- set severities = finding_severities() %}

with finding as (

    select
        agency_key,
        period_id,
        {% for severity in severities %}
        count(*) filter (where severity = '{{ severity }}') as findings_{{ severity }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('fct_finding') }}
    where is_current and not is_waived
    group by agency_key, period_id

)

select
    c.unit_code,
    c.period_id,
    u.agency_code,
    u.agency_name,
    u.agency_kind,
    u.sort_order,
    r.reporting_state,
    r.received_on,
    r.due_date,
    coalesce(o.obligations_total, 0)::integer as obligations_total,
    coalesce(o.obligations_done_early + o.obligations_done_on_time + o.obligations_done_late, 0)::integer
        as obligations_done,
    coalesce(o.obligations_done_late, 0)::integer as obligations_done_late,
    coalesce(o.obligations_overdue, 0)::integer as obligations_overdue,
    coalesce(o.obligations_running, 0)::integer as obligations_running,
    c.dossiers_received_total,
    c.dossiers_resolved_total,
    c.dossiers_resolved_in_time,
    c.dossiers_resolved_late,
    {{ share('c.dossiers_resolved_in_time', 'c.dossiers_resolved_total') }} as dossier_on_time_rate,
    c.dossiers_pending_overdue,
    c.apology_letters,
    c.satisfaction_valid,
    c.satisfaction_satisfied,
    {{ share('c.satisfaction_satisfied', 'c.satisfaction_valid') }} as satisfaction_rate,
    c.feedback_received,
    {% for severity in severities %}
    coalesce(f.findings_{{ severity }}, 0)::integer as findings_{{ severity }}{{ ',' if not loop.last }}
    {% endfor %}
from {{ ref('int_agency_counts') }} as c
join {{ ref('int_unit_agency_period') }} as u
    on u.unit_agency_key = c.unit_agency_key and u.agency_key = c.agency_key and u.period_id = c.period_id
join {{ ref('fct_reporting') }} as r on r.agency_key = c.agency_key and r.period_id = c.period_id
left join {{ ref('int_agency_obligations') }} as o
    on o.unit_agency_key = c.unit_agency_key and o.agency_key = c.agency_key and o.period_id = c.period_id
left join finding as f on f.agency_key = c.agency_key and f.period_id = c.period_id
