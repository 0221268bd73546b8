{# The code of a field that the list does not know: its name in lower case, spaces folded, after a question mark. #}
{% macro unknown_field_code(field_name) -%}
    ('?' || btrim(regexp_replace(lower({{ field_name }}), '\s+', ' ', 'g')))
{%- endmacro %}
