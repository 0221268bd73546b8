-- What cannot be laid at any agency's door is shown to every unit, and what names no period is shown in the unit's
-- round that was open when the file came.
with round as (

    select
        unit_agency_key,
        unit_code,
        period_id,
        -- the first round also takes what came before it
        case
            when row_number() over by_unit = 1 then '-infinity'::date
            else closes_on + 1
        end as opens_on,
        coalesce(lead(closes_on) over by_unit, 'infinity'::date) as ends_on
    from {{ ref('int_round') }}
    where not is_derived
    window by_unit as (partition by unit_agency_key order by closes_on, period_order)

),

found as (

    select
        f.*,
        d.source_name as file_name,
        {{ local_date('coalesce(d.received_at, ' ~ as_of() ~ ')') }} as found_on
    from {{ ref('fct_finding') }} as f
    left join {{ ref('int_delivery_standing') }} as d on d.delivery_id = f.delivery_id

),

placed as (

    select
        f.*,
        r.unit_agency_key,
        r.unit_code,
        r.period_id as shown_in_period_id
    from found as f
    join round as r on r.period_id = f.period_id

    union all

    select
        f.*,
        r.unit_agency_key,
        r.unit_code,
        r.period_id as shown_in_period_id
    from found as f
    join round as r on f.found_on between r.opens_on and r.ends_on
    where f.period_id is null

),

-- for what came from an agency that was no more, or not yet, when the period closed
last_unit as (

    select distinct on (agency_key)
        agency_key,
        unit_agency_key
    from {{ ref('bridge_unit_agency') }}
    where delivers
    order by agency_key, valid_from desc

)

select
    f.unit_code,
    f.shown_in_period_id as period_id,
    f.finding_code,
    f.gate,
    f.rule_id,
    f.severity,
    array_position(array{{ finding_severities() }}, f.severity) as severity_order,
    a.agency_code,
    coalesce(n.agency_name, a.agency_name) as agency_name,
    f.delivery_id,
    f.file_name,
    f.sheet_name,
    f.cell,
    f.given,
    f.expected,
    f.message_vi,
    f.is_waived,
    f.is_current
from placed as f
join {{ ref('dim_agency') }} as a on a.agency_key = f.agency_key
left join {{ ref('int_agency_period') }} as n
    on n.agency_key = f.agency_key and n.period_id = f.shown_in_period_id
left join last_unit as l on l.agency_key = f.agency_key
where f.agency_key = 0 or coalesce(n.unit_agency_key, l.unit_agency_key) = f.unit_agency_key
