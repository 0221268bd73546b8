select
    index_code,
    content_no,
    label_vi,
    label_en,
    unit,
    publisher,
    source,
    assumed as is_assumed
from {{ source('raw', 'ref_index') }}
where {{ in_force() }}
