{# Lists of codes that models give one column each; the words for them are the review's. #}

{% macro obligation_states() -%}
    {{ return(['done_early', 'done_on_time', 'done_late', 'running', 'overdue', 'not_due', 'not_arisen', 'awaiting']) }}
{%- endmacro %}

{% macro finding_severities() -%}
    {{ return(['fatal', 'error', 'warning', 'note']) }}
{%- endmacro %}
