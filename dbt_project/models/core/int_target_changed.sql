{% set results = left_by_last_build('fct_target_result') %}

{{ config(
    materialized='table',
    schema='staging',
    indexes=[{'columns': ['agency_key', 'period_id'], 'unique': true}]
) }}

-- depends_on: {{ ref('int_section_changed') }}
-- depends_on: {{ ref('int_reference_moved') }}
-- depends_on: {{ ref('dim_period') }}
with expected as (

    select distinct
        agency_key,
        period_id,
        evaluated_on
    from {{ ref('int_target_reporter') }}

)

{% if results is none or flags.FULL_REFRESH %}
select
    agency_key,
    period_id
from expected
{% else %}
, built as (

    select
        agency_key,
        period_id,
        min(evaluated_on) as evaluated_on
    from {{ results }}
    group by agency_key, period_id

),

-- a task's statement also speaks for the later periods of its year
section_changed as (

    select
        c.agency_key,
        p.period_id
    from {{ ref('int_section_changed') }} as c
    join {{ ref('dim_period') }} as stated on stated.period_id = c.period_id
    join {{ ref('dim_period') }} as p
        on p.period_id = c.period_id
        or (c.sheet_code = 'task' and p.year = stated.year and p.period_order > stated.period_order)

)

-- every pair where the catalogue or the calendar changed; those come into view, gone out of it, or judged on
-- another day
select
    coalesce(e.agency_key, b.agency_key) as agency_key,
    coalesce(e.period_id, b.period_id) as period_id
from expected as e
full join built as b on b.agency_key = e.agency_key and b.period_id = e.period_id
where
    e.evaluated_on is distinct from b.evaluated_on
    or (select r.is_moved from {{ ref('int_reference_moved') }} as r)
union
select
    e.agency_key,
    e.period_id
from expected as e
join section_changed as s on s.agency_key = e.agency_key and s.period_id = e.period_id
{% endif %}
