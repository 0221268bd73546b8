-- Which reported periods make a derived one, each with its sign.
select
    p.period_id,
    p.minuend_period_id as part_period_id,
    'minuend' as part,
    null::date as part_end
from {{ ref('dim_period') }} as p
where p.is_derived and p.is_in_view

union all

select
    p.period_id,
    s.period_id as part_period_id,
    'subtrahend' as part,
    s.window_end as part_end
from {{ ref('dim_period') }} as p
join {{ ref('dim_period') }} as s on s.period_id = any(p.subtrahend_period_ids)
where p.is_derived and p.is_in_view
