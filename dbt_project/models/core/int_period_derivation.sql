-- Which reported periods make a derived one that some unit has in view, each with its sign.
with derived as (

    select *
    from {{ ref('dim_period') }}
    where is_derived and period_id in (select r.period_id from {{ ref('int_round') }} as r)

)

select
    period_id,
    minuend_period_id as part_period_id,
    'minuend' as part,
    null::date as part_end
from derived

union all

select
    p.period_id,
    s.period_id as part_period_id,
    'subtrahend' as part,
    s.closes_on as part_end
from derived as p
join {{ ref('dim_period') }} as s on s.period_id = any(p.subtrahend_period_ids)
