-- Who stood above whom, and from when to when: each step up holds only while both spans of validity do, so that on
-- any day an agency has one line of ancestors. units_between tells the nearest unit from those above it.
with recursive span as (

    select
        agency_key,
        parent_agency_key,
        consolidates,
        valid_from,
        coalesce(valid_to, 'infinity'::date) as valid_to
    from {{ ref('stg_agency') }}
    where agency_key <> 0

),

above as (

    select
        agency_key,
        agency_key as ancestor_agency_key,
        0 as depth,
        consolidates,
        0 as units_between,
        parent_agency_key as next_agency_key,
        valid_from,
        valid_to
    from span

    union all

    select
        b.agency_key,
        a.agency_key as ancestor_agency_key,
        b.depth + 1 as depth,
        a.consolidates,
        b.units_between + (b.depth > 0 and b.consolidates)::integer as units_between,
        a.parent_agency_key as next_agency_key,
        greatest(b.valid_from, a.valid_from) as valid_from,
        least(b.valid_to, a.valid_to) as valid_to
    from above as b
    join span as a
        on a.agency_key = b.next_agency_key and a.valid_from <= b.valid_to and a.valid_to >= b.valid_from
    where b.depth < 10

)

select
    agency_key,
    ancestor_agency_key,
    depth,
    consolidates,
    units_between,
    valid_from,
    nullif(valid_to, 'infinity'::date) as valid_to
from above
