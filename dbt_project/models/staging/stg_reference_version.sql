select
    version_id,
    dataset,
    content_sha256,
    loaded_at,
    run_id
from {{ source('raw', 'ref_version') }}
