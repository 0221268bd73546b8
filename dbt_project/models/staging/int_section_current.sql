{{ config(materialized='table', indexes=[{'columns': ['agency_key', 'period_id', 'sheet_code'], 'unique': true}]) }}

-- Which version of each section counts: form.md, ruling 6.
with decided as (

    select distinct on (delivery_id)
        delivery_id,
        decision,
        decided_at
    from {{ ref('stg_delivery_decision') }}
    order by delivery_id, decided_at desc, decision_id desc

),

held as (

    select
        delivery_id,
        max(held_at) as held_at
    from {{ ref('stg_hold') }}
    group by delivery_id

),

countable as (

    select
        d.delivery_id,
        r.agency_key,
        r.period_id,
        r.report_kind,
        r.report_date,
        d.received_at,
        coalesce(r.report_date, {{ local_date('d.received_at') }}) as ordered_on
    from {{ ref('stg_reading') }} as r
    join {{ ref('stg_delivery') }} as d on d.delivery_id = r.delivery_id
    left join decided as x on x.delivery_id = r.delivery_id
    left join held as h on h.delivery_id = r.delivery_id
    where
        r.agency_key <> 0
        and r.period_id is not null
        and x.decision is distinct from 'reject'
        and (r.verdict in ('accepted', 'accepted_with_findings') or (r.verdict = 'held' and x.decision = 'accept'))
        -- a person's later acceptance lifts a hold
        and (h.delivery_id is null or (x.decision = 'accept' and x.decided_at >= h.held_at))

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
    -- a hidden sheet beside a visible one of the same kind is not added
    s.is_hidden, s.sheet_no
