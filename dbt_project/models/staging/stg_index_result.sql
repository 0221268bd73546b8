select
    index_code,
    content_no,
    jurisdiction_code,
    year,
    score,
    rank,
    ranked_of,
    source,
    assumed as is_assumed
from {{ source('raw', 'ref_index_result') }}
where {{ in_force() }}
