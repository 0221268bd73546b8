-- One row per row of a current section that names a channel which the list does not know.
select
    s.agency_key,
    s.period_id,
    s.delivery_id,
    s.sheet_name,
    (s.column_map ->> 'channel_name') || r.sheet_row as cell,
    r.channel_name as given,
    'Cổng Dịch vụ công quốc gia, 1022 hoặc Trực tiếp' as expected
from raw.feedback_row as r
join staging.int_section_current as s
    on s.agency_key = r.agency_key and s.delivery_id = r.delivery_id and s.sheet_no = r.sheet_no
where r.channel_code is null
