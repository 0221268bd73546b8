-- The span of validity that counts for names is the newest; who is valid when is bridge_unit_agency's matter.
select distinct on (agency_key)
    agency_key,
    agency_code,
    agency_name,
    short_name,
    agency_kind,
    agency_level,
    parent_agency_key,
    jurisdiction_code,
    valid_from,
    valid_to,
    sort_order,
    sort_key,
    reports,
    consolidates,
    source,
    is_assumed
from {{ ref('stg_agency') }}
order by agency_key, valid_from desc
