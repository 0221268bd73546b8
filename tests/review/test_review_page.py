"""The page in a real browser: without a network, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from review.pack import ReviewPack
from tests.review.browser import PROGRAM, Page, chromium

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PROGRAM is None, reason="needs chromium, which is not installed here"),
]


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with chromium() as opened:
        yield opened


@pytest.mark.parametrize("width", [1280, 768, 390])
def test_it_asks_for_nothing_and_does_not_scroll_sideways(
    page: Page, half_year: ReviewPack, width: int
) -> None:
    page.requests.clear()
    page.open(half_year.html.as_uri(), width)
    assert page.requests == [half_year.html.as_uri()]
    assert page.value("document.documentElement.scrollWidth") == width
    assert page.value("typeof window.hacked") == "undefined"
    assert page.value("document.querySelectorAll('figure svg').length") == 6


def test_on_a_phone_nothing_stands_outside_the_screen(page: Page, half_year: ReviewPack) -> None:
    page.open(half_year.html.as_uri(), 390)
    page.value("document.querySelectorAll('details').forEach((box) => { box.open = true; })")
    outside = (
        "[...document.querySelectorAll('main td, main tbody th, main p, main li, main svg')]"
        ".filter((box) => box.getBoundingClientRect().right > innerWidth + 1).length"
    )
    assert page.value(outside) == 0
    assert page.value("document.documentElement.scrollWidth") == 390


def test_a_figure_leads_to_its_evidence_even_in_a_folded_list(page: Page, half_year: ReviewPack) -> None:
    page.open(f"{half_year.html.as_uri()}#nguon-BT-2022-7679-CT-II.1.a", 390)
    place = "document.getElementById('nguon-BT-2022-7679-CT-II.1.a')"
    assert page.value(f"{place}.closest('details').open") is True
    assert page.value(f"Math.abs({place}.getBoundingClientRect().top) < innerHeight") is True


def test_long_tables_start_folded_on_a_phone_only(page: Page, half_year: ReviewPack) -> None:
    folded = "document.querySelectorAll('details.part:not([open])').length"
    page.open(half_year.html.as_uri(), 1280)
    assert page.value(folded) == 0
    page.open(half_year.html.as_uri(), 390)
    assert page.value(folded) > 0
