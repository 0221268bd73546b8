select
    finding_id,
    build_id,
    gate,
    rule_id,
    scope,
    severity,
    agency_key,
    period_id,
    delivery_id,
    sheet_name,
    cell,
    given,
    expected,
    message_vi,
    is_waived
from {{ source('audit', 'expectation_finding') }}
