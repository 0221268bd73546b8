select
    delivery_id,
    sheet_no,
    sheet_row,
    agency_key,
    period_id,
    topic,
    results,
    limits,
    causes,
    solutions,
    next_tasks,
    proposals,
    given
from {{ source('raw', 'assessment_row') }}
