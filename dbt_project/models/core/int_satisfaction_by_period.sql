{{ config(materialized='view') }}

{%- set counts = ['sent', 'returned', 'valid', 'satisfied'] %}

select
    agency_key,
    period_id,
    field_code,
    survey_content,
    {% for count in counts %}
    {{ count }},
    {% endfor %}
    false as is_derived,
    delivery_id,
    sheet_no,
    sheet_row,
    sheet_rows
from {{ ref('fct_satisfaction') }}

union all

select
    m.agency_key,
    m.derived_period_id as period_id,
    m.field_code,
    m.survey_content,
    {% for count in counts %}
    {{ less_earlier(count) }} as {{ count }},
    {% endfor %}
    true as is_derived,
    m.delivery_id,
    m.sheet_no,
    m.sheet_row,
    m.sheet_rows
from {{ minuend_rows('fct_satisfaction', 'satisfaction') }} as m
left join {{ earlier_rows(
    'fct_satisfaction', 'satisfaction', ['field_code', 'survey_content'], counts, 'null::bigint'
) }} as e
    on e.derived_period_id = m.derived_period_id
    and e.agency_key = m.agency_key
    and e.field_code = m.field_code
    and e.survey_content = m.survey_content
