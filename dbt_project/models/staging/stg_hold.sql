-- A hold counts from the instant its build judged by, so that a replay of an earlier instant does not see it.
select
    h.hold_id,
    h.delivery_id,
    h.rule_id,
    h.build_id,
    h.reason_vi,
    b.as_of as held_at
from {{ source('audit', 'hold') }} as h
join {{ source('audit', 'build') }} as b on b.build_id = h.build_id
where b.as_of <= {{ as_of() }}
