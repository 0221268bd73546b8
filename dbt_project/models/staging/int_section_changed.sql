{% set built = left_by_last_build('section_built') %}
{% set versions = left_by_last_build('reference_built') %}
{% set afresh = flags.FULL_REFRESH or built is none or versions is none %}

{{ config(
    materialized='table',
    indexes=[{'columns': ['sheet_code', 'agency_key', 'period_id'], 'unique': true}],
    post_hook="{{ mark_sections_unbuilt() }}"
) }}

-- Where the facts have to be rebuilt: the sections whose current delivery is not the one they were built from.
{% if afresh %}
select
    agency_key,
    period_id,
    sheet_code
from {{ ref('int_section_current') }}
{% if built is not none %}
union
select
    agency_key,
    period_id,
    sheet_code
from {{ built }}
{% endif %}
{% else %}
with reference_moved as (

    select exists (
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
    ) as is_true

)

select
    coalesce(c.agency_key, b.agency_key) as agency_key,
    coalesce(c.period_id, b.period_id) as period_id,
    coalesce(c.sheet_code, b.sheet_code) as sheet_code
from {{ ref('int_section_current') }} as c
full join {{ built }} as b
    on b.agency_key = c.agency_key and b.period_id = c.period_id and b.sheet_code = c.sheet_code
where
    c.delivery_id is distinct from b.delivery_id
    or c.sheet_no is distinct from b.sheet_no
    or (select r.is_true from reference_moved as r)
{% endif %}
