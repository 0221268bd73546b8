select
    area_code,
    label_vi,
    label_en,
    sort_order,
    source,
    assumed as is_assumed
from {{ source('raw', 'ref_area') }}
where {{ in_force() }}
