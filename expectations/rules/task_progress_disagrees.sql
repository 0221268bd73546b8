-- One row per task row whose status and progress contradict each other.
select
    r.agency_key,
    s.period_id,
    r.delivery_id,
    s.sheet_name,
    (s.column_map ->> 'progress_percent') || r.sheet_row as cell,
    format('%s, %s %%', coalesce(r.given ->> 'status', r.status), trim_scale(r.progress_percent)) as given,
    case
        when r.status = 'done' then 'Hoàn thành: 100 %'
        when r.status = 'running' then 'Đang thực hiện: trên 0 % và dưới 100 %'
        when r.status = 'not_started' then 'Chưa thực hiện: 0 %'
        else 'Không phát sinh: 0 % hoặc để trống'
    end as expected
from raw.task_row as r
join staging.int_section_current as s
    on s.agency_key = r.agency_key and s.delivery_id = r.delivery_id and s.sheet_no = r.sheet_no
where
    (r.status = 'done' and r.progress_percent < 100)
    or (r.status = 'running' and r.progress_percent in (0, 100))
    or (r.status in ('not_started', 'not_arisen') and r.progress_percent > 0)
