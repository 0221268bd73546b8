select
    unit_agency_key,
    period_id,
    agency_kind,
    stated_date,
    due_date,
    effective_from,
    source,
    assumed as is_assumed
from {{ source('raw', 'ref_period_due') }}
where {{ in_force() }}
