{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ delete_changed('satisfaction') }}",
    indexes=[{'columns': ['agency_key', 'period_id', 'field_code', 'survey_content'], 'unique': true}]
) }}

-- Rows of one sheet that name the same field and content are counted together.
select
    s.agency_key,
    s.period_id,
    coalesce(r.field_code, {{ unknown_field_code('r.field_name') }}, '*') as field_code,
    r.survey_content,
    {{ total('r.sent') }} as sent,
    {{ total('r.returned') }} as returned,
    -- a blank count of valid forms means all that came back
    {{ total('coalesce(r.valid, r.returned)') }} as valid,
    {{ total('r.satisfied') }} as satisfied,
    bool_or(r.valid is null and r.returned is not null) as valid_is_returned,
    s.delivery_id,
    s.sheet_no,
    min(r.sheet_row) as sheet_row,
    string_agg(r.sheet_row::text, ',' order by r.sheet_row) as sheet_rows
from {{ sections_to_load('satisfaction') }} as s
join {{ ref('stg_satisfaction_row') }} as r
    on r.agency_key = s.agency_key and r.delivery_id = s.delivery_id and r.sheet_no = s.sheet_no
group by 1, 2, 3, 4, s.delivery_id, s.sheet_no
