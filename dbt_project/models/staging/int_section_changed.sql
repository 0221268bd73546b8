{% set built = left_by_last_build('section_built') %}

{{ config(
    materialized='table',
    indexes=[{'columns': ['sheet_code', 'agency_key', 'period_id'], 'unique': true}],
    post_hook="{{ mark_sections_unbuilt() }}"
) }}

-- Where the facts have to be rebuilt: the sections whose current version, sheet by sheet, is not the one they were
-- built from.
{% if built is none %}
select distinct
    agency_key,
    period_id,
    sheet_code
from {{ ref('int_section_current') }}
-- depends_on: {{ ref('int_reference_moved') }}
{% else %}
select distinct
    coalesce(c.agency_key, b.agency_key) as agency_key,
    coalesce(c.period_id, b.period_id) as period_id,
    coalesce(c.sheet_code, b.sheet_code) as sheet_code
from {{ ref('int_section_current') }} as c
full join {{ built }} as b
    on b.agency_key = c.agency_key
    and b.period_id = c.period_id
    and b.sheet_code = c.sheet_code
    and b.sheet_no = c.sheet_no
where
    c.delivery_id is distinct from b.delivery_id
    or (select r.is_moved from {{ ref('int_reference_moved') }} as r)
{% endif %}
