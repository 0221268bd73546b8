{# Addresses of the cells that hold columns of a sheet, for instance 'H7+I7'. `sheet_rows` is text: rows of one sheet
   that were counted together ('7,9') give 'H7+H9+I7+I9'. Columns that the sheet lacks are left out. #}
{% macro cells(columns, column_map, sheet_rows) -%}
    nullif(concat_ws('+',
        {%- for column in columns %}
        ({{ column_map }} ->> '{{ column }}')
            || replace({{ sheet_rows }}, ',', '+' || ({{ column_map }} ->> '{{ column }}')){{ ',' if not loop.last }}
        {%- endfor %}
    ), '')
{%- endmacro %}
