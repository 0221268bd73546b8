-- One row per unit, period and count of dossiers where the unit's row, the sum of its agencies' rows and the
-- sum in core are not one number. The unit's agencies are those that report to it on the day the period closes.
with in_core as (
    select
        m.unit_code,
        f.period_id,
        sum(f.received_total_computed) as received_total,
        sum(f.resolved_total_computed) as resolved_total,
        sum(f.resolved_in_time) as resolved_in_time,
        sum(f.resolved_total_computed - f.resolved_in_time) as resolved_late,
        sum(f.pending_total_computed) as pending_total,
        sum(f.apology_letters) as apology_letters
    from core.int_dossier_by_period as f
    join core.int_round as p on p.period_id = f.period_id
    join core.bridge_unit_agency as m
        on m.unit_code = p.unit_code
        and m.agency_key = f.agency_key
        and m.reports
        and p.closes_on between m.valid_from and coalesce(m.valid_to, 'infinity'::date)
    group by m.unit_code, f.period_id
),

by_agency as (
    select
        unit_code,
        period_id,
        sum(received_total_computed) as received_total,
        sum(resolved_total_computed) as resolved_total,
        sum(resolved_in_time) as resolved_in_time,
        sum(resolved_total_computed - resolved_in_time) as resolved_late,
        sum(pending_total_computed) as pending_total,
        sum(apology_letters) as apology_letters
    from candidate.review_dossier
    group by unit_code, period_id
)

select
    0 as agency_key,
    p.period_id,
    null::bigint as delivery_id,
    null::text as sheet_name,
    null::text as cell,
    format(
        '%s, %s: đơn vị %s, các cơ quan %s', p.unit_code, c.count_name, c.of_unit, c.of_agencies
    ) as given,
    format('%s (core)', c.of_core) as expected
from candidate.review_city as p
left join in_core as i on i.unit_code = p.unit_code and i.period_id = p.period_id
left join by_agency as a on a.unit_code = p.unit_code and a.period_id = p.period_id
cross join lateral (
    values
    ('received_total', p.dossiers_received_total, a.received_total, i.received_total),
    ('resolved_total', p.dossiers_resolved_total, a.resolved_total, i.resolved_total),
    ('resolved_in_time', p.dossiers_resolved_in_time, a.resolved_in_time, i.resolved_in_time),
    ('resolved_late', p.dossiers_resolved_late, a.resolved_late, i.resolved_late),
    ('pending_total', p.dossiers_pending_total, a.pending_total, i.pending_total),
    ('apology_letters', p.apology_letters, a.apology_letters, i.apology_letters)
) as c (count_name, of_unit, of_agencies, of_core)
where
    coalesce(c.of_unit, 0) <> coalesce(c.of_core, 0)
    or coalesce(c.of_agencies, 0) <> coalesce(c.of_core, 0)
