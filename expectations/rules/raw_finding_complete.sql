-- One row per finding of the intake by which an agency could not mend its report: without words, about a cell of
-- no sheet, or about a sheet that has no name. Counted again: as in raw_rows_conserved.
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
)

select
    f.agency_key,
    f.period_id,
    f.delivery_id,
    f.sheet_name,
    f.cell,
    format('phát hiện %s (%s): "%s"', f.finding_no, f.rule_id, f.message_vi) as given,
    'có lời giải thích bằng tiếng Việt; nêu ô thì nêu cả trang tính' as expected
from raw.intake_finding as f
join raw.delivery as d on d.delivery_id = f.delivery_id
join raw.reading as r on r.delivery_id = f.delivery_id
cross join this_build as b
left join served as v on true
where
    d.received_at <= b.as_of
    and (b.full_refresh or v.opened_at is null or r.read_at > v.opened_at or d.received_at > v.as_of)
    and (
        btrim(f.message_vi) = ''
        or (f.cell is not null and f.sheet_no is null)
        or (f.sheet_no is not null and coalesce(btrim(f.sheet_name), '') = '')
    )
