{# A rate between 0 and 1 from counts; NULL where nothing was counted, which is not the same as 0. #}
{% macro rate(numerator, denominator) -%}
    (({{ numerator }})::numeric / nullif(({{ denominator }})::numeric, 0))
{%- endmacro %}
