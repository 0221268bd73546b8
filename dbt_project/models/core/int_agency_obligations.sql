{{ config(materialized='view') }}

select
    t.unit_agency_key,
    f.agency_key,
    f.period_id,
    count(*) as obligations_total,
    {% for state in obligation_states() %}
    count(*) filter (where f.obligation_state = '{{ state }}') as obligations_{{ state }}{{ ',' if not loop.last }}
    {% endfor %}
from {{ ref('fct_task_obligation') }} as f
join {{ ref('dim_task') }} as t on t.task_code = f.task_code
group by t.unit_agency_key, f.agency_key, f.period_id
