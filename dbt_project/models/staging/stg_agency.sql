select
    agency_key,
    agency_code,
    jurisdiction_code,
    agency_name,
    short_name,
    agency_kind,
    agency_level,
    parent_agency_key,
    valid_from,
    valid_to,
    sort_order,
    sort_key,
    reports,
    consolidates,
    source,
    assumed as is_assumed
from {{ source('raw', 'ref_agency') }}
where {{ in_force() }}
