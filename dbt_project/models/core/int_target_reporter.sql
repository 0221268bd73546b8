{{ config(materialized='view') }}

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
        null::date as valid_from,
        null::date as valid_to
    from {{ ref('dim_target') }} as t
    where t.reporter_agency_key is null and t.reporter_collective_code is null

),

-- A target that is counted from procedure fields concerns the agencies that handle one of its fields.
handlers as (

    select distinct
        t.target_code,
        t.year,
        a.agency_key
    from {{ ref('dim_target') }} as t
    join {{ ref('stg_field') }} as f on {{ takes_group('t', 'f.field_group') }}
    join {{ ref('dim_agency') }} as a
        on a.agency_kind = any(f.handled_by_kinds) or a.agency_key = any(f.handled_by_agency_keys)
    left join {{ ref('dim_target') }} as o
        on o.overrides_target_code = t.target_code
        and o.year = t.year
        and {{ speaks_for('o', 'a.agency_key', 'f.field_group') }}
    where o.target_code is null

)

select distinct
    r.target_code,
    r.year,
    p.period_id,
    r.agency_key,
    p.evaluated_on,
    {{ quarters_between('p.window_start', 'p.window_end') }} as quarters,
    -- others may report such a target all the same, and are counted when they do
    (t.fed_by <> 'dossier' and t.measure is distinct from 'satisfied') or h.agency_key is not null as is_expected
from reporters as r
join {{ ref('dim_target') }} as t on t.target_code = r.target_code and t.year = r.year
join {{ ref('dim_period') }} as p
    on p.year = t.year
    and p.is_in_view
    and not p.is_derived
    and p.window_end between coalesce(r.valid_from, '-infinity'::date) and coalesce(r.valid_to, 'infinity'::date)
left join handlers as h on h.target_code = r.target_code and h.year = r.year and h.agency_key = r.agency_key
left join {{ ref('dim_target') }} as o
    on o.overrides_target_code = t.target_code
    and o.year = t.year
    and o.field_groups is null
    and r.agency_key = any(o.only_agency_keys)
where
    (t.only_agency_keys is null or r.agency_key = any(t.only_agency_keys))
    and not coalesce(r.agency_key = any(t.excluded_agency_keys), false)
    and o.target_code is null
