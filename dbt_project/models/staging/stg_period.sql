select
    period_id,
    period_kind,
    label_vi,
    label_en,
    year,
    period_order,
    window_start,
    window_end,
    closes_on,
    quarters,
    calendar_end,
    review_date,
    is_cumulative,
    is_derived,
    minuend_period_id,
    subtrahend_period_ids,
    source,
    assumed as is_assumed
from {{ source('raw', 'ref_period') }}
where {{ in_force() }}
