"""The grammar of comparators and of deadlines: every way of writing that decisions use, and back again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.plan_document.comparators import find_bounds
from sources.plan_document.deadlines import read_deadline, read_years
from sources.plan_document.masks import mask_numbers
from sources.plan_document.skeleton import skeleton
from sources.plan_document.targets import Passage, TargetRead, read_targets

YEARS = [2021, 2022, 2023]


def read(text: str, years: list[int] = YEARS, goal: bool = True) -> list[TargetRead]:
    return read_targets([Passage("II.1", text, (1,), is_goal=goal)], years)


def said(text: str) -> list[tuple[str, str, str]]:
    """Comparator, value (and upper value) and unit of every target of a text."""
    return [
        (
            target.bound.comparator,
            f"{target.bound.value:f}" + (f"-{target.bound.high:f}" if target.bound.high is not None else ""),
            target.bound.unit,
        )
        for target in read(text)
        if target.bound is not None
    ]


# ---------------------------------------------------------------- comparators
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tỷ lệ hài lòng đạt mức trên 80%", [("gt", "80", "percent")]),
        ("Tỷ lệ hồ sơ đúng hạn từ 98% trở lên", [("ge", "98", "percent")]),
        ("Tỷ lệ đạt tối thiểu 90%", [("ge", "90", "percent")]),
        ("Có ít nhất 30 % cơ quan được kiểm tra", [("ge", "30", "percent")]),
        ("Tỷ lệ số hóa đạt 40%", [("ge", "40", "percent")]),
        ("Kiểm tra 40% các cơ quan", [("ge", "40", "percent")]),
        ("100% cơ quan công bố", [("eq", "100", "percent")]),
        ("Tỷ lệ trả kết quả đúng hẹn đạt 100%", [("eq", "100", "percent")]),
        ("Tỷ lệ hồ sơ trễ hạn xuống còn dưới 3%", [("lt", "3", "percent")]),
        ("Tỷ lệ hồ sơ trễ hạn không quá 2,5%", [("le", "2.5", "percent")]),
        ("Tỷ lệ hồ sơ trễ hạn không vượt quá 5%", [("le", "5", "percent")]),
        ("Tỷ lệ hồ sơ tồn đọng 5% trở xuống", [("le", "5", "percent")]),
        ("Giảm tỷ lệ hồ sơ trễ hạn còn 4%", [("le", "4", "percent")]),
        ("Rút ngắn từ 20 đến 30% thời gian", [("range", "20-30", "percent")]),
        ("30%-40% thủ tục được xử lý trực tuyến mức độ 3, 4", [("range", "30-40", "percent")]),
        ("PAR Index trong nhóm 07 địa phương dẫn đầu cả nước", [("rank_le", "7", "rank")]),
        ("nằm trong 10 tỉnh, thành phố dẫn đầu", [("rank_le", "10", "rank")]),
        ("xếp hạng từ thứ 15 trở lên", [("rank_le", "15", "rank")]),
        ("điểm chỉ số năm sau cao hơn năm trước", [("gt", "0", "score_change")]),
        ("Tỷ lệ thu ngân sách tăng trên 25% so với năm trước", [("gt", "25", "percent_change")]),
        ("Doanh nghiệp thành lập tăng so với năm trước trên 30%", [("gt", "30", "percent_change")]),
        ("Giảm tối thiểu 2,5% biên chế so với năm 2015", [("le", "-2.5", "percent_change")]),
        ("Mức độ thu hút đầu tư tăng so với năm trước", [("gt", "0", "percent_change")]),
        ("Đơn thư khiếu nại giảm so với năm trước", [("lt", "0", "percent_change")]),
        ("quận, phường tối thiểu tương ứng là 40%, 35%", [("ge", "40", "percent"), ("ge", "35", "percent")]),
        ("Số lượng lãnh đạo ít hơn công chức không giữ chức vụ", [("lt", "100", "percent")]),
        ("Tất cả các kiến nghị được xử lý kịp thời", [("eq", "100", "percent")]),
        ("Không có cán bộ, công chức vi phạm kỷ luật", [("eq", "0", "count")]),
        ("không vượt quá số định biên được giao", [("le", "100", "percent")]),
        ("Tổ chức đối thoại 2 đợt/năm", [("ge", "2", "count_per_year")]),
        ("Mỗi năm tổ chức kiểm tra tập trung 2 đợt", [("ge", "2", "count_per_year")]),
        ("Mỗi quý gửi ít nhất 01 bài viết", [("ge", "1", "count_per_quarter")]),
        ("định kỳ 6 tháng/lần kiểm điểm kết quả", [("ge", "1", "count_per_half")]),
        ("đăng 01 tin, bài/tháng", [("ge", "3", "count_per_quarter")]),
        ("có ít nhất 02 (hai) sáng kiến được công nhận", [("ge", "2", "count")]),
        ("sửa đổi kịp thời (không quá 3 tháng khi có yêu cầu)", [("le", "3", "months")]),
        ("đạt trên 6,00 điểm so với năm 2017 (tăng 1,73 điểm so với 4,27 điểm)", [("gt", "6.00", "score")]),
        ("Nâng tỷ lệ hồ sơ trực tuyến từ 45% lên 60%", [("ge", "60", "percent")]),
        ("Có trên 100% công chức hoàn thành nhiệm vụ", [("eq", "100", "percent")]),
        ("Tỷ lệ hài lòng ≥ 90%; tỷ lệ trễ hạn < 2%", [("ge", "90", "percent"), ("lt", "2", "percent")]),
        ("Hoàn thành xây dựng đề án vị trí việc làm trước tháng 4", [("by_date", "20210331", "date")]),
    ],
)  # fmt: skip
def test_ways_of_setting_a_bound(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Thực hiện Nghị định số 62/2020/NĐ-CP ngày 01 tháng 6 năm 2020 của Chính phủ",
        "theo Chương trình hành động số 18-CTrHĐ/TU ngày 31/10/2016",
        "theo tiêu chuẩn TCVN ISO 9001:2015",
        "dịch vụ công trực tuyến mức độ 3 và mức độ 4",
        "liên thông 04 cấp, tại 07 đơn vị, 10 phường và 24 quận huyện",
        "kinh phí không quá 500 triệu đồng",
        "giải quyết trong 03 giờ, trước 11 giờ 30 phút",
        "trả hồ sơ của người dân từ hai (2) lần trở lên",
        "rà soát các thủ tục 03 (ba) năm không phát sinh hồ sơ",
        "theo khoản 1 Điều 4 và mẫu số 01",
        "xếp thứ 60/63 tỉnh, thành",
        "giai đoạn 2021 - 2025, tầm nhìn đến năm 2030",
        "Tỷ lệ hồ sơ trực tuyến năm 2020 đã đạt 31%",
    ],
)
def test_numbers_that_are_no_targets(text: str) -> None:
    assert said(text) == []


def test_a_rate_that_rises_each_year_has_a_value_in_each() -> None:
    text = (
        "Năm 2021, có từ 70% trở lên hồ sơ được nộp trực tuyến; trong đó có từ 15% trở lên qua bưu chính. "
        "Tỷ lệ này tăng dần đều 10% qua từng năm (2021, 2022, 2023)."
    )
    whole, child = read(text)
    assert whole.by_year == {2021: 70, 2022: 80, 2023: 90}
    assert (child.by_year, child.parent) == ({}, whole)


def test_a_step_stops_at_all_of_it() -> None:
    (target,) = read("Năm 2021, số hóa đạt 70%; mỗi năm tiếp theo tăng tối thiểu 20% cho đến khi đạt 100%.")
    assert target.by_year == {2021: 70, 2022: 90, 2023: 100}


def test_bullets_of_years_are_one_target() -> None:
    passages = [
        Passage(
            "II.2", f"Năm {year}: PAR Index trong nhóm {rank:02d} địa phương dẫn đầu.", (line,), is_goal=True
        )
        for line, (year, rank) in enumerate({2021: 10, 2022: 7, 2023: 5}.items())
    ]
    (target,) = read_targets(passages, YEARS)
    assert target.by_year == {2021: 10, 2022: 7, 2023: 5}
    assert target.lines == (0, 1, 2)


def test_exceptions_and_fields_are_seen() -> None:
    general, exception = read(
        "Hồ sơ đúng hạn từ 98% trở lên trong từng lĩnh vực, riêng lĩnh vực khiếu nại, tố cáo đạt 95% trở lên."
    )
    assert (general.every_field, exception.overrides) == (True, general)
    (agencies,) = read("100% các cơ quan, đơn vị công khai kết quả")
    assert (agencies.every_agency, agencies.every_field) == (True, False)


def test_the_words_are_kept_and_doubt_is_shown() -> None:
    (sure,) = read("Mức độ hài lòng của người dân đạt từ 95% trở lên")
    (bare,) = read("Giảm 10% đơn vị", goal=False)
    assert (sure.label, sure.words) == (
        "Mức độ hài lòng của người dân",
        "Mức độ hài lòng của người dân đạt từ 95% trở lên",
    )
    assert sure.confidence > 0.9 > 0.7 > bare.confidence


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Chỉ số cải cách hành chính được Thành phố đánh giá cao", "không nêu điểm số hay thứ hạng"),
        ("Phấn đấu vượt tất cả các chỉ tiêu theo Quyết định số 1819/QĐ-TTg", "con số nằm ở văn bản khác"),
        ("Từ 2021, mỗi năm nâng mục tiêu lên một mức", "mỗi năm một mức, không nêu con số"),
    ],
)
def test_rules_that_no_number_measures_say_why(text: str, reason: str) -> None:
    (target,) = read(text)
    assert (target.bound, target.unmeasurable) == (None, reason)


STYLES = {
    "gt": ["trên {}%", "đạt trên {}%", "hơn {} %", "> {}%"],
    "ge": [
        *(
            "từ {}%",
            "từ {}% trở lên",
            "{}% trở lên",
            "đạt {}%",
            "tối thiểu {}%",
            "ít nhất {}%",
            "không dưới {}%",
        ),
        *("không thấp hơn {}%", "đạt tỷ lệ tối thiểu {} %", "≥ {}%", "đạt từ {} phần trăm trở lên"),
    ],
    "lt": ["dưới {}%", "thấp hơn {}%", "xuống còn dưới {}%", "< {}%"],
    "le": ["không quá {}%", "không vượt quá {}%", "tối đa {}%", "{}% trở xuống", "≤ {}%"],
}
SUBJECTS = ["Tỷ lệ hồ sơ đúng hạn", "mức độ hài lòng của người dân về y tế", "Kết quả số hóa của cấp xã"]


@given(
    st.sampled_from([(code, style) for code, styles in STYLES.items() for style in styles]),
    st.decimals(min_value=Decimal("0.1"), max_value=Decimal("99.9"), places=1),
    st.sampled_from(SUBJECTS),
)
def test_every_style_gives_back_its_comparator_and_value(
    written: tuple[str, str], value: Decimal, subject: str
) -> None:
    code, style = written
    number = f"{value.normalize():f}".replace(".", ",")
    (bound,) = find_bounds(mask_numbers(skeleton(f"{subject} {style.format(number)} vào cuối kỳ")))
    assert (bound.comparator, bound.value, bound.unit) == (code, value, "percent")


@given(
    st.integers(1, 98),
    st.integers(1, 98),
    st.sampled_from(["từ {} đến {}%", "{}%-{}%", "từ {}% đến {}%", "{} – {}%"]),
)
def test_ranges_keep_both_bounds(low: int, width: int, style: str) -> None:
    high = min(low + width, 100)
    (bound,) = find_bounds(
        mask_numbers(skeleton(f"Giảm thời gian {style.format(low, high)} so với quy định"))
    )
    assert (bound.comparator, bound.value, bound.high) == ("range", low, high)


@pytest.mark.parametrize(
    "change", [str.upper, str.lower, skeleton, lambda text: text.replace("không", "khộng")]
)
def test_case_and_accents_do_not_matter(change: Callable[[str], str]) -> None:
    assert said(change("Tỷ lệ hồ sơ trễ hạn không vượt quá 2,5%")) == [("le", "2.5", "percent")]


# ---------------------------------------------------------------- deadlines
QUARTERLY: list[tuple[str, str | None]] = [
    ("recurring", f"2023-{day}") for day in ("03-31", "06-30", "09-30", "12-31")
]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("Trong năm 2023", [("whole_year", "2023-12-31")]),
        ("Năm 2023", [("whole_year", "2023-12-31")]),
        ("Trong năm 2023 và các năm tiếp theo", [("whole_year", "2023-12-31")]),
        ("Hoàn thành trong tháng 10 năm 2023", [("milestone", "2023-10-31")]),
        ("Tháng 02/2023", [("milestone", "2023-02-28")]),
        ("Trước tháng 4 năm 2023", [("milestone", "2023-03-31")]),
        ("Hoàn thành trước quý IV năm 2023", [("milestone", "2023-09-30")]),
        ("(Trong Quý IV năm 2023)", [("milestone", "2023-12-31")]),
        ("Quý II và quý III năm 2023", [("milestone", "2023-09-30")]),
        ("trước ngày 30 tháng 10 năm 2023", [("milestone", "2023-10-29")]),
        ("xong trước 15/02/2023", [("milestone", "2023-02-14")]),
        ("30/6/2023", [("milestone", "2023-06-30")]),
        ("6 tháng đầu năm 2023", [("milestone", "2023-06-30")]),
        ("Cuối năm 2023", [("milestone", "2023-12-31")]),
        ("Quý I: ban hành; Quý III: báo cáo", [("milestone", "2023-03-31"), ("milestone", "2023-09-30")]),
        ("Hàng quý", QUARTERLY),
        ("6 tháng/lần", [("recurring", "2023-06-30"), ("recurring", "2023-12-31")]),
        ("Khi phát sinh", [("on_event", None)]),
        ("Theo Kế hoạch được duyệt", [("external", None)]),
        ("Theo tiến độ tại Quyết định số 4541/QĐ-UBND ngày 15 tháng 10 năm 2022", [("external", None)]),
        ("Thường xuyên", [("ongoing", None)]),
        ("Khi phát sinh Định kỳ hàng quý", [("on_event", None), *QUARTERLY]),
        ("Chưa xác định được", []),
        ("", []),
    ],
)  # fmt: skip
def test_ways_of_setting_a_deadline(cell: str, expected: list[tuple[str, str | None]]) -> None:
    read_as = read_deadline(cell, [2023])
    assert [
        (owed.kind, owed.due.isoformat() if owed.due else None) for owed in read_as.obligations
    ] == expected
    assert (read_as.confidence > 0.5) == bool(expected)


def test_what_goes_on_after_its_year_says_so() -> None:
    (owed,) = read_deadline("Trong năm 2023 và các năm tiếp theo", [2023]).obligations
    assert owed.ongoing


def test_milestones_keep_what_is_due() -> None:
    read_as = read_deadline("- Quý I năm 2023 triển khai kế hoạch; - Quý IV năm 2023 báo cáo kết quả", [2023])
    assert [owed.label for owed in read_as.obligations] == ["Triển khai kế hoạch", "Báo cáo kết quả"]


def test_marks_in_columns_of_years_mean_those_years() -> None:
    read_as = read_years({2021: "X", 2022: "", 2023: "Quý II năm 2023"}, YEARS)
    assert [(owed.kind, owed.due) for owed in read_as.obligations] == [
        ("whole_year", date(2021, 12, 31)),
        ("milestone", date(2023, 6, 30)),
    ]


def test_words_in_columns_of_years_are_read_with_their_year() -> None:
    read_as = read_years({2021: "Theo Đề án của Chính phủ", 2022: "30% hồ sơ", 2023: "X"}, YEARS)
    assert [(owed.kind, owed.year, owed.due) for owed in read_as.obligations] == [
        ("external", 2021, None),
        ("whole_year", None, date(2022, 12, 31)),
        ("whole_year", None, date(2023, 12, 31)),
    ]
    (every,) = read_years(dict.fromkeys(YEARS, "Theo Đề án của Chính phủ"), YEARS).obligations
    assert (every.kind, every.year) == ("external", None)


def test_nothing_recurs_before_the_plan_was_made() -> None:
    read_as = read_years(
        dict.fromkeys(YEARS, "X"), YEARS, date(2021, 11, 29), "Định kỳ hàng quý có chuyên đề"
    )
    recurring = [owed.due for owed in read_as.obligations if owed.kind == "recurring" and owed.due]
    assert (len(recurring), min(recurring)) == (9, date(2021, 12, 31))


@given(st.integers(1, 4), st.integers(2015, 2030), st.booleans())
def test_quarters_end_on_their_last_day_or_the_day_before_they_begin(
    quarter: int, year: int, before: bool
) -> None:
    name = ("I", "II", "III", "IV")[quarter - 1]
    (owed,) = read_deadline(f"{'Trước' if before else 'Trong'} quý {name} năm {year}", [year]).obligations
    first = date(year, quarter * 3 - 2, 1)
    assert owed.due is not None
    assert (owed.due < first) if before else (owed.due.month == quarter * 3 and owed.due.year == year)
    assert not before or (first - owed.due).days == 1
