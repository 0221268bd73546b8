"""The pack: written whole or not at all, the same from the same marts, refused with what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

import review.pack
from review.pack import ReviewPack, write_review
from tests.review.mart_columns import COLUMNS
from tests.review.synthetic_world import LABEL
from warehouse.errors import UsageError
from warehouse.settings import PROJECT_ROOT, Settings


def test_a_pack_lies_under_its_unit_and_period(served: Settings, half_year: ReviewPack) -> None:
    folder = served.output_dir / "review" / "BT" / "2023-H1"
    assert sorted(path.name for path in folder.iterdir()) == ["index.html", "review.xlsx"]
    assert half_year.html == folder / "index.html"
    assert half_year.summary["agencies_on_time"] == 11
    assert half_year.summary["rates"]["Nộp báo cáo đúng hạn"] == "78,6\u00a0% (11/14)"


def test_equal_marts_give_equal_bytes(served: Settings, half_year: ReviewPack) -> None:
    first = half_year.xlsx.read_bytes(), half_year.html.read_bytes()
    again = write_review(served, "2023-H1", "BT", LABEL)
    assert (again.xlsx.read_bytes(), again.html.read_bytes()) == first


def test_the_label_comes_from_the_settings_unless_it_is_given(served: Settings, tmp_path: Path) -> None:
    plain = served.model_copy(update={"output_dir": tmp_path})
    labelled = plain.model_copy(update={"data_label": "nhãn của cài đặt"})
    assert "nhãn của cài đặt" in write_review(labelled, "2023-Q2").html.read_text("utf-8")
    assert "nhãn riêng" in write_review(labelled, "2023-Q2", data_label="nhãn riêng").html.read_text("utf-8")
    assert "DỮ LIỆU TỔNG HỢP" not in write_review(plain, "2023-Q2").html.read_text("utf-8")


@pytest.mark.parametrize(
    ("unit", "period"), [("BT", "2023-Q3"), ("XX", "2023-Q1"), ("..", "2023-Q1"), ("BT", "../x")]
)
def test_what_is_not_served_is_refused_with_what_is(served: Settings, unit: str, period: str) -> None:
    with pytest.raises(UsageError, match="BT: 2023-Q1, 2023-Q2, 2023-H1"):
        write_review(served, period, unit)


def test_without_marts_the_way_to_get_them_is_named(settings: Settings) -> None:
    with pytest.raises(UsageError, match="cchc build"):
        write_review(settings, "2023-Q1", "BT")


def test_a_review_that_fails_half_way_leaves_the_old_one(
    served: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = write_review(served, "2023-Q1", "BT", LABEL)
    before = pack.xlsx.read_bytes(), pack.html.read_bytes()

    def fail(_draft: object) -> str:
        raise RuntimeError("page")

    monkeypatch.setattr(review.pack, "render", fail)
    with pytest.raises(RuntimeError, match="page"):
        write_review(served, "2023-Q1", "BT", "another label")
    assert (pack.xlsx.read_bytes(), pack.html.read_bytes()) == before
    assert sorted(path.name for path in pack.html.parent.iterdir()) == ["index.html", "review.xlsx"]


def test_the_synthetic_marts_have_columns_of_the_real_ones() -> None:
    """The columns that these tests fill exist in the marts' contracts, but for what a mart need not have."""
    promised: dict[str, set[str]] = {}
    for path in sorted((PROJECT_ROOT / "dbt_project" / "models" / "candidate").glob("*.yml")):
        for model in yaml.safe_load(Path(path).read_text("utf-8")).get("models", []):
            promised[model["name"]] = {column["name"] for column in model["columns"]}
    missing = {name: sorted(set(columns) - promised.get(name, set())) for name, columns in COLUMNS.items()}
    assert {name: columns for name, columns in missing.items() if columns} == {}
