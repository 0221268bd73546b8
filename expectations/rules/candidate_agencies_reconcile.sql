-- One row per unit, reported period and state where the unit's count of agencies, its list of agencies and
-- core are not one number.
with in_core as (
    select
        m.unit_code,
        f.period_id,
        count(*) as expected,
        count(*) filter (where f.reporting_state = 'on_time') as on_time,
        count(*) filter (where f.reporting_state = 'late') as late,
        count(*) filter (where f.reporting_state = 'missing') as missing,
        count(*) filter (where f.reporting_state = 'held') as held,
        count(*) filter (where f.reporting_state = 'not_due') as not_due
    from core.fct_reporting as f
    join core.dim_period as p on p.period_id = f.period_id
    join core.bridge_unit_agency as m
        on m.agency_key = f.agency_key
        and m.reports
        and p.closes_on between m.valid_from and coalesce(m.valid_to, 'infinity'::date)
    group by m.unit_code, f.period_id
),

listed as (
    select
        unit_code,
        period_id,
        count(*) as expected,
        count(*) filter (where reporting_state = 'on_time') as on_time,
        count(*) filter (where reporting_state = 'late') as late,
        count(*) filter (where reporting_state = 'missing') as missing,
        count(*) filter (where reporting_state = 'held') as held,
        count(*) filter (where reporting_state = 'not_due') as not_due
    from candidate.review_reporting
    group by unit_code, period_id
)

select
    0 as agency_key,
    p.period_id,
    null::bigint as delivery_id,
    null::text as sheet_name,
    null::text as cell,
    format('%s, %s: đơn vị %s, danh sách %s', p.unit_code, c.state_name, c.of_unit, c.of_list) as given,
    format('%s (core)', c.of_core) as expected
from candidate.review_city as p
left join in_core as i on i.unit_code = p.unit_code and i.period_id = p.period_id
left join listed as l on l.unit_code = p.unit_code and l.period_id = p.period_id
cross join lateral (
    values
    ('expected', p.agencies_expected, l.expected, i.expected),
    ('on_time', p.agencies_on_time, l.on_time, i.on_time),
    ('late', p.agencies_late, l.late, i.late),
    ('missing', p.agencies_missing, l.missing, i.missing),
    ('held', p.agencies_held, l.held, i.held),
    ('not_due', p.agencies_not_due, l.not_due, i.not_due)
) as c (state_name, of_unit, of_list, of_core)
where
    not p.is_derived
    and (
        coalesce(c.of_unit, 0) <> coalesce(c.of_core, 0)
        or coalesce(c.of_list, 0) <> coalesce(c.of_core, 0)
    )
