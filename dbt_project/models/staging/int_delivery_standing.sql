-- What became of each delivery that was read: counts, held, rejected, refused or duplicate.
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

)

select
    d.delivery_id,
    r.agency_key,
    r.period_id,
    r.report_kind,
    r.report_date,
    d.received_at,
    coalesce(r.report_date, {{ local_date('d.received_at') }}) as ordered_on,
    r.document_number,
    d.source_name,
    d.sha256,
    coalesce(x.decision = 'accept', false) as is_accepted,
    case
        when r.verdict in ('refused', 'duplicate') then r.verdict
        when x.decision = 'reject' then 'rejected'
        when r.verdict = 'held' and x.decision is distinct from 'accept' then 'held'
        -- a person's later acceptance lifts a hold
        when h.held_at is not null and (x.decision is distinct from 'accept' or x.decided_at < h.held_at) then 'held'
        else 'counts'
    end as standing
from {{ ref('stg_reading') }} as r
join {{ ref('stg_delivery') }} as d on d.delivery_id = r.delivery_id
left join decided as x on x.delivery_id = r.delivery_id
left join held as h on h.delivery_id = r.delivery_id
