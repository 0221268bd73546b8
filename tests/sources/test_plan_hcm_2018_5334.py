"""The plan of 5334/QĐ-UBND: what its three years ask, held against the decision where its text is at hand."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from sources.catalogue import DATA_DIR
from sources.catalogue.plans import Member, PlanFile, Target, Task
from warehouse.data_files import parse, read_marked
from warehouse.text import match_key

PLAN = "HCM-2018-5334"
FILE = DATA_DIR / "plans" / f"{PLAN}.yml"
SEED = Path(__file__).resolve().parents[3] / "shared" / "seeds" / "000_9cd168f1a8940621.txt"
needs_seed = pytest.mark.skipif(not SEED.is_file(), reason="the decision's text is not beside the project")
YEARS = [2018, 2019, 2020]


@pytest.fixture(scope="module")
def plan() -> PlanFile:
    return read_plan(FILE)


def read_plan(path: Path) -> PlanFile:
    marked = read_marked(path)
    plan = parse(marked, PlanFile)
    assert plan is not None, marked.problems
    return plan


def task_of(plan: PlanFile, stt: str) -> Task:
    return next(task for task in plan.tasks if task.stt == stt)


def target_of(plan: PlanFile, code: str) -> Target:
    return next(target for target in plan.targets if target.code == code)


# ---------------------------------------------------------------- what the catalogue holds
def test_the_appendix_gives_29_tasks_in_the_visible_order(plan: PlanFile) -> None:
    rows = [task.stt for task in plan.tasks if task.kind == "task"]
    assert rows == [f"PL-{number:02d}" for number in range(1, 30)]
    assert [task.stt for task in plan.tasks if task.kind == "duty"] == ["II.3.7.2"]
    assert "bị mất" in plan.tasks[0].label


def test_chapter_three_is_standing_and_owes_no_date(plan: PlanFile) -> None:
    standing = [task for task in plan.tasks if task.kind == "standing"]
    articles = Counter(int(task.stt.split(".")[1]) for task in standing if task.stt.startswith("III."))
    assert articles == {1: 5, 2: 4, 3: 4, 4: 2, 5: 4, 6: 2, 7: 3, 8: 2} | dict.fromkeys(range(9, 17), 1)
    assert {task.stt for task in standing} - {f"III.{number}" for number in range(9, 17)} > {
        "III-cuoi",
        "DIEU-2",
    }
    assert len(standing) == 36
    obligations = [item for task in standing for item in plan.deadline_of(task).obligations]
    assert {(item.kind, item.due) for item in obligations} == {("standing", None)}


def test_standing_duties_to_report_say_so(plan: PlanFile) -> None:
    says_so = {task.stt for task in plan.tasks if task.kind == "standing" and "báo cáo" in task.label.lower()}
    assert says_so == {"III.1.2", "III.1.4", "III.1.5", "III.2.1", "III.2.2", "III-cuoi"}
    for stt in says_so:
        labels = [item.label for item in plan.deadline_of(task_of(plan, stt)).obligations]
        assert all(label.startswith("Báo cáo") for label in labels), stt


def test_29_targets_of_which_two_are_rules_without_a_number(plan: PlanFile) -> None:
    places = Counter(re.sub(r"^(II\.2|II\.3|PL).*", r"\1", target.code) for target in plan.targets)
    assert places == {"II.2": 15, "II.3": 10, "PL": 4}
    assert [target.code for target in plan.targets if not target.is_measurable] == ["II.2.3", "II.3.6.1.b"]
    assert sum(len(plan.values_by_year(target)) for target in plan.targets) == 68


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("II.2.1.3.b", [70, 80, 90]),
        ("II.2.1.3.e", [20, 30, 40]),
        ("II.2.1.3.h", [10, 20, 30]),
        ("II.2.2.a", [10, 7, 5]),
        ("II.2.1.3.a", [30, 30, 30]),
        ("II.2.1.3.c", [10, 10, 10]),
        ("II.2.1.3.g", [15, 15, 15]),
    ],
)
def test_values_step_by_year_where_the_appendix_steps_them(
    plan: PlanFile, code: str, values: list[int]
) -> None:
    assert plan.values_by_year(target_of(plan, code)) == dict(zip(YEARS, values, strict=True))


@pytest.mark.parametrize(
    ("code", "comparator", "value", "high", "unit"),
    [
        ("II.2.1.1.a", "gt", 80, None, "percent"),
        ("II.2.1.1.b", "gt", 90, None, "percent"),
        ("II.2.1.1.c", "gt", 80, None, "percent"),
        ("II.2.1.2", "eq", 100, None, "percent"),
        ("II.2.1.3.a", "ge", 30, None, "percent"),
        ("II.2.1.3.d", "ge", 15, None, "percent"),
        ("II.2.2.b", "gt", 0, None, "score_change"),
        ("II.3.2.4", "eq", 100, None, "percent"),
        ("II.3.3.2.a", "le", Decimal("-2.5"), None, "percent_change"),
        ("II.3.3.2.b", "le", -10, None, "percent_change"),
        ("II.3.7.1", "ge", 1, None, "count_per_half"),
        ("PL-05", "range", 30, 40, "percent"),
        ("PL-24", "eq", 100, None, "percent"),
        ("PL-26", "ge", 30, None, "percent"),
    ],
)
def test_targets_carry_the_comparator_of_their_words(
    plan: PlanFile, code: str, comparator: str, value: Decimal, high: int | None, unit: str
) -> None:
    target = target_of(plan, code)
    assert (target.comparator, target.value, target.high, target.unit) == (comparator, value, high, unit)


def test_the_rank_is_judged_by_the_index_alone(plan: PlanFile) -> None:
    rank = target_of(plan, "II.2.2.a")
    assert (rank.comparator, rank.unit, rank.fed_by, rank.reported_by) == (
        "rank_le",
        "rank",
        "external",
        None,
    )
    assert rank.index is not None
    assert (rank.index.code, rank.index.content) == ("PAR", 0)


def test_every_field_must_pass_and_reductions_look_back_at_2015(plan: PlanFile) -> None:
    assert [t.code for t in plan.targets if t.quantifier == "every_field"] == ["II.2.1.1.b", "II.2.1.1.c"]
    based = {t.code: t.baseline_year for t in plan.targets if t.baseline_year}
    assert based == {"II.3.3.2.a": 2015, "II.3.3.2.b": 2015}


def test_postal_rates_are_counted_within_the_online_dossiers_of_their_parent(plan: PlanFile) -> None:
    children = {t.code: t.parent for t in plan.targets if t.parent}
    assert children == {
        "II.2.1.3.c": "II.2.1.3.b",
        "II.2.1.3.d": "II.2.1.3.b",
        "II.2.1.3.f": "II.2.1.3.e",
        "II.2.1.3.g": "II.2.1.3.e",
    }
    for child, parent in children.items():
        assert target_of(plan, child).denominator == target_of(plan, parent).numerator


def test_a_target_said_again_elsewhere_keeps_one_code(plan: PlanFile) -> None:
    again = {target.code: target.also_cited for target in plan.targets if target.also_cited}
    assert again == {
        "II.2.1.1.a": ["II.3.2.1", "II.3.2.4"],
        "II.2.1.1.b": ["II.3.2.1"],
        "II.2.1.1.c": ["II.3.3.4"],
        "II.2.1.2": ["II.3.4.1", "PL-14"],
        "II.2.1.3.a": ["PL-06"],
        "II.2.1.3.b": ["PL-07"],
        "II.2.1.3.e": ["PL-07"],
        "II.2.1.3.h": ["PL-08"],
        "II.2.3": ["PL-21"],
        "II.3.3.2.a": ["PL-11"],
        "II.3.3.2.b": ["PL-13"],
        "PL-25": ["II.3.6.5"],
    }


@pytest.mark.parametrize(
    ("section", "area"),
    [("PL-26", "0"), ("PL-27", "0"), ("PL-28", "7"), ("PL-29", "7"), ("II.3.8", "7"), ("II.3.9", "0")],
)
def test_the_swapped_groups_go_to_the_area_of_their_content(plan: PlanFile, section: str, area: str) -> None:
    assert plan.area_of(section) == area


def test_areas_follow_the_plans_own_groups(plan: PlanFile) -> None:
    rows = [task.area or plan.area_of(task.citation) for task in plan.tasks if task.kind == "task"]
    assert "".join(area or "?" for area in rows) == "2" * 9 + "3333" + "444" + "5555" + "66666" + "00" + "77"
    areas = {target.code: target.area or plan.area_of(target.citation) for target in plan.targets}
    assert (areas["II.2.1.1.a"], areas["II.2.1.1.b"], areas["II.2.2.a"]) == ("7", "2", "X")
    assert areas["II.3.7.1"] == "0"


@pytest.mark.parametrize(
    ("stt", "owed"),
    [
        ("PL-01", [("whole_year", date(year, 12, 31)) for year in YEARS]),
        (
            "PL-02",
            [("milestone", date(2018, 12, 31)), *(("whole_year", date(y, 12, 31)) for y in (2019, 2020))],
        ),
        ("PL-03", [("external", None)] * 2),
        ("PL-12", [("milestone", date(2018, 12, 31))]),
        ("PL-16", [("external", None)]),
        ("PL-24", [("milestone", date(2018, 12, 31))]),
    ],
)
def test_deadlines_are_read_from_the_columns_of_the_years(
    plan: PlanFile, stt: str, owed: list[tuple[str, date | None]]
) -> None:
    obligations = plan.deadline_of(task_of(plan, stt)).obligations
    assert [(item.kind, item.due) for item in obligations] == owed


def test_quarters_before_the_decision_was_signed_owe_no_theme(plan: PlanFile) -> None:
    recurring = [o for o in plan.deadline_of(task_of(plan, "PL-27")).obligations if o.kind == "recurring"]
    assert len(recurring) == 9
    assert min(o.due for o in recurring if o.due) > date(2018, 11, 29)


def test_findings_say_what_people_ask_for(plan: PlanFile) -> None:
    by_check = Counter(finding.check for finding in plan.findings if finding.check)
    assert by_check == {
        "citation-kind": 1,
        "citation-issuer": 2,
        "numbering-gap": 1,
        "repeated-change": 2,
        "target-without-year": 3,
        "year-outside-plan": 1,
    }
    cited = {section for finding in plan.findings for section in finding.at}
    assert {"II.2.1.1", "PL-05", "PL-06", "PL-11", "PL-13", "II.2.1.3", "III.3.2", "PL-01"} <= cited
    ambiguous = {target.citation for target in plan.targets if target.ambiguity}
    assert ambiguous <= cited


def test_labels_are_short(plan: PlanFile) -> None:
    assert max(len(task.label) for task in plan.tasks) <= 80
    assert max(len(target.label) for target in plan.targets) <= 80


# ---------------------------------------------------------------- the decision itself
CELLS = 9  # group, task, lead, cooperating, implementing, 2018, 2019, 2020, product
BODIES = {
    "ban to chuc thanh uy": "Ban Tổ chức Thành ủy",
    "dai truyen hinh": "Đài Truyền hình Thành phố",
    "dai tieng noi nhan dan thanh pho": "Đài Tiếng nói nhân dân Thành phố",
    "bao sai gon giai phong": "Báo Sài Gòn Giải phóng",
    "ban thuong truc mttqvn tphcm": "Ban Thường trực Ủy ban MTTQ Việt Nam Thành phố",
}
# Longest first: what a cell says, without job titles, and whom it means.
NAMES = {
    "cac so ban nganh ubnd quan huyen ubnd cap xa": "HCM-SBN-QH-XA",
    "cac so ban nganh va ubnd quan huyen": "HCM-SBN-QH",
    "cac so ban nganh ubnd quan huyen": "HCM-SBN-QH",
    "cac so ban nganh": "HCM-SBN",
    "ban quan ly cac khu che xuat va khu cong nghiep thanh pho": "HCM-HEPZA",
    "chanh van phong ubnd thanh pho": "HCM-VP",
    "vien nghien cuu phat trien thanh pho": "HCM-VNCPT",
    "van phong ubnd thanh pho": "HCM-VP",
    "van phong ubnd tp": "HCM-VP",
    "so thong tin va truyen thong": "HCM-STTTT",
    "so khoa hoc va cong nghe": "HCM-SKHCN",
    "so ke hoach va dau tu": "HCM-SKHDT",
    "so tai chinh": "HCM-STC",
    "so noi vu": "HCM-SNV",
    "ubnd quan huyen": "HCM-QH",
    **BODIES,
}
NOBODY = {"moi", "tham gia danh gia", "va"}


def people_in(cell: str) -> tuple[set[str], str]:
    """Whom a cell names, and the words that name nobody known."""
    text = match_key(cell)
    for written, plain in [
        (r"\b(thu truong|chu tich|giam doc|vien truong) ", ""),
        (r"uy ban nhan (dan )?", "ubnd "),
        (r"ubnd cac quan", "ubnd quan"),
    ]:
        text = re.sub(written, plain, text)
    named = set()
    for phrase in sorted(NAMES, key=len, reverse=True):
        if phrase in text:
            named.add(NAMES[phrase])
            text = text.replace(phrase, "|")
    rest = [part.strip() for part in text.split("|")]
    return named, " ".join(part for part in rest if part and part not in NOBODY)


@pytest.fixture(scope="module")
def document() -> str:
    return unicodedata.normalize("NFC", SEED.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def appendix(document: str) -> dict[str, list[str]]:
    """The rows of the appendix; the first one has lost the cells of its group and its task."""
    table = document[document.rindex("xem xét, quyết định./.") :].splitlines()[1:]
    cells: list[str] = []
    for line in table:
        if "\t" in line:
            cells.append(line.split("\t", 1)[1].strip())
        elif line.strip() and cells:
            cells[-1] = f"{cells[-1]} {line.strip()}"
    cells = ["", "", *cells]
    assert len(cells) % CELLS == 0
    rows = [cells[start : start + CELLS] for start in range(0, len(cells), CELLS)]
    return {f"PL-{number:02d}": row for number, row in enumerate(rows, start=1)}


@pytest.fixture(scope="module")
def sections(document: str) -> dict[str, str]:
    """The decision's articles, chapters and numbered paragraphs, each with the text up to the next one."""
    found: dict[str, str] = {}
    chapter, address = "", ""
    for line in document[: document.rindex("xem xét, quyết định./.") + 30].splitlines():
        if article := re.match(r"(Điều \d+)\. ", line):
            address = article.group(1)
        elif roman := re.match(r"([IVX]+)\. ", line):
            chapter = address = roman.group(1)
        elif chapter and (paragraph := re.match(r"(\d+(?:\.\d+)*)\. ", line)):
            address = f"{chapter}.{paragraph.group(1)}"
        if address:
            found[address] = f"{found.get(address, '')} {line}"
    return found


