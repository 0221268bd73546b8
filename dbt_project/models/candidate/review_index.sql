-- What was published of an index, and what was asked of it: a figure without a target is a row, and so is a target
-- without a figure.
with place as (

    select
        unit_agency_key,
        index_code,
        content_no,
        year
    from {{ ref('int_index_result') }}
    union
    select
        unit_agency_key,
        index_code,
        content_no,
        year
    from {{ ref('int_index_target') }}

)

select
    u.agency_code as unit_code,
    p.index_code,
    p.content_no,
    p.year,
    coalesce(i.target_code, '*') as target_code,
    coalesce(x.label_vi, p.index_code) as index_label,
    x.unit as index_unit,
    x.publisher,
    r.score,
    r.rank,
    r.ranked_of,
    before.score as score_before,
    before.rank as rank_before,
    r.score - before.score as score_change,
    -- a smaller number is a better place
    before.rank - r.rank as places_gained,
    t.target_order,
    t.target_label,
    t.comparator,
    t.unit as unit_of_measure,
    t.low_value,
    t.high_value,
    {{ target_text_vi('t') }} as target_text_vi,
    i.baseline_value,
    case when i.baseline_value is not null then i.baseline_year end as baseline_year,
    i.value,
    case
        when i.target_code is null then 'no_target'
        when not t.is_measurable then 'not_measurable'
        when i.value is null then 'no_data'
        when {{ meets('t.comparator', 't.direction', 'i.value', 't.low_value', 't.high_value') }} then 'met'
        else 'missed'
    end as outcome,
    t.is_ambiguous,
    t.ambiguity_reason,
    t.citation as target_citation,
    nullif(array_to_string(t.also_cited, '; '), '') as target_also_cited,
    r.source as figure_source,
    coalesce(r.is_assumed, false) as is_figure_assumed
from place as p
join {{ ref('dim_agency') }} as u on u.agency_key = p.unit_agency_key
left join {{ ref('stg_index') }} as x on x.index_code = p.index_code and x.content_no = p.content_no
left join {{ ref('int_index_result') }} as r
    on r.unit_agency_key = p.unit_agency_key
    and r.index_code = p.index_code
    and r.content_no = p.content_no
    and r.year = p.year
left join {{ ref('int_index_result') }} as before
    on before.unit_agency_key = p.unit_agency_key
    and before.index_code = p.index_code
    and before.content_no = p.content_no
    and before.year = p.year - 1
left join {{ ref('int_index_target') }} as i
    on i.unit_agency_key = p.unit_agency_key
    and i.index_code = p.index_code
    and i.content_no = p.content_no
    and i.year = p.year
left join {{ ref('dim_target') }} as t on t.target_code = i.target_code and t.year = i.year
