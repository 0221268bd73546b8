-- One row per unit, period and total of the unit's row whose parts do not add up to it.
select
    0 as agency_key,
    p.period_id,
    null::bigint as delivery_id,
    null::text as sheet_name,
    null::text as cell,
    format('%s, %s: %s', p.unit_code, c.total_name, c.total) as given,
    c.parts::text as expected
from candidate.review_city as p
cross join lateral (
    values
    (
        'agencies_expected',
        p.agencies_expected,
        p.agencies_on_time + p.agencies_late + p.agencies_missing + p.agencies_held + p.agencies_not_due
    ),
    ('tasks_total', p.tasks_total, p.tasks_done + p.tasks_overdue + p.tasks_running + p.tasks_other),
    (
        'obligations_total',
        p.obligations_total,
        p.obligations_done_early + p.obligations_done_on_time + p.obligations_done_late
        + p.obligations_running + p.obligations_overdue + p.obligations_not_due + p.obligations_not_arisen
        + p.obligations_awaiting
    ),
    (
        'targets_total',
        p.targets_total,
        p.targets_met + p.targets_missed + p.targets_no_data + p.targets_not_applicable
        + p.targets_not_measurable
    )
) as c (total_name, total, parts)
where c.total is distinct from c.parts