@needs_seed
def test_the_appendix_of_the_decision_has_the_catalogues_rows(
    plan: PlanFile, appendix: dict[str, list[str]]
) -> None:
    assert list(appendix) == [task.stt for task in plan.tasks if task.kind == "task"]
    groups = {stt: row[0] for stt, row in appendix.items() if row[0].strip("\xa0 ")}
    assert [group[:1] for group in groups.values()] == ["3", "4", "5", "6", "7", "8"]
    assert list(groups) == ["PL-10", "PL-14", "PL-17", "PL-21", "PL-26", "PL-28"]


@needs_seed
@pytest.mark.parametrize(("column", "role"), [(2, "lead"), (3, "cooperate"), (4, "implement")])
def test_agencies_of_the_tasks_are_those_of_the_decision(
    plan: PlanFile, appendix: dict[str, list[str]], column: int, role: str
) -> None:
    def who(member: Member) -> str:
        return member.code or member.body or ""

    for stt, row in appendix.items():
        named, unread = people_in(row[column])
        assert unread == "", stt
        assert {who(member) for member in task_of(plan, stt).members_by_role[role]} == named, stt


@needs_seed
def test_a_year_is_owed_exactly_where_its_column_says_something(
    plan: PlanFile, appendix: dict[str, list[str]]
) -> None:
    for stt, row in appendix.items():
        obligations = plan.deadline_of(task_of(plan, stt)).obligations
        owed = {year for item in obligations for year in item.years(plan.plan.years)}
        filled = {year for year, cell in zip(YEARS, row[5:8], strict=True) if cell.strip("\xa0 ")}
        assert owed == filled, stt
        in_quarter_four = [year for year, cell in zip(YEARS, row[5:8], strict=True) if "uý IV" in cell]
        in_year_end = [2018] if row[5].startswith("Cuối năm") else []
        milestones = [item.due for item in obligations if item.kind == "milestone"]
        assert milestones == [date(year, 12, 31) for year in (*in_quarter_four, *in_year_end)], stt


