{# Facts that hold sheet rows are incremental by delete and insert. A model uses the pair:

     {{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail',
               pre_hook="{{ delete_changed('dossier') }}") }}
     select … from {{ sections_to_load('dossier') }} as s join {{ ref('stg_dossier_row') }} as r
       on r.agency_key = s.agency_key and r.delivery_id = s.delivery_id and r.sheet_no = s.sheet_no

   The delete takes every changed section away, also one that was withdrawn or came back empty, and all of them
   where reference data moved. sections_to_load names what the hook reads, since a hook makes no edge of the graph. #}
{% macro delete_changed(sheet_code) -%}
    {%- if is_incremental() -%}
    delete from {{ this }} as f
    using {{ ref('int_section_changed') }} as c
    where c.sheet_code = '{{ sheet_code }}' and c.agency_key = f.agency_key and c.period_id = f.period_id;
    delete from {{ this }} where (select r.is_moved from {{ ref('int_reference_moved') }} as r)
    {%- endif -%}
{%- endmacro %}

{# The current sections of a sheet that the model still has to load: all of them when it starts afresh. #}
{% macro sections_to_load(sheet_code) -%}
    (
        -- depends_on: {{ ref('int_section_changed') }}
        -- depends_on: {{ ref('int_reference_moved') }}
        select c.*
        from {{ ref('int_section_current') }} as c
        {% if is_incremental() %}
        join {{ ref('int_section_changed') }} as x
          on x.agency_key = c.agency_key and x.period_id = c.period_id and x.sheet_code = c.sheet_code
        {% endif %}
        where c.sheet_code = '{{ sheet_code }}'
    )
{%- endmacro %}

{# A table of core that the last build left, or none: read without ref(), because it is written last. #}
{% macro left_by_last_build(table) -%}
    {{ return(adapter.get_relation(database=target.database, schema='core', identifier=table) if execute else none) }}
{%- endmacro %}

{# Before any fact is touched, the changed sections are marked as built from no delivery. A build that dies
   half-way thus leaves them changed for the next one, whatever has become current until then. #}
{% macro mark_sections_unbuilt() -%}
    {%- set built = left_by_last_build('section_built') -%}
    {%- if built is not none -%}
    delete from {{ built }} as b
    using {{ this }} as c
    where c.agency_key = b.agency_key and c.period_id = b.period_id and c.sheet_code = b.sheet_code;
    insert into {{ built }} (agency_key, period_id, sheet_code, delivery_id, sheet_no)
    select agency_key, period_id, sheet_code, 0, 0
    from {{ this }}
    {%- endif -%}
{%- endmacro %}

{# What of fct_task_obligation has to be judged again: periods of which an agency's statements changed, in this
   period or an earlier one of its year; open obligations whose day moved; rounds that are out of view. #}
{% macro delete_moved_obligations() -%}
    {%- if is_incremental() -%}
    delete from {{ this }} as f
    using {{ ref('int_section_changed') }} as c, {{ ref('dim_period') }} as stated, {{ ref('dim_period') }} as p
    where c.sheet_code = 'task'
      and c.agency_key = f.agency_key
      and stated.period_id = c.period_id
      and p.period_id = f.period_id
      and p.year = stated.year
      and p.period_order >= stated.period_order;
    delete from {{ this }} as f
    where not exists (
        select 1
        from {{ ref('int_obligation') }} as o
        join {{ ref('int_round') }} as r on r.unit_agency_key = o.unit_agency_key
        where o.task_code = f.task_code and o.obligation_no = f.obligation_no and r.period_id = f.period_id
          and (f.evaluated_on is null or f.evaluated_on = r.evaluated_on)
    ) or (select r.is_moved from {{ ref('int_reference_moved') }} as r)
    {%- endif -%}
{%- endmacro %}
