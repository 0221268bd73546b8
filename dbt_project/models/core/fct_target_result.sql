{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed_targets() }}",
    indexes=[{'columns': ['agency_key', 'period_id', 'target_code', 'field_code'], 'unique': true}]
) }}

-- depends_on: {{ ref('int_target_changed') }}
with valued as (

    -- rows that nobody sent are rows
    select
        w.*,
        coalesce(g.field_code, '*') as field_code,
        g.numerator,
        g.denominator,
        {{ measured('w.unit', 'g.numerator', 'g.denominator') }} as computed_value,
        trim_scale(g.published_value) as published_value,
        trim_scale(g.reported_value) as reported_value,
        g.reported_date,
        g.delivery_id,
        g.sheet_no,
        g.sheet_row,
        g.cells,
        {{ is_of_whole('w.unit') }} and g.denominator = 0 as has_nothing_to_count
    from {{ ref('int_target_wanted') }} as w
    left join {{ ref('int_target_figure') }} as g
        on g.agency_key = w.agency_key
        and g.period_id = w.period_id
        and g.target_code = w.target_code
        and g.year = w.year
    where w.is_expected or g.target_code is not null

),

judged as (

    select
        v.*,
        case
            when v.has_nothing_to_count then null
            else coalesce(v.computed_value, v.published_value, v.reported_value)
        end as value,
        case
            when v.computed_value is not null or v.has_nothing_to_count then 'computed'
            when v.published_value is not null then 'published'
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
        when has_nothing_to_count or {{ owes_nothing_yet('unit', 'quarters') }} then 'not_applicable'
        when comparator = 'by_date' and reported_date is null then 'no_data'
        when comparator = 'by_date'
            then case when reported_date <= to_date(low_value::bigint::text, 'YYYYMMDD') then 'met' else 'missed' end
        -- a bound by the quarter is not known in a round that is no whole number of quarters
        when value is null or low_value is null then 'no_data'
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
