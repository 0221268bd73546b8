select
    rule_id,
    agency_code,
    period_id,
    valid_from,
    valid_to,
    reason,
    granted_by,
    source,
    assumed as is_assumed
from {{ source('raw', 'ref_waiver') }}
where {{ in_force() }}
