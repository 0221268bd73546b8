{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed('feedback') }}",
    indexes=[{'columns': ['agency_key', 'period_id', 'channel_code', 'feedback_kind'], 'unique': true}]
) }}

{%- set counts = [
    'carried_over', 'received', 'resolved_on_time', 'resolved_late', 'pending', 'pending_overdue', 'published'
] %}

-- Rows of one sheet that name the same channel and kind are counted together.
select
    s.agency_key,
    s.period_id,
    coalesce(r.channel_code, {{ unknown_field_code('r.channel_name') }}) as channel_code,
    r.feedback_kind,
    {% for count in counts %}
    {{ total('r.' ~ count) }} as {{ count }},
    {% endfor %}
    s.delivery_id,
    s.sheet_no,
    min(r.sheet_row) as sheet_row,
    string_agg(r.sheet_row::text, ',' order by r.sheet_row) as sheet_rows
from {{ sections_to_load('feedback') }} as s
join {{ ref('stg_feedback_row') }} as r
    on r.agency_key = s.agency_key and r.delivery_id = s.delivery_id and r.sheet_no = s.sheet_no
group by 1, 2, 3, 4, s.delivery_id, s.sheet_no
