{{ config(materialized='view') }}

{%- set flows = ['received', 'resolved_on_time', 'resolved_late', 'published'] %}

select
    agency_key,
    period_id,
    channel_code,
    feedback_kind,
    carried_over,
    {% for flow in flows %}
    {{ flow }},
    {% endfor %}
    pending,
    pending_overdue,
    false as is_derived,
    delivery_id,
    sheet_no,
    sheet_row,
    sheet_rows
from {{ ref('fct_feedback') }}

union all

select
    m.agency_key,
    m.derived_period_id as period_id,
    m.channel_code,
    m.feedback_kind,
    -- opens with what was pending at the end of the latest earlier period
    case when e.agency_key is null then m.carried_over else e.closing_stock end as carried_over,
    {% for flow in flows %}
    {{ less_earlier(flow) }} as {{ flow }},
    {% endfor %}
    m.pending,
    m.pending_overdue,
    true as is_derived,
    m.delivery_id,
    m.sheet_no,
    m.sheet_row,
    m.sheet_rows
from {{ minuend_rows('fct_feedback', 'feedback') }} as m
left join {{ earlier_rows(
    'fct_feedback', 'feedback', ['channel_code', 'feedback_kind'], flows,
    "(array_agg(f.pending order by d.part_end desc))[1]"
) }} as e
    on e.derived_period_id = m.derived_period_id
    and e.agency_key = m.agency_key
    and e.channel_code = m.channel_code
    and e.feedback_kind = m.feedback_kind
