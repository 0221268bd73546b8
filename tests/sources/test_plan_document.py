"""The wording of a plan is read from its decision: split rows, stray markup, sections, names."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from sources.catalogue import Catalogue, load_catalogue
from sources.plan_document import compare_members, import_document
from sources.plan_document.names import Names
from sources.plan_document.text import PlanText, place, read_plan_text
from warehouse.errors import UsageError
from warehouse.schema import official_text
from warehouse.settings import Settings
from warehouse.text import match_key

PLAN = "BT-2022-7679"
SEED = Path(__file__).resolve().parents[3] / "shared" / "seeds" / "004_5736acca346afbbf.txt"
needs_seed = pytest.mark.skipif(not SEED.is_file(), reason="the decision's text is not beside the project")
EngineAs = Callable[[str], sa.Engine]

HEADER = "STT\tNhiệm vụ\tSản phẩm\tChủ trì\tPhối hợp\tThời gian"
INVENTED = "\n".join(
    [
        "Số: 7679/QĐ-UBND",
        "",
        HEADER,
        "1\tNhóm thử nghiệm\t\t\t\t",
        "1.1\tViệc thử một\tBản thử\tTrưởng Phòng Nội vụ quận\tChánh Văn phòng UBND quận\tKhi cần",
        "1.2\tDòng cha\t\t\t\t",
        "1.4\tViệc thiếu ô\tBản thử",
        "1.5\tViệc dài bị ngắt\t<ul><li>Bản A</li></ul>\t- Chánh Thanh tra quận; - Thủ trưởng các\t\tTrong",
        "",
        HEADER,
        "\tở trang sau\tvà bản B\tcơ quan, đơn vị có liên quan.\t\tnăm 2023",
        "",
        "KẾ HOẠCH",
        "II. PHẦN HAI",
        "2. Đoạn hai thử nghiệm",
        "còn tiếp",
        "² Chú thích không thuộc đoạn",
        "8. Đoạn tám",
        "III. PHẦN BA",
        "6.3. Đoạn của phần ba",
        "III. PHẦN BA LẦN NỮA",
        "6.4. Không phải đoạn của phần ba",
    ]
)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def seed() -> PlanText:
    return read_plan_text(SEED.read_text(encoding="utf-8"))


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "decision.txt"
    path.write_text(text, encoding="utf-8")
    return path


# ---------------------------------------------------------------- reading
def test_rows_split_by_a_page_are_joined_and_markup_is_dropped() -> None:
    found = read_plan_text(INVENTED)
    assert (found.headers, found.split_rows) == (2, 1)
    assert found.tasks["1.5"].cells == [
        "Việc dài bị ngắt ở trang sau",
        "Bản A và bản B",
        "- Chánh Thanh tra quận; - Thủ trưởng các cơ quan, đơn vị có liên quan.",
        "",
        "Trong năm 2023",
    ]
    assert found.tasks["1.5"].lines == [8, 11]


def test_a_line_that_does_not_fit_the_table_is_named() -> None:
    assert read_plan_text(INVENTED).unread_lines == [7]


def test_group_titles_and_parent_rows_are_no_tasks() -> None:
    assert list(read_plan_text(INVENTED).tasks) == ["1.1", "1.5"]


def test_sections_end_at_the_next_number_and_a_repeated_chapter_adds_nothing() -> None:
    sections = read_plan_text(INVENTED).sections
    assert {address: section.text for address, section in sections.items()} == {
        "II.2": "Đoạn hai thử nghiệm còn tiếp",
        "II.8": "Đoạn tám",
        "III.6.3": "Đoạn của phần ba",
    }
    assert sections["II.2"].lines == [15, 16]


def test_places_are_cited_as_people_do() -> None:
    assert [place([7]), place([7, 8, 9]), place([7, 11])] == ["line 7", "lines 7-9", "lines 7, 11"]


@pytest.mark.parametrize(
    ("cell", "members", "unread"),
    [
        ("Chánh Văn phòng Ủy ban nhân dân quận và Trưởng phòng Nội vụ quận", {"BT-VP", "BT-NV"}, ""),
        ("- Trưởng phòng Tài chính – Kế hoạch quận;", {"BT-TCKH"}, ""),
        ("Thủ trưởng các cơ quan, đơn vị và Chủ tịch UBND 10 phường", {"BT-DON-VI-PHUONG"}, ""),
        ("- Chánh Thanh tra quận; - Thủ trưởng các cơ quan, đơn vị.", {"BT-TTR", "BT-DON-VI"}, ""),
        ("Thủ trưởng các cơ quan: Phòng Tư pháp quận, Phòng Kinh tế quận", {"BT-TP", "BT-KT"}, ""),
        ("Ban quản lý chợ và Phòng Y tế quận", {"BT-YT"}, "ban quan ly cho"),
        ("", set(), ""),
    ],
)
def test_names_are_read_from_lists_titles_and_collectives(
    catalogue: Catalogue, cell: str, members: set[str], unread: str
) -> None:
    read = Names(catalogue.agencies, catalogue.plan(PLAN)).read(cell)
    assert (read.members, read.unread) == (members, unread)


def test_a_lead_that_the_catalogue_gives_otherwise_is_named(catalogue: Catalogue) -> None:
    plan = catalogue.plan(PLAN)
    differences = list(compare_members(plan, read_plan_text(INVENTED), Names(catalogue.agencies, plan)))
    assert differences[0] == ("1.1 cooperate (line 5): the document names BT-VP; the catalogue BT-DON-VI")
    assert [line.split(" (")[0] for line in differences] == ["1.1 cooperate", "1.5 lead", "1.5 cooperate"]


# ---------------------------------------------------------------- storing
def test_wording_is_stored_once_with_its_place_and_hash(
    settings: Settings, engine_as: EngineAs, tmp_path: Path
) -> None:
    path = write(tmp_path, INVENTED)
    first = import_document(settings, path, "r1")
    assert (first.plan_code, first.tasks_found, first.tasks_unknown) == (PLAN, 2, [])
    assert len(first.tasks_missing) == 75
    assert "1.9" in first.tasks_missing
    assert first.targets_found == 5  # II.2 a-c, II.8 and III.6.3
    assert import_document(settings, path, "r2").texts_written == 0
    with engine_as("loader").connect() as connection:
        rows = connection.execute(sa.select(official_text).order_by(official_text.c.text_id)).all()
    assert len(rows) == first.texts_written == 14
    assert {row.run_id for row in rows} == {"r1"}
    assert {row.document_sha256 for row in rows} == {hashlib.sha256(path.read_bytes()).hexdigest()}
    stored = {(row.item_code, row.part): (row.wording, row.document_place) for row in rows}
    assert stored[f"{PLAN}/1.5", "deadline"] == ("Trong năm 2023", "lines 8, 11")
    assert stored[f"{PLAN}/CT-II.2.b", "wording"] == ("Đoạn hai thử nghiệm còn tiếp", "lines 15-16")


def test_a_task_that_the_catalogue_lacks_is_reported_and_not_stored(
    settings: Settings, tmp_path: Path
) -> None:
    row = "1.99\tViệc lạ\tBản thử\tTrưởng Phòng Nội vụ quận\t\tTrong năm 2023"
    imported = import_document(settings, write(tmp_path, f"{INVENTED}\n{row}"), "r1")
    assert imported.tasks_unknown == ["1.99"]
    assert imported.texts_written == 14


def test_the_documents_own_number_decides_not_one_it_cites(settings: Settings, tmp_path: Path) -> None:
    text = INVENTED.replace("Số: 7679/QĐ-UBND", "Số: 15/QĐ-UBND")
    text += "\n(Ban hành kèm theo Quyết định số: 7679 /QĐ-UBND ngày 30 tháng 12 năm 2022)"
    with pytest.raises(UsageError, match=r"calls itself 15/QĐ-UBND; the catalogue knows: 7679/QĐ-UBND"):
        import_document(settings, write(tmp_path, text), "r1")


def test_an_appendix_alone_is_recognised_by_the_decision_it_is_attached_to(
    settings: Settings, tmp_path: Path
) -> None:
    attached = "(Ban hành kèm theo Quyết định số: 7679 /QĐ-UBND ngày 30 tháng 12 năm 2022)"
    text = INVENTED.replace("Số: 7679/QĐ-UBND", attached)
    assert import_document(settings, write(tmp_path, text), "r1").plan_code == PLAN


def test_files_that_are_no_decision_are_wrong_use(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="gives no number of its own"):
        import_document(settings, write(tmp_path, "Một văn bản khác"), "r1")
    (tmp_path / "scan.pdf").write_bytes(b"%PDF-1.7\xff\xfe")
    with pytest.raises(UsageError, match=r"scan\.pdf is no UTF-8 text \(byte 8\)"):
        import_document(settings, tmp_path / "scan.pdf", "r1")
    with pytest.raises(UsageError, match=r"absent\.txt cannot be read"):
        import_document(settings, tmp_path / "absent.txt", "r1")


# ---------------------------------------------------------------- the decision itself
@needs_seed
def test_the_decision_holds_the_catalogues_tasks_and_no_other(catalogue: Catalogue, seed: PlanText) -> None:
    assert (seed.number, seed.headers, seed.split_rows) == ("7679/QĐ-UBND", 19, 9)
    assert seed.unread_lines == []
    assert list(seed.tasks) == [task.stt for task in catalogue.plan(PLAN).tasks]
    assert len(seed.tasks) == 77


@needs_seed
def test_leads_and_cooperating_bodies_agree_with_the_decision(catalogue: Catalogue, seed: PlanText) -> None:
    plan = catalogue.plan(PLAN)
    assert list(compare_members(plan, seed, Names(catalogue.agencies, plan))) == []


@needs_seed
def test_whole_year_deadlines_agree_with_the_decision(catalogue: Catalogue, seed: PlanText) -> None:
    plan = catalogue.plan(PLAN)
    in_document = {stt for stt, row in seed.tasks.items() if match_key(row.cells[4]) == "trong nam 2023"}
    in_catalogue = {task.stt for task in plan.tasks if task.deadline.shared == "ca-nam"}
    assert in_document == in_catalogue
    assert len(in_document) == 60


@needs_seed
def test_every_number_of_a_target_stands_in_its_section(catalogue: Catalogue, seed: PlanText) -> None:
    """The bound of every target is a number of a section or task row that it cites."""
    wrong = []
    for target in catalogue.plan(PLAN).targets:
        texts = []
        for cited in (target.citation, *target.also_cited):
            row = seed.tasks.get(cited.removeprefix("PL."))
            texts.append(" ".join(row.cells) if row else seed.sections[cited].text)
        numbers = {int(word) for word in match_key(" ".join(texts)).split() if word.isdigit()}
        if target.value is not None and target.value not in numbers:
            wrong.append(target.code)
    assert wrong == []


@needs_seed
def test_labels_are_not_the_decisions_sentences(catalogue: Catalogue, seed: PlanText) -> None:
    plan = catalogue.plan(PLAN)
    copied = [
        task.stt for task in plan.tasks if match_key(task.label) == match_key(seed.tasks[task.stt].cells[0])
    ]
    assert copied == []


@needs_seed
def test_the_decision_is_imported_whole_and_once(settings: Settings, engine_as: EngineAs) -> None:
    imported = import_document(settings, SEED, "r1")
    assert (imported.tasks_found, imported.tasks_missing, imported.tasks_unknown) == (77, [], [])
    assert (imported.targets_found, imported.targets_missing) == (35, [])
    assert imported.differences == []
    assert import_document(settings, SEED, "r2").texts_written == 0
    with engine_as("loader").connect() as connection:
        stored = connection.execute(sa.select(sa.func.count()).select_from(official_text)).scalar_one()
    assert stored == imported.texts_written > 77 * 4
