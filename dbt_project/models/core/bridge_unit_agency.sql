-- An agency is reviewed by the nearest unit above it that consolidates; a unit answers for its own duties too.
with below as (

    select distinct on (b.agency_key)
        b.ancestor_agency_key as unit_agency_key,
        b.agency_key
    from {{ ref('bridge_agency_ancestor') }} as b
    join {{ ref('dim_agency') }} as u on u.agency_key = b.ancestor_agency_key and u.consolidates
    where b.depth > 0
    order by b.agency_key, b.depth

),

members as (

    select
        unit_agency_key,
        agency_key
    from below
    union
    select
        agency_key as unit_agency_key,
        agency_key
    from {{ ref('dim_agency') }}
    where consolidates

)

select
    m.unit_agency_key,
    u.agency_code as unit_code,
    m.agency_key,
    s.valid_from,
    s.valid_to,
    s.agency_kind,
    s.reports and m.agency_key <> m.unit_agency_key as reports
from members as m
join {{ ref('dim_agency') }} as u on u.agency_key = m.unit_agency_key
join {{ ref('stg_agency') }} as s on s.agency_key = m.agency_key
