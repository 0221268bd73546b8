select
    delivery_id,
    channel,
    source_name,
    source_path,
    source_modified_at,
    sha256,
    size_bytes,
    archive_path,
    received_at,
    received_stated,
    recorded_at,
    run_id
from {{ source('raw', 'delivery') }}
where received_at <= {{ as_of() }}
