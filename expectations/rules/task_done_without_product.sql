-- One row per task row that says done and names neither a product, nor a document, nor evidence.
select
    r.agency_key,
    s.period_id,
    r.delivery_id,
    s.sheet_name,
    coalesce(s.column_map ->> 'document_number', s.column_map ->> 'product', s.column_map ->> 'status')
    || r.sheet_row as cell,
    coalesce(r.given ->> 'status', r.status) || ', không có sản phẩm' as given,
    'sản phẩm, số văn bản hoặc tài liệu kiểm chứng' as expected
from raw.task_row as r
join staging.int_section_current as s
    on s.agency_key = r.agency_key and s.delivery_id = r.delivery_id and s.sheet_no = r.sheet_no
where
    r.status = 'done'
    and r.product is null
    and r.document_number is null
    and r.evidence is null
