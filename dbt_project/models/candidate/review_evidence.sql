with evidence as (

    select
        u.agency_code as unit_code,
        r.period_id,
        'target' as figure_kind,
        r.target_code as figure_code,
        r.agency_key,
        r.field_code,
        case
            when r.value is not null then {{ value_text_vi('r.value', 't.unit') }}
            when r.reported_date is not null then to_char(r.reported_date, 'DD/MM/YYYY')
        end as value_text,
        r.numerator,
        r.denominator,
        r.delivery_id,
        r.sheet_no,
        r.cells,
        t.citation
    from {{ ref('fct_target_result') }} as r
    join {{ ref('dim_target') }} as t on t.target_code = r.target_code and t.year = r.year
    join {{ ref('dim_agency') }} as u on u.agency_key = t.unit_agency_key
    where r.delivery_id is not null

    union all

    select
        u.unit_code,
        f.period_id,
        'dossier' as figure_kind,
        'HS-TTHC' as figure_code,
        f.agency_key,
        f.field_code,
        {{ value_text_vi('100.0 * f.resolved_in_time / nullif(f.resolved_total_computed, 0)', "'percent'") }} as value_text,
        f.resolved_in_time as numerator,
        f.resolved_total_computed as denominator,
        f.delivery_id,
        f.sheet_no,
        {{ cells(['resolved_early', 'resolved_on_time'], 's.column_map', 'f.sheet_rows') }}
            || ' / ' || {{ cells(['resolved_early', 'resolved_on_time', 'resolved_late'], 's.column_map', 'f.sheet_rows') }}
            as cells,
        'II.06a/VPCP/KSTT' as citation
    from {{ ref('fct_dossier') }} as f
    join {{ ref('int_unit_agency_period') }} as u on u.agency_key = f.agency_key and u.period_id = f.period_id
    join {{ ref('stg_section') }} as s
        on s.agency_key = f.agency_key and s.delivery_id = f.delivery_id and s.sheet_no = f.sheet_no

)

select
    e.unit_code,
    e.period_id,
    e.figure_kind,
    e.figure_code,
    a.agency_code,
    e.field_code,
    coalesce(n.agency_name, a.agency_name) as agency_name,
    f.field_name,
    e.value_text,
    e.numerator::numeric as numerator,
    e.denominator::numeric as denominator,
    e.delivery_id,
    d.source_name as file_name,
    d.sha256 as file_sha256,
    s.sheet_name,
    e.cells,
    e.citation
from evidence as e
join {{ ref('dim_agency') }} as a on a.agency_key = e.agency_key
left join {{ ref('int_agency_period') }} as n on n.agency_key = e.agency_key and n.period_id = e.period_id
left join {{ ref('dim_field') }} as f on f.field_code = e.field_code
join {{ ref('stg_delivery') }} as d on d.delivery_id = e.delivery_id
left join {{ ref('stg_section') }} as s
    on s.agency_key = e.agency_key and s.delivery_id = e.delivery_id and s.sheet_no = e.sheet_no
