with task_period as (

    select
        t.task_code,
        t.unit_agency_key,
        p.period_id
    from {{ ref('dim_task') }} as t
    join {{ ref('int_round') }} as p on p.unit_agency_key = t.unit_agency_key and not p.is_derived
    where exists (
        select 1 from {{ ref('int_obligation') }} as o where o.task_code = t.task_code and o.due_year = p.year
    )

),

obligation as (

    select
        f.*,
        f.obligation_state in ('done_early', 'done_on_time', 'done_late') as is_done,
        f.due_date <= p.calendar_end as is_due
    from {{ ref('fct_task_obligation') }} as f
    join {{ ref('dim_period') }} as p on p.period_id = f.period_id

),

-- a lead is done when all that falls due by the end of the period's quarter is done, and something is
led as (

    select
        period_id,
        task_code,
        agency_key,
        count(*) as obligations,
        count(*) filter (where is_done) as done,
        count(*) filter (where obligation_state = 'done_late') as done_late,
        count(*) filter (where is_done and is_due) as done_and_due,
        count(*) filter (where is_due and not is_done and obligation_state <> 'not_arisen') as due_and_open,
        count(*) filter (where obligation_state = 'overdue') as overdue,
        count(*) filter (where obligation_state = 'running') as running,
        count(*) filter (where obligation_state = 'awaiting') as awaiting,
        count(*) filter (where obligation_state = 'not_due') as not_due,
        count(*) filter (where obligation_state = 'not_arisen') as not_arisen,
        min(due_date) filter (where obligation_state in ('running', 'overdue', 'not_due')) as next_due_date
    from obligation
    group by period_id, task_code, agency_key

),

judged_lead as (

    select
        *,
        done > 0
        and due_and_open = 0
        and (done_and_due > 0 or running + not_due + awaiting = 0) as is_done
    from led

),

rolled_up as (

    select
        period_id,
        task_code,
        count(*) as leads_total,
        count(*) filter (where is_done) as leads_done,
        count(*) filter (where not is_done and obligations > not_arisen) as leads_open,
        sum(obligations) as obligations_total,
        sum(done) as obligations_done,
        sum(done_late) as obligations_done_late,
        sum(overdue) as obligations_overdue,
        sum(running) as obligations_running,
        sum(awaiting) as obligations_awaiting,
        sum(not_due) as obligations_not_due,
        min(next_due_date) as next_due_date
    from judged_lead
    group by period_id, task_code

),

-- one line a document or difficulty, however many milestones it stands under
said as (

    select
        o.period_id,
        o.task_code,
        a.sort_order,
        o.agency_key,
        coalesce(n.short_name, a.short_name) as short_name,
        case
            when o.is_done and o.document_number is not null
                then o.document_number || coalesce(' (' || to_char(o.completed_on, 'DD/MM/YYYY') || ')', '')
        end as product,
        o.difficulty
    from obligation as o
    join {{ ref('dim_agency') }} as a on a.agency_key = o.agency_key
    left join {{ ref('int_agency_period') }} as n on n.agency_key = o.agency_key and n.period_id = o.period_id

),

products as (

    select
        period_id,
        task_code,
        string_agg(short_name || ': ' || product, '; ' order by sort_order, agency_key, product) as products_text
    from (select distinct period_id, task_code, sort_order, agency_key, short_name, product from said) as p
    where product is not null
    group by period_id, task_code

),

difficulties as (

    select
        period_id,
        task_code,
        string_agg(short_name || ': ' || difficulty, '; ' order by sort_order, agency_key, difficulty) as difficulties_text
    from (select distinct period_id, task_code, sort_order, agency_key, short_name, difficulty from said) as d
    where difficulty is not null
    group by period_id, task_code

),

collective as (

    select distinct
        collective_code,
        collective_label
    from {{ ref('stg_collective') }}

),

leads as (

    select
        p.period_id,
        t.task_code,
        string_agg(
            coalesce(t.body_label, n.short_name, a.short_name, c.collective_label), '; ' order by t.member_order
        ) as lead_names
    from task_period as p
    join {{ ref('stg_task_agency') }} as t on t.task_code = p.task_code and t.task_role = 'lead'
    left join {{ ref('dim_agency') }} as a on a.agency_key = t.agency_key
    left join {{ ref('int_agency_period') }} as n on n.agency_key = t.agency_key and n.period_id = p.period_id
    left join collective as c on c.collective_code = t.collective_code
    group by p.period_id, t.task_code

)

select
    u.agency_code as unit_code,
    p.period_id,
    t.task_code,
    t.area_code,
    t.task_order,
    t.stt,
    t.task_label,
    t.product_label,
    t.deadline_label,
    r.next_due_date,
    case
        -- nobody who reports leads it: it waits for somebody outside
        when r.task_code is null then 'awaiting'
        when r.obligations_overdue > 0 then 'overdue'
        when r.leads_done > 0 and r.leads_open = 0 and r.obligations_done_late > 0 then 'done_late'
        when r.leads_done > 0 and r.leads_open = 0 then 'done'
        when r.obligations_running > 0 or r.obligations_done > 0 then 'running'
        when r.obligations_not_due > 0 then 'not_due'
        when r.obligations_awaiting > 0 then 'awaiting'
        else 'not_arisen'
    end as task_state,
    coalesce(r.leads_total, 0)::integer as leads_total,
    coalesce(r.leads_done, 0)::integer as leads_done,
    l.lead_names,
    coalesce(r.obligations_total, 0)::integer as obligations_total,
    coalesce(r.obligations_done, 0)::integer as obligations_done,
    coalesce(r.obligations_overdue, 0)::integer as obligations_overdue,
    x.products_text,
    y.difficulties_text,
    t.citation,
    t.is_assumed
from task_period as p
join {{ ref('dim_task') }} as t on t.task_code = p.task_code
join {{ ref('dim_agency') }} as u on u.agency_key = p.unit_agency_key
left join rolled_up as r on r.period_id = p.period_id and r.task_code = p.task_code
left join leads as l on l.period_id = p.period_id and l.task_code = p.task_code
left join products as x on x.period_id = p.period_id and x.task_code = p.task_code
left join difficulties as y on y.period_id = p.period_id and y.task_code = p.task_code
