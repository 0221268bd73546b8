select
    area_code,
    label_vi,
    label_en,
    sort_order
from {{ ref('stg_area') }}
