-- One row per target row whose reported figure is not the one that the report's other sheets give.
with tolerance as (
    select t.value
    from raw.ref_tolerance as t
    where
        t.tolerance_code = 'rate_difference_points'
        and t.version_id = (select max(v.version_id) from raw.ref_version as v where v.dataset = 'tolerances')
)

select
    r.agency_key,
    s.period_id,
    r.delivery_id,
    s.sheet_name,
    (s.column_map ->> 'reported_value') || r.sheet_row as cell,
    replace(trim_scale(r.reported_value)::text, '.', ',') || ' %' as given,
    format(
        '%s %% (%s / %s, tính từ %s)',
        replace(trim_scale(round(f.computed_value, 2))::text, '.', ','),
        replace(trim_scale(f.numerator)::text, '.', ','),
        replace(trim_scale(f.denominator)::text, '.', ','),
        f.cells
    ) as expected
from raw.target_row as r
join staging.int_section_current as s
    on s.agency_key = r.agency_key and s.delivery_id = r.delivery_id and s.sheet_no = r.sheet_no
join core.dim_period as p on p.period_id = s.period_id
join core.fct_target_result as f
    on f.agency_key = r.agency_key
    and f.period_id = s.period_id
    and f.target_code = r.target_code
    and f.year = p.year
    and f.field_code = coalesce(r.field_code, '*')
join core.dim_target as d on d.target_code = r.target_code and d.year = p.year and d.unit = 'percent'
join tolerance as t on abs(r.reported_value - f.computed_value) > t.value
where f.fed_by in ('dossier', 'satisfaction', 'feedback', 'task')
