select distinct on (plan_code, item_code, part)
    plan_code,
    item_code,
    part,
    wording,
    document_sha256,
    document_place,
    imported_at
from {{ source('raw', 'official_text') }}
order by plan_code, item_code, part, text_id desc
