{# Keeps the rows of the newest version of each reference data set. #}
{% macro in_force(version_id='version_id') -%}
    {{ version_id }} in (
        select max(v.version_id) from {{ source('raw', 'ref_version') }} as v group by v.dataset
    )
{%- endmacro %}
