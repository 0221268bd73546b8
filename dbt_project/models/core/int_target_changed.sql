{% set results = left_by_last_build('fct_target_result') %}

{{ config(
    materialized='table',
    schema='staging',
    indexes=[{'columns': ['agency_key', 'period_id'], 'unique': true}]
) }}

-- depends_on: {{ ref('int_section_changed') }}
-- depends_on: {{ ref('int_reference_moved') }}
-- depends_on: {{ ref('dim_period') }}
-- depends_on: {{ ref('dim_target') }}
with expected as (

    select distinct
        agency_key,
        period_id,
        unit_agency_key,
        evaluated_on
    from {{ ref('int_target_reporter') }}

)

{% if results is none or flags.FULL_REFRESH %}
select distinct
    agency_key,
    period_id
from expected
{% else %}
, built as (

    select
        f.agency_key,
        f.period_id,
        -- 0 where the catalogue no longer has the target
        coalesce(t.unit_agency_key, 0) as unit_agency_key,
        min(f.evaluated_on) as evaluated_on
    from {{ results }} as f
    left join {{ ref('dim_target') }} as t on t.target_code = f.target_code and t.year = f.year
    group by 1, 2, 3

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

-- every pair where the catalogue or the calendar changed; those where a unit's round came into view, went out of it,
-- or is judged on another day
select
    coalesce(e.agency_key, b.agency_key) as agency_key,
    coalesce(e.period_id, b.period_id) as period_id
from expected as e
full join built as b
    on b.agency_key = e.agency_key and b.period_id = e.period_id and b.unit_agency_key = e.unit_agency_key
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
