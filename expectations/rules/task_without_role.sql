-- One row per task row of an agency that the plan names in no role on the day the period
-- closes. A cooperating agency's row is its contribution and no fault.
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
        and p.closes_on between coalesce(b.valid_from, p.closes_on) and coalesce(b.valid_to, p.closes_on)
)
