{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_moved_obligations() }}",
    indexes=[{'columns': ['agency_key', 'period_id', 'task_code', 'obligation_no'], 'unique': true}]
) }}

-- depends_on: {{ ref('int_section_changed') }}
-- depends_on: {{ ref('int_reference_moved') }}
-- What is owed, whether or not anybody reported it. The pre-hook took away what may have changed, so what is
-- missing is what has to be judged. What is owed and what was stated are each worked out once: the planner takes them
-- for a row or two and would otherwise read the statements again for each obligation.
with owed as materialized (

    select
        l.agency_key,
        p.period_id,
        p.year,
        p.period_order,
        p.evaluated_on,
        o.task_code,
        o.obligation_no,
        o.obligation_kind,
        o.due_date
    from {{ ref('int_obligation') }} as o
    -- who cooperates or implements owes nothing by that
    join {{ ref('bridge_task_agency') }} as l on l.task_code = o.task_code and l.task_role = 'lead'
    join {{ ref('int_round') }} as p
        on p.unit_agency_key = o.unit_agency_key
        and p.year = o.due_year
        and not p.is_derived
        and p.closes_on between l.valid_from and coalesce(l.valid_to, 'infinity'::date)
    -- nor does whoever reports to another unit: a ward's part in a city's plan is told by its district
    join {{ ref('bridge_unit_agency') }} as m
        on m.unit_agency_key = p.unit_agency_key
        and m.agency_key = l.agency_key
        and p.closes_on between m.valid_from and coalesce(m.valid_to, 'infinity'::date)
    {% if is_incremental() %}
    left join {{ this }} as f
        on f.agency_key = l.agency_key
        and f.period_id = p.period_id
        and f.task_code = o.task_code
        and f.obligation_no = o.obligation_no
    where f.agency_key is null
    {% endif %}

),

-- a recurring obligation belongs to the unit's first round that closes on or after its due date
home as (

    select
        o.task_code,
        o.obligation_no,
        min(p.period_order) as home_order
    from {{ ref('int_obligation') }} as o
    join {{ ref('stg_round') }} as r on r.unit_agency_key = o.unit_agency_key
    join {{ ref('dim_period') }} as p
        on p.period_id = r.period_id and p.year = o.due_year and not p.is_derived and p.calendar_end >= o.due_date
    where o.obligation_kind = 'recurring'
    group by o.task_code, o.obligation_no

),

statement as materialized (

    select
        r.agency_key,
        p.year,
        p.period_order,
        p.closes_on,
        r.task_code,
        r.obligation_no,
        r.status,
        r.progress_percent,
        r.completed_on,
        r.product,
        r.document_number,
        r.difficulty,
        r.delivery_id,
        r.sheet_no,
        r.sheet_row
    from {{ ref('int_section_current') }} as s
    join {{ ref('stg_task_row') }} as r
        on r.agency_key = s.agency_key and r.delivery_id = s.delivery_id and r.sheet_no = s.sheet_no
    join {{ ref('dim_period') }} as p on p.period_id = s.period_id
    -- a cell that could not be read says nothing
    where s.sheet_code = 'task' and r.status is not null

),

-- Every statement that speaks for an obligation, best first; of an obligation that none speaks for, one empty row.
spoken as (

    select
        o.agency_key,
        o.period_id,
        o.task_code,
        o.obligation_no,
        o.obligation_kind,
        o.due_date,
        o.evaluated_on,
        s.status as reported_status,
        s.progress_percent,
        -- done without a day counts as done by the cut-off of the report that says so
        case when s.status = 'done' then coalesce(s.completed_on, s.closes_on) end as completed_on,
        s.product,
        s.document_number,
        s.difficulty,
        s.delivery_id,
        s.sheet_no,
        s.sheet_row,
        row_number() over (
            partition by o.agency_key, o.period_id, o.task_code, o.obligation_no
            order by
                -- a whole-task row that leaves the task open takes nothing back from a milestone's own row
                case
                    when s.obligation_no is not null then 0
                    when o.obligation_kind = 'recurring' then 1
                    when s.status in ('done', 'not_arisen') then 0
                    else 1
                end,
                -- recurring: its own period's row first; otherwise the newest period
                (o.obligation_kind = 'recurring' and s.obligation_no is null and s.period_order = h.home_order) desc,
                s.period_order desc,
                s.obligation_no nulls last,
                s.sheet_no desc,
                s.sheet_row desc
        ) as place
    from owed as o
    left join home as h on h.task_code = o.task_code and h.obligation_no = o.obligation_no
    left join statement as s
        on s.agency_key = o.agency_key
        and s.year = o.year
        and s.period_order <= o.period_order
        and s.task_code = o.task_code
        and (
            s.obligation_no = o.obligation_no
            or (s.obligation_no is null and o.obligation_kind <> 'recurring')
            or (
                s.obligation_no is null
                and (s.period_order = h.home_order or (s.period_order > h.home_order and s.status = 'done'))
            )
        )

),

with_state as (

    select
        j.*,
        case
            when j.reported_status = 'done' and j.completed_on > j.due_date then 'done_late'
            when j.reported_status = 'done'
                and j.completed_on < j.due_date and j.obligation_kind in ('milestone', 'recurring') then 'done_early'
            when j.reported_status = 'done' then 'done_on_time'
            when j.reported_status = 'not_arisen' then 'not_arisen'
            when j.obligation_kind = 'on_event' and j.reported_status is null then 'not_arisen'
            when j.obligation_kind = 'external' then 'awaiting'
            when j.due_date < j.evaluated_on then 'overdue'
            when j.reported_status in ('running', 'paused') then 'running'
            else 'not_due'
        end as obligation_state
    from spoken as j
    where j.place = 1

)

select
    agency_key,
    period_id,
    task_code,
    obligation_no,
    obligation_kind,
    due_date,
    obligation_state,
    reported_status,
    progress_percent,
    completed_on,
    product,
    document_number,
    difficulty,
    delivery_id,
    sheet_no,
    sheet_row,
    case
        when obligation_state in ('running', 'overdue', 'not_due') and due_date is not null then evaluated_on
    end as evaluated_on
from with_state
