-- A collective is the agencies of its kinds that hung below its parent on the day: at every depth, or right below it.
select distinct
    c.collective_code,
    b.agency_key,
    b.valid_from,
    b.valid_to
from {{ ref('stg_collective') }} as c
join {{ ref('bridge_agency_ancestor') }} as b
    on b.ancestor_agency_key = c.parent_agency_key
    and (b.depth = 1 or (b.depth > 1 and not c.is_direct))
join {{ ref('stg_agency') }} as s
    on s.agency_key = b.agency_key
    and b.valid_from between s.valid_from and coalesce(s.valid_to, 'infinity'::date)
    and s.agency_kind = c.agency_kind
    and (c.agency_level is null or s.agency_level = c.agency_level)
