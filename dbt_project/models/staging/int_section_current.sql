{{ config(materialized='table', indexes=[{'columns': ['agency_key', 'period_id', 'sheet_code'], 'unique': true}]) }}

-- Which version of each section counts: ruling 6 of the report form.
with countable as (

    select
        delivery_id,
        agency_key,
        period_id,
        report_kind,
        report_date,
        received_at,
        ordered_on
    from {{ ref('int_delivery_standing') }}
    where standing = 'counts' and agency_key <> 0 and period_id is not null

),

base as (

    select distinct on (agency_key, period_id)
        agency_key,
        period_id,
        delivery_id,
        ordered_on,
        received_at
    from countable
    where report_kind <> 'supplement'
    order by agency_key, period_id, ordered_on desc, received_at desc, delivery_id desc

),

-- the newest whole report, and the supplements that amend it; supplements alone where no whole report came
counted as (

    select c.*
    from countable as c
    left join base as b on b.agency_key = c.agency_key and b.period_id = c.period_id
    where
        b.delivery_id is null
        or c.delivery_id = b.delivery_id
        or (
            c.report_kind = 'supplement'
            and (c.ordered_on, c.received_at, c.delivery_id) > (b.ordered_on, b.received_at, b.delivery_id)
        )

)

select distinct on (s.agency_key, s.period_id, s.sheet_code)
    s.agency_key,
    s.period_id,
    s.sheet_code,
    s.delivery_id,
    s.sheet_no,
    s.sheet_name,
    s.column_map,
    c.report_date,
    c.received_at
from counted as c
join {{ ref('stg_section') }} as s on s.agency_key = c.agency_key and s.delivery_id = c.delivery_id
order by
    s.agency_key, s.period_id, s.sheet_code,
    c.ordered_on desc, c.received_at desc, c.delivery_id desc,
    -- where a sheet is there twice, visible and hidden, only the visible one counts
    s.is_hidden, s.sheet_no
