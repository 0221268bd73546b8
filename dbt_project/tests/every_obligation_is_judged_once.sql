-- The incremental fact holds what is owed, no more and no less.
with owed as (

    select
        l.agency_key,
        p.period_id,
        o.task_code,
        o.obligation_no
    from {{ ref('int_obligation') }} as o
    join {{ ref('bridge_task_agency') }} as l on l.task_code = o.task_code and l.task_role = 'lead'
    join {{ ref('int_round') }} as p
        on p.unit_agency_key = o.unit_agency_key and p.year = o.due_year and not p.is_derived
    join {{ ref('bridge_unit_agency') }} as m
        on m.unit_agency_key = p.unit_agency_key
        and m.agency_key = l.agency_key
        and p.closes_on between m.valid_from and coalesce(m.valid_to, 'infinity'::date)
    where p.closes_on between l.valid_from and coalesce(l.valid_to, 'infinity'::date)

)

select
    agency_key,
    period_id,
    task_code,
    obligation_no
from (
    select *, 1 as owed, 0 as judged from owed
    union all
    select agency_key, period_id, task_code, obligation_no, 0, 1 from {{ ref('fct_task_obligation') }}
) as both_sides
group by agency_key, period_id, task_code, obligation_no
having sum(owed) <> 1 or sum(judged) <> 1
