{%- set counts = ['received_total', 'resolved_total', 'resolved_in_time', 'resolved_late', 'pending_total'] %}

-- History shown the other way: what was reported then, as of the agencies of today. Of an agency that was divided each
-- successor is given its part, which is an estimate wherever no document says how large it was.
select
    d.unit_code,
    d.period_id,
    s.today_agency_key,
    t.agency_code as today_agency_code,
    t.agency_name as today_agency_name,
    count(distinct d.agency_key) as agencies_then,
    {% for count in counts %}
    trim_scale(round(sum(s.weight * d.{{ count }}), 2)) as {{ count }},
    {% endfor %}
    bool_or(s.is_estimated) as is_estimated,
    bool_and(s.is_known) as is_known
from (
    select
        u.unit_code,
        f.period_id,
        f.agency_key,
        sum(f.received_total_computed) as received_total,
        sum(f.resolved_total_computed) as resolved_total,
        sum(f.resolved_in_time) as resolved_in_time,
        sum(f.resolved_total_computed - f.resolved_in_time) as resolved_late,
        sum(f.pending_total_computed) as pending_total
    from {{ ref('int_dossier_by_period') }} as f
    join {{ ref('int_unit_agency_period') }} as u on u.agency_key = f.agency_key and u.period_id = f.period_id
    group by u.unit_code, f.period_id, f.agency_key
) as d
join {{ ref('bridge_agency_successor') }} as s on s.agency_key = d.agency_key
join {{ ref('dim_agency') }} as t on t.agency_key = s.today_agency_key
group by d.unit_code, d.period_id, s.today_agency_key, t.agency_code, t.agency_name
