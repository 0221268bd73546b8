-- One row per agency and period whose rates are all 100 %, where there are so many as the tolerance says: on-
-- time dossiers by field, surveys, feedback by channel, and target rows in percent where higher is better.
with tolerance as (
    select t.value
    from raw.ref_tolerance as t
    where
        t.tolerance_code = 'full_marks_rates'
        and t.version_id = (select max(v.version_id) from raw.ref_version as v where v.dataset = 'tolerances')
),

rates as (
    select agency_key, period_id, delivery_id, resolved_in_time = resolved_total_computed as is_full
    from core.fct_dossier
    where resolved_total_computed > 0
    union all
    select agency_key, period_id, delivery_id, satisfied >= valid
    from core.fct_satisfaction
    where valid > 0 and satisfied is not null
    union all
    select agency_key, period_id, delivery_id, coalesce(resolved_late, 0) = 0
    from core.fct_feedback
    where coalesce(resolved_on_time, 0) + coalesce(resolved_late, 0) > 0
    union all
    select
        r.agency_key, s.period_id, r.delivery_id,
        coalesce(100.0 * r.numerator / nullif(r.denominator, 0), r.reported_value) >= 100
    from raw.target_row as r
    join staging.int_section_current as s
        on s.agency_key = r.agency_key and s.delivery_id = r.delivery_id and s.sheet_no = r.sheet_no
    join core.dim_period as p on p.period_id = s.period_id
    join core.dim_target as d on d.target_code = r.target_code and d.year = p.year
    where
        d.unit = 'percent'
        and d.direction = 'higher'
        and coalesce(100.0 * r.numerator / nullif(r.denominator, 0), r.reported_value) is not null
)

select
    r.agency_key,
    r.period_id,
    max(r.delivery_id) as delivery_id,
    null::text as sheet_name,
    null::text as cell,
    format('cả %s tỷ lệ đều 100 %%', count(*)) as given,
    'có sai lệch ở một vài tỷ lệ' as expected
from rates as r
cross join tolerance as t
group by r.agency_key, r.period_id, t.value
having bool_and(r.is_full) and count(*) >= t.value
