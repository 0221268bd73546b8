-- Related agencies of a unit hang below it; a collective is expanded at every depth.
select distinct
    c.collective_code,
    s.agency_key,
    s.valid_from,
    s.valid_to
from {{ ref('stg_collective') }} as c
join {{ ref('bridge_agency_ancestor') }} as b on b.ancestor_agency_key = c.parent_agency_key and b.depth > 0
join {{ ref('stg_agency') }} as s on s.agency_key = b.agency_key and s.agency_kind = c.agency_kind
