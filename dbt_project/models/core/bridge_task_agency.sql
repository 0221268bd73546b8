-- Named by itself goes before named through a collective, where the plan does both. Spans that touch are one.
with named as (

    select
        t.task_code,
        t.agency_key,
        t.task_role,
        min(t.resolution) as via,
        unnest(range_agg(daterange(s.valid_from, s.valid_to, '[]'))) as days
    from {{ ref('stg_task_agency') }} as t
    join {{ ref('stg_agency') }} as s on s.agency_key = t.agency_key
    where t.resolution in ('agency', 'reported_by')
    group by t.task_code, t.agency_key, t.task_role

),

through_collective as (

    select
        t.task_code,
        c.agency_key,
        t.task_role,
        min(t.collective_code) as collective_code,
        unnest(range_agg(daterange(c.valid_from, c.valid_to, '[]'))) as days
    from {{ ref('stg_task_agency') }} as t
    join {{ ref('bridge_collective_agency') }} as c on c.collective_code = t.collective_code
    where t.resolution = 'collective'
    group by t.task_code, c.agency_key, t.task_role

),

members as (

    select
        task_code,
        agency_key,
        task_role,
        via,
        null as collective_code,
        days
    from named

    union all

    select
        c.task_code,
        c.agency_key,
        c.task_role,
        'collective' as via,
        c.collective_code,
        c.days
    from through_collective as c
    where not exists (
        select 1
        from named as n
        where n.task_code = c.task_code and n.agency_key = c.agency_key and n.task_role = c.task_role
    )

)

select
    task_code,
    agency_key,
    task_role,
    via,
    collective_code,
    lower(days) as valid_from,
    upper(days) - 1 as valid_to
from members
