{{ config(materialized='view') }}

-- A target is evaluated in the rounds of its plan's unit, for the agencies that were valid when the period closed.
select distinct
    a.target_code,
    a.year,
    r.period_id,
    a.agency_key,
    a.unit_agency_key,
    r.evaluated_on,
    r.quarters,
    a.is_expected
from {{ ref('int_target_agency') }} as a
join {{ ref('int_round') }} as r
    on r.unit_agency_key = a.unit_agency_key
    and r.year = a.year
    and not r.is_derived
    and r.closes_on between a.valid_from and coalesce(a.valid_to, 'infinity'::date)
