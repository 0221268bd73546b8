-- Who stands today where an agency stood: the links followed, in the order of time, to agencies that are valid on the
-- day of the build, weights multiplied on the way. What no link accounts for goes to the unknown agency, so that the
-- weights of an agency always add up to 1.
with recursive agency as (

    select
        agency_key,
        bool_or(coalesce(valid_to, 'infinity'::date) >= {{ local_date(as_of()) }}) as is_valid
    from {{ ref('stg_agency') }}
    where agency_key <> 0 and valid_from <= {{ local_date(as_of()) }}
    group by agency_key

),

link as (

    select
        predecessor_agency_key,
        successor_agency_key,
        effective_on,
        weight,
        is_estimated
    from {{ ref('stg_agency_link') }}
    where effective_on <= {{ local_date(as_of()) }}

),

followed as (

    select
        a.agency_key,
        a.agency_key as today_agency_key,
        a.is_valid,
        '-infinity'::date as since,
        1::numeric as weight,
        false as is_estimated,
        0 as steps
    from agency as a

    union all

    select
        f.agency_key,
        l.successor_agency_key as today_agency_key,
        s.is_valid,
        l.effective_on as since,
        f.weight * l.weight as weight,
        f.is_estimated or l.is_estimated as is_estimated,
        f.steps + 1 as steps
    from followed as f
    join link as l on l.predecessor_agency_key = f.today_agency_key and l.effective_on > f.since
    join agency as s on s.agency_key = l.successor_agency_key
    where not f.is_valid and f.steps < 20

),

known as (

    select
        agency_key,
        today_agency_key,
        sum(weight) as weight,
        bool_or(is_estimated) as is_estimated
    from followed
    where is_valid
    group by agency_key, today_agency_key

)

select
    agency_key,
    today_agency_key,
    weight,
    is_estimated,
    true as is_known
from known

union all

select
    a.agency_key,
    0 as today_agency_key,
    1 - coalesce(sum(k.weight), 0) as weight,
    false as is_estimated,
    false as is_known
from agency as a
left join known as k on k.agency_key = a.agency_key
group by a.agency_key
-- equal parts are rounded
having 1 - coalesce(sum(k.weight), 0) > 0.005