@needs_seed
def test_products_are_given_where_the_decision_gives_one(
    plan: PlanFile, appendix: dict[str, list[str]]
) -> None:
    without = {stt for stt, row in appendix.items() if not row[8].strip("\xa0 ")}
    assert {task.stt for task in plan.tasks if task.kind == "task" and task.product is None} == without


@needs_seed
def test_every_citation_exists_in_the_decision(
    plan: PlanFile, appendix: dict[str, list[str]], sections: dict[str, str]
) -> None:
    cited = {section for finding in plan.findings for section in finding.at}
    cited |= {task.citation for task in plan.tasks}
    cited |= {section for target in plan.targets for section in (target.citation, *target.also_cited)}
    cited |= {part.group for part in plan.plan.areas}
    assert cited - set(sections) - set(appendix) == set()


@needs_seed
def test_every_numbered_paragraph_of_chapter_three_is_a_standing_duty(
    plan: PlanFile, sections: dict[str, str]
) -> None:
    paragraphs = {section for section in sections if section.startswith("III.")}
    leaves = {s for s in paragraphs if not any(other.startswith(f"{s}.") for other in paragraphs)}
    held = {task.citation for task in plan.tasks if task.kind == "standing"}
    assert held - {"III", "Điều 2"} == leaves


# A bound as the decision writes it: 30%, 30%-40%, 2,5%, nhóm 07 địa phương.
BOUND = re.compile(r"(\d+(?:,\d+)?)(?=%| địa phương)")
# Read from words alone: "all that are eligible", "higher than the year before", once every six months.
WITHOUT_NUMBER = {"II.3.6.1.a", "II.2.2.b", "II.3.7.1"}


