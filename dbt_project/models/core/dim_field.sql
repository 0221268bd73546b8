-- The list of fields is open: one that the list does not know counts under its own name.
with unknown as (

    select distinct
        {{ unknown_field_code('field_name') }} as field_code,
        field_name
    from {{ ref('stg_dossier_row') }}
    where field_code is null
    union
    select distinct
        {{ unknown_field_code('field_name') }} as field_code,
        field_name
    from {{ ref('stg_satisfaction_row') }}
    where field_code is null and field_name is not null
    union
    select distinct
        {{ unknown_field_code('field_name') }} as field_code,
        field_name
    from {{ ref('stg_target_row') }}
    where field_code is null and field_name is not null

)

select
    field_code,
    field_name,
    field_group,
    sort_order,
    true as is_known
from {{ ref('stg_field') }}
union all
select
    field_code,
    min(field_name) as field_name,
    null as field_group,
    9999 as sort_order,
    false as is_known
from unknown
group by field_code
