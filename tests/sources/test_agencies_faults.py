"""What is wrong with the files of agencies is refused before anything is written, with its place."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from sources.catalogue import DATA_DIR, register_catalogue
from sources.catalogue.agency_checks import check_agencies
from sources.catalogue.agency_folder import read_agency_folder
from warehouse import schema
from warehouse.errors import DataFileError
from warehouse.settings import Settings

UNITS, LINKS, COUNTS = "HCM-units.csv", "HCM-links.csv", "counts.csv"
BEN_NGHE = "1001,HCM-Q-1-P-BEN-NGHE,Phường Bến Nghé,HCM-Q-1,2018-01-01,2025-06-30,26740,GSO-2020\n"
THAO_DIEN = "HCM-Q-2-P-THAO-DIEN,Phường Thảo Điền,HCM-TP-THU-DUC,2021-01-01"
DA_KAO = 'HCM-Q-1-P-DA-KAO,"Phường Đa Kao, Quận 1",HCM-2025-P-SAI-GON,2025-07-01,0.5,'
VO_THI_SAU = 'HCM-Q-3-P-6,"Phường 6, Quận 3",HCM-Q-3-P-VO-THI-SAU,2021-01-01,1,,'
OTHER = ',"Phường An Bình, Bình Dương",HCM-2025-P-DI-AN,2025-07-01,1,,1685/NQ-UBTVQH15'
SEEN_ELSEWHERE = (
    *("add up to 0.9", "linked twice", "given twice", "in the lists", "key 0", "needs `name`"),
    "would also mean 'BT-TP'",
)
"""Faults that show at the other part, the whole list, the second of two, or the first line of the item."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA_DIR / "agencies", tmp_path / "agencies"))


def change(path: Path, old: str, new: str) -> int:
    """Replace the first occurrence; returns the line of its first changed character."""
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    same = next(i for i, (a, b) in enumerate(zip(old + "\0", new + "\0", strict=False)) if a != b)
    return text[: text.index(old) + same].count("\n") + 1


def problems(folder: Path) -> list[str]:
    read = read_agency_folder(folder)
    check_agencies(read)
    return [problem for file in read.files for problem in file.problems]


