with target_period as (

    select
        t.target_code,
        t.year,
        r.period_id,
        r.quarters,
        t.unit,
        t.comparator,
        t.direction,
        t.quantifier,
        t.roll_up,
        {{ bound('t.low_value', 't.unit', 'r.quarters') }} as low_value,
        {{ bound('t.high_value', 't.unit', 'r.quarters') }} as high_value,
        t.is_measurable and t.comparator <> 'none' as is_measurable,
        -- agencies are counted, each once, or figures are added up
        t.roll_up = 'share_of_agencies' or t.quantifier = 'every_agency' or t.comparator = 'by_date' as counts_agencies
    from {{ ref('dim_target') }} as t
    join {{ ref('int_round') }} as r
        on r.unit_agency_key = t.unit_agency_key and r.year = t.year and not r.is_derived

),

-- An agency passes when none of its figures fails.
by_agency as (

    select
        r.target_code,
        r.period_id,
        r.agency_key,
        bool_or(r.basis <> 'none') as has_figure,
        bool_or(r.basis = 'computed') as has_counts,
        case
            when bool_or(r.outcome = 'missed') then 'missed'
            when bool_or(r.outcome = 'met') then 'met'
            when bool_or(r.outcome = 'not_applicable') then 'not_applicable'
            else 'no_data'
        end as outcome
    from {{ ref('fct_target_result') }} as r
    group by r.target_code, r.period_id, r.agency_key

),

-- counted once, not again for each target: nothing is known yet of tables that were just filled
agencies as materialized (

    select
        b.target_code,
        b.period_id,
        count(*) as expected,
        count(*) filter (where b.has_figure) as with_figure,
        count(*) filter (where b.has_counts) as with_counts,
        count(*) filter (where b.outcome = 'met') as met,
        count(*) filter (where b.outcome = 'missed') as missed,
        count(*) filter (where b.outcome = 'not_applicable') as not_applicable,
        case
            when count(*) filter (where b.outcome = 'missed') > 3 and bool_and(b.outcome <> 'met')
                then 'Cả ' || count(*) filter (where b.outcome = 'missed') || ' cơ quan có số liệu'
            else string_agg(coalesce(n.short_name, a.short_name), '; ' order by a.sort_order, a.agency_key)
                filter (where b.outcome = 'missed')
        end as failing
    from by_agency as b
    join {{ ref('dim_agency') }} as a on a.agency_key = b.agency_key
    left join {{ ref('int_agency_period') }} as n on n.agency_key = b.agency_key and n.period_id = b.period_id
    group by b.target_code, b.period_id

),

summed as materialized (

    select
        target_code,
        period_id,
        sum(numerator) filter (where basis = 'computed') as numerator,
        sum(denominator) filter (where basis = 'computed') as denominator,
        -- figures are never averaged: one stands for itself, several are no figure
        case when count(*) filter (where basis <> 'none') = 1 then max(value) end as only_value
    from {{ ref('fct_target_result') }}
    group by target_code, period_id

),

by_field as (

    select
        s.*,
        {{ meets('s.comparator', 's.direction', 's.value', 's.low_value', 's.high_value') }} as is_met
    from (
        select
            r.target_code,
            r.period_id,
            r.field_code,
            sum(r.numerator) as numerator,
            sum(r.denominator) as denominator,
            {{ measured('t.unit', 'sum(r.numerator)', 'sum(r.denominator)') }} as value,
            t.unit,
            t.comparator,
            t.direction,
            t.low_value,
            t.high_value
        from {{ ref('fct_target_result') }} as r
        join target_period as t on t.target_code = r.target_code and t.period_id = r.period_id
        where t.quantifier = 'every_field' and r.basis = 'computed'
        group by 1, 2, 3, t.unit, t.comparator, t.direction, t.low_value, t.high_value
    ) as s

),

fields as materialized (

    select
        b.target_code,
        b.period_id,
        count(b.is_met) as judged,
        count(*) filter (where b.is_met) as met,
        string_agg(
            coalesce(f.field_name, 'Không nêu lĩnh vực') || ': ' || {{ value_text_vi('b.value', 'b.unit') }}
                || coalesce(' (' || {{ number_vi('b.numerator') }} || '/' || {{ number_vi('b.denominator') }} || ')', ''),
            '; ' order by f.sort_order, b.field_code
        ) filter (where not b.is_met) as failing
    from by_field as b
    left join {{ ref('dim_field') }} as f on f.field_code = b.field_code
    group by b.target_code, b.period_id

),

