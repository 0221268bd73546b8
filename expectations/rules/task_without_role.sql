-- One row per task row of an agency that the plan names neither as lead nor as cooperating on the period's
-- last day. A cooperating agency's row is its contribution and no fault.
select
    r.agency_key,
    s.period_id,
    r.delivery_id,
    s.sheet_name,
    (s.column_map ->> 'task_code') || r.sheet_row as cell,
    r.task_code as given,
    'nhiệm vụ mà cơ quan chủ trì hoặc phối hợp' as expected
from raw.task_row as r
join staging.int_section_current as s
    on s.agency_key = r.agency_key and s.delivery_id = r.delivery_id and s.sheet_no = r.sheet_no
join core.dim_period as p on p.period_id = s.period_id
where not exists (
    select 1
    from core.bridge_task_agency as b
    where
        b.task_code = r.task_code
        and b.agency_key = r.agency_key
        and p.window_end between coalesce(b.valid_from, p.window_end) and coalesce(b.valid_to, p.window_end)
)
