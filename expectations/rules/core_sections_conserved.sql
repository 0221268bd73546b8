-- One row per sheet row that is not exactly once in its fact, or that the fact holds though it is not
-- current. Sheet rows that name one field are counted together: a fact row says in sheet_rows which it holds.
with rows_current as (
    select 'dossier' as sheet_code, r.agency_key, r.delivery_id, r.sheet_no, r.sheet_row
    from raw.dossier_row as r
    union all
    select 'satisfaction', r.agency_key, r.delivery_id, r.sheet_no, r.sheet_row from raw.satisfaction_row as r
    union all
    select 'feedback', r.agency_key, r.delivery_id, r.sheet_no, r.sheet_row from raw.feedback_row as r
),

owed as (
    select
        s.sheet_code, s.agency_key, s.period_id, s.delivery_id, s.sheet_no, s.sheet_name, r.sheet_row,
        s.column_map ->> 'stt' as first_column
    from rows_current as r
    join staging.int_section_current as s
        on s.agency_key = r.agency_key and s.delivery_id = r.delivery_id and s.sheet_no = r.sheet_no
        and s.sheet_code = r.sheet_code
),

kept as (
    select
        'dossier' as sheet_code, agency_key, period_id, delivery_id, sheet_no,
        unnest(string_to_array(sheet_rows, ',')::integer[]) as sheet_row
    from core.fct_dossier
    union all
    select
        'satisfaction', agency_key, period_id, delivery_id, sheet_no,
        unnest(string_to_array(sheet_rows, ',')::integer[])
    from core.fct_satisfaction
    union all
    select
        'feedback', agency_key, period_id, delivery_id, sheet_no,
        unnest(string_to_array(sheet_rows, ',')::integer[])
    from core.fct_feedback
),

kept_counts as (
    select sheet_code, agency_key, period_id, delivery_id, sheet_no, sheet_row, count(*) as times
    from kept
    group by sheet_code, agency_key, period_id, delivery_id, sheet_no, sheet_row
)

select
    coalesce(o.agency_key, k.agency_key) as agency_key,
    coalesce(o.period_id, k.period_id) as period_id,
    coalesce(o.delivery_id, k.delivery_id) as delivery_id,
    o.sheet_name,
    coalesce(o.first_column, 'A') || coalesce(o.sheet_row, k.sheet_row) as cell,
    format('bảng %s: %s lần', coalesce(o.sheet_code, k.sheet_code), coalesce(k.times, 0)) as given,
    case when o.delivery_id is null then '0 lần, không phải bản hiện hành' else '1 lần' end as expected
from owed as o
full join kept_counts as k
    on k.agency_key = o.agency_key and k.delivery_id = o.delivery_id and k.sheet_no = o.sheet_no
    and k.sheet_row = o.sheet_row and k.sheet_code = o.sheet_code and k.period_id = o.period_id
where coalesce(k.times, 0) <> case when o.delivery_id is null then 0 else 1 end
