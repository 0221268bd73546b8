-- One row per target row in percent whose reported rate is not its own numerator over its denominator.
with tolerance as (
    select t.value
    from raw.ref_tolerance as t
    where
        t.tolerance_code = 'rate_difference_points'
        and t.version_id = (select max(v.version_id) from raw.ref_version as v where v.dataset = 'tolerances')
),

given_rows as (
    select r.*, s.sheet_name, s.column_map, 100.0 * r.numerator / r.denominator as computed
    from raw.target_row as r
    join staging.int_section_current as s
        on s.agency_key = r.agency_key and s.delivery_id = r.delivery_id and s.sheet_no = r.sheet_no
    join core.dim_period as p on p.period_id = s.period_id
    join core.dim_target as t on t.target_code = r.target_code and t.year = p.year
    where
        t.unit = 'percent'
        and r.denominator <> 0
        and r.numerator is not null
        and r.reported_value is not null
)

select
    g.agency_key,
    g.period_id,
    g.delivery_id,
    g.sheet_name,
    (g.column_map ->> 'reported_value') || g.sheet_row as cell,
    replace(trim_scale(g.reported_value)::text, '.', ',') || ' %' as given,
    format(
        '%s %% (%s / %s)',
        replace(trim_scale(round(g.computed, 2))::text, '.', ','),
        replace(trim_scale(g.numerator)::text, '.', ','),
        replace(trim_scale(g.denominator)::text, '.', ',')
    ) as expected
from given_rows as g
join tolerance as t on abs(g.reported_value - g.computed) > t.value
