select
    tolerance_code,
    value,
    unit,
    source,
    assumed as is_assumed
from {{ source('raw', 'ref_tolerance') }}
where {{ in_force() }}
