-- One row per held row that no finding of its delivery explains: one at a cell of the row, with what was given or
-- what is expected, or one that holds a whole sheet because its headings were not found. Counted again: as in
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
)

select
    h.agency_key,
    h.period_id,
    h.delivery_id,
    s.sheet_name,
    'A' || h.sheet_row as cell,
    h.given::text as given,
    'có phát hiện nêu lý do giữ dòng ' || h.sheet_row as expected
from raw.held_row as h
join raw.delivery as d on d.delivery_id = h.delivery_id
join raw.reading as r on r.delivery_id = h.delivery_id
cross join this_build as b
left join served as v on true
left join raw.section as s
    on s.agency_key = h.agency_key and s.delivery_id = h.delivery_id and s.sheet_no = h.sheet_no
where
    d.received_at <= b.as_of
    and (b.full_refresh or v.opened_at is null or r.read_at > v.opened_at or d.received_at > v.as_of)
    and not exists (
        select 1
        from raw.intake_finding as f
        where
            f.delivery_id = h.delivery_id
            and f.sheet_no = h.sheet_no
            and f.rule_id = h.rule_id
            and coalesce(f.given, f.expected) is not null
            and (
                substring(f.cell from '[0-9]+$')::integer = h.sheet_row
                or (f.cell is null and f.rule_id = 'intake.headings_not_found')
            )
    )
