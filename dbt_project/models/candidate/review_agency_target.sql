-- What an agency is asked for in a year, whether or not a round is open; and how it stood in the latest round.
with asked as (

    select distinct
        target_code,
        year,
        agency_key
    from {{ ref('int_target_agency') }}
    where
        is_expected
        and valid_from <= make_date(year, 12, 31)
        and coalesce(valid_to, 'infinity'::date) >= make_date(year, 1, 1)

),

-- an agency is called what it was called at the end of the year
named as (

    select distinct on (q.agency_key, q.year)
        q.agency_key,
        q.year,
        s.agency_code,
        s.agency_name,
        s.agency_kind,
        s.sort_order
    from (select distinct agency_key, year from asked) as q
    join {{ ref('stg_agency') }} as s on s.agency_key = q.agency_key and s.valid_from <= make_date(q.year, 12, 31)
    order by q.agency_key, q.year, s.valid_from desc

),

-- an agency passes when none of its figures fails
by_round as (

    select
        r.target_code,
        r.year,
        r.agency_key,
        r.period_id,
        count(*) as figures,
        count(*) filter (where r.outcome = 'met') as figures_met,
        max(r.value) as value,
        max(r.reported_date) as reported_date,
        case
            when bool_or(r.outcome = 'missed') then 'missed'
            when bool_or(r.outcome = 'met') then 'met'
            when bool_or(r.outcome = 'not_applicable') then 'not_applicable'
            else min(r.outcome)
        end as outcome
    from {{ ref('fct_target_result') }} as r
    group by r.target_code, r.year, r.agency_key, r.period_id

),

latest as (

    select distinct on (b.target_code, b.year, b.agency_key) b.*
    from by_round as b
    join {{ ref('dim_period') }} as p on p.period_id = b.period_id
    order by b.target_code, b.year, b.agency_key, p.period_order desc

),

target as materialized (

    select
        t.*,
        u.agency_code as unit_code
    from {{ ref('dim_target') }} as t
    join {{ ref('dim_agency') }} as u on u.agency_key = t.unit_agency_key

),

-- brought together by a group, not by a join: nobody has counted these rows yet, and a join of theirs is planned badly
told as (

    select
        target_code,
        year,
        agency_key,
        max(period_id) as period_id,
        max(figures) as figures,
        max(figures_met) as figures_met,
        max(value) as value,
        max(reported_date) as reported_date,
        max(outcome) as outcome
    from (
        select
            target_code,
            year,
            agency_key,
            true as is_asked,
            null as period_id,
            null::bigint as figures,
            null::bigint as figures_met,
            null::numeric as value,
            null::date as reported_date,
            null as outcome
        from asked
        union all
        select
            target_code,
            year,
            agency_key,
            false as is_asked,
            period_id,
            figures,
            figures_met,
            value,
            reported_date,
            outcome
        from latest
    ) as either
    group by target_code, year, agency_key
    having bool_or(is_asked)

)

select
    t.unit_code,
    a.agency_code,
    t.target_code,
    t.year,
    t.plan_code,
    a.agency_name,
    a.agency_kind,
    a.sort_order,
    t.area_code,
    t.target_order,
    t.target_label,
    t.unit as unit_of_measure,
    {{ target_text_vi('t') }} as target_text_vi,
    t.quantifier,
    t.fed_by,
    t.numerator_label,
    t.denominator_label,
    t.is_measurable,
    t.citation,
    t.is_assumed,
    q.period_id as latest_period_id,
    case
        when q.figures > 1 then q.figures_met || '/' || q.figures || ' lĩnh vực đạt'
        when q.value is not null then {{ value_text_vi('q.value', 't.unit') }}
        else to_char(q.reported_date, 'DD/MM/YYYY')
    end as latest_value_text,
    q.outcome as latest_outcome
from told as q
join target as t on t.target_code = q.target_code and t.year = q.year
join named as a on a.agency_key = q.agency_key and a.year = q.year
