"""The wording of a known plan is read from its decision, and stored once with its place."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from sources.catalogue import Catalogue, load_catalogue
from sources.catalogue.plans import PlanFile
from sources.plan_document.files import DocumentError, parse_document, read_document
from sources.plan_document.importing import UnknownPlanError, import_document, prepare_import
from sources.plan_document.names import Agencies, Names
from sources.plan_document.reading import PlanReading, read_plan
from sources.plan_document.wording import differences, fit_of, official_texts
from warehouse.errors import UsageError
from warehouse.schema import document_finding, official_text
from warehouse.settings import Settings
from warehouse.text import match_key

PLAN = "BT-2022-7679"
SEEDS = Path(__file__).resolve().parents[3] / "shared" / "seeds"
FILES = {
    "HCM-2018-5334": "000_9cd168f1a8940621.txt",
    "HCM-2022-CD": "001_312a8709375fb2dc.txt",
    "HCM-2018-3897": "002_fc9f8ecdecbcee10.txt",
    "NA-2018-DA": "003_1a1ed733ff5f9e54.txt",
    "BT-2022-7679": "004_5736acca346afbbf.txt",
}
LOST = ("HCM-2022-CD", "NA-2018-DA")
needs_seeds = pytest.mark.skipif(not SEEDS.is_dir(), reason="the decisions' texts are not beside the project")
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
def agencies(catalogue: Catalogue) -> Agencies:
    return Agencies(catalogue.agencies)


@pytest.fixture(scope="module")
def plan(catalogue: Catalogue) -> PlanFile:
    return catalogue.plan(PLAN)


@pytest.fixture(scope="module")
def readings() -> dict[str, PlanReading]:
    return {code: read_plan(read_document(SEEDS / name)[1]) for code, name in FILES.items()}


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "decision.txt"
    path.write_text(text, encoding="utf-8")
    return path


def invented() -> PlanReading:
    return read_plan(parse_document(INVENTED.encode(), "decision.txt"))


# ---------------------------------------------------------------- reading
def test_rows_split_by_a_page_are_joined_and_markup_is_dropped() -> None:
    tables = invented().tables
    assert (tables.headers, tables.split_rows) == (2, 1)
    assert tables.tasks["PL.1.5"].cells == {
        "task": "Việc dài bị ngắt ở trang sau",
        "product": "Bản A và bản B",
        "lead": "- Chánh Thanh tra quận; - Thủ trưởng các cơ quan, đơn vị có liên quan.",
        "cooperate": "",
        "deadline": "Trong năm 2023",
    }
    assert tables.tasks["PL.1.5"].lines == [8, 11]


def test_a_line_that_does_not_fit_the_table_is_named() -> None:
    assert invented().tables.unread_lines == [7]


def test_group_titles_and_parent_rows_are_no_tasks() -> None:
    assert list(invented().tables.tasks) == ["PL.1.1", "PL.1.5"]


def test_sections_end_at_the_next_number_and_a_chapter_come_again_has_its_own_address() -> None:
    sections = invented().outline.sections
    texts = {address: section.text for address, section in sections.items() if section.kind == "number"}
    assert texts == {
        "II.2": "Đoạn hai thử nghiệm còn tiếp",
        "II.8": "Đoạn tám",
        "III.6.3": "Đoạn của phần ba",
        "III-2.6.4": "Không phải đoạn của phần ba",
    }
    assert sections["II.2"].lines == [15, 16]


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
    agencies: Agencies, plan: PlanFile, cell: str, members: set[str], unread: str
) -> None:
    read = Names.of_plan(agencies, plan).read(cell)
    assert (read.members, read.unread) == (members, unread)


def test_a_lead_that_the_catalogue_gives_otherwise_is_named(agencies: Agencies, plan: PlanFile) -> None:
    found = list(differences(plan, invented(), Names.of_plan(agencies, plan)))
    assert found[0] == ("1.1 cooperate (line 5): the document names BT-VP; the catalogue BT-DON-VI")
    assert [line.split(" (")[0] for line in found] == ["1.1 cooperate", "1.5 lead", "1.5 cooperate"]


# ---------------------------------------------------------------- storing
def test_wording_is_stored_once_with_its_place_and_hash(
    catalogue: Catalogue, settings: Settings, engine_as: EngineAs, tmp_path: Path
) -> None:
    path = write(tmp_path, INVENTED)
    first = import_document(settings, path, "r1", catalogue=catalogue)
    assert (first.plan_code, first.tasks_found, first.tasks_unknown) == (PLAN, 2, [])
    assert len(first.tasks_missing) == 89
    assert "1.9" in first.tasks_missing
    assert first.targets_found == 5  # II.2 a-c, II.8 and III.6.3
    again = import_document(settings, path, "r2", catalogue=catalogue)
    assert (again.texts_written, again.findings_written) == (0, 0)
    with engine_as("loader").connect() as connection:
        rows = connection.execute(sa.select(official_text).order_by(official_text.c.text_id)).all()
        findings = connection.execute(sa.select(document_finding)).all()
    assert len(rows) == first.texts_written == 14
    assert {row.run_id for row in rows} == {"r1"}
    assert {row.document_sha256 for row in rows} == {hashlib.sha256(path.read_bytes()).hexdigest()}
    stored = {(row.item_code, row.part): (row.wording, row.document_place) for row in rows}
    assert stored[f"{PLAN}/1.5", "deadline"] == ("Trong năm 2023", "lines 8, 11")
    assert stored[f"{PLAN}/CT-II.2.b", "wording"] == ("Đoạn hai thử nghiệm còn tiếp", "lines 15-16")
    assert len(findings) == len(first.findings) == first.findings_written
    assert {row.run_id for row in findings} <= {"r1"}


def test_what_the_text_contradicts_is_stored_with_its_place(
    catalogue: Catalogue, settings: Settings, engine_as: EngineAs, tmp_path: Path
) -> None:
    text = f"{INVENTED}\nTheo Nghị định số 62/2020/NĐ-CP ngày 01 tháng 6 năm 2020 của Chính phủ.\n"
    text += "Theo Nghị định số 62/2020/NĐ-CP ngày 10 tháng 6 năm 2020 của Chính phủ.\n"
    imported = import_document(settings, write(tmp_path, text), "r1", catalogue=catalogue)
    with engine_as("loader").connect() as connection:
        rows = connection.execute(sa.select(document_finding)).all()
    dated = [row for row in rows if row.check_code == "citation-dates"]
    assert [(row.subject, row.document_place) for row in dated] == [("62/2020/NĐ-CP", "lines 23-24")]
    assert imported.findings_written == len(rows)


def test_a_task_that_the_catalogue_lacks_is_reported_and_not_stored(
    catalogue: Catalogue, settings: Settings, tmp_path: Path
) -> None:
    row = "1.99\tViệc lạ\tBản thử\tTrưởng Phòng Nội vụ quận\t\tTrong năm 2023"
    text = INVENTED.replace("\n\nKẾ HOẠCH", f"\n{row}\n\nKẾ HOẠCH")
    imported = import_document(settings, write(tmp_path, text), "r1", catalogue=catalogue)
    assert imported.tasks_unknown == ["PL.1.99"]
    assert imported.texts_written == 14


def test_the_documents_own_number_decides_not_one_it_cites(catalogue: Catalogue, tmp_path: Path) -> None:
    text = INVENTED.replace("Số: 7679/QĐ-UBND", "Số: 15/QĐ-UBND")
    text += "\n(Ban hành kèm theo Quyết định số: 7679 /QĐ-UBND ngày 30 tháng 12 năm 2022)"
    with pytest.raises(
        UnknownPlanError, match=r"calls itself 15/QĐ-UBND; the catalogue knows: .*7679/QĐ-UBND"
    ):
        prepare_import(write(tmp_path, text), catalogue=catalogue)


def test_an_appendix_alone_is_recognised_by_the_decision_it_is_attached_to(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    attached = "(Ban hành kèm theo Quyết định số: 7679 /QĐ-UBND ngày 30 tháng 12 năm 2022)"
    text = INVENTED.replace("Số: 7679/QĐ-UBND", attached)
    assert prepare_import(write(tmp_path, text), catalogue=catalogue).plan.plan.code == PLAN


@pytest.mark.parametrize(
    ("head", "other"),
    [
        ("Nghệ An, ngày 3 tháng 2 năm 2020\n", "03/02/2020, but BT-2022-7679 of 30/12/2022"),
        (
            "ỦY BAN NHÂN DÂN\nQUẬN TÂN BÌNH\nTân Bình, ngày 30 tháng 12 năm 2022\n",
            "quận Tân Bình, but BT-2022-7679 of Chủ tịch Ủy ban nhân dân quận Bình Tân",
        ),
    ],
)
def test_a_number_alone_makes_no_decision_of_another_day_or_issuer_a_known_plan(
    catalogue: Catalogue, tmp_path: Path, head: str, other: str
) -> None:
    path = write(tmp_path, head + INVENTED)
    for named in (None, PLAN):
        with pytest.raises(UsageError, match=rf"7679/QĐ-UBND of .*{other}: it is another document"):
            prepare_import(path, named, catalogue)


def test_an_unknown_plan_says_what_was_found_in_it(catalogue: Catalogue, tmp_path: Path) -> None:
    text = INVENTED.replace("Số: 7679/QĐ-UBND", "Số: 15/QĐ-UBND")
    with pytest.raises(UnknownPlanError) as caught:
        prepare_import(write(tmp_path, text), catalogue=catalogue)
    found = caught.value.found
    assert (found.document_number, found.tasks_found, found.unread_lines) == ("15/QĐ-UBND", 2, [7])


def test_a_plan_that_is_named_must_fit_the_document(catalogue: Catalogue, tmp_path: Path) -> None:
    path = write(tmp_path, INVENTED.replace("Số: 7679/QĐ-UBND\n", ""))
    with pytest.raises(UsageError, match=r"does not fit BT-2022-7679: \d+ of the \d+ places that it cites"):
        prepare_import(path, PLAN, catalogue)
    with pytest.raises(UsageError, match="calls itself 7679/QĐ-UBND, but NA-2018-DA has no number"):
        prepare_import(write(tmp_path, INVENTED), "NA-2018-DA", catalogue)
    with pytest.raises(UsageError, match="unknown plan 'HCM-1'; the plans are: BT-2022-7679"):
        prepare_import(write(tmp_path, INVENTED), "HCM-1", catalogue)


def test_texts_that_are_no_plan_are_refused_with_the_reason(catalogue: Catalogue, tmp_path: Path) -> None:
    with pytest.raises(
        DocumentError, match="is no plan that can be read: no table of tasks, 0 targets and 0 duties"
    ):
        prepare_import(write(tmp_path, "Một văn bản khác"), catalogue=catalogue)
    with pytest.raises(DocumentError, match=r"absent\.txt cannot be read"):
        prepare_import(tmp_path / "absent.txt", catalogue=catalogue)
    with pytest.raises(DocumentError, match="cannot be read: Is a directory"):
        prepare_import(tmp_path, catalogue=catalogue)


# ---------------------------------------------------------------- the decisions themselves
@needs_seeds
@pytest.mark.parametrize("code", FILES)
def test_every_task_and_target_of_every_plan_finds_its_words(
    catalogue: Catalogue, readings: dict[str, PlanReading], code: str
) -> None:
    plan, reading = catalogue.plan(code), readings[code]
    items = {row["item_code"] for row in official_texts(plan, reading) if row["part"] == "wording"}
    expected = {f"{code}/{task.stt}" for task in plan.tasks} | {
        f"{code}/CT-{item.code}" for item in plan.targets
    }
    if code == "HCM-2018-5334":
        expected.remove(f"{code}/PL-01")  # the words of its task are lost with the beginning of the appendix
    assert expected - items == set()
    assert set(reading.tables.tasks) == {task.citation for task in plan.tasks if task.kind == "task"}
    assert fit_of(plan, reading).is_good


@needs_seeds
@pytest.mark.parametrize("code", FILES)
def test_no_other_decision_fits_a_plan(
    catalogue: Catalogue, readings: dict[str, PlanReading], code: str
) -> None:
    fitting = [other for other, reading in readings.items() if fit_of(catalogue.plan(code), reading).is_good]
    assert fitting == [code]


@needs_seeds
@pytest.mark.parametrize("code", FILES)
def test_decisions_are_recognised_by_number_and_where_it_is_lost_by_name(
    catalogue: Catalogue, code: str
) -> None:
    path = SEEDS / FILES[code]
    assert prepare_import(path, code, catalogue).plan.plan.code == code
    if code in LOST:
        with pytest.raises(UnknownPlanError, match="gives no number of its own"):
            prepare_import(path, catalogue=catalogue)
    else:
        assert prepare_import(path, catalogue=catalogue).plan.plan.code == code


@needs_seeds
def test_the_appendix_of_the_plan_of_2023_is_read_whole(readings: dict[str, PlanReading]) -> None:
    tables = readings[PLAN].tables
    assert (readings[PLAN].head.number, tables.headers, tables.split_rows) == ("7679/QĐ-UBND", 19, 9)
    assert (tables.unread_lines, len(tables.tasks)) == ([], 77)


@needs_seeds
def test_the_appendix_that_lost_its_beginning_is_read_by_its_cells(readings: dict[str, PlanReading]) -> None:
    tables = readings["HCM-2018-5334"].tables
    (table,) = tables.tables
    assert [(column.role, column.year) for column in table.columns.columns] == [
        ("group", None),
        ("task", None),
        ("lead", None),
        ("cooperate", None),
        ("implement", None),
        ("year", 2018),
        ("year", 2019),
        ("year", 2020),
        ("product", None),
    ]
    assert list(tables.tasks) == [f"PL-{number:02d}" for number in range(1, 30)]
    assert (tables.tasks["PL-01"].cells["task"], tables.tasks["PL-01"].cells["product"]) != ("", "")
    assert tables.tasks["PL-03"].cells["lead"].count("\n") == 3
    assert table.columns.confidence < 0.9


@needs_seeds
def test_leads_and_cooperating_bodies_agree_with_the_decision(
    agencies: Agencies, plan: PlanFile, readings: dict[str, PlanReading]
) -> None:
    assert list(differences(plan, readings[PLAN], Names.of_plan(agencies, plan))) == []


@needs_seeds
def test_whole_year_deadlines_agree_with_the_decision(
    plan: PlanFile, readings: dict[str, PlanReading]
) -> None:
    rows = readings[PLAN].tables.tasks.values()
    in_document = {row.stt for row in rows if match_key(row.cells["deadline"]) == "trong nam 2023"}
    in_catalogue = {task.stt for task in plan.tasks if task.deadline.shared == "ca-nam"}
    assert in_document == in_catalogue
    assert len(in_document) == 60


@needs_seeds
@pytest.mark.parametrize("code", FILES)
def test_labels_are_not_the_decisions_sentences(
    catalogue: Catalogue, readings: dict[str, PlanReading], code: str
) -> None:
    plan, reading = catalogue.plan(code), readings[code]
    words = {task.stt: match_key((reading.wording(task.citation) or ("", []))[0]) for task in plan.tasks}
    sentences = {stt: text for stt, text in words.items() if len(text.split()) > 9}
    assert [task.stt for task in plan.tasks if match_key(task.label) == sentences.get(task.stt)] == []
    assert len(sentences) > 5


@needs_seeds
def test_a_target_among_many_bullets_keeps_the_one_that_sets_it(
    catalogue: Catalogue, readings: dict[str, PlanReading]
) -> None:
    texts = {
        row["item_code"]: row
        for row in official_texts(catalogue.plan("NA-2018-DA"), readings["NA-2018-DA"])
        if row["part"] == "wording"
    }
    (target,) = (
        item
        for item in catalogue.plan("NA-2018-DA").targets
        if item.citation == "B.3.1.2.7" and item.value == 25
    )
    row = texts[f"NA-2018-DA/CT-{target.code}"]
    assert "25%" in row["wording"]
    assert "30%" not in row["wording"]
    assert row["document_place"].startswith("line ")


@needs_seeds
def test_a_decision_is_imported_whole_and_once(
    catalogue: Catalogue, settings: Settings, engine_as: EngineAs
) -> None:
    path = SEEDS / FILES[PLAN]
    imported = import_document(settings, path, "r1", catalogue=catalogue)
    assert (imported.tasks_found, imported.tasks_missing, imported.tasks_unknown) == (91, [], [])
    assert (imported.targets_found, imported.targets_missing) == (35, [])
    assert (imported.differences, len(imported.findings) > 0) == ([], True)
    again = import_document(settings, path, "r2", catalogue=catalogue)
    assert (again.texts_written, again.findings_written) == (0, 0)
    with engine_as("loader").connect() as connection:
        stored = connection.execute(sa.select(sa.func.count()).select_from(official_text)).scalar_one()
    assert stored == imported.texts_written > 77 * 4
