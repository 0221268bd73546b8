select
    plan_code,
    finding_no,
    citations,
    says_vi,
    read_as_vi,
    why_vi,
    check_code,
    source,
    assumed as is_assumed
from {{ source('raw', 'ref_plan_finding') }}
where {{ in_force() }}
