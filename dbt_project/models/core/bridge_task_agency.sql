-- Named by itself goes before named through a collective, where the plan does both.
with members as (

    select
        task_code,
        agency_key,
        task_role,
        resolution as via,
        null as collective_code,
        null::date as valid_from,
        null::date as valid_to
    from {{ ref('stg_task_agency') }}
    where resolution in ('agency', 'reported_by') and agency_key is not null

    union all

    select
        t.task_code,
        c.agency_key,
        t.task_role,
        'collective' as via,
        t.collective_code,
        c.valid_from,
        c.valid_to
    from {{ ref('stg_task_agency') }} as t
    join {{ ref('bridge_collective_agency') }} as c on c.collective_code = t.collective_code
    where t.resolution = 'collective'

)

select distinct on (m.task_code, m.agency_key, m.task_role)
    m.task_code,
    m.agency_key,
    m.task_role,
    m.via,
    m.collective_code,
    coalesce(m.valid_from, a.valid_from) as valid_from,
    coalesce(m.valid_to, a.valid_to) as valid_to
from members as m
join {{ ref('dim_agency') }} as a on a.agency_key = m.agency_key
order by m.task_code, m.agency_key, m.task_role, array_position(array['agency', 'reported_by', 'collective'], m.via)
