-- One row per pair of survey counts that grows where it may not: sent, returned, valid, satisfied.
select
    r.agency_key,
    r.period_id,
    r.delivery_id,
    s.sheet_name,
    (s.column_map ->> c.column_code) || r.sheet_row as cell,
    c.counted::text as given,
    format('không quá %s (%s)', c.bound, c.bound_label) as expected
from raw.satisfaction_row as r
join staging.int_section_current as s
    on s.agency_key = r.agency_key and s.delivery_id = r.delivery_id and s.sheet_no = r.sheet_no
cross join lateral (
    values
    ('satisfied', r.satisfied, coalesce(r.valid, r.returned), 'số phiếu hợp lệ'),
    ('valid', r.valid, r.returned, 'số phiếu thu về'),
    ('returned', r.returned, r.sent, 'số phiếu phát ra')
) as c (column_code, counted, bound, bound_label)
where c.counted > c.bound
