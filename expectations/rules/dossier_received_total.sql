-- One row per dossier row whose received_total is not 4 + 5 + 6. Only where all the figures are reported.
select
    r.agency_key,
    s.period_id,
    r.delivery_id,
    s.sheet_name,
    (s.column_map ->> 'received_total') || r.sheet_row as cell,
    r.received_total::text as given,
    format(
        '%s = %s + %s + %s',
        r.received_online + r.received_direct + r.carried_over,
        r.received_online, r.received_direct, r.carried_over
    ) as expected
from raw.dossier_row as r
join staging.int_section_current as s
    on s.agency_key = r.agency_key and s.delivery_id = r.delivery_id and s.sheet_no = r.sheet_no
where r.received_total <> r.received_online + r.received_direct + r.carried_over
