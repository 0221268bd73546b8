select
    plan_code,
    task_code,
    obligation_no,
    obligation_kind,
    obligation_label,
    due_date,
    due_year,
    due_quarter,
    is_ongoing,
    source,
    assumed as is_assumed
from {{ source('raw', 'ref_obligation') }}
where {{ in_force() }}
