{{ config(
    materialized='table',
    schema='staging',
    indexes=[{'columns': ['agency_key', 'period_id', 'target_code', 'field_code'], 'unique': true}]
) }}

-- What the sheets give for each target that is to be evaluated again.
with wanted as (

    select
        r.target_code,
        r.year,
        r.period_id,
        r.agency_key,
        t.fed_by,
        t.measure,
        t.quantifier,
        t.indicator_code,
        t.field_groups,
        t.excluded_field_groups
    from {{ ref('int_target_reporter') }} as r
    join {{ ref('int_target_changed') }} as c on c.agency_key = r.agency_key and c.period_id = r.period_id
    join {{ ref('dim_target') }} as t on t.target_code = r.target_code and t.year = r.year

),

dossier as (

    select
        w.target_code,
        w.year,
        w.period_id,
        w.agency_key,
        f.field_code,
        'dossier' as source_sheet,
        case w.measure
            when 'on_time' then f.resolved_in_time
            when 'late' then f.resolved_total_computed - f.resolved_in_time
            when 'apology' then f.apology_letters
        end as numerator,
        case w.measure when 'apology' then f.resolved_late else f.resolved_total_computed end as denominator,
        null::numeric as reported_value,
        null::date as reported_date,
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
    from wanted as w
    join {{ ref('fct_dossier') }} as f on f.agency_key = w.agency_key and f.period_id = w.period_id
    join {{ ref('dim_field') }} as d on d.field_code = f.field_code and {{ takes_group('w', 'd.field_group') }}
    join {{ ref('int_section_current') }} as s
        on s.agency_key = f.agency_key and s.period_id = f.period_id and s.sheet_code = 'dossier'
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
        f.field_code,
        'satisfaction' as source_sheet,
        f.satisfied as numerator,
        f.valid as denominator,
        null::numeric as reported_value,
        null::date as reported_date,
        f.delivery_id,
        f.sheet_no,
        f.sheet_row,
        {{ cells(['satisfied'], 's.column_map', 'f.sheet_rows') }} as numerator_cells,
        case
            when f.valid_is_returned then {{ cells(['returned'], 's.column_map', 'f.sheet_rows') }}
            else {{ cells(['valid'], 's.column_map', 'f.sheet_rows') }}
        end as denominator_cells
    from wanted as w
    join {{ ref('fct_satisfaction') }} as f on f.agency_key = w.agency_key and f.period_id = w.period_id
    left join {{ ref('dim_field') }} as d on d.field_code = f.field_code
    join {{ ref('int_section_current') }} as s
        on s.agency_key = f.agency_key and s.period_id = f.period_id and s.sheet_code = 'satisfaction'
    left join {{ ref('dim_target') }} as o
        on o.overrides_target_code = w.target_code
        and o.year = w.year
        and {{ speaks_for('o', 'w.agency_key', 'd.field_group') }}
    where
        w.fed_by = 'satisfaction'
        and f.survey_content = case w.measure when 'satisfied_service' then 'service' else 'procedure' end
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
        'feedback' as source_sheet,
        case w.measure
            when 'feedback_published' then f.published
            else f.resolved_on_time + f.resolved_late
        end as numerator,
        -- what is still in time is not judged; the column of what is overdue is optional
        f.resolved_on_time + f.resolved_late + coalesce(f.pending_overdue, 0) as denominator,
        null::numeric as reported_value,
        null::date as reported_date,
        f.delivery_id,
        f.sheet_no,
        f.sheet_row,
        case w.measure
            when 'feedback_published' then {{ cells(['published'], 's.column_map', 'f.sheet_rows') }}
            else {{ cells(['resolved_on_time', 'resolved_late'], 's.column_map', 'f.sheet_rows') }}
        end as numerator_cells,
        {{ cells(['resolved_on_time', 'resolved_late', 'pending_overdue'], 's.column_map', 'f.sheet_rows') }}
            as denominator_cells
    from wanted as w
    join {{ ref('fct_feedback') }} as f on f.agency_key = w.agency_key and f.period_id = w.period_id
    join {{ ref('int_section_current') }} as s
        on s.agency_key = f.agency_key and s.period_id = f.period_id and s.sheet_code = 'feedback'
    -- the plans speak of feedback on regulations and procedures; a row that names no kind may be that
    where w.fed_by = 'feedback' and f.feedback_kind <> 'other'

),

-- Sheet Chỉ tiêu: the source of some targets; beside the others, what the agency states itself.
stated as (

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
        s.sheet_no,
        min(s.sheet_name) as sheet_name,
        min(r.sheet_row) as sheet_row,
        {{ cells(['numerator'], 's.column_map', "string_agg(r.sheet_row::text, ',' order by r.sheet_row)") }} as numerator_cells,
        {{ cells(['denominator'], 's.column_map', "string_agg(r.sheet_row::text, ',' order by r.sheet_row)") }} as denominator_cells,
        {{ cells(['reported_value'], 's.column_map', "string_agg(r.sheet_row::text, ',' order by r.sheet_row)") }} as reported_cells
    from wanted as w
    join {{ ref('int_section_current') }} as s
        on s.agency_key = w.agency_key and s.period_id = w.period_id and s.sheet_code = 'target'
    join {{ ref('stg_target_row') }} as r
        on r.agency_key = s.agency_key
        and r.delivery_id = s.delivery_id
        and r.sheet_no = s.sheet_no
        and r.target_code = w.target_code
    group by 1, 2, 3, 4, 5, s.delivery_id, s.sheet_no, s.column_map

),

