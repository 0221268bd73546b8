select
    unit_agency_key,
    period_id,
    source,
    assumed as is_assumed
from {{ source('raw', 'ref_round') }}
where {{ in_force() }}
