-- One row per dossier row whose pending_total is not 12 + 13. Only where all the figures are reported.
select
    r.agency_key,
    s.period_id,
    r.delivery_id,
    s.sheet_name,
    (s.column_map ->> 'pending_total') || r.sheet_row as cell,
    r.pending_total::text as given,
    format(
        '%s = %s + %s', r.pending_in_time + r.pending_overdue, r.pending_in_time, r.pending_overdue
    ) as expected
from raw.dossier_row as r
join staging.int_section_current as s
    on s.agency_key = r.agency_key and s.delivery_id = r.delivery_id and s.sheet_no = r.sheet_no
where r.pending_total <> r.pending_in_time + r.pending_overdue
