{# Whether a target takes the fields of a group: those it singles out (all, where it singles out none), less those
   that an exception takes out of it. A field without a group belongs to none. #}
{% macro takes_group(target, field_group) -%}
    ({{ target }}.field_groups is null or coalesce({{ field_group }} = any({{ target }}.field_groups), false))
    and not coalesce({{ field_group }} = any({{ target }}.excluded_field_groups), false)
{%- endmacro %}

{# Whether a target that overrides another speaks for a field group at an agency: the specific goes before the
   general only where it speaks. #}
{% macro speaks_for(specific, agency_key, field_group) -%}
    ({{ specific }}.field_groups is null or coalesce({{ field_group }} = any({{ specific }}.field_groups), false))
    and ({{ specific }}.only_agency_keys is null or {{ agency_key }} = any({{ specific }}.only_agency_keys))
    and not coalesce({{ agency_key }} = any({{ specific }}.excluded_agency_keys), false)
{%- endmacro %}

{# Whether a value meets the bound of a target; NULL where there is no value. `low` is the bound in the unit of the
   value. A range is met at its lower bound (upper, where lower is better), which is an assumption that
   the variable range_met_at changes to 'within'. #}
{% macro meets(comparator, direction, value, low, high) -%}
    case {{ comparator }}
        when 'gt' then {{ value }} > {{ low }}
        when 'ge' then {{ value }} >= {{ low }}
        when 'eq' then {{ value }} = {{ low }}
        when 'lt' then {{ value }} < {{ low }}
        when 'le' then {{ value }} <= {{ low }}
        when 'rank_le' then {{ value }} <= {{ low }}
        {% if var('range_met_at', 'bound') == 'within' -%}
        when 'range' then {{ value }} between {{ low }} and {{ high }}
        {%- else -%}
        when 'range' then case {{ direction }} when 'lower' then {{ value }} <= {{ high }} else {{ value }} >= {{ low }} end
        {%- endif %}
    end
{%- endmacro %}

{# The bound of a target for one period: what is owed each quarter, or half-year, is owed as often as the period has
   whole ones, what is owed each year as a whole; NULL where the period is no whole number of quarters. #}
{% macro bound(value, unit, quarters) -%}
    ({{ value }} * case {{ unit }} when 'count_per_quarter' then {{ quarters }} when 'count_per_half' then {{ quarters }} / 2 else 1 end)
{%- endmacro %}

{# Whether a target asks for nothing yet: a period without a whole half-year. #}
{% macro owes_nothing_yet(unit, quarters) -%}
    coalesce({{ unit }} = 'count_per_half' and {{ quarters }} < 2, false)
{%- endmacro %}

{# Units whose value is a numerator over a denominator. #}
{% macro is_of_whole(unit) -%}
    {{ unit }} in ('percent', 'percent_change')
{%- endmacro %}

{# The value that counts give, in the unit of the target: a share, a change against what is below, or the count. #}
{% macro measured(unit, numerator, denominator) -%}
    case
        when {{ unit }} = 'percent' then trim_scale(100 * {{ numerator }} / nullif({{ denominator }}, 0))
        when {{ unit }} = 'percent_change' then trim_scale(100 * {{ numerator }} / nullif({{ denominator }}, 0) - 100)
        when {{ unit }} in ('count', 'count_per_quarter', 'count_per_half', 'count_per_year', 'months') then trim_scale({{ numerator }})
    end
{%- endmacro %}

{# Deletes what fct_target_result has to evaluate again, before the new rows come. #}
{% macro delete_changed_targets() -%}
    {%- if is_incremental() -%}
    delete from {{ this }} as f
    using {{ ref('int_target_changed') }} as c
    where c.agency_key = f.agency_key and c.period_id = f.period_id
    {%- endif -%}
{%- endmacro %}

{# A target's bound as people write it: '≥ 98 %', '20–30 %', 'hạng ≤ 10', '≥ 1 mỗi quý', 'chậm nhất 30/09/2023',
   'tăng > 25 % so với năm trước', 'giảm ≥ 2,5 % so với 2015'. #}
{% macro target_text_vi(target) -%}
    {%- set low = target ~ '.low_value' -%}
    {%- set unit = target ~ '.unit' -%}
    case
        when {{ target }}.comparator = 'none' then null
        when {{ target }}.comparator = 'by_date'
            then 'chậm nhất ' || to_char(to_date({{ low }}::bigint::text, 'YYYYMMDD'), 'DD/MM/YYYY')
        when {{ target }}.comparator = 'rank_le' then 'hạng ≤ ' || {{ number_vi(low) }}
        when {{ target }}.comparator = 'range'
            then {{ number_vi(low) }} || '–' || {{ amount_text_vi(target ~ '.high_value', unit) }} || {{ how_often_vi(unit) }}
        when {{ unit }} in ('percent_change', 'score_change')
            then {{ change_text_vi(target) }} || ' so với ' || coalesce({{ target }}.baseline_year::text, 'năm trước')
        else
            {{ comparator_sign(target ~ '.comparator') }} || ' ' || {{ amount_text_vi(low, unit) }} || {{ how_often_vi(unit) }}
    end
{%- endmacro %}

{# The bound of a change in words: a fall by at least 2,5 % is stored as '≤ −2,5'. #}
{% macro change_text_vi(target) -%}
    {%- set low = target ~ '.low_value' -%}
    {%- set comparator = target ~ '.comparator' -%}
    {%- set amount = amount_text_vi('abs(' ~ low ~ ')', target ~ '.unit') -%}
    case
        when {{ low }} = 0 and {{ comparator }} = 'gt' then 'tăng'
        when {{ low }} = 0 and {{ comparator }} = 'lt' then 'giảm'
        when {{ low }} = 0 and {{ comparator }} = 'ge' then 'không giảm'
        when {{ low }} = 0 and {{ comparator }} = 'le' then 'không tăng'
        when {{ low }} = 0 and {{ comparator }} = 'eq' then 'không đổi'
        when {{ low }} < 0
            then 'giảm ' || translate({{ comparator_sign(comparator) }}, '<>≤≥', '><≥≤') || ' ' || {{ amount }}
        else 'tăng ' || {{ comparator_sign(comparator) }} || ' ' || {{ amount }}
    end
{%- endmacro %}

{% macro comparator_sign(comparator) -%}
    case {{ comparator }} when 'gt' then '>' when 'ge' then '≥' when 'eq' then '=' when 'lt' then '<' when 'le' then '≤' end
{%- endmacro %}

{# What stands after the bound of a count that is owed again and again. #}
{% macro how_often_vi(unit) -%}
    case {{ unit }} when 'count_per_quarter' then ' mỗi quý' when 'count_per_half' then ' mỗi 6 tháng' when 'count_per_year' then ' mỗi năm' else '' end
{%- endmacro %}

{# A value with its unit, as people write it: '97,5 %', '6,00 điểm', 'giảm 2,5 %'. #}
{% macro value_text_vi(value, unit) -%}
    case
        when {{ unit }} in ('percent_change', 'score_change') and {{ value }} > 0 then 'tăng '
        when {{ unit }} in ('percent_change', 'score_change') and {{ value }} < 0 then 'giảm '
        else ''
    end
    || {{ amount_text_vi('case when ' ~ unit ~ " in ('percent_change', 'score_change') then abs(" ~ value ~ ') else ' ~ value ~ ' end', unit) }}
{%- endmacro %}

{# A number with its unit; scores have two decimals. #}
{% macro amount_text_vi(value, unit) -%}
    case
        when {{ unit }} in ('score', 'score_change') then replace(to_char({{ value }}, 'FM999999990.00'), '.', ',')
        else {{ number_vi(value) }}
    end
    || case
        when {{ unit }} in ('percent', 'percent_change') then ' %'
        when {{ unit }} in ('score', 'score_change') then ' điểm'
        when {{ unit }} = 'months' then ' tháng'
        else ''
    end
{%- endmacro %}
