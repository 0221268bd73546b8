{{ config(tags=['candidate'], description='Per unit and reported period the marts add up to what the facts hold: nothing lost, nothing doubled.') }}

with fact as (

    select u.unit_code, f.period_id, 'resolved dossiers' as measure, sum(f.resolved_total_computed) as total
    from {{ ref('fct_dossier') }} as f
    join {{ ref('int_unit_agency_period') }} as u on u.agency_key = f.agency_key and u.period_id = f.period_id
    group by u.unit_code, f.period_id
    union all
    select u.unit_code, f.period_id, 'dossiers resolved in time', sum(f.resolved_in_time)
    from {{ ref('fct_dossier') }} as f
    join {{ ref('int_unit_agency_period') }} as u on u.agency_key = f.agency_key and u.period_id = f.period_id
    group by u.unit_code, f.period_id
    union all
    select u.unit_code, f.period_id, 'satisfied forms', sum(f.satisfied)
    from {{ ref('fct_satisfaction') }} as f
    join {{ ref('int_unit_agency_period') }} as u on u.agency_key = f.agency_key and u.period_id = f.period_id
    where f.survey_content = 'procedure' and f.valid is not null
    group by u.unit_code, f.period_id
    union all
    select u.unit_code, f.period_id, 'feedback received', sum(f.received)
    from {{ ref('fct_feedback') }} as f
    join {{ ref('int_unit_agency_period') }} as u on u.agency_key = f.agency_key and u.period_id = f.period_id
    group by u.unit_code, f.period_id
    union all
    select u.agency_code, f.period_id, 'obligations', count(*)
    from {{ ref('fct_task_obligation') }} as f
    join {{ ref('dim_task') }} as t on t.task_code = f.task_code
    join {{ ref('dim_agency') }} as u on u.agency_key = t.unit_agency_key
    group by u.agency_code, f.period_id
    union all
    select u.agency_code, f.period_id, 'reports expected', count(*)
    from {{ ref('fct_reporting') }} as f
    join {{ ref('dim_agency') }} as u on u.agency_key = f.unit_agency_key
    group by u.agency_code, f.period_id
    union all
    select r.unit_code, r.period_id, 'targets', count(*)
    from {{ ref('dim_target') }} as t
    join {{ ref('int_round') }} as r
        on r.unit_agency_key = t.unit_agency_key and r.year = t.year and not r.is_derived
    group by r.unit_code, r.period_id

),

mart as (

    select unit_code, period_id, 'resolved dossiers' as measure, sum(dossiers_resolved_total) as total
    from {{ ref('review_city') }}
    group by unit_code, period_id
    union all
    select unit_code, period_id, 'dossiers resolved in time', sum(resolved_in_time)
    from {{ ref('review_dossier') }}
    group by unit_code, period_id
    union all
    select unit_code, period_id, 'satisfied forms', sum(satisfaction_satisfied)
    from {{ ref('review_agency') }}
    group by unit_code, period_id
    union all
    select unit_code, period_id, 'feedback received', sum(feedback_received)
    from {{ ref('review_city') }}
    group by unit_code, period_id
    union all
    select unit_code, period_id, 'obligations', sum(obligations_total)
    from {{ ref('review_area') }}
    group by unit_code, period_id
    union all
    select unit_code, period_id, 'reports expected', count(*)
    from {{ ref('review_agency') }}
    group by unit_code, period_id
    union all
    select unit_code, period_id, 'targets', count(*)
    from {{ ref('review_target') }}
    group by unit_code, period_id

)

select
    coalesce(f.unit_code, m.unit_code) as unit_code,
    p.period_id,
    coalesce(f.measure, m.measure) as measure,
    f.total as in_facts,
    m.total as in_marts
from fact as f
full join mart as m on m.unit_code = f.unit_code and m.period_id = f.period_id and m.measure = f.measure
join {{ ref('dim_period') }} as p on p.period_id = coalesce(f.period_id, m.period_id) and not p.is_derived
where coalesce(f.total, 0) <> coalesce(m.total, 0)
