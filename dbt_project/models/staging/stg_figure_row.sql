select
    delivery_id,
    sheet_no,
    sheet_row,
    agency_key,
    period_id,
    indicator_code,
    indicator_label,
    unit,
    numerator,
    denominator,
    value,
    note,
    given
from {{ source('raw', 'figure_row') }}
