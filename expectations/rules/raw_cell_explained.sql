-- One row per cell of a loaded row that says something, holds no value in its table, and of which no finding
-- speaks. A dash, dots, an x and a blank say nothing (the report form, ruling 3). Counted again: as in
-- raw_rows_conserved.
with this_build as (
    select b.as_of, b.full_refresh
    from audit.build as b
    order by b.build_id desc
    limit 1
),

served as (
    select b.opened_at, b.as_of
    from audit.build_step as e
    join audit.build as b on b.build_id = e.build_id
    where e.step = 'promote' and e.outcome = 'done'
    order by e.event_id desc
    limit 1
),

to_count as (
    select d.delivery_id
    from raw.delivery as d
    join raw.reading as r on r.delivery_id = d.delivery_id
    cross join this_build as b
    left join served as v on true
    where
        d.received_at <= b.as_of
        and (b.full_refresh or v.opened_at is null or r.read_at > v.opened_at or d.received_at > v.as_of)
),

not_loaded as (
    select r.delivery_id, r.sheet_no, r.sheet_row, r.agency_key, r.period_id, r.given, c.column_code
    from raw.task_row as r
    join to_count as t on t.delivery_id = r.delivery_id
    cross join lateral (
        values
        ('status', r.status::text),
        ('progress_percent', r.progress_percent::text),
        ('completed_on', r.completed_on::text)
    ) as c (column_code, value_read)
    where c.value_read is null and r.given ? c.column_code
    union all
    select r.delivery_id, r.sheet_no, r.sheet_row, r.agency_key, r.period_id, r.given, c.column_code
    from raw.target_row as r
    join to_count as t on t.delivery_id = r.delivery_id
    cross join lateral (
        values
        ('numerator', r.numerator::text),
        ('denominator', r.denominator::text),
        ('reported_value', coalesce(r.reported_value::text, r.reported_date::text))
    ) as c (column_code, value_read)
    where c.value_read is null and r.given ? c.column_code
    union all
    select r.delivery_id, r.sheet_no, r.sheet_row, r.agency_key, r.period_id, r.given, c.column_code
    from raw.dossier_row as r
    join to_count as t on t.delivery_id = r.delivery_id
    cross join lateral (
        values
        ('received_total', r.received_total::text),
        ('received_online', r.received_online::text),
        ('received_direct', r.received_direct::text),
        ('carried_over', r.carried_over::text),
        ('resolved_total', r.resolved_total::text),
        ('resolved_early', r.resolved_early::text),
        ('resolved_on_time', r.resolved_on_time::text),
        ('resolved_late', r.resolved_late::text),
        ('pending_total', r.pending_total::text),
        ('pending_in_time', r.pending_in_time::text),
        ('pending_overdue', r.pending_overdue::text),
        ('apology_letters', r.apology_letters::text)
    ) as c (column_code, value_read)
    where c.value_read is null and r.given ? c.column_code
    union all
    select r.delivery_id, r.sheet_no, r.sheet_row, r.agency_key, r.period_id, r.given, c.column_code
    from raw.satisfaction_row as r
    join to_count as t on t.delivery_id = r.delivery_id
    cross join lateral (
        values
        ('sent', r.sent::text),
        ('returned', r.returned::text),
        ('valid', r.valid::text),
        ('satisfied', r.satisfied::text)
    ) as c (column_code, value_read)
    where c.value_read is null and r.given ? c.column_code
    union all
    select r.delivery_id, r.sheet_no, r.sheet_row, r.agency_key, r.period_id, r.given, c.column_code
    from raw.feedback_row as r
    join to_count as t on t.delivery_id = r.delivery_id
    cross join lateral (
        values
        ('carried_over', r.carried_over::text),
        ('received', r.received::text),
        ('resolved_on_time', r.resolved_on_time::text),
        ('resolved_late', r.resolved_late::text),
        ('pending', r.pending::text),
        ('pending_overdue', r.pending_overdue::text),
        ('published', r.published::text)
    ) as c (column_code, value_read)
    where c.value_read is null and r.given ? c.column_code
    union all
    select r.delivery_id, r.sheet_no, r.sheet_row, r.agency_key, r.period_id, r.given, c.column_code
    from raw.figure_row as r
    join to_count as t on t.delivery_id = r.delivery_id
    cross join lateral (
        values
        ('numerator', r.numerator::text),
        ('denominator', r.denominator::text),
        ('value', r.value::text)
    ) as c (column_code, value_read)
    where c.value_read is null and r.given ? c.column_code
)

select
    n.agency_key,
    n.period_id,
    n.delivery_id,
    s.sheet_name,
    (s.column_map ->> n.column_code) || n.sheet_row as cell,
    n.given ->> n.column_code as given,
    'có giá trị đã nạp, hoặc có phát hiện nêu lý do' as expected
from not_loaded as n
join raw.section as s
    on s.agency_key = n.agency_key and s.delivery_id = n.delivery_id and s.sheet_no = n.sheet_no
where
    n.given ->> n.column_code !~ '^(\s|\u00a0|[-–—−….xX])*$'
    -- in a count these words are zero; a rate or a day of what did not arise is not reported
    and not (
        n.column_code in ('progress_percent', 'completed_on', 'reported_value')
        and lower(normalize(n.given ->> n.column_code))
        ~ '^\s*(kps|kh[ôo]ng c[óo]|kh[ôo]ng (c[óo] )?ph[áa]t sinh)[\s.]*$'
    )
    and not exists (
        select 1
        from raw.intake_finding as f
        where
            f.delivery_id = n.delivery_id
            and f.sheet_no = n.sheet_no
            and f.cell = (s.column_map ->> n.column_code) || n.sheet_row
    )
