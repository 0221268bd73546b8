select
    agency_key,
    name,
    match_key,
    name_kind,
    source,
    assumed as is_assumed
from {{ source('raw', 'ref_agency_name') }}
where {{ in_force() }}
