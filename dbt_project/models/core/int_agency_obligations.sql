{{ config(materialized='view') }}

select
    agency_key,
    period_id,
    count(*) as obligations_total,
    {% for state in obligation_states() %}
    count(*) filter (where obligation_state = '{{ state }}') as obligations_{{ state }}{{ ',' if not loop.last }}
    {% endfor %}
from {{ ref('fct_task_obligation') }}
group by agency_key, period_id
