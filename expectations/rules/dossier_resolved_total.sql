-- One row per dossier row whose resolved_total is not 8 + 9 + 10. Only where all the figures are reported.
select
    r.agency_key,
    s.period_id,
    r.delivery_id,
    s.sheet_name,
    (s.column_map ->> 'resolved_total') || r.sheet_row as cell,
    r.resolved_total::text as given,
    format(
        '%s = %s + %s + %s',
        r.resolved_early + r.resolved_on_time + r.resolved_late,
        r.resolved_early, r.resolved_on_time, r.resolved_late
    ) as expected
from raw.dossier_row as r
join staging.int_section_current as s
    on s.agency_key = r.agency_key and s.delivery_id = r.delivery_id and s.sheet_no = r.sheet_no
where r.resolved_total <> r.resolved_early + r.resolved_on_time + r.resolved_late
