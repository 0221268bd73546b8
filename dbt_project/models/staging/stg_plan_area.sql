select
    plan_code,
    plan_group,
    group_label,
    area_code,
    source,
    assumed as is_assumed
from {{ source('raw', 'ref_plan_area') }}
where {{ in_force() }}
