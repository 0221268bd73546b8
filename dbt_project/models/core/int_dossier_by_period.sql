{{ config(materialized='view') }}

{%- set counts = [
    'received_total', 'received_online', 'received_direct', 'carried_over',
    'resolved_total', 'resolved_early', 'resolved_on_time', 'resolved_late',
    'pending_total', 'pending_in_time', 'pending_overdue', 'apology_letters',
    'received_total_computed', 'resolved_total_computed', 'pending_total_computed', 'resolved_in_time'
] %}
{%- set flows = [
    'received_online', 'received_direct', 'resolved_total', 'resolved_early', 'resolved_on_time', 'resolved_late',
    'apology_letters', 'resolved_total_computed', 'resolved_in_time'
] %}

with derived as (

    select
        m.agency_key,
        m.derived_period_id,
        m.field_code,
        {% for flow in flows %}
        {{ less_earlier(flow) }} as {{ flow }},
        {% endfor %}
        -- opens with column 11 of the latest earlier period; without one, nothing had moved since the year began
        case when e.agency_key is null then m.carried_over else e.closing_stock end as carried_over,
        m.pending_total,
        m.pending_in_time,
        m.pending_overdue,
        m.pending_total_computed,
        m.delivery_id,
        m.sheet_no,
        m.sheet_row,
        m.sheet_rows
    from {{ minuend_rows('fct_dossier', 'dossier') }} as m
    left join {{ earlier_rows(
        'fct_dossier', 'dossier', ['field_code'], flows,
        "(array_agg(f.pending_total_computed order by d.part_end desc))[1]"
    ) }} as e
        on e.derived_period_id = m.derived_period_id
        and e.agency_key = m.agency_key
        and e.field_code = m.field_code

)

select
    agency_key,
    period_id,
    field_code,
    {% for count in counts %}
    {{ count }},
    {% endfor %}
    false as is_derived,
    delivery_id,
    sheet_no,
    sheet_row,
    sheet_rows
from {{ ref('fct_dossier') }}

union all

select
    agency_key,
    derived_period_id as period_id,
    field_code,
    received_online + received_direct + carried_over as received_total,
    received_online,
    received_direct,
    carried_over,
    resolved_total,
    resolved_early,
    resolved_on_time,
    resolved_late,
    pending_total,
    pending_in_time,
    pending_overdue,
    apology_letters,
    received_online + received_direct + carried_over as received_total_computed,
    resolved_total_computed,
    pending_total_computed,
    resolved_in_time,
    true as is_derived,
    delivery_id,
    sheet_no,
    sheet_row,
    sheet_rows
from derived
