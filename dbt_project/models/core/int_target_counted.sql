{{ config(
    materialized='table',
    schema='staging',
    indexes=[{'columns': ['agency_key', 'period_id', 'target_code', 'field_code'], 'unique': true}]
) }}

-- What the sheets count for each target that is to be evaluated again. What agencies state in the sheet Chỉ tiêu is
-- int_target_stated's matter; a target that is counted there has its counts from there.
with dossier as (

    select
        w.target_code,
        w.year,
        w.period_id,
        w.agency_key,
        f.field_code,
        case w.measure
            when 'on_time' then f.resolved_in_time
            when 'late' then f.resolved_total_computed - f.resolved_in_time
            when 'apology' then f.apology_letters
        end as numerator,
        case w.measure when 'apology' then f.resolved_late else f.resolved_total_computed end as denominator,
        null::numeric as reported_value,
        f.delivery_id,
        f.sheet_no,
        f.sheet_row,
        case w.measure
            when 'on_time' then {{ cells(['resolved_early', 'resolved_on_time'], 's.column_map', 'f.sheet_rows') }}
            when 'late' then {{ cells(['resolved_late'], 's.column_map', 'f.sheet_rows') }}
            when 'apology' then {{ cells(['apology_letters'], 's.column_map', 'f.sheet_rows') }}
        end as numerator_cells,
        case w.measure
            when 'apology' then {{ cells(['resolved_late'], 's.column_map', 'f.sheet_rows') }}
            else {{ cells(['resolved_early', 'resolved_on_time', 'resolved_late'], 's.column_map', 'f.sheet_rows') }}
        end as denominator_cells
    from {{ ref('int_target_wanted') }} as w
    join {{ ref('fct_dossier') }} as f on f.agency_key = w.agency_key and f.period_id = w.period_id
    join {{ ref('dim_field') }} as d on d.field_code = f.field_code and {{ takes_group('w', 'd.field_group') }}
    join {{ ref('int_section_current') }} as s
        on s.agency_key = f.agency_key and s.delivery_id = f.delivery_id and s.sheet_no = f.sheet_no
    left join {{ ref('dim_target') }} as o
        on o.overrides_target_code = w.target_code
        and o.year = w.year
        and {{ speaks_for('o', 'w.agency_key', 'd.field_group') }}
    where w.fed_by = 'dossier' and o.target_code is null

),

satisfaction as (

    select
        w.target_code,
        w.year,
        w.period_id,
        w.agency_key,
        -- a survey of public services is of health or of education, whether or not it names the field
        case
            when w.measure = 'satisfied_public_service' and f.field_code = '*' and f.survey_content = 'health' then 'y-te'
            when w.measure = 'satisfied_public_service' and f.field_code = '*' and f.survey_content = 'education' then 'giao-duc'
            else f.field_code
        end as field_code,
        f.satisfied as numerator,
        f.valid as denominator,
        null::numeric as reported_value,
        f.delivery_id,
        f.sheet_no,
        f.sheet_row,
        {{ cells(['satisfied'], 's.column_map', 'f.sheet_rows') }} as numerator_cells,
        case
            when f.valid_is_returned then {{ cells(['returned'], 's.column_map', 'f.sheet_rows') }}
            else {{ cells(['valid'], 's.column_map', 'f.sheet_rows') }}
        end as denominator_cells
    from {{ ref('int_target_wanted') }} as w
    join {{ ref('fct_satisfaction') }} as f on f.agency_key = w.agency_key and f.period_id = w.period_id
    left join {{ ref('dim_field') }} as d on d.field_code = f.field_code
    join {{ ref('int_section_current') }} as s
        on s.agency_key = f.agency_key and s.delivery_id = f.delivery_id and s.sheet_no = f.sheet_no
    left join {{ ref('dim_target') }} as o
        on o.overrides_target_code = w.target_code
        and o.year = w.year
        and {{ speaks_for('o', 'w.agency_key', 'd.field_group') }}
    where
        w.fed_by = 'satisfaction'
        and f.survey_content = any(
            case w.measure
                when 'satisfied_service' then array['service']
                when 'satisfied_public_service' then array['health', 'education']
                else array['procedure']
            end
        )
        and {{ takes_group('w', 'd.field_group') }}
        and o.target_code is null

),

