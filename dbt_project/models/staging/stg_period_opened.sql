select
    period_id,
    agency_key,
    form_code,
    issued_at,
    file_name,
    file_sha256,
    run_id
from {{ source('raw', 'period_opened') }}
where issued_at <= {{ as_of() }}
