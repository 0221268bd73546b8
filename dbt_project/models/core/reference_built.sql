{{ config(tags=['core_last']) }}

-- Written after every fact and after section_built:
-- depends_on: {{ ref('section_built') }}
select
    dataset,
    max(version_id) as version_id
from {{ ref('stg_reference_version') }}
group by dataset
