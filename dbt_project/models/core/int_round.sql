-- The rounds in view: the period has closed, the unit asks for it, and somebody opened it, by a form that was issued
-- to an agency of the unit or a report that came from one. A derived period is in view where all its parts are.
with opened as (

    select
        agency_key,
        period_id
    from {{ ref('stg_period_opened') }}
    union
    select
        agency_key,
        period_id
    from {{ ref('int_delivery_standing') }}
    where standing in ('counts', 'held') and agency_key <> 0 and period_id is not null

),

closed as (

    select *
    from {{ ref('stg_period') }}
    where closes_on < {{ local_date(as_of()) }}

),

reported as (

    select distinct
        r.unit_agency_key,
        p.period_id
    from {{ ref('stg_round') }} as r
    join closed as p on p.period_id = r.period_id and not p.is_derived
    join opened as o on o.period_id = p.period_id
    join {{ ref('bridge_unit_agency') }} as m
        on m.unit_agency_key = r.unit_agency_key
        and m.agency_key = o.agency_key
        and m.delivers
        and p.closes_on between m.valid_from and coalesce(m.valid_to, 'infinity'::date)

),

derived as (

    select
        r.unit_agency_key,
        p.period_id
    from closed as p
    join reported as r on r.period_id = p.minuend_period_id or r.period_id = any(p.subtrahend_period_ids)
    where p.is_derived
    group by r.unit_agency_key, p.period_id, p.subtrahend_period_ids
    having count(*) = 1 + cardinality(p.subtrahend_period_ids)

),

in_view as (

    select * from reported
    union all
    select * from derived

)

select
    i.unit_agency_key,
    u.agency_code as unit_code,
    u.agency_name as unit_name,
    u.jurisdiction_code,
    p.period_id,
    p.period_kind,
    p.year,
    p.period_order,
    p.window_start,
    p.window_end,
    p.closes_on,
    p.calendar_end,
    p.quarters,
    p.is_cumulative,
    p.is_derived,
    {{ evaluated_on('p.review_date') }} as evaluated_on
from in_view as i
join closed as p on p.period_id = i.period_id
-- a unit that was abolished before the period closed has no round
join {{ ref('stg_agency') }} as u
    on u.agency_key = i.unit_agency_key
    and u.consolidates
    and p.closes_on between u.valid_from and coalesce(u.valid_to, 'infinity'::date)
