with task as (

    select
        unit_code,
        period_id,
        area_code,
        count(*) as tasks_total,
        count(*) filter (where task_state in ('done', 'done_late')) as tasks_done,
        count(*) filter (where task_state = 'overdue') as tasks_overdue,
        sum(obligations_total) as obligations_total,
        sum(obligations_done) as obligations_done,
        sum(obligations_overdue) as obligations_overdue
    from {{ ref('review_task') }}
    group by unit_code, period_id, area_code

),

target as (

    select
        unit_code,
        period_id,
        area_code,
        count(*) as targets_total,
        count(*) filter (where outcome = 'met') as targets_met,
        count(*) filter (where outcome = 'missed') as targets_missed,
        count(*) filter (where outcome = 'no_data') as targets_no_data,
        count(*) filter (where outcome = 'not_applicable') as targets_not_applicable,
        count(*) filter (where outcome = 'not_measurable') as targets_not_measurable
    from {{ ref('review_target') }}
    group by unit_code, period_id, area_code

),

touched as (

    select unit_code, period_id, area_code from task
    union
    select unit_code, period_id, area_code from target

)

select
    x.unit_code,
    x.period_id,
    x.area_code,
    a.label_vi as area_label,
    a.sort_order,
    {% for count in ['tasks_total', 'tasks_done', 'tasks_overdue', 'obligations_total', 'obligations_done', 'obligations_overdue'] %}
    coalesce(t.{{ count }}, 0)::integer as {{ count }},
    {% endfor %}
    {% for count in ['total', 'met', 'missed', 'no_data', 'not_applicable', 'not_measurable'] %}
    coalesce(g.targets_{{ count }}, 0)::integer as targets_{{ count }}{{ ',' if not loop.last }}
    {% endfor %}
from touched as x
join {{ ref('dim_area') }} as a on a.area_code = x.area_code
left join task as t on t.unit_code = x.unit_code and t.period_id = x.period_id and t.area_code = x.area_code
left join target as g on g.unit_code = x.unit_code and g.period_id = x.period_id and g.area_code = x.area_code
