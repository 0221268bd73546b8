select
    day,
    label_vi,
    is_working,
    source,
    assumed as is_assumed
from {{ source('raw', 'ref_day_off') }}
where {{ in_force() }}
