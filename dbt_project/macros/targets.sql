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

{# The bound of a target for one period: a count owed each quarter is owed as often as the period has quarters. #}
{% macro bound(low_value, unit, quarters) -%}
    ({{ low_value }} * case {{ unit }} when 'count_per_quarter' then {{ quarters }} else 1 end)
{%- endmacro %}

{# How many quarters a window spans; windows begin in the middle of a month, so months are counted, not quarters. #}
{% macro quarters_between(window_start, window_end) -%}
    ((extract(year from age({{ window_end }} + 1, {{ window_start }})) * 12
        + extract(month from age({{ window_end }} + 1, {{ window_start }})))::integer / 3)
{%- endmacro %}

{# Deletes what fct_target_result has to evaluate again, before the new rows come. #}
{% macro delete_changed_targets() -%}
    {%- if is_incremental() -%}
    delete from {{ this }} as f
    using {{ ref('int_target_changed') }} as c
    where c.agency_key = f.agency_key and c.period_id = f.period_id
    {%- endif -%}
{%- endmacro %}

{# A target's bound as people write it: '≥ 98 %', '20–30 %', 'hạng ≤ 10', '≥ 1 mỗi quý', 'chậm nhất 30/09/2023'. #}
{% macro target_text_vi(target) -%}
    case {{ target }}.comparator
        when 'none' then null
        when 'by_date' then 'chậm nhất ' || to_char(to_date({{ target }}.low_value::bigint::text, 'YYYYMMDD'), 'DD/MM/YYYY')
        when 'rank_le' then 'hạng ≤ ' || {{ number_vi(target ~ '.low_value') }}
        when 'range' then {{ number_vi(target ~ '.low_value') }} || '–' || {{ number_vi(target ~ '.high_value') }}
        else
            case {{ target }}.comparator when 'gt' then '>' when 'ge' then '≥' when 'eq' then '=' when 'lt' then '<' when 'le' then '≤' end
            || ' ' || {{ number_vi(target ~ '.low_value') }}
    end
    || case when {{ target }}.comparator in ('rank_le', 'by_date') then '' else {{ unit_suffix_vi(target ~ '.unit') }} end
{%- endmacro %}

{# What stands after a number of a unit of measure. #}
{% macro unit_suffix_vi(unit) -%}
    case {{ unit }} when 'percent' then ' %' when 'count_per_quarter' then ' mỗi quý' when 'score' then ' điểm' else '' end
{%- endmacro %}

{# A value with its unit, as people write it. #}
{% macro value_text_vi(value, unit) -%}
    {{ number_vi(value) }} || case {{ unit }} when 'percent' then ' %' when 'score' then ' điểm' else '' end
{%- endmacro %}
