{%- set severities = finding_severities() %}
{%- set states = obligation_states() %}
{%- set outcomes = ['met', 'missed', 'no_data', 'not_applicable', 'not_measurable'] %}

-- One row per consolidating unit and round in view. Nobody reports a derived period: what is not a count of its
-- flows is empty there.
with unit_period as (

    select
        r.*,
        p.label_vi as period_label,
        p.source as calendar_source,
        p.is_assumed as is_calendar_assumed,
        lead(r.closes_on) over (
            partition by r.unit_agency_key, r.is_derived order by r.closes_on, r.period_order
        ) as next_closes_on
    from {{ ref('int_round') }} as r
    join {{ ref('dim_period') }} as p on p.period_id = r.period_id

),

reporting as (

    select
        unit_code,
        period_id,
        count(*) as agencies_expected,
        count(*) filter (where reporting_state in ('on_time', 'late')) as agencies_received,
        count(*) filter (where reporting_state = 'on_time') as agencies_on_time,
        count(*) filter (where reporting_state = 'late') as agencies_late,
        count(*) filter (where reporting_state = 'missing') as agencies_missing,
        count(*) filter (where reporting_state = 'held') as agencies_held,
        count(*) filter (where reporting_state = 'not_due') as agencies_not_due,
        sum(deliveries) as deliveries,
        sum(held_deliveries) as deliveries_held,
        sum(refused_deliveries) as deliveries_refused
    from {{ ref('review_reporting') }}
    group by unit_code, period_id

),

counted_delivery as (

    select
        u.unit_code,
        u.period_id,
        count(distinct s.delivery_id) as deliveries_counted
    from {{ ref('int_unit_agency_period') }} as u
    join {{ ref('int_section_current') }} as s on s.agency_key = u.agency_key and s.period_id = u.period_id
    group by u.unit_code, u.period_id

),

-- A delivery that names no agency or no period belongs to the round that was open when it came.
stray_delivery as (

    select
        p.unit_code,
        p.period_id,
        count(*) as deliveries,
        count(*) filter (where d.standing = 'held') as deliveries_held,
        count(*) filter (where d.standing in ('refused', 'rejected')) as deliveries_refused
    from {{ ref('int_delivery_standing') }} as d
    join unit_period as p
        on not p.is_derived
        and {{ local_date('d.received_at') }} > p.closes_on
        and (p.next_closes_on is null or {{ local_date('d.received_at') }} <= p.next_closes_on)
    left join {{ ref('int_agency_period') }} as u
        on u.agency_key = d.agency_key and u.period_id = p.period_id and u.unit_agency_key = p.unit_agency_key
    where d.agency_key = 0 or (d.period_id is null and u.agency_key is not null)
    group by p.unit_code, p.period_id

),

task as (

    select
        unit_code,
        period_id,
        count(*) as tasks_total,
        count(*) filter (where task_state in ('done', 'done_late')) as tasks_done,
        count(*) filter (where task_state = 'overdue') as tasks_overdue,
        count(*) filter (where task_state = 'running') as tasks_running,
        count(*) filter (where task_state in ('not_due', 'not_arisen', 'awaiting')) as tasks_other
    from {{ ref('review_task') }}
    group by unit_code, period_id

),

obligation as (

    select
        o.unit_agency_key,
        o.period_id,
        sum(o.obligations_total) as obligations_total,
        {% for state in states %}
        sum(o.obligations_{{ state }}) as obligations_{{ state }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('int_agency_obligations') }} as o
    group by o.unit_agency_key, o.period_id

),

target as (

    select
        unit_code,
        period_id,
        count(*) as targets_total,
        {% for outcome in outcomes %}
        count(*) filter (where outcome = '{{ outcome }}') as targets_{{ outcome }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('review_target') }}
    group by unit_code, period_id

),

counts as (

    select
        unit_code,
        period_id,
        count(*) filter (where has_dossiers) as dossier_agencies_covered,
        {% for count in [
            'dossiers_received_total', 'dossiers_received_online', 'dossiers_received_direct', 'dossiers_carried_over',
            'dossiers_resolved_total', 'dossiers_resolved_in_time', 'dossiers_resolved_late', 'dossiers_pending_total',
            'dossiers_pending_overdue', 'apology_letters', 'apology_counted', 'apology_of',
            'satisfaction_valid', 'satisfaction_satisfied', 'feedback_received', 'feedback_resolved_on_time',
            'feedback_resolved_late', 'feedback_pending', 'feedback_published'
        ] %}
        {{ total(count) }} as {{ count }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('int_agency_counts') }}
    group by unit_code, period_id

),

