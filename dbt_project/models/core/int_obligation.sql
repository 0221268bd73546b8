{{ config(materialized='view') }}

-- What is owed: nobody reports on a duty that is held without end.
select
    o.plan_code,
    o.task_code,
    t.unit_agency_key,
    o.obligation_no,
    o.obligation_kind,
    o.due_date,
    o.due_year
from {{ ref('stg_obligation') }} as o
join {{ ref('dim_task') }} as t on t.task_code = o.task_code
where t.task_kind <> 'standing' and o.obligation_kind <> 'standing'
