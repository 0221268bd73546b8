-- What cannot be laid at any agency's door is shown to every unit, and what names no period is shown in the round
-- that was open when the file came.
with open_round as (

    select
        period_id,
        -- the first round also takes what came before it
        case
            when row_number() over (order by window_end) = 1 then '-infinity'::date
            else window_end + 1
        end as opens_on,
        coalesce(lead(window_end) over (order by window_end), 'infinity'::date) as closes_on
    from {{ ref('dim_period') }}
    where is_in_view and not is_derived

),

placed as (

    select
        f.*,
        d.source_name as file_name,
        coalesce(f.period_id, o.period_id) as shown_in_period_id
    from {{ ref('fct_finding') }} as f
    left join {{ ref('int_delivery_standing') }} as d on d.delivery_id = f.delivery_id
    left join open_round as o
        on f.period_id is null
        and {{ local_date('coalesce(d.received_at, ' ~ as_of() ~ ')') }} between o.opens_on and o.closes_on

),

shown_to as (

    select distinct
        unit_code,
        agency_key
    from {{ ref('bridge_unit_agency') }}
    union all
    select
        agency_code as unit_code,
        0 as agency_key
    from {{ ref('dim_agency') }}
    where consolidates

)

select
    u.unit_code,
    f.shown_in_period_id as period_id,
    f.finding_code,
    f.gate,
    f.rule_id,
    f.severity,
    array_position(array{{ finding_severities() }}, f.severity) as severity_order,
    a.agency_code,
    a.agency_name,
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
join {{ ref('dim_period') }} as p on p.period_id = f.shown_in_period_id and p.is_in_view
join shown_to as u on u.agency_key = f.agency_key
join {{ ref('dim_agency') }} as a on a.agency_key = f.agency_key
