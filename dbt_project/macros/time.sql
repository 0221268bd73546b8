{# The instant that the build judges by. Only known while running, so that parsing needs no variables and
   the parsed project can be kept from one build to the next. #}
{% macro as_of() -%}
    {%- if execute -%}
        timestamptz '{{ var("as_of") }}'
    {%- else -%}
        timestamptz 'epoch'
    {%- endif -%}
{%- endmacro %}

{# The build that runs; 0 while parsing. #}
{% macro build_id() -%}
    {{ var("build_id") | int if execute else 0 }}
{%- endmacro %}

{# The day of an instant where the reports are due: days and cut-offs are judged in Asia/Ho_Chi_Minh. #}
{% macro local_date(instant) -%}
    ({{ instant }} at time zone 'Asia/Ho_Chi_Minh')::date
{%- endmacro %}

{# The day on which the states of a period are judged: they age up to its review and no further. #}
{% macro evaluated_on(review_date) -%}
    least({{ local_date(as_of()) }}, {{ review_date }})
{%- endmacro %}
