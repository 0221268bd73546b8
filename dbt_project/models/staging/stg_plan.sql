select
    plan_code,
    jurisdiction_code,
    consolidating_agency_key,
    document_number,
    document_date,
    cited_as,
    issuer,
    label_vi,
    year_from,
    year_to,
    source,
    assumed as is_assumed
from {{ source('raw', 'ref_plan') }}
where {{ in_force() }}
