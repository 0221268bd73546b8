-- One row per count of a satisfaction row that is lower than in the next shorter period that begins on the
-- same day. Where the valid forms are the returned ones, the returned ones say it.
with flow as (
    select
        f.agency_key, f.period_id, f.delivery_id, f.sheet_no, f.sheet_row, f.field_code, f.survey_content,
        p.window_start, p.window_end, p.label_vi, c.column_code, c.counted,
        c.column_code = 'valid' and coalesce(f.valid_is_returned, false) as is_said_elsewhere
    from core.fct_satisfaction as f
    join core.dim_period as p on p.period_id = f.period_id
    cross join lateral (
        values
        ('sent', f.sent),
        ('returned', f.returned),
        ('valid', f.valid),
        ('satisfied', f.satisfied)
    ) as c (column_code, counted)
    where not p.is_derived and p.window_start is not null and c.counted is not null
),

compared as (
    select
        flow.*,
        lag(counted) over w as counted_before,
        lag(label_vi) over w as label_before,
        lag(delivery_id) over w as delivery_before
    from flow
    window w as (
        partition by agency_key, field_code, survey_content, column_code, window_start
        order by window_end, period_id
    )
)

select
    c.agency_key,
    c.period_id,
    c.delivery_id,
    s.sheet_name,
    (s.column_map ->> c.column_code) || c.sheet_row as cell,
    c.counted::text as given,
    format('từ %s trở lên (%s, lượt nộp %s)', c.counted_before, c.label_before, c.delivery_before) as expected
from compared as c
join staging.int_section_current as s
    on s.agency_key = c.agency_key and s.delivery_id = c.delivery_id and s.sheet_no = c.sheet_no
where c.counted < c.counted_before and not c.is_said_elsewhere
