select
    plan_code,
    task_code,
    stt,
    task_kind,
    task_order,
    area_code,
    task_label,
    product_label,
    deadline_label,
    citation,
    source,
    assumed as is_assumed
from {{ source('raw', 'ref_task') }}
where {{ in_force() }}
