select
    decision_id,
    delivery_id,
    decision,
    reason,
    decided_by,
    decided_at
from {{ source('raw', 'delivery_decision') }}
where decided_at <= {{ as_of() }}