def test_the_files_as_they_are_have_no_problem(folder: Path) -> None:
    assert problems(folder) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "field", "reason"),
    [
        # parents
        (UNITS, "Bến Nghé,HCM-Q-1,", "Bến Nghé,HCM-Q-99,", ".parent", "unknown agency 'HCM-Q-99' (known: "),
        (
            UNITS,
            "HCM-Q-1,Quận 1,HCM,",
            "HCM-Q-1,Quận 1,HCM-Q-1-P-BEN-NGHE,",
            ".parent",
            "comes back: HCM-Q-1 →",
        ),
        ("BT.yml", "parent: BT", "parent: BT-VP", ".parent", "comes back: BT-VP → BT-VP"),
        (
            UNITS,
            THAO_DIEN,
            THAO_DIEN.replace("2021-01-01", "2020-12-31"),
            ".valid_from",
            "within the span of its parent",
        ),
        # spans
        (
            UNITS,
            THAO_DIEN,
            THAO_DIEN.replace("TP-THU-DUC,2021-01-01", "Q-2,2020-12-31"),
            ".valid_from",
            "span overlaps that of HCM-units.csv:",
        ),
        (
            UNITS,
            "Bến Nghé,HCM-Q-1,2018-01-01,2025-06-30",
            "Bến Nghé,HCM-Q-1,2018-01-01,2017-06-30",
            ".valid_to",
            "before valid_from",
        ),
        (UNITS, "Bến Nghé,HCM-Q-1,2018-01-01", "Bến Nghé,HCM-Q-1,2018-02-30", ".valid_from", "valid date"),
        ("HCM.yml", "valid_from: 2025-10-01", "valid_from: 2025-02-28", ".valid_from", "span overlaps"),
        # keys, codes, names
        (
            UNITS,
            "1002,HCM-Q-1-P-BEN-THANH",
            "1001,HCM-Q-1-P-BEN-THANH",
            ".key",
            "do not go together with key 1001",
        ),
        (UNITS, "1002,HCM-Q-1-P-BEN-THANH", "1002,HCM-Q-1-P-BEN-NGHE", ".key", "do not go together"),
        (UNITS, "1001,HCM", "x,HCM", ".key", "valid integer"),
        (UNITS, "Phường Bến Thành,", "phường Bến nghé,", "units[", "begins with no word of a kind"),
        (UNITS, "Phường Bến Thành,", "Phường Bến Nghé,", "units[", "would also mean 'HCM-Q-1-P-BEN-NGHE'"),
        (UNITS, "26740,GSO-2020", "26740,GSO-1920", ".source", "unknown source 'GSO-1920' (known:"),
        (UNITS, "26740,GSO-2020", "26740,GSO-2020,x", "units[", "more cells than headings"),
        (UNITS, "26740,GSO-2020", "26740", ".source", "is missing"),
        (UNITS, "key,code,name,", "key,name,name,", "units", "the heading 'name' is given 2 times"),
        (UNITS, "Phường Bến Thành,", "Phường Bến \x1bThành,", ".name", "another control character"),
        (UNITS, "1001,HCM", "99999999999,HCM", ".key", "less than or equal to"),
        (UNITS, "Bến Nghé,HCM-Q-1,2018-01-01", "Bến Nghé,HCM-Q-1,1719792000", ".valid_from", "as 2025-07-01"),
        ("BT.yml", "name: Tư pháp", "name: Kinh tế", "agencies[", "would also mean 'BT-TP' (BT.yml:"),
        ("BT.yml", "  name: Nội vụ\n", "", "agencies[1]", "needs `name`"),
        ("BT.yml", "kind: vertical", "kind: vertcal", ".kind", "Input should be"),
        ("HCM.yml", "- key: 0\n", "- key: 99\n", "agencies", "key 0, the unknown agency, is missing"),
        ("sources.yml", "id: NQ-1278", "id: NQ-1111", "sources[3]", "given twice"),
        # codes
        ("HCM-codes.csv", "HCM-Q-4-P-8,", "HCM-Q-4-P-88,", ".code", "unknown agency"),
        (
            "HCM-codes.csv",
            "27271,2025-01-01",
            "27271,2025-07-01",
            ".valid_from",
            "was not there on 2025-07-01",
        ),
        # links
        (
            LINKS,
            VO_THI_SAU,
            VO_THI_SAU.replace("Q-3-P-6", "Q-3-P-66"),
            ".predecessor",
            "unknown agency 'HCM-Q-3-P-66'",
        ),
        (
            LINKS,
            VO_THI_SAU,
            VO_THI_SAU.replace("VO-THI-SAU", "VO-THI"),
            ".successor",
            "unknown agency 'HCM-Q-3-P-VO-THI'",
        ),
        (
            LINKS,
            VO_THI_SAU,
            VO_THI_SAU.replace("2021-01-01", "2020-01-01"),
            ".effective_on",
            "did not end on 2019-12-31",
        ),
        (
            LINKS,
            VO_THI_SAU,
            VO_THI_SAU.replace("VO-THI-SAU", "7"),
            ".successor",
            "was not there on 2021-01-01",
        ),
        (LINKS, DA_KAO, DA_KAO.replace("0.5", "0.4"), ".weight", "add up to 0.9, not to 1 (HCM-links.csv:"),
        (LINKS, DA_KAO, DA_KAO.replace("SAI-GON", "TAN-DINH"), ".successor", "are linked twice"),
        (LINKS, OTHER, OTHER.replace(",1,,", ",0.5,,"), ".weight", "add up to 0.5, not to 1"),
        (LINKS, VO_THI_SAU, VO_THI_SAU.replace(",1,,", ",1.5,,"), ".weight", "less than or equal to 1"),
        # counts
        (UNITS, BEN_NGHE, "", ".known", "321 in the lists and 0 missing do not make 322 on 2020-12-31"),
        (COUNTS, "2025-07-01,168,0", "2025-07-01,170,2", ".missing_vi", "say which in missing_vi"),
        (COUNTS, "2025-03-01,16,0,,HCM-SNGV", "2025-03-01,16,0,,", ".known", "17 in the lists"),
        (
            COUNTS,
            "2025-03-01,16,0,,HCM-SNGV",
            "2025-03-01,16,0,,HCM-SKHDT",
            ".beside",
            "no agency of what is counted",
        ),
        # collectives
        (
            "HCM.yml",
            "- code: HCM-QH\n",
            "- code: HCM-SBN\n",
            "collectives[1]",
            "code 'HCM-SBN' is given twice",
        ),
        ("HCM.yml", "- code: HCM-QH\n", "- code: HCM-SNV\n", ".code", "is the code of an agency"),
        (
            "NA.yml",
            "members: [{kind: ward, level: commune}]",
            "members: [{kind: vertical}]",
            "members[0].kind",
            "no agency of this kind below 'NA-VINH'",
        ),
        (
            "BT.yml",
            "members: [{kind: ward}]",
            "members: [{kind: wards}]",
            "members[0].kind",
            "Input should be",
        ),
        ("BT.yml", "code: BT-PHUONG\n", "code: BT-PHUONG\n  direct: perhaps\n", ".direct", "valid boolean"),
    ],
)
def test_each_fault_is_refused_with_its_place(
    folder: Path, name: str, old: str, new: str, field: str, reason: str
) -> None:
    line = change(folder / name, old, new)
    found = [problem for problem in problems(folder) if reason in problem]
    assert found, problems(folder)
    places = [problem.split(": ")[0] for problem in found]
    assert any(field in place for place in places), places
    if not any(words in reason for words in SEEN_ELSEWHERE):
        assert any(place.startswith(f"{folder / name}:{line} ") for place in places), (line, places)


