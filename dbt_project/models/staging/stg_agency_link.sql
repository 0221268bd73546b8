select
    predecessor_agency_key,
    predecessor_label,
    successor_agency_key,
    effective_on,
    weight,
    is_estimated,
    source,
    assumed as is_assumed
from {{ source('raw', 'ref_agency_link') }}
where {{ in_force() }}
