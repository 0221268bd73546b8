{# Agency × derived period where the agency reported the sheet in every period that the derived one is made of. #}
{% macro derivable(sheet_code) -%}
    (
        select
            s.agency_key,
            d.period_id
        from {{ ref('int_period_derivation') }} as d
        join {{ ref('int_section_current') }} as s
            on s.period_id = d.part_period_id and s.sheet_code = '{{ sheet_code }}'
        group by s.agency_key, d.period_id
        having count(distinct d.part_period_id) = (
            select count(*) from {{ ref('int_period_derivation') }} as n where n.period_id = d.period_id
        )
    )
{%- endmacro %}

{# Rows of a fact that belong to the minuend of derivable periods. #}
{% macro minuend_rows(fact, sheet_code) -%}
    (
        select
            x.period_id as derived_period_id,
            f.*
        from {{ derivable(sheet_code) }} as x
        join {{ ref('int_period_derivation') }} as d on d.period_id = x.period_id and d.part = 'minuend'
        join {{ ref(fact) }} as f on f.agency_key = x.agency_key and f.period_id = d.part_period_id
    )
{%- endmacro %}

{# Flows of the earlier periods added up, with a mark where one of them is blank, and the last known stock. #}
{% macro earlier_rows(fact, sheet_code, grain, flows, stock) -%}
    (
        select
            x.period_id as derived_period_id,
            f.agency_key,
            {% for column in grain %}
            f.{{ column }},
            {% endfor %}
            {% for column in flows %}
            {{ total('f.' ~ column) }} as {{ column }},
            bool_or(f.{{ column }} is null) as {{ column }}_blank,
            {% endfor %}
            {{ stock }} as closing_stock
        from {{ derivable(sheet_code) }} as x
        join {{ ref('int_period_derivation') }} as d on d.period_id = x.period_id and d.part = 'subtrahend'
        join {{ ref(fact) }} as f on f.agency_key = x.agency_key and f.period_id = d.part_period_id
        group by x.period_id, f.agency_key{% for column in grain %}, f.{{ column }}{% endfor %}
    )
{%- endmacro %}
