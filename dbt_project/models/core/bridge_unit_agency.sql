{{ config(indexes=[{'columns': ['agency_key']}, {'columns': ['unit_agency_key']}]) }}

-- An agency is reviewed by the nearest unit that stood above it on the day; a unit answers for its own duties too.
-- Each row lies within one span of the agency, whose name and kind of the time it carries.
select
    b.ancestor_agency_key as unit_agency_key,
    u.agency_code as unit_code,
    b.agency_key,
    b.valid_from,
    b.valid_to,
    s.agency_name,
    s.short_name,
    s.agency_kind,
    s.agency_level,
    s.parent_agency_key,
    s.reports and b.depth > 0 as reports,
    -- what a unit sends goes to the unit above it
    b.depth > 0 or s.parent_agency_key is null as delivers
from {{ ref('bridge_agency_ancestor') }} as b
join {{ ref('dim_agency') }} as u on u.agency_key = b.ancestor_agency_key
join {{ ref('stg_agency') }} as s
    on s.agency_key = b.agency_key
    and b.valid_from between s.valid_from and coalesce(s.valid_to, 'infinity'::date)
where b.consolidates and b.units_between = 0
