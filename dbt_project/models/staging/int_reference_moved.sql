{% set versions = left_by_last_build('reference_built') %}

{{ config(materialized='table') }}

-- depends_on: {{ ref('stg_reference_version') }}
-- True as well where the facts start afresh, or where nobody knows what they were built from.
{% if flags.FULL_REFRESH or versions is none or left_by_last_build('section_built') is none %}
select true as is_moved
{% else %}
select exists (
    select 1
    from (
        select
            dataset,
            max(version_id) as version_id
        from {{ ref('stg_reference_version') }}
        group by dataset
    ) as in_force
    full join {{ versions }} as used on used.dataset = in_force.dataset and used.version_id = in_force.version_id
    where used.dataset is null or in_force.dataset is null
) as is_moved
{% endif %}
