select
    delivery_id,
    sheet_no,
    sheet_row,
    agency_key,
    period_id,
    field_name,
    field_code,
    survey_content,
    sent,
    returned,
    valid,
    satisfied,
    note,
    given
from {{ source('raw', 'satisfaction_row') }}
