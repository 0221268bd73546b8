{{ config(tags=['candidate'], description='Per reported period the marts add up to what the facts hold: nothing lost, nothing doubled.') }}

with reviewed as (

    select distinct
        agency_key,
        period_id
    from {{ ref('int_unit_agency_period') }}

),

fact as (

    select period_id, 'resolved dossiers' as measure, sum(resolved_total_computed) as total
    from {{ ref('fct_dossier') }}
    join reviewed using (agency_key, period_id)
    group by period_id
    union all
    select period_id, 'dossiers resolved in time', sum(resolved_in_time)
    from {{ ref('fct_dossier') }}
    join reviewed using (agency_key, period_id)
    group by period_id
    union all
    select period_id, 'satisfied forms', sum(satisfied)
    from {{ ref('fct_satisfaction') }}
    join reviewed using (agency_key, period_id)
    where survey_content = 'procedure' and valid is not null
    group by period_id
    union all
    select period_id, 'feedback received', sum(received)
    from {{ ref('fct_feedback') }}
    join reviewed using (agency_key, period_id)
    group by period_id
    union all
    select period_id, 'obligations', count(*)
    from {{ ref('fct_task_obligation') }}
    group by period_id
    union all
    select period_id, 'reports expected', count(*)
    from {{ ref('fct_reporting') }}
    group by period_id
    union all
    select p.period_id, 'targets', count(*)
    from {{ ref('dim_target') }} as t
    join {{ ref('dim_period') }} as p on p.year = t.year and not p.is_derived
    group by p.period_id

),

mart as (

    select period_id, 'resolved dossiers' as measure, sum(dossiers_resolved_total) as total
    from {{ ref('review_city') }}
    group by period_id
    union all
    select period_id, 'dossiers resolved in time', sum(resolved_in_time)
    from {{ ref('review_dossier') }}
    group by period_id
    union all
    select period_id, 'satisfied forms', sum(satisfaction_satisfied)
    from {{ ref('review_agency') }}
    group by period_id
    union all
    select period_id, 'feedback received', sum(feedback_received)
    from {{ ref('review_city') }}
    group by period_id
    union all
    select period_id, 'obligations', sum(obligations_total)
    from {{ ref('review_area') }}
    group by period_id
    union all
    select period_id, 'reports expected', count(*)
    from {{ ref('review_agency') }}
    group by period_id
    union all
    select period_id, 'targets', count(*)
    from {{ ref('review_target') }}
    group by period_id

)

select
    p.period_id,
    f.measure,
    f.total as in_facts,
    m.total as in_marts
from fact as f
join {{ ref('dim_period') }} as p on p.period_id = f.period_id and p.is_in_view
left join mart as m on m.period_id = f.period_id and m.measure = f.measure
where coalesce(f.total, 0) <> coalesce(m.total, 0)
