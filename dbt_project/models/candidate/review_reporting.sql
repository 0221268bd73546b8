select
    u.unit_code,
    f.period_id,
    u.agency_code,
    u.agency_name,
    u.agency_kind,
    u.sort_order,
    f.due_date,
    f.due_date_stated,
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
join {{ ref('int_unit_agency_period') }} as u
    on u.unit_agency_key = f.unit_agency_key and u.agency_key = f.agency_key and u.period_id = f.period_id
join {{ ref('dim_agency') }} as a on a.agency_key = f.agency_key
left join {{ ref('int_delivery_standing') }} as d
    on d.agency_key = f.agency_key and d.delivery_id = f.current_delivery_id
