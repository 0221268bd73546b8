-- What an agency was is handed on whole, to the unknown agency where nobody knows to whom. Parts are rounded, so that a
-- few of them may miss a whole by little.
select
    a.agency_key,
    sum(s.weight) as weight
from (
    select distinct agency_key
    from {{ ref('stg_agency') }}
    where agency_key <> 0 and valid_from <= {{ local_date(as_of()) }}
) as a
left join {{ ref('bridge_agency_successor') }} as s on s.agency_key = a.agency_key
group by a.agency_key
having sum(s.weight) is null or abs(sum(s.weight) - 1) > 0.005
