select
    collective_code,
    collective_label,
    parent_agency_key,
    agency_kind,
    agency_level,
    is_direct,
    source,
    assumed as is_assumed
from {{ source('raw', 'ref_collective') }}
where {{ in_force() }}
