select
    u.unit_code,
    f.period_id,
    a.agency_code,
    a.agency_name,
    a.agency_kind,
    a.sort_order,
    f.due_date,
    f.is_due_date_assumed,
    a.is_assumed as is_agency_assumed,
    f.reporting_state,
    f.first_received_at,
    f.received_on,
    f.days_late,
    f.deliveries::integer as deliveries,
    f.replacements::integer as replacements,
    f.supplements::integer as supplements,
    f.held_deliveries::integer as held_deliveries,
    f.refused_deliveries::integer as refused_deliveries,
    f.current_delivery_id,
    d.source_name as current_file_name,
    d.sha256 as current_file_sha256,
    d.document_number as current_document_number
from {{ ref('fct_reporting') }} as f
join {{ ref('bridge_unit_agency') }} as u on u.agency_key = f.agency_key and u.reports
join {{ ref('dim_period') }} as p
    on p.period_id = f.period_id and p.window_end between u.valid_from and coalesce(u.valid_to, 'infinity'::date)
join {{ ref('dim_agency') }} as a on a.agency_key = f.agency_key
left join {{ ref('int_delivery_standing') }} as d
    on d.agency_key = f.agency_key and d.delivery_id = f.current_delivery_id
