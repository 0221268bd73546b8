{{ config(indexes=[{'columns': ['agency_key', 'period_id'], 'unique': true}]) }}

-- a due date that was moved counts from the day the change took effect
with due as (

    select distinct on (unit_agency_key, period_id, agency_kind)
        unit_agency_key,
        period_id,
        agency_kind,
        due_date,
        stated_date,
        is_assumed
    from {{ ref('stg_period_due') }}
    where effective_from <= {{ local_date(as_of()) }}
    order by unit_agency_key, period_id, agency_kind, effective_from desc

),

expected as (

    select
        u.agency_key,
        u.period_id,
        u.unit_agency_key,
        coalesce(own.due_date, common.due_date) as due_date,
        case when own.agency_kind is null then common.stated_date else own.stated_date end as due_date_stated,
        coalesce(own.is_assumed, common.is_assumed, false) as is_due_date_assumed
    from {{ ref('int_unit_agency_period') }} as u
    left join due as own
        on own.unit_agency_key = u.unit_agency_key
        and own.period_id = u.period_id
        and own.agency_kind = u.agency_kind
    left join due as common
        on common.unit_agency_key = u.unit_agency_key
        and common.period_id = u.period_id
        and common.agency_kind = '*'
    where not u.is_derived

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
        s.agency_key, s.period_id, (d.report_kind = 'supplement'), {{ version_order('d') }} desc

),

dated as (

    select
        e.agency_key,
        e.period_id,
        e.unit_agency_key,
        e.due_date,
        e.due_date_stated,
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
    unit_agency_key,
    due_date,
    due_date_stated,
    is_due_date_assumed,
    -- where no due date is known nothing is late and nobody is missing
    case
        when is_counted and received_on > due_date then 'late'
        when is_counted then 'on_time'
        when held_deliveries > 0 then 'held'
        when due_date < {{ local_date(as_of()) }} then 'missing'
        else 'not_due'
    end as reporting_state,
    first_received_at,
    received_on,
    case when is_counted and due_date is not null then greatest(received_on - due_date, 0) end as days_late,
    current_delivery_id,
    deliveries,
    replacements,
    supplements,
    held_deliveries,
    refused_deliveries
from dated
