-- One row per rate below 0 or above 1. Every column of a mart whose name ends in _rate is one.
with marts as (
    select 'review_city' as mart, to_jsonb(m) as row_read from candidate.review_city as m
    union all
    select 'review_agency' as mart, to_jsonb(m) as row_read from candidate.review_agency as m
    union all
    select 'review_dossier' as mart, to_jsonb(m) as row_read from candidate.review_dossier as m
)

select
    0 as agency_key,
    m.row_read ->> 'period_id' as period_id,
    null::bigint as delivery_id,
    null::text as sheet_name,
    null::text as cell,
    format(
        '%s, %s, %s = %s',
        m.mart, concat_ws('/', m.row_read ->> 'unit_code', m.row_read ->> 'agency_code'), r.key, r.value
    ) as given,
    'từ 0 đến 1' as expected
from marts as m
cross join lateral jsonb_each_text(m.row_read) as r
where r.key like '%\_rate' and (r.value::numeric < 0 or r.value::numeric > 1)