finding as (

    select
        unit_code,
        period_id,
        {% for severity in severities %}
        count(*) filter (where severity = '{{ severity }}') as findings_{{ severity }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('review_finding') }}
    where is_current and not is_waived
    group by unit_code, period_id

)

select
    p.unit_code,
    p.period_id,
    p.unit_name,
    p.period_label,
    p.year,
    p.period_order,
    p.is_derived,
    {{ as_of() }} as as_of,
    p.evaluated_on,
    p.window_start,
    p.window_end,
    p.closes_on,
    p.calendar_source,
    p.is_calendar_assumed,
    {% for count in [
        'agencies_expected', 'agencies_received', 'agencies_on_time', 'agencies_late', 'agencies_missing',
        'agencies_held', 'agencies_not_due'
    ] %}
    r.{{ count }}::integer as {{ count }},
    {% endfor %}
    {{ share('r.agencies_on_time', 'r.agencies_expected') }} as reporting_on_time_rate,
    {% for count in ['tasks_total', 'tasks_done', 'tasks_overdue', 'tasks_running', 'tasks_other'] %}
    {{ reported_only('t.' ~ count) }} as {{ count }},
    {% endfor %}
    {% for state in ['total'] + states %}
    {{ reported_only('o.obligations_' ~ state) }} as obligations_{{ state }},
    {% endfor %}
    {% for outcome in ['total'] + outcomes %}
    {{ reported_only('g.targets_' ~ outcome) }} as targets_{{ outcome }},
    {% endfor %}
    coalesce(c.dossier_agencies_covered, 0)::integer as dossier_agencies_covered,
    c.dossiers_received_total,
    c.dossiers_received_online,
    c.dossiers_received_direct,
    c.dossiers_carried_over,
    c.dossiers_resolved_total,
    c.dossiers_resolved_in_time,
    c.dossiers_resolved_late,
    c.dossiers_pending_total,
    c.dossiers_pending_overdue,
    c.apology_letters,
    {{ share('c.dossiers_resolved_in_time', 'c.dossiers_resolved_total') }} as dossier_on_time_rate,
    {{ share('c.dossiers_received_online', '(c.dossiers_received_online + c.dossiers_received_direct)') }} as dossier_online_rate,
    {{ share('c.apology_counted', 'c.apology_of') }} as apology_rate,
    c.satisfaction_valid,
    c.satisfaction_satisfied,
    {{ share('c.satisfaction_satisfied', 'c.satisfaction_valid') }} as satisfaction_rate,
    c.feedback_received,
    c.feedback_resolved_on_time,
    c.feedback_resolved_late,
    c.feedback_pending,
    c.feedback_published,
    {{ share('c.feedback_resolved_on_time', '(c.feedback_resolved_on_time + c.feedback_resolved_late)') }} as feedback_on_time_rate,
    {{ reported_only('r.deliveries', 's.deliveries') }} as deliveries_received,
    {{ reported_only('d.deliveries_counted') }} as deliveries_counted,
    {{ reported_only('r.deliveries_held', 's.deliveries_held') }} as deliveries_held,
    {{ reported_only('r.deliveries_refused', 's.deliveries_refused') }} as deliveries_refused,
    {% for severity in severities %}
    {{ reported_only('f.findings_' ~ severity) }} as findings_{{ severity }}{{ ',' if not loop.last }}
    {% endfor %}
from unit_period as p
left join reporting as r on r.unit_code = p.unit_code and r.period_id = p.period_id
left join counted_delivery as d on d.unit_code = p.unit_code and d.period_id = p.period_id
left join stray_delivery as s on s.unit_code = p.unit_code and s.period_id = p.period_id
left join task as t on t.unit_code = p.unit_code and t.period_id = p.period_id
left join obligation as o on o.unit_agency_key = p.unit_agency_key and o.period_id = p.period_id
left join target as g on g.unit_code = p.unit_code and g.period_id = p.period_id
left join counts as c on c.unit_code = p.unit_code and c.period_id = p.period_id
left join finding as f on f.unit_code = p.unit_code and f.period_id = p.period_id