feedback as (

    select
        w.target_code,
        w.year,
        w.period_id,
        w.agency_key,
        '*' as field_code,
        case w.measure
            when 'feedback_published' then f.published
            else f.resolved_on_time + f.resolved_late
        end as numerator,
        -- what is still in time is not judged; the column of what is overdue is optional
        f.resolved_on_time + f.resolved_late + coalesce(f.pending_overdue, 0) as denominator,
        null::numeric as reported_value,
        f.delivery_id,
        f.sheet_no,
        f.sheet_row,
        case w.measure
            when 'feedback_published' then {{ cells(['published'], 's.column_map', 'f.sheet_rows') }}
            else {{ cells(['resolved_on_time', 'resolved_late'], 's.column_map', 'f.sheet_rows') }}
        end as numerator_cells,
        {{ cells(['resolved_on_time', 'resolved_late', 'pending_overdue'], 's.column_map', 'f.sheet_rows') }}
            as denominator_cells
    from {{ ref('int_target_wanted') }} as w
    join {{ ref('fct_feedback') }} as f on f.agency_key = w.agency_key and f.period_id = w.period_id
    join {{ ref('int_section_current') }} as s
        on s.agency_key = f.agency_key and s.delivery_id = f.delivery_id and s.sheet_no = f.sheet_no
    -- the plans speak of feedback on regulations and procedures; a row that names no kind may be that
    where w.fed_by = 'feedback' and f.feedback_kind <> 'other'

),

figure as (

    select
        w.target_code,
        w.year,
        w.period_id,
        w.agency_key,
        '*' as field_code,
        r.numerator,
        r.denominator,
        r.value as reported_value,
        s.delivery_id,
        s.sheet_no,
        r.sheet_row,
        {{ cells(['numerator'], 's.column_map', 'r.sheet_row::text') }} as numerator_cells,
        coalesce(
            {{ cells(['denominator'], 's.column_map', 'r.sheet_row::text') }},
            {{ cells(['value'], 's.column_map', 'r.sheet_row::text') }}
        ) as denominator_cells
    from {{ ref('int_target_wanted') }} as w
    join {{ ref('int_section_current') }} as s
        on s.agency_key = w.agency_key and s.period_id = w.period_id and s.sheet_code = 'figure'
    join {{ ref('stg_figure_row') }} as r
        on r.agency_key = s.agency_key
        and r.delivery_id = s.delivery_id
        and r.sheet_no = s.sheet_no
        and r.indicator_code = w.indicator_code
    where w.fed_by = 'figure'

),

-- A target that a task decides: its indicator is the task, its counts are the obligations done of those due.
task as (

    select
        w.target_code,
        w.year,
        w.period_id,
        w.agency_key,
        '*' as field_code,
        count(*) filter (where f.obligation_state like 'done%') as numerator,
        count(*) as denominator,
        null::numeric as reported_value,
        min(f.delivery_id) as delivery_id,
        min(f.sheet_no) as sheet_no,
        (array_agg(f.sheet_row order by f.sheet_no, f.sheet_row))[1] as sheet_row,
        string_agg((s.column_map ->> 'status') || f.sheet_row, '+' order by f.sheet_no, f.sheet_row) as numerator_cells,
        null as denominator_cells
    from {{ ref('int_target_wanted') }} as w
    join {{ ref('fct_task_obligation') }} as f
        on f.agency_key = w.agency_key and f.period_id = w.period_id and f.task_code = w.indicator_code
    left join {{ ref('int_section_current') }} as s
        on s.agency_key = f.agency_key and s.delivery_id = f.delivery_id and s.sheet_no = f.sheet_no
    where w.fed_by = 'task' and (f.obligation_state like 'done%' or f.obligation_state = 'overdue')
    group by 1, 2, 3, 4

)

select
    x.target_code,
    x.year,
    x.period_id,
    x.agency_key,
    case w.quantifier when 'every_field' then x.field_code else '*' end as field_code,
    sum(x.numerator) filter (where x.is_whole) as numerator,
    sum(x.denominator) filter (where x.is_whole) as denominator,
    sum(x.denominator) as denominator_stated,
    max(x.reported_value) as reported_value,
    bool_and(x.is_whole) as is_whole,
    min(x.delivery_id) as delivery_id,
    min(x.sheet_no) as sheet_no,
    (array_agg(x.sheet_row order by x.sheet_no, x.sheet_row))[1] as sheet_row,
    string_agg(x.numerator_cells, '+' order by x.sheet_no, x.sheet_row) filter (where x.is_whole) as numerator_cells,
    string_agg(x.denominator_cells, '+' order by x.sheet_no, x.sheet_row) filter (where x.is_whole)
        as denominator_cells,
    string_agg(x.denominator_cells, '+' order by x.sheet_no, x.sheet_row) as denominator_stated_cells
from (
    select
        target_code,
        year,
        period_id,
        agency_key,
        field_code,
        -- of nothing, nothing is to be counted
        case when denominator = 0 then coalesce(numerator, 0) else numerator end as numerator,
        denominator,
        reported_value,
        numerator is not null and denominator is not null or denominator = 0 as is_whole,
        delivery_id,
        sheet_no,
        sheet_row,
        numerator_cells,
        denominator_cells
    from (
        select * from dossier
        union all
        select * from satisfaction
        union all
        select * from feedback
        union all
        select * from figure
        union all
        select * from task
    ) as sheet
) as x
join {{ ref('int_target_wanted') }} as w
    on w.agency_key = x.agency_key and w.period_id = x.period_id and w.target_code = x.target_code
group by 1, 2, 3, 4, 5
