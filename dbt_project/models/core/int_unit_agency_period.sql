{{ config(materialized='view') }}

select
    u.unit_agency_key,
    u.unit_code,
    p.period_id,
    p.is_derived,
    u.agency_key,
    a.agency_code,
    u.agency_name,
    u.agency_kind,
    a.sort_order
from {{ ref('int_round') }} as p
join {{ ref('bridge_unit_agency') }} as u
    on u.unit_agency_key = p.unit_agency_key
    and u.reports
    and p.closes_on between u.valid_from and coalesce(u.valid_to, 'infinity'::date)
join {{ ref('dim_agency') }} as a on a.agency_key = u.agency_key
