{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed_targets() }}",
    indexes=[{'columns': ['agency_key', 'period_id', 'target_code', 'field_code'], 'unique': true}]
) }}

with expected as (

    select
        r.target_code,
        r.year,
        r.period_id,
        r.agency_key,
        r.is_expected,
        r.evaluated_on,
        t.fed_by,
        t.unit,
        t.comparator,
        t.direction,
        t.is_measurable and t.comparator <> 'none' as is_measurable,
        {{ bound('t.low_value', 't.unit', 'r.quarters') }} as low_value,
        {{ bound('t.high_value', 't.unit', 'r.quarters') }} as high_value
    from {{ ref('int_target_reporter') }} as r
    join {{ ref('int_target_changed') }} as c on c.agency_key = r.agency_key and c.period_id = r.period_id
    join {{ ref('dim_target') }} as t on t.target_code = r.target_code and t.year = r.year

),

-- Rows that nobody sent are rows.
valued as (

    select
        e.*,
        coalesce(m.field_code, '*') as field_code,
        m.numerator,
        m.denominator,
        case e.unit
            when 'percent' then trim_scale(100 * m.numerator / nullif(m.denominator, 0))
            when 'count' then trim_scale(m.numerator)
            when 'count_per_quarter' then trim_scale(m.numerator)
        end as computed_value,
        trim_scale(m.reported_value) as reported_value,
        m.reported_date,
        m.delivery_id,
        m.sheet_no,
        m.sheet_row,
        m.cells
    from expected as e
    left join {{ ref('int_target_counted') }} as m
        on m.agency_key = e.agency_key
        and m.period_id = e.period_id
        and m.target_code = e.target_code
        and m.year = e.year
    where e.is_expected or m.target_code is not null

),

judged as (

    select
        v.*,
        case when v.denominator is distinct from 0 then coalesce(v.computed_value, v.reported_value) end as value,
        case
            when v.computed_value is not null or v.denominator = 0 then 'computed'
            when v.reported_value is not null or v.reported_date is not null then 'reported'
            else 'none'
        end as basis
    from valued as v

)

select
    target_code,
    year,
    period_id,
    agency_key,
    field_code,
    numerator,
    denominator,
    computed_value,
    reported_value,
    reported_value - computed_value as difference,
    value,
    reported_date,
    case
        when not is_measurable then 'not_measurable'
        when unit = 'percent' and denominator = 0 then 'not_applicable'
        when comparator = 'by_date' and reported_date is null then 'no_data'
        when comparator = 'by_date'
            then case when reported_date <= to_date(low_value::bigint::text, 'YYYYMMDD') then 'met' else 'missed' end
        when value is null then 'no_data'
        when {{ meets('comparator', 'direction', 'value', 'low_value', 'high_value') }} then 'met'
        else 'missed'
    end as outcome,
    basis,
    fed_by,
    is_expected,
    delivery_id,
    sheet_no,
    sheet_row,
    cells,
    evaluated_on
from judged
