"""External indices: what the documents say was scored, and the faults that are refused."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from sources.catalogue import DATA_DIR, Catalogue, load_catalogue, register_catalogue
from sources.catalogue.indices import IndicesFile, Result
from tests.sources.wrong_data import problems
from warehouse import schema
from warehouse.reference import current_rows
from warehouse.settings import Settings

SEED = Path(__file__).resolve().parents[3] / "shared" / "seeds" / "002_fc9f8ecdecbcee10.txt"
needs_seed = pytest.mark.skipif(not SEED.is_file(), reason="the decision's text is not beside the project")
NAME = "indices.yml"
WHOLE_2017 = "score: 35.88\n"
CONTENT_6_2017 = "  - {content: 6, score: 7.60, rank: 6}\n"


@pytest.fixture(scope="module")
def indices(catalogue: Catalogue) -> IndicesFile:
    return catalogue.indices


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """The data files without the plans, which name contents that a test may take away."""
    copy = Path(shutil.copytree(DATA_DIR, tmp_path / "data"))
    shutil.rmtree(copy / "plans")
    return copy


def change(data_dir: Path, old: str, new: str) -> int:
    """Replace the first occurrence; returns the line where it begins."""
    path = data_dir / NAME
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def scores(result: Result) -> list[Decimal]:
    return [score for score in (result.score, *(part.score for part in result.contents)) if score is not None]


# ---------------------------------------------------------------- what is there
def test_the_four_indices_and_the_six_contents_of_papi(indices: IndicesFile) -> None:
    wholes = {"PAR", "PAPI", "SIPAS", "766"}
    assert indices.codes() == {(code, 0) for code in wholes} | {("PAPI", number) for number in range(1, 7)}
    assert {index.code: index.unit for index in indices.indices} == {
        "PAR": "percent",
        "PAPI": "score",
        "SIPAS": "percent",
        "766": "score",
    }


def test_papi_of_the_city_is_what_the_decision_gives_with_its_source(indices: IndicesFile) -> None:
    found = {result.year: result for result in indices.results}
    assert {(r.index, r.jurisdiction, r.source) for r in found.values()} == {
        ("PAPI", "HCM", "3897/QĐ-UBND, I")
    }
    assert {year: (str(r.score), r.rank) for year, r in found.items()} == {
        2016: ("34.91", 44),
        2017: ("35.88", 39),
    }
    assert {year: [str(content.score) for content in r.contents] for year, r in found.items()} == {
        2016: ["4.7", "5.75", "4.92", "5.03", "7.0", "7.51"],
        2017: ["4.7", "5.93", "5.15", "5.46", "7.04", "7.6"],
    }
    assert [content.rank for content in found[2017].contents] == [60, 16, 26, 55, 43, 6]
    assert [result.sum_of_contents() for result in indices.results] == [Decimal("34.91"), Decimal("35.88")]


def test_a_figure_that_the_decision_gives_twice_says_how_it_was_read(indices: IndicesFile) -> None:
    noted = {
        (result.year, content.content): content.read_as
        for result in indices.results
        for content in result.contents
        if content.read_as
    }
    assert set(noted) == {(2016, 1), (2017, 1), (2017, 3)}
    assert "4,27" in str(noted[2017, 1])
    assert "4,15" in str(noted[2017, 3])


@needs_seed
def test_every_figure_stands_in_the_decisions_first_chapter_or_in_its_contents(indices: IndicesFile) -> None:
    text = SEED.read_text(encoding="utf-8")
    first = text[text.index("I. ĐẶC ĐIỂM") : text.index("II. MỤC TIÊU")]
    numbers = set(re.findall(r"\d+,\d+", first))
    scored = {f"{score:.2f}".replace(".", ",") for r in indices.results for score in scores(r)}
    # 5,15 stands in III.3 alone; the first chapter has 4,15, which does not make the stated sum
    assert scored - numbers == {"5,15"}
    assert numbers - scored == {"4,15"}
    assert "so với 5,15 điểm" in text


def test_ranks_are_of_63_provinces_and_of_34_since_july_2025(indices: IndicesFile) -> None:
    assert [indices.ranked_of(year) for year in (2015, 2016, 2024, 2025, 2030)] == [None, 63, 63, 34, 34]


# ---------------------------------------------------------------- loading
def test_results_are_loaded_by_content_with_what_was_read(
    settings: Settings, engine_as: Callable[[str], sa.Engine]
) -> None:
    register_catalogue(settings, "r1", plans=())
    with engine_as("loader").connect() as connection:
        rows = current_rows(connection, schema.ref_index)
        results = current_rows(connection, schema.ref_index_result)
    assert len(rows) == 10
    assert {row["index_code"] for row in rows if row["assumed"]} == {"PAR", "SIPAS", "766"}
    found = {(row["year"], row["content_no"]): row for row in results}
    assert len(found) == len(results) == 14
    whole, third = found[2017, 0], found[2017, 3]
    assert (whole["score"], whole["rank"], whole["ranked_of"]) == (Decimal("35.88"), 39, 63)
    assert (third["score"], third["rank"]) == (Decimal("5.15"), 26)
    assert third["source"].startswith("3897/QĐ-UBND, I; read as: 4,15")
    assert found[2016, 2]["rank"] is None
    assert found[2016, 2]["ranked_of"] is None


# ---------------------------------------------------------------- faults
@pytest.mark.parametrize(
    ("old", "new", "field", "reason"),
    [
        ("score: 5.93,", "score: 5.39,", "results[1].contents", "sum to 35.34, the whole is 35.88"),
        (CONTENT_6_2017, "", "results[1].contents", "sum to 28.28"),
        ("score: 5.93, rank: 16", "rank: 16", "results[1].contents", "lack a score"),
        (
            WHOLE_2017,
            f'{WHOLE_2017}  sum_differs: "x"\n',
            "results[1].sum_differs",
            "nothing to explain",
        ),
        ("{content: 6, score: 7.60", "{content: 9, score: 7.60", "contents[5].content", "has no content 9"),
        ("{content: 6, score: 7.60", "{content: 5, score: 7.60", "contents[5]", "content 5 is given twice"),
        ("- {content: 6, label_vi", "- {content: 5, label_vi", "contents[5]", "content 5 is given twice"),
        ("code: SIPAS", "code: PAR", "indices[2]", "code 'PAR' is given twice"),
        ("rank: 44", "rank: 64", "results[0].rank", "64 of 63 provinces"),
        ("rank: 60", "rank: 0", "contents[0].rank", "greater than or equal to 1"),
        ("year: 2016", "year: 2015", "results[0].year", "how many provinces there were in 2015"),
        ("year: 2017", "year: 2016", "results[1]", "('PAPI', 'HCM', 2016) is given twice"),
        ("index: PAPI", "index: PAPY", "results[0].index", "unknown index 'PAPY'"),
        ("jurisdiction: HCM", "jurisdiction: XX", "results[0].jurisdiction", "unknown jurisdiction 'XX'"),
        ("unit: score", "unit: points", "indices[1].unit", "Input should be 'score' or 'percent'"),
    ],
)
def test_each_fault_is_refused_with_its_place(
    data_dir: Path, old: str, new: str, field: str, reason: str
) -> None:
    change(data_dir, old, new)
    found = problems(data_dir)
    place = [problem for problem in found if reason in problem]
    assert place, found
    assert any(problem.split(": ")[0].endswith(field) for problem in place), place


def test_contents_that_do_not_sum_are_named_by_line(data_dir: Path) -> None:
    line = change(
        data_dir,
        "  contents:\n  - {content: 1, score: 4.70, rank: 60",
        "  contents:\n  - {content: 1, score: 4.27, rank: 60",
    )
    (problem,) = problems(data_dir)
    assert problem.startswith(f"{data_dir / NAME}:{line} results[1].contents: sum to 35.45")


def test_a_difference_that_the_entry_explains_is_let_through(data_dir: Path) -> None:
    change(data_dir, WHOLE_2017, 'score: 35.90\n  sum_differs: "số làm tròn của báo cáo"\n')
    assert load_catalogue(data_dir).indices.results[1].sum_differs == "số làm tròn của báo cáo"
