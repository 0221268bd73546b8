"""A draft keeps nothing back: what it could not read, and how sure it is, stands in it and in the answer."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import plans
from sources.catalogue import Catalogue
from sources.plan_document.deadlines import read_deadline
from sources.plan_document.draft import Draft, make_draft
from sources.plan_document.draft_file import draft_text
from sources.plan_document.files import parse_document
from sources.plan_document.importing import draft_plan
from sources.plan_document.names import Agencies
from sources.plan_document.reading import read_plan

HEAD = """\
ỦY BAN NHÂN DÂN QUẬN BÌNH TÂN
Số: 12/KH-UBND
ngày 10 tháng 01 năm 2024
KẾ HOẠCH
Cải cách hành chính năm 2024

II. MỤC TIÊU
"""
TABLE = """
PHỤ LỤC
STT\tNhiệm vụ\tSản phẩm\tChủ trì\tPhối hợp\tThời gian
1\tBáo cáo công tác\tBáo cáo\tPhòng Nội vụ quận\tHội Cựu giáo chức\tTháng 6
"""


def drafted(catalogue: Catalogue, text: str) -> tuple[Draft, str]:
    reading = read_plan(parse_document(text.encode(), "plan"))
    draft = make_draft(reading, Agencies(catalogue.agencies))
    return draft, draft_text(draft, "plan", "0")


def test_a_sentence_that_looks_like_a_target_and_gave_none_is_listed(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    source, path = tmp_path / "plan.txt", tmp_path / "draft.yml"
    goals = "1. Tỷ lệ hồ sơ đúng hạn đạt từ 90% trở lên.\n2. Thời gian chờ của người dân không quá 15 phút.\n"
    source.write_text(HEAD + goals + TABLE, encoding="utf-8")
    summary = draft_plan(source, path, catalogue)
    assert summary.targets_found == 1
    assert summary.sentences_not_read == ['line 9 "Thời gian chờ của người dân không quá 15 phút"']
    (listed,) = [line for line in path.read_text(encoding="utf-8").splitlines() if "not read: line" in line]
    assert listed == f"# REVIEW: not read: {summary.sentences_not_read[0]}"
    answer = CliRunner().invoke(plans.app, ["import", str(source), "--draft", str(tmp_path / "again.yml")])
    assert "look like a target, not read" in answer.stdout
    assert "tasks and duties" in answer.stdout


def test_a_cooperating_body_that_is_unknown_does_not_make_the_whole_task_unsure(catalogue: Catalogue) -> None:
    draft, text = drafted(catalogue, HEAD + TABLE)
    (task,) = draft.tasks
    assert task.fields["cooperating"] == [{"body": "Hội Cựu giáo chức"}]
    assert (task.confidence, draft.unsure_tasks) == (0.75, 0)
    assert "# REVIEW: cooperating: Hội Cựu giáo chức is not in the catalogue" in text
    other, _ = drafted(catalogue, HEAD + TABLE.replace("Phòng Nội vụ quận", "Hội Làm vườn"))
    assert other.unsure_tasks == 1


# ---------------------------------------------------------------- deadlines
@pytest.mark.parametrize(
    ("cell", "owed"),
    [
        ("Quý I, Quý II và Quý III", [("Quý I", "03-31"), ("Quý II", "06-30"), ("Quý III", "09-30")]),
        ("Quý II và Quý IV năm 2024", [("Hoàn thành trong quý II, IV", "12-31")]),
        ("Quý II và quý III: kiểm tra, báo cáo", [("Kiểm tra, báo cáo", "09-30")]),
        ("Quý I, II", [("Hoàn thành trong quý I, II", "06-30")]),
    ],
)
def test_quarters_that_are_each_named_are_milestones_of_their_own(
    cell: str, owed: list[tuple[str, str]]
) -> None:
    read = read_deadline(cell, [2024])
    assert [(one.kind, one.label, str(one.due)) for one in read.obligations] == [
        ("milestone", label, f"2024-{day}") for label, day in owed
    ]


@pytest.mark.parametrize("cell", ["Trước ngày 31/11/2024", "Trong tháng 13/2024", "31/11/2024"])
def test_a_day_that_does_not_exist_is_no_whole_year_and_is_named(catalogue: Catalogue, cell: str) -> None:
    draft, text = drafted(catalogue, HEAD + TABLE.replace("Tháng 6", cell))
    (task,) = draft.tasks
    assert "obligations" not in task.fields["deadline"]
    assert task.confidence <= 0.3
    assert f"# REVIEW: deadline: {cell} does not exist" in text


def test_days_beside_one_that_does_not_exist_are_kept_but_unsure() -> None:
    read = read_deadline("Trước 15/10/2024 và 31/11/2024", [2024])
    assert [one.due for one in read.obligations] == [date(2024, 10, 14)]
    assert (read.impossible, read.confidence) == (["31/11/2024"], 0.3)
    assert read_deadline("16/16 phường trong năm 2024", [2024]).impossible == []


def test_a_duty_by_a_day_that_does_not_exist_is_not_owed_within_the_year(catalogue: Catalogue) -> None:
    duty = "III. TỔ CHỨC THỰC HIỆN\n1. Phòng Nội vụ quận có trách nhiệm báo cáo trước ngày 31/11/2024.\n"
    draft, text = drafted(catalogue, HEAD + duty)
    assert [item.fields["deadline"].get("obligations") for item in draft.tasks] == [None]
    assert "31/11/2024 does not exist" in text


# ---------------------------------------------------------------- targets
def test_fields_singled_out_are_counted_as_the_whole_is(catalogue: Catalogue) -> None:
    goal = (
        "1. Tỷ lệ hồ sơ TTHC giải quyết đúng hạn đạt từ 98% trở lên, trong đó lĩnh vực đất đai, xây dựng"
        " ≥ 90%; riêng lĩnh vực đất đai không dưới 95%.\n"
    )
    whole, part, single = (item.fields for item in drafted(catalogue, HEAD + goal)[0].targets)
    assert (whole["fed_by"], whole["measure"], "field_groups" in whole) == ("dossier", "on_time", False)
    assert [(one["fed_by"], one["measure"]) for one in (part, single)] == [("dossier", "on_time")] * 2
    assert (part["field_groups"], part["scope"], part["quantifier"]) == (
        ["land", "construction"],
        "field",
        "every_field",
    )
    assert (part["label"], part["parent"]) == ("Lĩnh vực đất đai, xây dựng", whole["code"])
    assert (single["field_groups"], single["overrides"]) == (["land"], whole["code"])


def test_a_year_that_is_none_of_the_plans_is_marked(catalogue: Catalogue) -> None:
    goal = "1. Tỷ lệ hồ sơ trực tuyến năm 2024 đạt 70%; đến năm 2025 đạt 80%.\n"
    first, second = drafted(catalogue, HEAD + goal)[0].targets
    assert first.confidence >= 0.7
    assert not any("nằm ngoài" in line for line in first.review)
    assert (second.confidence, second.review[0]) == (0.5, "năm 2025 nằm ngoài các năm của kế hoạch")


def test_so_many_of_as_many_is_all_of_them(catalogue: Catalogue) -> None:
    (item,) = drafted(catalogue, HEAD + "1. Tỷ lệ 16/16 phường công khai thủ tục.\n")[0].targets
    assert (item.fields["comparator"], item.fields["value"], item.fields["unit"]) == ("eq", 100, "percent")
