{# A whole recomputed from its parts. A part that was not reported counts as zero only where the delivered total
   proves it; otherwise the whole is not known, and no rate is computed over it. #}
{% macro whole(parts, delivered_total) -%}
    case
        when {% for part in parts %}{{ part }} is not null{{ ' and ' if not loop.last }}{% endfor %}
            then {{ parts | join(' + ') }}
        when {% for part in parts %}coalesce({{ part }}, 0){{ ' + ' if not loop.last }}{% endfor %} = {{ delivered_total }}
            then {{ delivered_total }}
    end
{%- endmacro %}

{# The sum of a count, as a count: sum() of bigint is numeric. #}
{% macro total(column, where=none) -%}
    (sum({{ column }}){% if where %} filter ({{ where }}){% endif %})::bigint
{%- endmacro %}

{# A rate 0-1 from counts; NULL where nothing was counted, and where the counts cannot be a share: those are shown
   beside it and are a finding. #}
{% macro share(numerator, denominator) -%}
    case
        when {{ numerator }} between 0 and {{ denominator }} then trim_scale({{ rate(numerator, denominator) }})
    end
{%- endmacro %}

{# A flow of a derived quarter: the longer period's less the earlier ones'. A row that the earlier periods lack
   counts as zero, since the agency reported the sheet and listed nothing there; a blank in a row does not. #}
{% macro less_earlier(column) -%}
    case
        when coalesce(e.{{ column }}_blank, false) then null
        else m.{{ column }} - coalesce(e.{{ column }}, 0)
    end::bigint
{%- endmacro %}

{# Text for people: two decimals, decimal comma; never rounded onto a whole number, so that 99,996 does not read
   as 100. #}
{% macro number_vi(value) -%}
    replace(trim_scale(
        case
            when {{ value }} <> round({{ value }}) and round({{ value }}, 2) = round({{ value }}) then trunc({{ value }}, 4)
            else round({{ value }}, 2)
        end
    )::text, '.', ',')
{%- endmacro %}

{# A count of a reported period, 0 where there is none; empty in a derived period, which nobody reports. #}
{% macro reported_only() -%}
    case when not p.is_derived then {% for count in varargs %}coalesce({{ count }}, 0){{ ' + ' if not loop.last }}{% endfor %} end::integer
{%- endmacro %}