valued as (

    select
        t.*,
        coalesce(a.expected, 0) as agencies_expected,
        case
            when t.roll_up = 'sum' and not t.counts_agencies then coalesce(a.with_counts, 0)
            else coalesce(a.with_figure, 0)
        end as agencies_covered,
        a.met as agencies_met,
        a.missed as agencies_missed,
        a.not_applicable as agencies_not_applicable,
        a.failing as failing_agencies,
        case when t.counts_agencies then nullif(a.met + a.missed, 0) - a.missed else s.numerator end as numerator,
        case when t.counts_agencies then nullif(a.met + a.missed, 0) else s.denominator end as denominator,
        case
            when t.counts_agencies and t.unit = 'percent'
                then trim_scale(100 * a.met::numeric / nullif(a.met + a.missed, 0))
            when t.counts_agencies then null
            when {{ is_of_whole('t.unit') }} and s.denominator is not null
                then {{ measured('t.unit', 's.numerator', 's.denominator') }}
            when t.unit like 'count%' and s.numerator is not null then trim_scale(s.numerator)
            else s.only_value
        end as value,
        f.judged as fields_judged,
        f.met as fields_met,
        f.failing as failing_fields
    from target_period as t
    left join agencies as a on a.target_code = t.target_code and a.period_id = t.period_id
    left join summed as s on s.target_code = t.target_code and s.period_id = t.period_id
    left join fields as f on f.target_code = t.target_code and f.period_id = t.period_id

),

judged as (

    select
        v.*,
        case
            when not v.is_measurable then 'not_measurable'
            when {{ owes_nothing_yet('v.unit', 'v.quarters') }} then 'not_applicable'
            when v.counts_agencies and v.denominator is null and v.agencies_not_applicable > 0 then 'not_applicable'
            when v.counts_agencies and v.denominator is null then 'no_data'
            when v.counts_agencies and (v.quantifier = 'every_agency' or v.comparator = 'by_date')
                then case when v.agencies_missed = 0 then 'met' else 'missed' end
            when v.quantifier = 'every_field' and v.fields_judged > 0
                then case when v.fields_judged = v.fields_met then 'met' else 'missed' end
            when {{ is_of_whole('v.unit') }} and v.denominator = 0 then 'not_applicable'
            when v.quantifier = 'every_field' or v.value is null or v.low_value is null then 'no_data'
            when {{ meets('v.comparator', 'v.direction', 'v.value', 'v.low_value', 'v.high_value') }} then 'met'
            else 'missed'
        end as outcome
    from valued as v

)

select
    u.agency_code as unit_code,
    j.period_id,
    t.target_code,
    t.year,
    t.area_code,
    t.target_order,
    t.target_label,
    t.comparator,
    t.unit as unit_of_measure,
    t.low_value,
    t.high_value,
    {{ target_text_vi('t') }} as target_text_vi,
    t.quantifier,
    t.roll_up,
    j.agencies_expected::integer as agencies_expected,
    j.agencies_covered::integer as agencies_covered,
    j.numerator::numeric as numerator,
    j.denominator::numeric as denominator,
    j.value,
    j.outcome,
    case when t.quantifier = 'every_field' then coalesce(j.fields_judged, 0)::integer end as fields_total,
    case when t.quantifier = 'every_field' then coalesce(j.fields_met, 0)::integer end as fields_met,
    case
        when j.outcome = 'missed' and t.quantifier = 'every_field' and not j.counts_agencies then j.failing_fields
        when j.outcome = 'missed' then j.failing_agencies
    end as failing_text_vi,
    t.is_measurable,
    t.is_ambiguous,
    t.ambiguity_reason,
    t.citation,
    nullif(array_to_string(t.also_cited, '; '), '') as also_cited_text,
    t.is_assumed
from judged as j
join {{ ref('dim_target') }} as t on t.target_code = j.target_code and t.year = j.year
join {{ ref('dim_agency') }} as u on u.agency_key = t.unit_agency_key
