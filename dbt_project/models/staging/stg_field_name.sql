select
    field_code,
    name,
    match_key,
    source,
    assumed as is_assumed
from {{ source('raw', 'ref_field_name') }}
where {{ in_force() }}
