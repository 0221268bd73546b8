{{ config(materialized='view') }}

select
    u.unit_agency_key,
    u.unit_code,
    p.period_id,
    u.agency_key,
    a.agency_code,
    a.agency_name,
    a.agency_kind,
    a.sort_order
from {{ ref('bridge_unit_agency') }} as u
join {{ ref('dim_period') }} as p
    on p.is_in_view and p.window_end between u.valid_from and coalesce(u.valid_to, 'infinity'::date)
join {{ ref('dim_agency') }} as a on a.agency_key = u.agency_key
where u.reports
