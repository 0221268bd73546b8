select
    r.delivery_id,
    r.agency_key,
    r.period_id,
    r.form_code,
    coalesce(r.report_kind, 'first') as report_kind,
    r.amends,
    r.report_date,
    r.document_number,
    r.content_sha256,
    r.verdict,
    r.verdict_reason_vi,
    r.duplicate_of,
    r.read_at,
    r.run_id
from {{ source('raw', 'reading') }} as r
join {{ ref('stg_delivery') }} as d on d.delivery_id = r.delivery_id
