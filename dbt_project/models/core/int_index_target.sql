{{ config(materialized='view') }}

-- The targets that an index decides, with the value that was published for them: none until there is one.
select
    t.target_code,
    t.year,
    t.unit_agency_key,
    t.index_code,
    t.index_content_no as content_no,
    case t.unit
        when 'rank' then r.rank
        when 'score' then r.score
        when 'score_change' then r.score - base.score
    end as value,
    coalesce(t.baseline_value, case t.unit when 'rank' then base.rank else base.score end) as baseline_value,
    coalesce(t.baseline_year, t.year - 1) as baseline_year
from {{ ref('dim_target') }} as t
left join {{ ref('int_index_result') }} as r
    on r.unit_agency_key = t.unit_agency_key
    and r.index_code = t.index_code
    and r.content_no = t.index_content_no
    and r.year = t.year
-- a change is against the year before, unless the target names another
left join {{ ref('int_index_result') }} as base
    on base.unit_agency_key = t.unit_agency_key
    and base.index_code = t.index_code
    and base.content_no = t.index_content_no
    and base.year = coalesce(t.baseline_year, t.year - 1)
where t.fed_by = 'external' and t.index_code is not null
