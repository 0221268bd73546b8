-- What people found in the plans and decided how to read; and what the checks compute from a document's own text that
-- nobody has decided on yet. The last import of a document counts.
with computed as (

    select
        f.plan_code,
        f.check_code,
        f.subject,
        f.document_place,
        f.says_vi
    from {{ ref('stg_document_finding') }} as f
    join (
        select distinct on (plan_code)
            plan_code,
            run_id
        from {{ ref('stg_document_finding') }}
        order by plan_code, finding_id desc
    ) as last_import
        on last_import.plan_code = f.plan_code and last_import.run_id = f.run_id

),

-- a decision covers what the same check finds of a subject that the decision names or cites
covered as (

    select
        r.plan_code,
        r.finding_no,
        c.check_code,
        c.subject,
        c.document_place
    from {{ ref('stg_plan_finding') }} as r
    join {{ ref('stg_plan') }} as p on p.plan_code = r.plan_code
    join computed as c
        on c.plan_code = r.plan_code
        and c.check_code = r.check_code
        and (
            strpos(r.says_vi, c.subject) > 0
            or c.subject = any(r.citations)
            or p.cited_as || ', ' || c.subject = any(r.citations)
        )

),

found as (

    select
        r.plan_code,
        'reviewed:' || r.finding_no as finding_code,
        r.finding_no as finding_order,
        array_to_string(r.citations, '; ') as citations_text,
        r.says_vi,
        r.read_as_vi,
        r.why_vi,
        case when r.check_code is null then 'reading' else 'computation' end as found_by,
        r.check_code,
        c.document_place,
        true as is_reviewed
    from {{ ref('stg_plan_finding') }} as r
    left join (
        select
            plan_code,
            finding_no,
            string_agg(distinct document_place, '; ') as document_place
        from covered
        group by plan_code, finding_no
    ) as c on c.plan_code = r.plan_code and c.finding_no = r.finding_no

    union all

    select distinct
        c.plan_code,
        'computed:' || left(md5(concat_ws('|', c.check_code, c.subject, c.document_place, c.says_vi)), 12) as finding_code,
        null::integer as finding_order,
        c.subject as citations_text,
        c.says_vi,
        null as read_as_vi,
        null as why_vi,
        'computation' as found_by,
        c.check_code,
        c.document_place,
        false as is_reviewed
    from computed as c
    left join covered as v
        on v.plan_code = c.plan_code
        and v.check_code = c.check_code
        and v.subject = c.subject
        and v.document_place = c.document_place
    where v.plan_code is null

)

select
    u.agency_code as unit_code,
    f.plan_code,
    f.finding_code,
    p.label_vi as plan_label,
    p.cited_as,
    p.year_from,
    p.year_to,
    f.finding_order,
    f.citations_text,
    f.says_vi,
    f.read_as_vi,
    f.why_vi,
    f.found_by,
    f.check_code,
    f.document_place,
    f.is_reviewed
from found as f
join {{ ref('stg_plan') }} as p on p.plan_code = f.plan_code
join {{ ref('dim_agency') }} as u on u.agency_key = p.consolidating_agency_key
