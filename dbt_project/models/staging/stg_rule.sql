select
    rule_id,
    gate,
    scope,
    severity,
    area_code,
    waivable,
    label_vi,
    message_vi,
    message_en,
    sql_sha256,
    source,
    assumed as is_assumed
from {{ source('raw', 'ref_rule') }}
where {{ in_force() }}
