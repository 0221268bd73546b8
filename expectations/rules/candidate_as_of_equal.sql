-- One row per row of a mart that is made for another moment than the build.
select
    0 as agency_key,
    p.period_id,
    null::bigint as delivery_id,
    null::text as sheet_name,
    null::text as cell,
    format('%s: %s', p.unit_code, p.as_of at time zone 'Asia/Ho_Chi_Minh') as given,
    format('%s (lần dựng %s)', b.as_of at time zone 'Asia/Ho_Chi_Minh', b.build_id) as expected
from candidate.review_city as p
cross join (
    select x.build_id, x.as_of
    from audit.build as x
    order by x.build_id desc
    limit 1
) as b
where p.as_of is distinct from b.as_of
