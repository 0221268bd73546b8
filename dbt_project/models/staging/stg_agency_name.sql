select
    agency_key,
    name,
    match_key,
    name_kind,
    valid_from,
    valid_to,
    source,
    assumed as is_assumed
from {{ source('raw', 'ref_agency_name') }}
where {{ in_force() }}
