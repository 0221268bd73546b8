select
    finding_id,
    plan_code,
    document_sha256,
    check_code,
    subject,
    document_place,
    says_vi,
    run_id,
    found_at
from {{ source('raw', 'document_finding') }}
