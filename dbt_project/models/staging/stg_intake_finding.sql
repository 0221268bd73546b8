select
    finding_no,
    delivery_id,
    agency_key,
    period_id,
    sheet_no,
    sheet_name,
    cell,
    rule_id,
    severity,
    given,
    expected,
    message_vi
from {{ source('raw', 'intake_finding') }}
