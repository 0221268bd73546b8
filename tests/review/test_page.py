"""The page: complete in itself, every link lands, foreign text stays text, figures beside their counts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest

from review.pack import ReviewPack
from tests.review.synthetic_world import HOSTILE, LABEL


@dataclass
class Reading(HTMLParser):
    """The elements of a page, its ids and links, and its text."""

    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


def read(pack: ReviewPack) -> Reading:
    reading = Reading()
    reading.feed(pack.html.read_text("utf-8"))
    return reading


@pytest.fixture(scope="module")
def page(half_year: ReviewPack) -> Reading:
    return read(half_year)


def test_it_says_what_it_is_and_what_it_rests_on(page: Reading) -> None:
    for said in (
        "BẢN DỰ THẢO",
        LABEL,
        "từ 15/12/2022 đến 14/06/2023",
        "25/09/2023 23:59 (giờ Việt Nam)",
        "15 nhận, 12 được tính, 1 tạm giữ, 1 từ chối",
        "bản dựng số 7",
    ):
        assert said in page.text


def test_it_asks_for_nothing_from_outside(half_year: ReviewPack, page: Reading) -> None:
    loading = [
        (tag, attrs)
        for tag, attrs in page.tags
        if {"src", "srcset", "xlink:href"} & set(attrs) or tag == "link"
    ]
    assert loading == []
    assert all((attrs.get("href") or "#").startswith("#") for _, attrs in page.tags)
    assert "url(" not in half_year.html.read_text("utf-8").replace("url(#", "")
    policy = next(
        attrs["content"] for tag, attrs in page.tags if attrs.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert "script-src 'sha256-" in policy


def test_every_link_lands_and_every_id_is_one(page: Reading) -> None:
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    links = {attrs["href"] for tag, attrs in page.tags if tag == "a"}
    assert len(links) > 50
    assert {link.removeprefix("#") for link in links if link} <= set(ids)


def test_foreign_text_is_shown_and_does_nothing(page: Reading) -> None:
    assert page.text.count(HOSTILE) > 5  # agency, target, difficulty, finding, files, charts
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert not [tag for tag, _ in page.tags if tag in ("img", "iframe", "object", "form", "base")]
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]


def test_every_rate_stands_beside_its_counts(half_year: ReviewPack) -> None:
    cells = re.findall(
        r'<td class="c-ratio num[^>]*>(.*?)</td>', half_year.html.read_text("utf-8"), flags=re.DOTALL
    )
    rates = [cell for cell in cells if "%" in cell]
    assert len(rates) > 50
    assert not [
        cell for cell in rates if not re.search(r"<small>[\d.]+/[\d.]+</small>", cell.replace("<wbr>", ""))
    ]


def test_targets_show_value_threshold_coverage_failure_and_citation(page: Reading) -> None:
    row = page.text[page.text.index("Hồ sơ giải quyết đúng hạn, mọi lĩnh vực từng lĩnh vực") :][:400]
    for said in ("≥ 98 %", "97,4", "390/400", "Chưa đạt", "12/13", "3/4", "Đất đai", "7679/QĐ-UBND, II.1"):
        assert said in row
    assert "Văn bản chưa rõ: Mục II.8 ghi ≥ 90, mục III.6.3 ghi > 90." in page.text


def test_a_target_links_to_the_cells_it_was_computed_from(half_year: ReviewPack, page: Reading) -> None:
    assert 'href="#nguon-BT-2022-7679-CT-II.1.a"' in half_year.html.read_text("utf-8")
    source = half_year.html.read_text("utf-8").split('id="nguon-BT-2022-7679-CT-II.1.a"')[1][:1500]
    assert "H6+I6" in source
    assert "tệp 101" in source


def test_the_three_totals_that_do_not_add_up_are_named(page: Reading) -> None:
    assert "tiếp nhận: báo cáo" in page.text


def test_a_derived_quarter_says_so_and_leaves_out_what_nobody_reports(derived_quarter: ReviewPack) -> None:
    page = read(derived_quarter)
    assert "Kỳ báo cáo Quý II năm 2023 (suy ra)" in page.text
    assert "tổng hợp được 12 cơ quan" in page.text
    assert "Nhiệm vụ theo chuyên đề" not in page.text
    assert "Giải quyết hồ sơ thủ tục hành chính" in page.text
    assert "Tệp báo cáo" not in page.text
    assert "suy ra: Hồ sơ TTHC, dòng 6 của báo cáo lũy kế" in page.text


def test_the_course_of_the_year_stops_at_the_period(
    half_year: ReviewPack, derived_quarter: ReviewPack
) -> None:
    assert "suy ra, 12 cơ quan" in read(half_year).text
    assert "6 tháng đầu năm 2023" not in read(derived_quarter).text


def test_it_says_what_is_due_next_agency_by_agency(page: Reading) -> None:
    text = page.text[page.text.index("Việc đến hạn quý tới", 2000) :]
    assert "8 phần việc của 8 cơ quan chủ trì đến hạn trong quý, từ 21/09/2023 đến 21/09/2023" in text
    assert "8 phần việc khác đã xong trước" in text
    assert "Xong trước hạn 7679" not in text


def test_indices_are_shown_up_to_the_year_with_their_targets(page: Reading) -> None:
    text = page.text[page.text.index("Năm 2023 có 1 chỉ tiêu theo chỉ số") :][:3000]
    for said in (
        "1 chỉ tiêu chưa có số công bố",
        "41,50",
        "30/63",
        "hạng ≤ 16",
        "Chưa công bố",
        "3897/QĐ-UBND",
    ):
        assert said in text
    assert "năm sau" not in page.text


def test_contradictions_of_the_years_plans_are_shown_with_how_they_were_read(page: Reading) -> None:
    text = page.text[page.text.index("2 điểm trong văn bản kế hoạch") :][:3000]
    for said in ("1 điểm chưa có người xem xét", "II.8 ghi ≥ 90", "đọc văn bản", "tính từ văn bản"):
        assert said in text
    assert "của năm khác" not in page.text


def test_a_derived_quarter_has_no_chapter_of_plans(derived_quarter: ReviewPack) -> None:
    assert "Mâu thuẫn trong văn bản kế hoạch" not in read(derived_quarter).text
