-- What falls due in the calendar quarter after the one that closes a round; a round at the end of a year already
-- shows what is due next year, of which no report can speak yet.
with coming as (

    select
        r.unit_agency_key,
        r.period_id,
        r.calendar_end + 1 as quarter_start,
        (date_trunc('month', r.calendar_end) + interval '4 months' - interval '1 day')::date as quarter_end
    from {{ ref('int_round') }} as r
    where not r.is_derived

)

select
    u.agency_code as unit_code,
    c.period_id,
    a.agency_code,
    o.task_code,
    o.obligation_no,
    m.agency_name,
    a.sort_order,
    t.area_code,
    t.task_order,
    t.stt,
    t.task_label,
    o.obligation_kind,
    o.obligation_label,
    t.product_label,
    o.due_date,
    coalesce(f.obligation_state, 'not_due') as obligation_state,
    t.citation,
    o.is_assumed
from coming as c
join {{ ref('dim_task') }} as t on t.unit_agency_key = c.unit_agency_key and t.task_kind <> 'standing'
join {{ ref('stg_obligation') }} as o
    on o.task_code = t.task_code and o.due_date between c.quarter_start and c.quarter_end
join {{ ref('bridge_task_agency') }} as l
    on l.task_code = o.task_code
    and l.task_role = 'lead'
    and o.due_date between l.valid_from and coalesce(l.valid_to, 'infinity'::date)
-- who will report to this unit on that day
join {{ ref('bridge_unit_agency') }} as m
    on m.unit_agency_key = c.unit_agency_key
    and m.agency_key = l.agency_key
    and o.due_date between m.valid_from and coalesce(m.valid_to, 'infinity'::date)
join {{ ref('dim_agency') }} as a on a.agency_key = l.agency_key
join {{ ref('dim_agency') }} as u on u.agency_key = c.unit_agency_key
left join {{ ref('fct_task_obligation') }} as f
    on f.agency_key = l.agency_key
    and f.period_id = c.period_id
    and f.task_code = o.task_code
    and f.obligation_no = o.obligation_no
