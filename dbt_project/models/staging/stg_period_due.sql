select
    period_id,
    jurisdiction_code,
    agency_kind,
    due_date,
    source,
    assumed as is_assumed
from {{ source('raw', 'ref_period_due') }}
where {{ in_force() }}
