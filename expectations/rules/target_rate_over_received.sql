-- One row per target row for an on-time rate that agrees with dossiers received and not with dossiers
-- resolved.
with tolerance as (
    select t.value
    from raw.ref_tolerance as t
    where
        t.tolerance_code = 'rate_difference_points'
        and t.version_id = (select max(v.version_id) from raw.ref_version as v where v.dataset = 'tolerances')
),

reported as (
    select
        r.agency_key, s.period_id, r.delivery_id, r.sheet_row, r.field_code, s.sheet_name, s.column_map,
        d.field_groups, d.excluded_field_groups,
        coalesce(r.reported_value, 100.0 * r.numerator / nullif(r.denominator, 0)) as reported
    from raw.target_row as r
    join staging.int_section_current as s
        on s.agency_key = r.agency_key and s.delivery_id = r.delivery_id and s.sheet_no = r.sheet_no
    join core.dim_period as p on p.period_id = s.period_id
    join core.dim_target as d on d.target_code = r.target_code and d.year = p.year
    where d.fed_by = 'dossier' and d.measure = 'on_time' and d.unit = 'percent'
),

compared as (
    select
        r.agency_key, r.period_id, r.delivery_id, r.sheet_row, r.sheet_name, r.column_map, r.reported,
        sum(f.resolved_in_time) as in_time,
        sum(f.resolved_total_computed) as resolved,
        sum(f.received_total_computed) as received
    from reported as r
    join core.fct_dossier as f on f.agency_key = r.agency_key and f.period_id = r.period_id
    join core.dim_field as x on x.field_code = f.field_code
    where
        (r.field_code is null or r.field_code = f.field_code)
        and (r.field_groups is null or x.field_group = any(r.field_groups))
        and (
            r.excluded_field_groups is null
            or x.field_group is null
            or x.field_group <> all(r.excluded_field_groups)
        )
    group by r.agency_key, r.period_id, r.delivery_id, r.sheet_row, r.sheet_name, r.column_map, r.reported
)

select
    c.agency_key,
    c.period_id,
    c.delivery_id,
    c.sheet_name,
    (c.column_map ->> 'reported_value') || c.sheet_row as cell,
    replace(trim_scale(round(c.reported, 2))::text, '.', ',') || ' %' as given,
    format(
        '%s %% (%s / %s đã giải quyết)',
        replace(trim_scale(round(100.0 * c.in_time / c.resolved, 2))::text, '.', ','),
        c.in_time,
        c.resolved
    ) as expected
from compared as c
join tolerance as t
    on abs(c.reported - 100.0 * c.in_time / nullif(c.received, 0)) <= t.value
    and abs(c.reported - 100.0 * c.in_time / nullif(c.resolved, 0)) > t.value
