with recursive above as (

    select
        agency_key,
        agency_key as ancestor_agency_key,
        0 as depth
    from {{ ref('dim_agency') }}
    where agency_key <> 0

    union all

    select
        b.agency_key,
        a.parent_agency_key as ancestor_agency_key,
        b.depth + 1 as depth
    from above as b
    join {{ ref('dim_agency') }} as a on a.agency_key = b.ancestor_agency_key
    where a.parent_agency_key is not null and b.depth < 10

)

select
    agency_key,
    ancestor_agency_key,
    depth
from above
