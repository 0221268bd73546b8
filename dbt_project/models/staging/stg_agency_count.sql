select
    jurisdiction_code,
    agency_level,
    counted_on,
    known_count,
    missing_vi,
    source,
    assumed as is_assumed
from {{ source('raw', 'ref_agency_count') }}
where {{ in_force() }}
