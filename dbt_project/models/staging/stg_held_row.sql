select
    delivery_id,
    sheet_no,
    sheet_row,
    agency_key,
    period_id,
    rule_id,
    given
from {{ source('raw', 'held_row') }}
