{{ config(materialized='view') }}

-- One figure for each target, agency and field: what the sheets count, with what the agency states beside it; what
-- others publish; or what the agency states alone.
with counted as (

    select
        c.*,
        s.numerator as stated_numerator,
        s.reported_value as stated_value,
        s.reported_date,
        s.sheet_name as stated_sheet_name,
        s.numerator_cells as stated_numerator_cells,
        -- letters are no column of the State's form: they may be in the target's own row instead
        not c.is_whole and w.measure = 'apology' and s.numerator is not null as takes_stated_letters
    from {{ ref('int_target_counted') }} as c
    join {{ ref('int_target_wanted') }} as w
        on w.agency_key = c.agency_key and w.period_id = c.period_id and w.target_code = c.target_code
    left join {{ ref('int_target_stated') }} as s
        on s.agency_key = c.agency_key
        and s.period_id = c.period_id
        and s.target_code = c.target_code
        and s.field_code = c.field_code

),

published as (

    select
        w.target_code,
        w.year,
        w.period_id,
        w.agency_key,
        i.value
    from {{ ref('int_target_wanted') }} as w
    join {{ ref('int_index_target') }} as i on i.target_code = w.target_code and i.year = w.year

),

stated as (

    select
        s.*,
        -- where another sheet should give the counts, the row on its own is the agency's word
        w.fed_by in ('dossier', 'satisfaction', 'feedback', 'figure', 'task') as is_word_alone
    from {{ ref('int_target_stated') }} as s
    join {{ ref('int_target_wanted') }} as w
        on w.agency_key = s.agency_key and w.period_id = s.period_id and w.target_code = s.target_code
    left join (select distinct agency_key, period_id, target_code from {{ ref('int_target_counted') }}) as c
        on c.agency_key = s.agency_key and c.period_id = s.period_id and c.target_code = s.target_code
    -- nobody's word decides what others publish
    left join {{ ref('int_index_target') }} as i on i.target_code = s.target_code and i.year = s.year
    where c.target_code is null and i.target_code is null

)

select
    target_code,
    year,
    period_id,
    agency_key,
    field_code,
    case when takes_stated_letters then stated_numerator else numerator end as numerator,
    case when takes_stated_letters then denominator_stated else denominator end as denominator,
    null::numeric as published_value,
    coalesce(reported_value, stated_value) as reported_value,
    reported_date,
    delivery_id,
    sheet_no,
    sheet_row,
    case
        when takes_stated_letters
            then '''' || stated_sheet_name || '''!' || stated_numerator_cells || ' / ' || denominator_stated_cells
        else nullif(concat_ws(' / ', numerator_cells, denominator_cells), '')
    end as cells
from counted

union all

select
    target_code,
    year,
    period_id,
    agency_key,
    '*' as field_code,
    null as numerator,
    null as denominator,
    value as published_value,
    null as reported_value,
    null as reported_date,
    null as delivery_id,
    null as sheet_no,
    null as sheet_row,
    null as cells
from published
where value is not null

union all

select
    target_code,
    year,
    period_id,
    agency_key,
    field_code,
    case when not is_word_alone then numerator end as numerator,
    case when not is_word_alone then denominator end as denominator,
    null as published_value,
    case
        when is_word_alone then coalesce(reported_value, trim_scale(100 * numerator / nullif(denominator, 0)))
        else reported_value
    end as reported_value,
    reported_date,
    delivery_id,
    sheet_no,
    sheet_row,
    coalesce(nullif(concat_ws(' / ', numerator_cells, denominator_cells), ''), reported_cells) as cells
from stated
