{{ config(
    materialized='table',
    indexes=[{'columns': ['agency_key', 'period_id', 'sheet_code', 'sheet_no'], 'unique': true}]
) }}

-- Which version of each section counts: ruling 6 of the report form. Several sheets of one kind in a workbook are
-- one section: they count together.
with countable as (

    select
        delivery_id,
        agency_key,
        period_id,
        report_kind,
        report_date,
        received_at,
        {{ version_order() }} as version_order
    from {{ ref('int_delivery_standing') }}
    where standing = 'counts' and agency_key <> 0 and period_id is not null

),

base as (

    select distinct on (agency_key, period_id)
        agency_key,
        period_id,
        delivery_id,
        version_order
    from countable
    where report_kind <> 'supplement'
    order by agency_key, period_id, version_order desc

),

-- the newest whole report, and the supplements that amend it; supplements alone where no whole report came
counted as (

    select c.*
    from countable as c
    left join base as b on b.agency_key = c.agency_key and b.period_id = c.period_id
    where
        b.delivery_id is null
        or c.delivery_id = b.delivery_id
        or (c.report_kind = 'supplement' and c.version_order > b.version_order)

),

newest as (

    select distinct on (s.agency_key, s.period_id, s.sheet_code)
        s.agency_key,
        s.period_id,
        s.sheet_code,
        s.delivery_id,
        c.report_date,
        c.received_at
    from counted as c
    join {{ ref('stg_section') }} as s on s.agency_key = c.agency_key and s.delivery_id = c.delivery_id
    order by s.agency_key, s.period_id, s.sheet_code, c.version_order desc

)

select
    n.agency_key,
    n.period_id,
    n.sheet_code,
    n.delivery_id,
    s.sheet_no,
    s.sheet_name,
    s.column_map,
    n.report_date,
    n.received_at
from newest as n
join {{ ref('stg_section') }} as s
    on s.agency_key = n.agency_key and s.delivery_id = n.delivery_id and s.sheet_code = n.sheet_code
