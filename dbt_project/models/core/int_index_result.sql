{{ config(materialized='view') }}

-- An index scores a jurisdiction: the figures are those of the unit at its head.
select
    u.agency_key as unit_agency_key,
    r.index_code,
    r.content_no,
    r.year,
    r.score,
    r.rank,
    r.ranked_of,
    r.source,
    r.is_assumed
from {{ ref('stg_index_result') }} as r
join {{ ref('dim_agency') }} as u
    on u.jurisdiction_code = r.jurisdiction_code and u.consolidates and u.parent_agency_key is null
