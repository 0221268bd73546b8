"""A draft keeps nothing back: what it could not read, and how sure it is, stands in it and in the answer."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from cli import plans
from sources.catalogue import Catalogue
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
