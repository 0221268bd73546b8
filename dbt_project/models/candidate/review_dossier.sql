select
    u.unit_code,
    d.period_id,
    u.agency_code,
    d.field_code,
    u.agency_name,
    f.field_name,
    d.is_derived,
    d.received_total,
    d.received_online,
    d.received_direct,
    d.carried_over,
    d.resolved_total,
    d.resolved_early,
    d.resolved_on_time,
    d.resolved_late,
    d.pending_total,
    d.pending_in_time,
    d.pending_overdue,
    d.received_total_computed,
    d.resolved_total_computed,
    d.pending_total_computed,
    d.resolved_in_time,
    {{ share('d.resolved_in_time', 'd.resolved_total_computed') }} as on_time_rate,
    d.apology_letters,
    {{ share('d.apology_letters', 'd.resolved_late') }} as apology_rate,
    d.delivery_id,
    v.sha256 as file_sha256,
    s.sheet_name,
    d.sheet_row
from {{ ref('int_dossier_by_period') }} as d
join {{ ref('int_unit_agency_period') }} as u on u.agency_key = d.agency_key and u.period_id = d.period_id
join {{ ref('dim_field') }} as f on f.field_code = d.field_code
join {{ ref('stg_delivery') }} as v on v.delivery_id = d.delivery_id
join {{ ref('stg_section') }} as s
    on s.agency_key = d.agency_key and s.delivery_id = d.delivery_id and s.sheet_no = d.sheet_no
