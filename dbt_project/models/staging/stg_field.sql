select
    field_code,
    field_name,
    field_group,
    handled_by_kinds,
    handled_by_agency_keys,
    sort_order,
    source,
    assumed as is_assumed
from {{ source('raw', 'ref_field') }}
where {{ in_force() }}
