select
    plan_code,
    task_code,
    task_role,
    member_order,
    resolution,
    agency_key,
    collective_code,
    body_label,
    source,
    assumed as is_assumed
from {{ source('raw', 'ref_task_agency') }}
where {{ in_force() }}
