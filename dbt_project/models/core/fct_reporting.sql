{{ config(indexes=[{'columns': ['agency_key', 'period_id'], 'unique': true}]) }}

with expected as (

    select
        u.agency_key,
        p.period_id,
        coalesce(own.due_date, common.due_date) as due_date,
        coalesce(own.is_assumed, common.is_assumed, false) as is_due_date_assumed
    from {{ ref('bridge_unit_agency') }} as u
    join {{ ref('dim_period') }} as p
        on p.is_in_view
        and not p.is_derived
        and p.window_end between u.valid_from and coalesce(u.valid_to, 'infinity'::date)
    left join {{ ref('stg_period_due') }} as own
        on own.period_id = p.period_id and own.agency_kind = u.agency_kind
    left join {{ ref('stg_period_due') }} as common
        on common.period_id = p.period_id and common.agency_kind = '*'
    where u.reports

),

arrived as (

    select
        agency_key,
        period_id,
        -- what a person rejected or the reader refused is no report; what is held may become one
        coalesce(
            min(received_at) filter (where standing = 'counts'), min(received_at) filter (where standing = 'held')
        ) as first_received_at,
        count(*) as deliveries,
        count(*) filter (where standing in ('counts', 'held') and report_kind = 'replacement') as replacements,
        count(*) filter (where standing in ('counts', 'held') and report_kind = 'supplement') as supplements,
        count(*) filter (where standing = 'held') as held_deliveries,
        count(*) filter (where standing in ('refused', 'rejected')) as refused_deliveries,
        bool_or(standing = 'counts') as is_counted
    from {{ ref('int_delivery_standing') }}
    where agency_key <> 0 and period_id is not null
    group by agency_key, period_id

),

-- the whole report that counts; the newest supplement where no whole report came
current_delivery as (

    select distinct on (s.agency_key, s.period_id)
        s.agency_key,
        s.period_id,
        s.delivery_id
    from {{ ref('int_section_current') }} as s
    join {{ ref('int_delivery_standing') }} as d on d.agency_key = s.agency_key and d.delivery_id = s.delivery_id
    order by
        s.agency_key, s.period_id, (d.report_kind = 'supplement'), d.ordered_on desc, d.received_at desc, d.delivery_id desc

),

dated as (

    select
        e.agency_key,
        e.period_id,
        e.due_date,
        e.is_due_date_assumed,
        a.first_received_at,
        {{ local_date('a.first_received_at') }} as received_on,
        coalesce(a.is_counted, false) as is_counted,
        coalesce(a.deliveries, 0) as deliveries,
        coalesce(a.replacements, 0) as replacements,
        coalesce(a.supplements, 0) as supplements,
        coalesce(a.held_deliveries, 0) as held_deliveries,
        coalesce(a.refused_deliveries, 0) as refused_deliveries,
        c.delivery_id as current_delivery_id
    from expected as e
    left join arrived as a on a.agency_key = e.agency_key and a.period_id = e.period_id
    left join current_delivery as c on c.agency_key = e.agency_key and c.period_id = e.period_id

)

select
    agency_key,
    period_id,
    due_date,
    is_due_date_assumed,
    case
        when is_counted and received_on > due_date then 'late'
        when is_counted then 'on_time'
        when held_deliveries > 0 then 'held'
        when due_date < {{ local_date(as_of()) }} then 'missing'
        else 'not_due'
    end as reporting_state,
    first_received_at,
    received_on,
    case when is_counted then greatest(received_on - due_date, 0) end as days_late,
    current_delivery_id,
    deliveries,
    replacements,
    supplements,
    held_deliveries,
    refused_deliveries
from dated
