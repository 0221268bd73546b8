{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed('dossier') }}",
    indexes=[{'columns': ['agency_key', 'period_id', 'field_code'], 'unique': true}]
) }}

{%- set counts = [
    'received_total', 'received_online', 'received_direct', 'carried_over',
    'resolved_total', 'resolved_early', 'resolved_on_time', 'resolved_late',
    'pending_total', 'pending_in_time', 'pending_overdue', 'apology_letters'
] %}

-- Rows of one sheet that name the same field are counted together.
with delivered as (

    select
        s.agency_key,
        s.period_id,
        coalesce(r.field_code, {{ unknown_field_code('r.field_name') }}) as field_code,
        {% for count in counts %}
        {{ total('r.' ~ count) }} as {{ count }},
        {% endfor %}
        s.delivery_id,
        s.sheet_no,
        min(r.sheet_row) as sheet_row,
        string_agg(r.sheet_row::text, ',' order by r.sheet_row) as sheet_rows
    from {{ sections_to_load('dossier') }} as s
    join {{ ref('stg_dossier_row') }} as r
        on r.agency_key = s.agency_key and r.delivery_id = s.delivery_id and r.sheet_no = s.sheet_no
    group by 1, 2, 3, s.delivery_id, s.sheet_no

),

recomputed as (

    select
        *,
        -- no rate stands on these two: where a part is not known, the delivered total counts
        coalesce(
            {{ whole(['received_online', 'received_direct', 'carried_over'], 'received_total') }}, received_total
        ) as received_total_computed,
        {{ whole(['resolved_early', 'resolved_on_time', 'resolved_late'], 'resolved_total') }} as resolved_total_computed,
        coalesce({{ whole(['pending_in_time', 'pending_overdue'], 'pending_total') }}, pending_total)
            as pending_total_computed
    from delivered

)

select
    agency_key,
    period_id,
    field_code,
    {% for count in counts %}
    {{ count }},
    {% endfor %}
    received_total_computed,
    resolved_total_computed,
    pending_total_computed,
    case
        when resolved_total_computed is not null
            then coalesce(resolved_early, 0) + coalesce(resolved_on_time, 0)
    end as resolved_in_time,
    delivery_id,
    sheet_no,
    sheet_row,
    sheet_rows
from recomputed
