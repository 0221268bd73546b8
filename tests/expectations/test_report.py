"""The audit report: every rule and row, in Vietnamese, from one file."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from expectations import gates
from expectations.catalogue import load, load_rules
from tests.expectations.factories import AS_OF, World, dossier
from tests.expectations.test_rules_raw import THREE_FIELDS
from warehouse.errors import GateFailed
from warehouse.settings import Settings


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [str(value) for name, value in attrs if name in {"src", "href", "srcset", "data"}]
        assert tag != "script"


@pytest.fixture
def world(standing: Callable[[], World], settings: Settings) -> World:
    """A world that other connections see, with the rules loaded and one build open."""
    load_rules(settings, "test")
    return standing()


def test_the_page_names_every_rule_and_each_row_with_file_sheet_and_cell(
    settings: Settings, world: World
) -> None:
    world.dossiers(THREE_FIELDS, agency_key=31)
    world.dossiers(THREE_FIELDS, agency_key=32)
    world.sheet("task", [{"task_code": "P/1", "status": "done", "given": {"status": "<b>Xong</b>"}}])
    gates.audit(settings, 1, "raw")
    path = gates.audit(settings, 1, "core").report_path
    page = path.read_text(encoding="utf-8")
    for rule in load().rules:
        assert (rule.id in page) == (rule.gate != "candidate")
    assert "Cổng 3: bảng kết quả" in page.split("Chưa chạy:")[1]
    assert "a.xlsx" in page
    assert "Hồ sơ TTHC C7:M9" in page
    assert "giữ lại</td>" in page
    assert "Nhiệm vụ G7" in page
    assert "<b>Xong</b>" not in page
    assert "&lt;b&gt;Xong" in page


def test_the_page_fetches_nothing_and_fits_a_phone(settings: Settings, world: World) -> None:
    page = gates.audit(settings, 1, "raw").report_path.read_text(encoding="utf-8")
    links = _Links()
    links.feed(page)
    assert links.fetched == []
    assert not re.search(r"url\(|@import|https?:", page)
    assert 'name="viewport"' in page
    assert page.startswith('<!doctype html>\n<html lang="vi">')


def test_a_gate_that_stops_the_build_says_so_and_the_error_names_the_page(
    settings: Settings, world: World
) -> None:
    world.sheet("dossier", [dossier()], rows_read=9)
    with pytest.raises(GateFailed) as stopped:
        gates.audit(settings, 1, "raw")
    path = settings.output_dir / "audit" / "build-000001.html"
    assert str(path) in str(stopped.value)
    assert "bảng đang sử dụng được giữ nguyên" in path.read_text(encoding="utf-8")


def test_the_label_of_synthetic_data_is_shown(settings: Settings, world: World) -> None:
    labelled = settings.model_copy(update={"data_label": "DỮ LIỆU TỔNG HỢP"})
    assert "DỮ LIỆU TỔNG HỢP" in gates.audit(labelled, 1, "raw").report_path.read_text(encoding="utf-8")


def test_a_hold_that_a_person_has_lifted_is_no_longer_shown_as_one(settings: Settings, world: World) -> None:
    world.sheet("dossier", THREE_FIELDS, agency_key=31)
    copy = world.sheet("dossier", THREE_FIELDS, agency_key=32)
    assert "giữ lại</td>" in gates.audit(settings, 1, "raw").report_path.read_text(encoding="utf-8")
    values = {"decision": "accept", "reason": "đã kiểm tra", "decided_by": "test", "decided_at": AS_OF}
    world.insert("raw.delivery_decision", delivery_id=copy, **values)
    assert "giữ lại</td>" not in gates.audit(settings, 1, "raw").report_path.read_text(encoding="utf-8")
