{% set results = left_by_last_build('fct_target_result') %}
{% set versions = left_by_last_build('reference_built') %}
{% set afresh = flags.FULL_REFRESH or results is none or versions is none %}

{{ config(
    materialized='table',
    schema='staging',
    indexes=[{'columns': ['agency_key', 'period_id'], 'unique': true}]
) }}

-- Agency × period whose targets have to be evaluated again.
with expected as (

    select distinct
        agency_key,
        period_id,
        evaluated_on
    from {{ ref('int_target_reporter') }}

)

{% if afresh %}
select
    agency_key,
    period_id
from expected
{% else %}
, reference_moved as (

    select 1
    from (
        select
            dataset,
            max(version_id) as version_id
        from {{ ref('stg_reference_version') }}
        group by dataset
    ) as now_in_force
    full join {{ versions }} as used
        on used.dataset = now_in_force.dataset and used.version_id = now_in_force.version_id
    where used.dataset is null or now_in_force.dataset is null

),

built as (

    select
        agency_key,
        period_id,
        min(evaluated_on) as evaluated_on
    from {{ results }}
    group by agency_key, period_id

),

-- a task's statement also speaks for the later periods of its year
sections as (

    select
        c.agency_key,
        p.period_id
    from {{ ref('int_section_changed') }} as c
    join {{ ref('dim_period') }} as stated on stated.period_id = c.period_id
    join {{ ref('dim_period') }} as p
        on p.period_id = c.period_id
        or (c.sheet_code = 'task' and p.year = stated.year and p.period_order > stated.period_order)

)

select
    agency_key,
    period_id
from expected
where exists (select 1 from reference_moved)
union
select
    e.agency_key,
    e.period_id
from expected as e
join sections as s on s.agency_key = e.agency_key and s.period_id = e.period_id
union
-- come into view, gone out of view, or judged on another day
select
    coalesce(e.agency_key, b.agency_key) as agency_key,
    coalesce(e.period_id, b.period_id) as period_id
from expected as e
full join built as b on b.agency_key = e.agency_key and b.period_id = e.period_id
where e.evaluated_on is distinct from b.evaluated_on
{% endif %}