figure as (

    select
        w.target_code,
        w.year,
        w.period_id,
        w.agency_key,
        '*' as field_code,
        'figure' as source_sheet,
        r.numerator,
        r.denominator,
        r.value as reported_value,
        null::date as reported_date,
        s.delivery_id,
        s.sheet_no,
        r.sheet_row,
        {{ cells(['numerator'], 's.column_map', 'r.sheet_row::text') }} as numerator_cells,
        coalesce(
            {{ cells(['denominator'], 's.column_map', 'r.sheet_row::text') }},
            {{ cells(['value'], 's.column_map', 'r.sheet_row::text') }}
        ) as denominator_cells
    from wanted as w
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
        'task' as source_sheet,
        count(*) filter (where f.obligation_state like 'done%') as numerator,
        count(*) as denominator,
        null::numeric as reported_value,
        null::date as reported_date,
        min(f.delivery_id) as delivery_id,
        min(f.sheet_no) as sheet_no,
        min(f.sheet_row) as sheet_row,
        string_agg((s.column_map ->> 'status') || f.sheet_row, '+' order by f.sheet_row) as numerator_cells,
        null as denominator_cells
    from wanted as w
    join {{ ref('fct_task_obligation') }} as f
        on f.agency_key = w.agency_key and f.period_id = w.period_id and f.task_code = w.indicator_code
    left join {{ ref('int_section_current') }} as s
        on s.agency_key = f.agency_key and s.delivery_id = f.delivery_id and s.sheet_no = f.sheet_no
    where w.fed_by = 'task' and (f.obligation_state like 'done%' or f.obligation_state = 'overdue')
    group by 1, 2, 3, 4

),

counted as (

    select
        u.target_code,
        u.year,
        u.period_id,
        u.agency_key,
        case t.quantifier when 'every_field' then u.field_code else '*' end as field_code,
        t.measure,
        sum(u.numerator) filter (where u.is_whole) as numerator,
        sum(u.denominator) filter (where u.is_whole) as denominator,
        sum(u.denominator) as denominator_stated,
        max(u.reported_value) as reported_value,
        bool_and(u.is_whole) as is_whole,
        min(u.delivery_id) as delivery_id,
        min(u.sheet_no) as sheet_no,
        min(u.sheet_row) as sheet_row,
        string_agg(u.numerator_cells, '+' order by u.sheet_row) filter (where u.is_whole) as numerator_cells,
        string_agg(u.denominator_cells, '+' order by u.sheet_row) filter (where u.is_whole) as denominator_cells,
        string_agg(u.denominator_cells, '+' order by u.sheet_row) as denominator_stated_cells
    from (
        select
            x.target_code,
            x.year,
            x.period_id,
            x.agency_key,
            x.field_code,
            -- of nothing, nothing is to be counted
            case when x.denominator = 0 then coalesce(x.numerator, 0) else x.numerator end as numerator,
            x.denominator,
            x.reported_value,
            x.numerator is not null and x.denominator is not null or x.denominator = 0 as is_whole,
            x.delivery_id,
            x.sheet_no,
            x.sheet_row,
            x.numerator_cells,
            x.denominator_cells
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
        ) as x
    ) as u
    join {{ ref('dim_target') }} as t on t.target_code = u.target_code and t.year = u.year
    group by 1, 2, 3, 4, 5, t.measure

)

select
    c.target_code,
    c.year,
    c.period_id,
    c.agency_key,
    c.field_code,
    -- letters are no column of the State's form: they may be in the target's own row instead
    case when not c.is_whole and c.measure = 'apology' and s.numerator is not null then s.numerator else c.numerator end
        as numerator,
    case
        when not c.is_whole and c.measure = 'apology' and s.numerator is not null then c.denominator_stated
        else c.denominator
    end as denominator,
    coalesce(c.reported_value, s.reported_value) as reported_value,
    s.reported_date,
    c.delivery_id,
    c.sheet_no,
    c.sheet_row,
    case
        when not c.is_whole and c.measure = 'apology' and s.numerator is not null
            then '''' || s.sheet_name || '''!' || s.numerator_cells || ' / ' || c.denominator_stated_cells
        else concat_ws(' / ', c.numerator_cells, c.denominator_cells)
    end as cells
from counted as c
left join stated as s
    on s.agency_key = c.agency_key
    and s.period_id = c.period_id
    and s.target_code = c.target_code
    and s.field_code = c.field_code

union all

select
    s.target_code,
    s.year,
    s.period_id,
    s.agency_key,
    s.field_code,
    -- where another sheet should give the counts, the row on its own is the agency's word
    case when t.fed_by in ('dossier', 'satisfaction', 'feedback', 'figure', 'task') then null else s.numerator end,
    case when t.fed_by in ('dossier', 'satisfaction', 'feedback', 'figure', 'task') then null else s.denominator end,
    case
        when t.fed_by in ('dossier', 'satisfaction', 'feedback', 'figure', 'task')
            then coalesce(s.reported_value, trim_scale(100 * s.numerator / nullif(s.denominator, 0)))
        else s.reported_value
    end,
    s.reported_date,
    s.delivery_id,
    s.sheet_no,
    s.sheet_row,
    coalesce(concat_ws(' / ', s.numerator_cells, s.denominator_cells), s.reported_cells)
from stated as s
join {{ ref('dim_target') }} as t on t.target_code = s.target_code and t.year = s.year
left join (select distinct target_code, period_id, agency_key from counted) as c
    on c.agency_key = s.agency_key and c.period_id = s.period_id and c.target_code = s.target_code
where c.target_code is null
