{{ config(materialized='view') }}

-- An agency as it was on the day a period in view closes, and the unit that its deliveries concern.
select
    b.agency_key,
    p.period_id,
    b.unit_agency_key,
    b.unit_code,
    a.agency_code,
    b.agency_name,
    b.short_name,
    b.agency_kind,
    a.sort_order
from {{ ref('bridge_unit_agency') }} as b
join (select distinct period_id, closes_on from {{ ref('int_round') }}) as p
    on p.closes_on between b.valid_from and coalesce(b.valid_to, 'infinity'::date)
join {{ ref('dim_agency') }} as a on a.agency_key = b.agency_key
where b.delivers
