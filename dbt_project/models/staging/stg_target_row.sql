select
    delivery_id,
    sheet_no,
    sheet_row,
    agency_key,
    period_id,
    target_code,
    field_name,
    field_code,
    unit,
    numerator,
    denominator,
    reported_value,
    reported_date,
    note,
    given
from {{ source('raw', 'target_row') }}
