{{ config(
    materialized='table',
    schema='staging',
    indexes=[{'columns': ['agency_key', 'period_id', 'target_code'], 'unique': true}]
) }}

-- The targets that are to be evaluated again, with all that says how.
select
    r.target_code,
    r.year,
    r.period_id,
    r.agency_key,
    r.is_expected,
    r.evaluated_on,
    r.quarters,
    t.fed_by,
    t.measure,
    t.quantifier,
    t.indicator_code,
    t.field_groups,
    t.excluded_field_groups,
    t.unit,
    t.comparator,
    t.direction,
    t.is_measurable and t.comparator <> 'none' as is_measurable,
    {{ bound('t.low_value', 't.unit', 'r.quarters') }} as low_value,
    {{ bound('t.high_value', 't.unit', 'r.quarters') }} as high_value
from {{ ref('int_target_reporter') }} as r
join {{ ref('int_target_changed') }} as c on c.agency_key = r.agency_key and c.period_id = r.period_id
join {{ ref('dim_target') }} as t on t.target_code = r.target_code and t.year = r.year