@needs_seed
def test_every_bound_of_a_target_stands_where_it_is_cited(
    plan: PlanFile, appendix: dict[str, list[str]], sections: dict[str, str]
) -> None:
    missing = set()
    for target in plan.targets:
        cited = (target.citation, *target.also_cited)
        text = " ".join(" ".join(appendix[c]) if c in appendix else sections[c] for c in cited)
        stated = {Decimal(number.replace(",", ".")) for number in BOUND.findall(text)}
        bounds = {
            value for value in (*plan.values_by_year(target).values(), target.high) if value is not None
        }
        if not {abs(value) for value in bounds} <= stated:
            missing.add(target.code)
    assert missing == WITHOUT_NUMBER


@needs_seed
@pytest.mark.parametrize(
    ("section", "words"),
    [
        ("II.2.1", "từng năm"),
        ("II.2.1.1", "từng lĩnh vực đều đạt trên 90%"),
        ("II.2.1.3", "tăng dần đều 10%"),
        ("II.3.2.1", "vào năm 2020"),
        ("II.3.2.4", "100% Ủy ban nhân dân các phường - xã"),
        ("II.3.3.2", "giảm 10% đơn vị sự nghiệp đến năm 2021"),
        ("II.3.7.1", "6 tháng/lần"),
    ],
)
def test_readings_rest_on_words_of_the_decision(sections: dict[str, str], section: str, words: str) -> None:
    assert words in sections[section]


@needs_seed
def test_no_sentence_of_the_decision_is_kept(document: str) -> None:
    length = 12
    theirs = match_key(document).split()
    known = {tuple(theirs[start : start + length]) for start in range(len(theirs) - length + 1)}
    kept = FILE.read_text(encoding="utf-8").split("\ntasks:\n")[1]  # its head bears the plan's own name
    ours = match_key(kept).split()
    shared = [
        " ".join(ours[at : at + length]) for at in range(len(ours)) if tuple(ours[at : at + length]) in known
    ]
    assert shared == []
