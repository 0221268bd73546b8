-- One row per row of a current section that names a field which the list does not know.
with named as (
    select agency_key, delivery_id, sheet_no, sheet_row, field_name
    from raw.dossier_row
    where field_code is null
    union all
    select agency_key, delivery_id, sheet_no, sheet_row, field_name
    from raw.satisfaction_row
    where field_code is null
    union all
    select agency_key, delivery_id, sheet_no, sheet_row, field_name
    from raw.target_row
    where field_code is null
)

select
    s.agency_key,
    s.period_id,
    s.delivery_id,
    s.sheet_name,
    (s.column_map ->> 'field_name') || n.sheet_row as cell,
    n.field_name as given,
    'một lĩnh vực trong danh mục' as expected
from named as n
join staging.int_section_current as s
    on s.agency_key = n.agency_key and s.delivery_id = n.delivery_id and s.sheet_no = n.sheet_no
where n.field_name is not null
