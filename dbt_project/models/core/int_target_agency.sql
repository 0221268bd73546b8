{{ config(
    materialized='table',
    schema='staging',
    indexes=[{'columns': ['target_code', 'year', 'agency_key']}]
) }}

-- Who is asked for a target and from when to when, whether or not anybody reports: depends on the catalogue alone.
with reporters as (

    -- one agency that the catalogue names
    select
        t.target_code,
        t.year,
        t.reporter_agency_key as agency_key,
        null::date as valid_from,
        null::date as valid_to
    from {{ ref('dim_target') }} as t
    where t.reporter_agency_key is not null

    union

    select
        t.target_code,
        t.year,
        c.agency_key,
        c.valid_from,
        c.valid_to
    from {{ ref('dim_target') }} as t
    join {{ ref('bridge_collective_agency') }} as c on c.collective_code = t.reporter_collective_code

    union

    -- nobody below reports it: it is the consolidating unit's own to know
    select
        t.target_code,
        t.year,
        t.unit_agency_key as agency_key,
        null as valid_from,
        null as valid_to
    from {{ ref('dim_target') }} as t
    where t.reporter_agency_key is null and t.reporter_collective_code is null

),

-- Whose procedure fields are known: the list of fields names the agency's kind, itself, or one beside it.
handler as (

    select
        a.agency_key,
        a.parent_agency_key,
        f.field_group,
        a.agency_kind = any(f.handled_by_kinds) as by_kind
    from {{ ref('dim_agency') }} as a
    join {{ ref('stg_field') }} as f
        on a.agency_kind = any(f.handled_by_kinds) or a.agency_key = any(f.handled_by_agency_keys)

),

handled as (

    select distinct
        agency_key,
        field_group
    from handler
    union
    -- where the list is silent an agency may handle any field
    select
        a.agency_key,
        f.field_group
    from {{ ref('dim_agency') }} as a
    cross join (select distinct field_group from {{ ref('stg_field') }}) as f
    left join handler as self on self.agency_key = a.agency_key and self.by_kind
    left join (select distinct parent_agency_key from handler where not by_kind) as beside
        on beside.parent_agency_key = a.parent_agency_key
    where self.agency_key is null and beside.parent_agency_key is null

),

-- A target that is counted from procedure fields concerns the agencies that handle one of its fields.
concerned as (

    select
        r.target_code,
        r.year,
        r.agency_key
    from (select distinct target_code, year, agency_key from reporters) as r
    join {{ ref('dim_target') }} as t on t.target_code = r.target_code and t.year = r.year
    join handled as h on h.agency_key = r.agency_key and {{ takes_group('t', 'h.field_group') }}
    left join {{ ref('dim_target') }} as o
        on o.overrides_target_code = t.target_code
        and o.year = t.year
        and {{ speaks_for('o', 'h.agency_key', 'h.field_group') }}
    where (t.fed_by = 'dossier' or t.measure = 'satisfied') and o.target_code is null

),

-- an agency with a target of its own has not the general one
own as materialized (

    select
        overrides_target_code,
        year,
        only_agency_keys
    from {{ ref('dim_target') }}
    where overrides_target_code is not null and only_agency_keys is not null and field_groups is null

)

select distinct
    r.target_code,
    r.year,
    t.unit_agency_key,
    r.agency_key,
    greatest(r.valid_from, m.valid_from) as valid_from,
    least(r.valid_to, m.valid_to) as valid_to,
    -- others may report such a target all the same, and are counted when they do
    (t.fed_by <> 'dossier' and t.measure is distinct from 'satisfied')
    or (r.target_code, r.year, r.agency_key) in (select c.target_code, c.year, c.agency_key from concerned as c)
        as is_expected
from reporters as r
join {{ ref('dim_target') }} as t on t.target_code = r.target_code and t.year = r.year
-- whoever reports to another unit tells that one: a ward's part in a city's plan is told by its district
join {{ ref('bridge_unit_agency') }} as m
    on m.unit_agency_key = t.unit_agency_key
    and m.agency_key = r.agency_key
    and m.valid_from <= coalesce(r.valid_to, 'infinity'::date)
    and coalesce(m.valid_to, 'infinity'::date) >= coalesce(r.valid_from, '-infinity'::date)
left join own as o
    on o.overrides_target_code = t.target_code and o.year = t.year and r.agency_key = any(o.only_agency_keys)
where
    (t.only_agency_keys is null or r.agency_key = any(t.only_agency_keys))
    and not coalesce(r.agency_key = any(t.excluded_agency_keys), false)
    and o.year is null
