-- One row per dossier row whose column 6 is not column 11 of the same agency and field in the period whose
-- window ended the day before this one's begins.
with flow as (
    select
        f.*,
        coalesce(f.pending_total, f.pending_total_computed) as closing,
        p.window_start,
        p.window_end,
        p.label_vi
    from core.fct_dossier as f
    join core.dim_period as p on p.period_id = f.period_id
    where not p.is_derived
)

select
    f.agency_key,
    f.period_id,
    f.delivery_id,
    s.sheet_name,
    (s.column_map ->> 'carried_over') || f.sheet_row as cell,
    f.carried_over::text as given,
    format('%s (cột 11 của %s, lượt nộp %s)', before.closing, before.label_vi, before.delivery_id) as expected
from flow as f
join flow as before
    on before.agency_key = f.agency_key
    and before.field_code = f.field_code
    and before.window_end + 1 = f.window_start
join staging.int_section_current as s
    on s.agency_key = f.agency_key and s.delivery_id = f.delivery_id and s.sheet_no = f.sheet_no
where f.carried_over <> before.closing
