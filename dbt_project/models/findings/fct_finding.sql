-- What the reader found in every delivery, what the gates of this build found, and the finding behind each hold
-- that an earlier build placed. Gate findings are named by their content: equal inputs give equal names. What the
-- reader said of a cell is not said again by a gate; a waiver of what the gate would have said holds for it too.
with said_by_gate as (

    select
        delivery_id,
        sheet_name,
        cell,
        bool_and(is_waived) as is_waived
    from {{ ref('stg_expectation_finding') }}
    where build_id = {{ build_id() }} and cell is not null
    group by delivery_id, sheet_name, cell

),

intake as (

    select
        'intake:' || f.delivery_id || '-' || f.finding_no as finding_code,
        'intake' as gate,
        f.rule_id,
        f.severity,
        coalesce(r.scope, 'delivery') as scope,
        f.agency_key,
        coalesce(f.period_id, d.period_id) as period_id,
        f.delivery_id,
        f.sheet_name,
        f.cell,
        f.given,
        f.expected,
        f.message_vi,
        coalesce(g.is_waived, false) or exists (
            select 1
            from {{ ref('stg_waiver') }} as w
            left join {{ ref('dim_agency') }} as a on a.agency_code = w.agency_code
            where
                r.waivable
                and w.rule_id = f.rule_id
                and (w.agency_code = '*' or a.agency_key = f.agency_key)
                and w.period_id in ('*', f.period_id)
                and {{ local_date(as_of()) }} between w.valid_from and w.valid_to
        ) as is_waived,
        -- what the intake found beside another period holds while the gate finds it too: that may have been mended since
        not starts_with(f.rule_id, 'intake.neighbour_') or g.delivery_id is not null as holds
    from {{ ref('stg_intake_finding') }} as f
    join {{ ref('int_delivery_standing') }} as d on d.delivery_id = f.delivery_id
    left join {{ ref('stg_rule') }} as r on r.rule_id = f.rule_id
    left join said_by_gate as g
        on g.delivery_id = f.delivery_id and g.sheet_name = f.sheet_name and g.cell = f.cell

),

gate as (

    select distinct on (1)
        'gate:' || md5(concat_ws(
            '|', f.gate, f.rule_id, f.agency_key, f.period_id, f.delivery_id, f.sheet_name, f.cell, f.given, f.expected
        )) as finding_code,
        f.gate,
        f.rule_id,
        f.severity,
        f.scope,
        f.agency_key,
        f.period_id,
        f.delivery_id,
        f.sheet_name,
        f.cell,
        f.given,
        f.expected,
        f.message_vi,
        f.is_waived,
        true as holds
    from {{ ref('stg_expectation_finding') }} as f
    left join {{ ref('stg_hold') }} as h
        on h.delivery_id = f.delivery_id and h.rule_id = f.rule_id and h.build_id = f.build_id
    left join {{ ref('int_delivery_standing') }} as d on d.delivery_id = h.delivery_id and d.standing = 'held'
    left join (select distinct delivery_id, sheet_name, cell from intake) as said
        on said.delivery_id = f.delivery_id and said.sheet_name = f.sheet_name and said.cell = f.cell
    where (f.build_id = {{ build_id() }} or d.delivery_id is not null) and said.delivery_id is null
    order by 1, f.build_id desc, f.finding_id desc

),

found as (

    select * from intake
    union all
    select * from gate

),

-- a sheet that a supplement took over is no longer part of the current version
current_sheet as (

    select distinct
        delivery_id,
        sheet_name
    from {{ ref('int_section_current') }}

),

current_delivery as (

    select distinct delivery_id from current_sheet

),

read_sheet as (

    select distinct
        delivery_id,
        sheet_name
    from {{ ref('stg_section') }}

)

select
    f.finding_code,
    f.gate,
    f.rule_id,
    f.severity,
    f.scope,
    f.agency_key,
    f.period_id,
    f.delivery_id,
    f.sheet_name,
    f.cell,
    f.given,
    f.expected,
    f.message_vi,
    f.is_waived,
    case
        when not f.holds then false
        when f.delivery_id is null then true
        when s.delivery_id is null then d.delivery_id is not null
        else c.delivery_id is not null
    end as is_current
from found as f
left join read_sheet as s on s.delivery_id = f.delivery_id and s.sheet_name = f.sheet_name
left join current_sheet as c on c.delivery_id = f.delivery_id and c.sheet_name = f.sheet_name
left join current_delivery as d on d.delivery_id = f.delivery_id