@pytest.mark.parametrize("name", ["counts.csv", "sources.yml"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert any(
        problem.startswith(f"{folder / name}:1 (file): cannot be read") for problem in problems(folder)
    )


def test_an_empty_list_is_one_fault(folder: Path) -> None:
    (folder / UNITS).write_text("", encoding="utf-8")
    assert problems(folder) == [f"{folder / UNITS}:1 units: the file is empty"]


def test_the_mark_that_spreadsheets_put_first_is_read_over(folder: Path) -> None:
    listed = read_agency_folder(folder).content()
    (folder / UNITS).write_text((folder / UNITS).read_text(encoding="utf-8"), encoding="utf-8-sig")
    assert read_agency_folder(folder).content() == listed


def test_a_line_that_is_not_read_makes_no_strangers_of_the_other_agencies(folder: Path) -> None:
    line = change(folder / UNITS, "1001,HCM", "x,HCM")
    (problem,) = problems(folder)
    assert problem.startswith(f"{folder / UNITS}:{line} ")


def test_a_file_in_another_encoding_is_named(folder: Path) -> None:
    (folder / UNITS).write_bytes((folder / UNITS).read_text(encoding="utf-8").encode("cp1258", "replace"))
    assert any(f"{folder / UNITS}:1 (file): cannot be read" in problem for problem in problems(folder))


def test_two_faults_of_two_files_are_both_named_and_nothing_is_written(
    settings: Settings, engine_as: Callable[[str], sa.Engine], tmp_path: Path
) -> None:
    data = Path(shutil.copytree(DATA_DIR, tmp_path / "data"))
    units = change(data / "agencies" / UNITS, "Bến Nghé,HCM-Q-1,", "Bến Nghé,HCM-Q-99,")
    links = change(data / "agencies" / LINKS, DA_KAO, DA_KAO.replace("0.5", "0.4"))
    with pytest.raises(DataFileError) as caught:
        register_catalogue(settings, "r1", data_dir=data)
    found = caught.value.problems
    assert any(problem.startswith(f"{data / 'agencies' / UNITS}:{units} ") for problem in found)
    assert any(problem.startswith(f"{data / 'agencies' / LINKS}:{links} ") for problem in found)
    with engine_as("loader").connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(schema.ref_version)).scalar() == 0
