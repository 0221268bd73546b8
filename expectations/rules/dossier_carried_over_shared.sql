-- One row per dossier row whose column 6 differs from the shortest period's that begins on the same day.
with flow as (
    select f.*, p.window_start, p.window_end, p.label_vi
    from core.fct_dossier as f
    join core.dim_period as p on p.period_id = f.period_id
    where not p.is_derived and p.window_start is not null and f.carried_over is not null
),

first_told as (
    select distinct on (agency_key, field_code, window_start) *
    from flow
    order by agency_key, field_code, window_start, window_end, period_id
)

select
    f.agency_key,
    f.period_id,
    f.delivery_id,
    s.sheet_name,
    (s.column_map ->> 'carried_over') || f.sheet_row as cell,
    f.carried_over::text as given,
    format('%s (cột 6 của %s, lượt nộp %s)', o.carried_over, o.label_vi, o.delivery_id) as expected
from flow as f
join first_told as o
    on o.agency_key = f.agency_key
    and o.field_code = f.field_code
    and o.window_start = f.window_start
    and o.period_id <> f.period_id
join staging.int_section_current as s
    on s.agency_key = f.agency_key and s.delivery_id = f.delivery_id and s.sheet_no = f.sheet_no
where f.carried_over <> o.carried_over
