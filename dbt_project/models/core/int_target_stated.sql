{{ config(
    materialized='table',
    schema='staging',
    indexes=[{'columns': ['agency_key', 'period_id', 'target_code', 'field_code'], 'unique': true}]
) }}

-- What agencies state in the sheet Chỉ tiêu of each target that is to be evaluated again.
select
    w.target_code,
    w.year,
    w.period_id,
    w.agency_key,
    case w.quantifier
        when 'every_field' then coalesce(r.field_code, {{ unknown_field_code('r.field_name') }}, '*')
        else '*'
    end as field_code,
    sum(r.numerator) as numerator,
    sum(r.denominator) as denominator,
    -- several rows of one target cannot be put together without their counts
    case when count(*) = 1 then max(r.reported_value) end as reported_value,
    max(r.reported_date) as reported_date,
    s.delivery_id,
    -- rows of one target may stand in several sheets of the kind: the first says where
    min(s.sheet_no) as sheet_no,
    (array_agg(s.sheet_name order by s.sheet_no))[1] as sheet_name,
    (array_agg(r.sheet_row order by s.sheet_no, r.sheet_row))[1] as sheet_row,
    {% for column in ['numerator', 'denominator', 'reported_value'] %}
    string_agg((s.column_map ->> '{{ column }}') || r.sheet_row, '+' order by s.sheet_no, r.sheet_row)
        as {{ 'reported' if column == 'reported_value' else column }}_cells{{ ',' if not loop.last }}
    {% endfor %}
from {{ ref('int_target_wanted') }} as w
join {{ ref('int_section_current') }} as s
    on s.agency_key = w.agency_key and s.period_id = w.period_id and s.sheet_code = 'target'
join {{ ref('stg_target_row') }} as r
    on r.agency_key = s.agency_key
    and r.delivery_id = s.delivery_id
    and r.sheet_no = s.sheet_no
    and r.target_code = w.target_code
group by 1, 2, 3, 4, 5, s.delivery_id
