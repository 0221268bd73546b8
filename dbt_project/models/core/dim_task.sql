select
    t.task_code,
    t.plan_code,
    p.consolidating_agency_key as unit_agency_key,
    t.stt,
    t.task_kind,
    t.task_order,
    t.area_code,
    t.task_label,
    t.product_label,
    t.deadline_label,
    o.wording as official_wording,
    t.citation,
    t.source,
    t.is_assumed
from {{ ref('stg_task') }} as t
join {{ ref('stg_plan') }} as p on p.plan_code = t.plan_code
left join {{ ref('stg_official_text') }} as o
    on o.plan_code = t.plan_code and o.item_code = t.task_code and o.part = 'wording'
