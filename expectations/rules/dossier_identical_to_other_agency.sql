-- One row per delivery whose dossier figures repeat those that another agency sent before it for the same
-- period. Fields without any figure above zero are left out, and at least so many others must agree as the
-- tolerance says. Deliveries that a hold or a newer version has set aside are compared too, so that the
-- finding stays while the reason for it does.
with this_build as (
    select b.as_of
    from audit.build as b
    order by b.build_id desc
    limit 1
),

tolerance as (
    select t.value
    from raw.ref_tolerance as t
    where
        t.tolerance_code = 'identical_dossier_fields'
        and t.version_id = (select max(v.version_id) from raw.ref_version as v where v.dataset = 'tolerances')
),

last_decision as (
    select distinct on (x.delivery_id) x.delivery_id, x.decision
    from raw.delivery_decision as x
    cross join this_build as b
    where x.decided_at <= b.as_of
    order by x.delivery_id, x.decided_at desc, x.decision_id desc
),

countable as (
    select d.delivery_id, d.received_at
    from raw.delivery as d
    join raw.reading as r on r.delivery_id = d.delivery_id
    cross join this_build as b
    left join last_decision as x on x.delivery_id = d.delivery_id
    where
        d.received_at <= b.as_of
        and r.agency_key <> 0
        and x.decision is distinct from 'reject'
        and (r.verdict in ('accepted', 'accepted_with_findings') or (r.verdict = 'held' and x.decision = 'accept'))
),

figures as (
    select
        s.agency_key,
        s.period_id,
        s.delivery_id,
        s.sheet_no,
        s.sheet_name,
        s.column_map ->> 'received_total' as first_column,
        s.column_map ->> 'pending_overdue' as last_column,
        c.received_at,
        r.sheet_row,
        coalesce(r.field_code, '?' || lower(r.field_name)) as field_code,
        array[
            r.received_total, r.received_online, r.received_direct, r.carried_over,
            r.resolved_total, r.resolved_early, r.resolved_on_time, r.resolved_late,
            r.pending_total, r.pending_in_time, r.pending_overdue
        ] as counts
    from countable as c
    join raw.section as s on s.delivery_id = c.delivery_id and s.sheet_code = 'dossier' and not s.is_hidden
    join raw.dossier_row as r
        on r.agency_key = s.agency_key and r.delivery_id = s.delivery_id and r.sheet_no = s.sheet_no
),

sheets as (
    select
        f.agency_key,
        f.period_id,
        f.delivery_id,
        f.sheet_name,
        f.received_at,
        min(f.first_column || f.sheet_row) filter (where f.is_first) || ':'
        || min(f.last_column || f.sheet_row) filter (where f.is_last) as cells,
        count(*) as fields,
        md5(string_agg(f.field_code || f.counts::text, '|' order by f.field_code, f.sheet_row)) as fingerprint
    from (
        select
            x.*,
            x.sheet_row = min(x.sheet_row) over (partition by x.delivery_id, x.sheet_no) as is_first,
            x.sheet_row = max(x.sheet_row) over (partition by x.delivery_id, x.sheet_no) as is_last
        from figures as x
        where 0 < any(x.counts)
    ) as f
    group by f.agency_key, f.period_id, f.delivery_id, f.sheet_no, f.sheet_name, f.received_at
)

select distinct on (later.delivery_id)
    later.agency_key,
    later.period_id,
    later.delivery_id,
    later.sheet_name,
    later.cells as cell,
    format('số liệu của %s lĩnh vực trùng với bản của %s (lượt nộp %s, tệp %s)',
        later.fields, a.agency_name, earlier.delivery_id, d.source_name) as given,
    'số liệu riêng của cơ quan' as expected
from sheets as later
join tolerance as t on later.fields >= t.value
join sheets as earlier
    on earlier.period_id = later.period_id
    and earlier.fingerprint = later.fingerprint
    and earlier.agency_key <> later.agency_key
    and (earlier.received_at, earlier.delivery_id) < (later.received_at, later.delivery_id)
join raw.delivery as d on d.delivery_id = earlier.delivery_id
left join raw.ref_agency as a
    on a.agency_key = earlier.agency_key
    and a.version_id = (select max(v.version_id) from raw.ref_version as v where v.dataset = 'agencies')
order by later.delivery_id, earlier.received_at, earlier.delivery_id, a.valid_from desc
