-- One row per sheet of a delivery whose row counts do not hold. Only what was read since the build that is
-- being served, or received after its as_of, is counted again: raw is append-only. A full refresh counts
-- everything. The sheet Thông tin has no row table: there only the sum is checked.
with this_build as (
    select b.build_id, b.as_of, b.full_refresh
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
    left join served as s on true
    where
        d.received_at <= b.as_of
        and (b.full_refresh or s.opened_at is null or r.read_at > s.opened_at or d.received_at > s.as_of)
),

loaded as (
    select delivery_id, sheet_no, agency_key, 'task' as sheet_code from raw.task_row
    union all
    select delivery_id, sheet_no, agency_key, 'target' from raw.target_row
    union all
    select delivery_id, sheet_no, agency_key, 'dossier' from raw.dossier_row
    union all
    select delivery_id, sheet_no, agency_key, 'satisfaction' from raw.satisfaction_row
    union all
    select delivery_id, sheet_no, agency_key, 'feedback' from raw.feedback_row
    union all
    select delivery_id, sheet_no, agency_key, 'figure' from raw.figure_row
    union all
    select delivery_id, sheet_no, agency_key, 'assessment' from raw.assessment_row
),

loaded_counts as (
    select l.delivery_id, l.sheet_no, l.agency_key, l.sheet_code, count(*) as rows_loaded
    from loaded as l
    join to_count as t on t.delivery_id = l.delivery_id
    group by l.delivery_id, l.sheet_no, l.agency_key, l.sheet_code
),

held_counts as (
    select h.delivery_id, h.sheet_no, h.agency_key, count(*) as rows_held
    from raw.held_row as h
    join to_count as t on t.delivery_id = h.delivery_id
    group by h.delivery_id, h.sheet_no, h.agency_key
),

sections as (
    select s.*
    from raw.section as s
    join to_count as t on t.delivery_id = s.delivery_id
)

select
    s.agency_key,
    s.period_id,
    s.delivery_id,
    s.sheet_name,
    null::text as cell,
    format(
        'đọc %s, nạp %s (ghi được %s), giữ lại %s (ghi được %s), cấu trúc %s',
        s.rows_read, s.rows_loaded, coalesce(l.rows_loaded, 0), s.rows_held, coalesce(h.rows_held, 0),
        s.rows_structure
    ) as given,
    'số đọc = nạp + giữ lại + cấu trúc, và mỗi số bằng số dòng đã ghi' as expected
from sections as s
left join loaded_counts as l
    on l.agency_key = s.agency_key and l.delivery_id = s.delivery_id and l.sheet_no = s.sheet_no
    and l.sheet_code = s.sheet_code
left join held_counts as h
    on h.agency_key = s.agency_key and h.delivery_id = s.delivery_id and h.sheet_no = s.sheet_no
where
    s.rows_read <> s.rows_loaded + s.rows_held + s.rows_structure
    or s.rows_held <> coalesce(h.rows_held, 0)
    or (s.sheet_code <> 'info' and s.rows_loaded <> coalesce(l.rows_loaded, 0))

union all

select
    coalesce(l.agency_key, h.agency_key),
    null,
    coalesce(l.delivery_id, h.delivery_id),
    null,
    null,
    format(
        'trang số %s: nạp %s, giữ lại %s',
        coalesce(l.sheet_no, h.sheet_no), coalesce(l.rows_loaded, 0), coalesce(h.rows_held, 0)
    ),
    'không có dòng nào ngoài các trang đã đăng ký'
from loaded_counts as l
full join held_counts as h
    on h.agency_key = l.agency_key and h.delivery_id = l.delivery_id and h.sheet_no = l.sheet_no
where not exists (
    select 1
    from sections as s
    where
        s.agency_key = coalesce(l.agency_key, h.agency_key)
        and s.delivery_id = coalesce(l.delivery_id, h.delivery_id)
        and s.sheet_no = coalesce(l.sheet_no, h.sheet_no)
        and (l.sheet_code is null or l.sheet_code = s.sheet_code)
)
