-- One row per unit and round in view that has no row, or more than one.
with counted as (
    select unit_code, period_id, count(*) as times
    from candidate.review_city
    group by unit_code, period_id
)

select
    0 as agency_key,
    coalesce(c.period_id, o.period_id) as period_id,
    null::bigint as delivery_id,
    null::text as sheet_name,
    null::text as cell,
    format('%s: %s dòng', coalesce(c.unit_code, o.unit_code), coalesce(c.times, 0)) as given,
    case when o.period_id is null then '0 dòng (kỳ không được xét)' else '1 dòng' end as expected
from core.int_round as o
full join counted as c on c.unit_code = o.unit_code and c.period_id = o.period_id
where c.times is distinct from 1 or o.period_id is null
