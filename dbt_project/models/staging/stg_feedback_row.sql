select
    delivery_id,
    sheet_no,
    sheet_row,
    agency_key,
    period_id,
    channel_name,
    channel_code,
    feedback_kind,
    carried_over,
    received,
    resolved_on_time,
    resolved_late,
    pending,
    pending_overdue,
    published,
    given
from {{ source('raw', 'feedback_row') }}
