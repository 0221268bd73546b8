select
    delivery_id,
    sheet_no,
    agency_key,
    period_id,
    sheet_code,
    sheet_name,
    is_hidden,
    header_row,
    column_map,
    rows_read,
    rows_loaded,
    rows_held,
    rows_structure
from {{ source('raw', 'section') }}
