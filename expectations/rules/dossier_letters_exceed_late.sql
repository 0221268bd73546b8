-- One row per dossier row with more apology letters than dossiers resolved late.
select
    r.agency_key,
    s.period_id,
    r.delivery_id,
    s.sheet_name,
    (s.column_map ->> 'apology_letters') || r.sheet_row as cell,
    r.apology_letters::text as given,
    'không quá ' || r.resolved_late as expected
from raw.dossier_row as r
join staging.int_section_current as s
    on s.agency_key = r.agency_key and s.delivery_id = r.delivery_id and s.sheet_no = r.sheet_no
where r.apology_letters > r.resolved_late
