select
    agency_key,
    code_system,
    code,
    valid_from,
    valid_to,
    source,
    assumed as is_assumed
from {{ source('raw', 'ref_agency_code') }}
where {{ in_force() }}
