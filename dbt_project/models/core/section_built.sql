{{ config(tags=['core_last']) }}

-- Written after every fact, so that it is true only when all of them have been built:
-- depends_on: {{ ref('int_section_changed') }}
-- depends_on: {{ ref('fct_task_obligation') }}
-- depends_on: {{ ref('fct_reporting') }}
-- depends_on: {{ ref('fct_dossier') }}
-- depends_on: {{ ref('fct_satisfaction') }}
-- depends_on: {{ ref('fct_feedback') }}
-- depends_on: {{ ref('fct_target_result') }}
select
    agency_key,
    period_id,
    sheet_code,
    delivery_id,
    sheet_no
from {{ ref('int_section_current') }}
