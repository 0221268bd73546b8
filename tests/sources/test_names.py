"""A name means the agency that bears it on the day; what may mean two is reported, never guessed."""

from __future__ import annotations

import shutil
import unicodedata
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.catalogue import DATA_DIR, load_catalogue
from sources.catalogue.agencies import AgenciesFile, Agency
from sources.catalogue.agency_checks import check_agencies
from sources.catalogue.agency_folder import read_agency_folder
from sources.catalogue.agency_rows import agency_keys, name_rows, span_rows
from sources.name_lists import read_names
from sources.names import name_key
from sources.resolver import Resolver

AGENCIES = read_agency_folder(DATA_DIR / "agencies").content()
SPANS = [agency for agency in AGENCIES.agencies if agency.key]
KEYS = agency_keys(AGENCIES)
RESOLVER = Resolver(span_rows(AGENCIES), name_rows(AGENCIES))
DAYS = [date(2018, 1, 1), date(2020, 12, 31), date(2021, 1, 1), date(2023, 6, 14), date(2025, 1, 1)]
DAYS += [date(2025, 3, 1), date(2025, 6, 30), date(2025, 7, 1), date(2025, 10, 1), date(2026, 1, 15)]
IN_2023, IN_2025 = date(2023, 3, 14), date(2025, 8, 15)
GO_VAP = """
jurisdiction: HCM
defaults: {kind: department, level: district, parent: HCM-Q-GO-VAP, valid_from: 2021-01-01,
  valid_to: 2025-06-30, reports: true, consolidates: false}
name_patterns:
  phong:
    official: "Phòng {name} quận Gò Vấp"
    short: "Phòng {name}"
    local: ["Phòng {name}", "Phòng {name} quận"]
agencies:
- {key: 9901, code: GV-NV, pattern: phong, name: Nội vụ, source: "Thử"}
"""
TONES = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}


def codes(text: str, on: date, within: str | None = None) -> tuple[str, list[str]]:
    found = RESOLVER.resolve(text, on, KEYS[within] if within else None)
    return found.outcome, [candidate.agency_code for candidate in found.candidates]


def other_tone_place(text: str) -> str:
    """The text with the tone of oa, oe and uy at the end of a word on the other vowel: hòa, hoà."""
    words = []
    for word in text.split(" "):
        parts = unicodedata.normalize("NFD", word)
        plain = "".join(mark for mark in parts if mark not in TONES)
        tone = next((mark for mark in parts if mark in TONES), "")
        if tone and plain[-2:].lower() in ("oa", "oe", "uy") and not plain.lower().startswith("qu"):
            first = parts.index(tone) == len(plain) - 1
            word = plain + tone if first else plain[:-1] + tone + plain[-1:]
        words.append(unicodedata.normalize("NFC", word))
    return " ".join(words)


def days_of(agency: Agency) -> list[date]:
    ends = [agency.valid_from, agency.valid_to or DAYS[-1]]
    return [*ends, *(day for day in DAYS if agency.is_valid(day))]


# ---------------------------------------------------------------- every name of the catalogue
@pytest.mark.parametrize(
    "written",
    [
        str,
        str.upper,
        lambda name: unicodedata.normalize("NFD", name),
        other_tone_place,
        lambda name: f" {name.replace(' ', '  ')}. ",
    ],
    ids=["official", "upper", "nfd", "tone", "spaces"],
)
def test_every_official_name_means_its_agency_on_each_day_of_its_validity(written: object) -> None:
    assert callable(written)
    wrong = [
        (agency.code, day, codes(written(agency.official), day))
        for agency in SPANS
        for day in days_of(agency)
        if codes(written(agency.official), day) != ("found", [agency.code])
    ]
    assert wrong == []


def test_no_name_means_an_agency_that_is_not_there() -> None:
    for agency in SPANS:
        for day in set(DAYS) - {day for day in DAYS if RESOLVER.agency(agency.key, day)}:
            outcome, found = codes(agency.official, day)
            assert agency.code not in found or outcome in ("not_valid", "ambiguous")


def test_tone_is_moved_by_the_test_itself() -> None:
    assert other_tone_place("Hòa Thủy Quý") == "Hoà Thuỷ Quý"
    assert other_tone_place("Hoà Thuỷ") == "Hòa Thủy"


UNITS = [agency for agency in SPANS if agency.bare or agency.short[-1].isdigit() or "," in agency.short]
PREFIXES = ["", "UBND ", "Uỷ ban nhân dân ", "Chủ tịch UBND ", "- CHỦ TỊCH ỦY BAN NHÂN DÂN ", "UBND. "]
SHORT = {
    "Phường ": "P. ",
    "Quận ": "Q.",
    "Huyện ": "H. ",
    "Thị trấn ": "TT. ",
    "Thành phố ": "TP. ",
    "Xã ": "X. ",
}


@settings(deadline=None, max_examples=400)
@given(
    agency=st.sampled_from(UNITS),
    prefix=st.sampled_from(PREFIXES),
    is_short=st.booleans(),
    separator=st.sampled_from([", ", " - ", " ", ",\u00a0", " – "]),
    zero=st.booleans(),
    whole=st.booleans(),
    day=st.sampled_from(DAYS),
)
def test_a_unit_with_its_district_is_found_however_it_is_written(
    agency: Agency, prefix: str, is_short: bool, separator: str, zero: bool, whole: bool, day: date
) -> None:
    on = day if agency.is_valid(day) else agency.valid_from
    parent = next(span for span in SPANS if span.code == agency.parent and span.is_valid(on))
    name = agency.variants[0] if agency.variants else agency.short
    if zero and name[-2:-1] == " " and name[-1].isdigit():
        name = f"{name[:-1]}0{name[-1]}"
    written = prefix + name
    if parent.level == "district":
        written += separator + parent.short
    if whole:
        written += f"{separator}{'tỉnh Nghệ An' if agency.jurisdiction == 'NA' else 'TP.HCM'}"
    if is_short:
        for word, short in SHORT.items():
            written = written.replace(word, short)
    assert codes(written, on) == ("found", [agency.code])


# ---------------------------------------------------------------- what may mean two
def test_a_bare_name_of_a_district_and_a_ward_is_ambiguous_for_two_years() -> None:
    both = ["HCM-2025-P-BINH-TAN", "BT"]
    assert codes("UBND Bình Tân", IN_2025) == ("ambiguous", both)
    assert codes("Bình Tân", date(2027, 6, 30)) == ("ambiguous", both)
    assert codes("UBND Bình Tân", date(2027, 7, 1)) == ("found", ["HCM-2025-P-BINH-TAN"])
    assert codes("UBND Bình Tân", IN_2023) == ("found", ["BT"])


def test_the_word_of_its_kind_tells_district_and_ward_apart() -> None:
    assert codes("UBND phường Bình Tân", IN_2025) == ("found", ["HCM-2025-P-BINH-TAN"])
    assert codes("UBND Q. Bình Tân", IN_2023) == ("found", ["BT"])
    assert codes("UBND Q. Bình Tân", IN_2025) == ("not_valid", ["BT"])
    assert codes("UBND phường Bình Tân", IN_2023) == ("not_valid", ["HCM-2025-P-BINH-TAN"])


def test_a_number_without_its_district_is_ambiguous_with_all_that_bear_it() -> None:
    outcome, found = codes("Phường 1", date(2024, 5, 1))
    assert outcome == "ambiguous"
    assert len(found) == 11
    assert codes("Phường 1", IN_2025)[0] == "not_valid"
    assert codes("Phường 1, Quận 1", IN_2023) == ("unknown", [])


def test_accents_decide_where_letters_would_mean_two() -> None:
    assert codes("Phường Tân Quy", IN_2023) == ("found", ["HCM-Q-7-P-TAN-QUY"])
    assert codes("Phường Tân Quý", IN_2023) == ("found", ["HCM-Q-TAN-PHU-P-TAN-QUY"])
    assert codes("Phuong Tan Quy", IN_2023)[0] == "ambiguous"
    assert codes("Xã Qui Đức", IN_2023) == ("found", ["HCM-H-BINH-CHANH-X-QUY-DUC"])


def test_a_department_of_two_provinces_is_told_by_its_province_or_by_whose_paper_it_is() -> None:
    assert codes("Sở Nội vụ", IN_2023) == ("ambiguous", ["HCM-SNV", "NA-SNV"])
    assert codes("Giám đốc Sở Nội vụ TP.HCM", IN_2023) == ("found", ["HCM-SNV"])
    assert codes("Sở Nội vụ tỉnh Nghệ An", IN_2023) == ("found", ["NA-SNV"])
    assert codes("Sở Nội vụ", IN_2023, "HCM") == ("found", ["HCM-SNV"])
    assert codes("Sở Nội vụ", IN_2023, "BT") == ("found", ["HCM-SNV"])
    assert codes("Giám đốc Sở Nội vụ", IN_2023, "NA") == ("found", ["NA-SNV"])


def test_names_that_lean_on_their_unit_mean_nobody_elsewhere() -> None:
    assert codes("UBND quận", IN_2023)[0] == "ambiguous"
    assert codes("UBND quận", IN_2023, "BT") == ("found", ["BT"])
    assert codes("UBND quận", IN_2023, "HCM") == ("unknown", [])
    assert codes("UBND Thành phố", IN_2023, "BT") == ("found", ["HCM"])
    assert codes("UBND thành phố", IN_2023, "NA-VINH") == ("found", ["NA-VINH"])
    assert codes("Chánh Văn phòng UBND", IN_2023, "HCM") == ("found", ["HCM-VP"])
    assert codes("Phòng Nội vụ", IN_2023, "HCM") == ("unknown", [])


# ---------------------------------------------------------------- variants
def test_an_office_is_not_told_by_words_that_fit_any_district() -> None:
    assert codes("Văn phòng UBND quận", IN_2023, "HCM-Q-GO-VAP") == ("unknown", [])
    assert codes("Văn phòng UBND quận", IN_2023, "BT") == ("found", ["BT-VP"])
    assert codes("Văn phòng UBND quận Bình Tân", IN_2023, "HCM-Q-GO-VAP") == ("found", ["BT-VP"])


@pytest.mark.parametrize(
    ("written", "on", "code"),
    [
        ("Uỷ ban nhân dân phường Bình Hưng Hoà A", IN_2023, "BT-P-BHHA"),
        ("UBND P. Tân Tạo", IN_2023, "BT-P-TT"),
        ("TRƯỞNG PHÒNG TÀI CHÍNH – KẾ HOẠCH QUẬN", IN_2023, "BT-TCKH"),
        ("Chánh Văn phòng UBND quận", IN_2023, "BT-VP"),
        ("UBND Q. Bình Tân", IN_2023, "BT"),
        ("Chi nhánh VP ĐKĐĐ quận Bình Tân", IN_2023, "BT-DKDD"),
        ("Q.1", IN_2023, "HCM-Q-1"),
        ("Quận 01", IN_2023, "HCM-Q-1"),
        ("P. Phạm Ngũ Lão", IN_2023, "HCM-Q-1-P-PHAM-NGU-LAO"),
        ("P1 Q3", IN_2023, "HCM-Q-3-P-1"),
        ("UBND TP. Thủ Đức", IN_2023, "HCM-TP-THU-DUC"),
        ("TT. Củ Chi", IN_2023, "HCM-H-CU-CHI-TT-CU-CHI"),
        ("Sở TT&TT TPHCM", IN_2023, "HCM-STTTT"),
        ("Sở LĐ-TB&XH TP. HCM", IN_2023, "HCM-SLDTBXH"),
        ("Sở GD-ĐT Thành phố Hồ Chí Minh", IN_2023, "HCM-SGDDT"),
        ("Chánh Thanh tra Thành phố", IN_2023, "HCM-TTR"),
        ("Viện trưởng Viện nghiên cứu Phát triển thành phố", IN_2023, "HCM-VNCPT"),
        ("Phường Sài Gòn, TP.HCM", IN_2025, "HCM-2025-P-SAI-GON"),
        ("Đặc khu Côn Đảo", IN_2025, "HCM-2025-DK-CON-DAO"),
        ("Xã Thạnh An", IN_2025, "HCM-H-CAN-GIO-X-THANH-AN"),
        ("Phường An Khánh, Quận 2", date(2020, 5, 1), "HCM-Q-2-P-AN-KHANH"),
        ("Phường An Khánh, TP Thủ Đức", IN_2023, "HCM-TP-THU-DUC-P-AN-KHANH"),
        ("Sở QH-KT TP.HCM", date(2025, 11, 1), "HCM-SQHKT"),
        ("Sở Giao thông công chánh", date(2025, 5, 1), "HCM-SGTVT"),
        ("UBND P. Cửa Nam, TP Vinh", IN_2023, "NA-VINH-P-CUA-NAM"),
        ("Xã Nghi Phú", IN_2023, "NA-VINH-X-NGHI-PHU"),
        ("Phường Nghi Phú", date(2025, 2, 1), "NA-VINH-X-NGHI-PHU"),
    ],
)
def test_agencies_are_found_by_the_ways_people_write_them(written: str, on: date, code: str) -> None:
    assert codes(written, on) == ("found", [code])


def test_an_agency_that_vanished_and_came_back_shows_both_spans() -> None:
    found = RESOLVER.resolve("Sở Quy hoạch - Kiến trúc TP.HCM", date(2025, 6, 1))
    assert (found.outcome, found.agency_key) == ("not_valid", None)
    assert found.candidates[0].spans == (
        (date(2018, 1, 1), date(2025, 2, 28)),
        (date(2025, 10, 1), None),
    )
    assert found.listed_vi().endswith("(HCM-SQHKT, đến 28/02/2025, từ 01/10/2025)")


def test_a_long_list_of_candidates_is_cut_and_the_rest_counted() -> None:
    found = RESOLVER.resolve("Phường 1", IN_2023)
    assert len(found.listed_vi()) < 200
    assert found.listed_vi().endswith(f"và {len(found.candidates) - 2} cơ quan khác")


@pytest.mark.parametrize("text", ["", "UBND", "Công an Quận 1", "Hội đồng nhân dân quận Bình Tân", "-", "1"])
def test_what_names_no_agency_is_unknown(text: str) -> None:
    assert codes(text, IN_2023) == ("unknown", [])


def test_numbers_and_letters_of_a_name_are_read_apart() -> None:
    assert name_key("P.01, Q.3") == name_key("Phường 1 - Quận 03") == "phuong 1 quan 3"
    assert name_key("Q10") == "quan 10" != name_key("Q.1")


# ---------------------------------------------------------------- lists
@pytest.mark.parametrize(
    ("cell", "within", "found", "unread"),
    [
        ("UBND quận 1, quận 3 và huyện Củ Chi", None, ["HCM-Q-1", "HCM-Q-3", "HCM-H-CU-CHI"], ""),
        ("UBND các quận 1, 3, 5 và 10", None, ["HCM-Q-1", "HCM-Q-3", "HCM-Q-5", "HCM-Q-10"], ""),
        ("- Giám đốc Sở Nội vụ;\n- Chánh Văn phòng UBND thành phố", "HCM", ["HCM-SNV", "HCM-VP"], ""),
        ("Sở Văn hóa và Thể thao và Sở Giáo dục và Đào tạo", "HCM", ["HCM-SVHTT", "HCM-SGDDT"], ""),
        ("Phường 1 Quận 3, Phường 2 Quận 3", None, ["HCM-Q-3-P-1", "HCM-Q-3-P-2"], ""),
        ("Công an Quận 1, UBND Quận 1", None, ["HCM-Q-1"], "Công an Quận 1"),
        ("Ban quản lý chợ và UBND quận", "BT", ["BT"], "Ban quản lý chợ"),
        ("", None, [], ""),
    ],
)
def test_lists_are_taken_apart(cell: str, within: str | None, found: list[str], unread: str) -> None:
    read = read_names(RESOLVER, cell, IN_2023, KEYS[within] if within else None)
    assert [named.outcome for named in read.agencies] == ["found"] * len(found)
    assert [named.candidates[0].agency_code for named in read.agencies] == found
    assert " ".join(read.unread) == unread


# ---------------------------------------------------------------- offices, and whose they are
@pytest.mark.parametrize(
    ("text", "within", "lacking"),
    [
        ("Phòng Nội vụ quận Gò Vấp", None, "HCM-Q-GO-VAP"),
        ("Phòng Nội vụ, Q. Gò Vấp", None, "HCM-Q-GO-VAP"),
        ("Trưởng phòng Nội vụ UBND quận Gò Vấp", "BT", "HCM-Q-GO-VAP"),
        ("Phòng Nội vụ Gò Vấp", "HCM-Q-GO-VAP", "HCM-Q-GO-VAP"),
        ("Phòng Nội vụ Thành phố Hồ Chí Minh", None, "HCM"),
        ("Phòng Nội vụ", "HCM-Q-GO-VAP", "HCM-Q-GO-VAP"),
    ],
)
def test_an_office_of_a_unit_is_not_that_of_another(text: str, within: str | None, lacking: str) -> None:
    found = RESOLVER.resolve(text, IN_2023, KEYS[within] if within else None)
    assert (found.outcome, found.candidates, found.agency_key) == ("unknown", (), None)
    assert found.unit is not None
    assert found.unit.agency_code == lacking
    assert [office.agency_code for office in found.elsewhere] == ["BT-NV"]
    read = read_names(RESOLVER, text, IN_2023, KEYS[within] if within else None)
    assert (read.agencies, " ".join(read.unread)) == ((), text)


@pytest.mark.parametrize("text", ["Phòng Nội vụ", "Phòng Nội vụ quận", "Phòng Nội vụ quận Bình Tân"])
def test_an_office_that_exactly_one_unit_has_is_found_without_its_unit(text: str) -> None:
    assert codes(text, IN_2023) == ("found", ["BT-NV"])


def test_offices_of_a_second_district_go_by_the_same_pattern_and_leave_the_first_its_names(
    tmp_path: Path,
) -> None:
    folder = Path(shutil.copytree(DATA_DIR / "agencies", tmp_path / "agencies"))
    (folder / "GV.yml").write_text(GO_VAP, encoding="utf-8")
    read = read_agency_folder(folder)
    check_agencies(read)
    assert [problem for file in read.files for problem in file.problems] == []
    agencies = read.content()
    keys, resolver = agency_keys(agencies), Resolver(span_rows(agencies), name_rows(agencies))
    meant = {
        (text, unit): resolver.resolve(text, IN_2023, keys[unit] if unit else None).agency_key
        for text in ("Phòng Nội vụ", "Trưởng phòng Nội vụ quận", "Phòng Nội vụ UBND Q. Gò Vấp")
        for unit in (None, "BT", "HCM-Q-GO-VAP")
    }
    go_vap, binh_tan = keys["GV-NV"], keys["BT-NV"]
    assert {key for (text, _), key in meant.items() if text.endswith("Gò Vấp")} == {go_vap}
    assert {key for (_, unit), key in meant.items() if unit == "HCM-Q-GO-VAP"} == {go_vap}
    assert meant["Phòng Nội vụ", "BT"] == meant["Phòng Nội vụ", None] == binh_tan
    assert meant["Trưởng phòng Nội vụ quận", None] == binh_tan


def test_units_in_a_list_after_an_office_are_units_of_their_own() -> None:
    cell = "Phòng Nội vụ, UBND phường An Lạc; Phòng Y tế quận Gò Vấp; Sở Nội vụ, UBND quận Gò Vấp"
    read = read_names(RESOLVER, cell, IN_2023, KEYS["BT"])
    found = [named.candidates[0].agency_code for named in read.agencies]
    assert found == ["BT-NV", "BT-P-AL", "HCM-SNV", "HCM-Q-GO-VAP"]
    assert read.unread == ("Phòng Y tế quận Gò Vấp",)


def test_an_ambiguous_name_in_a_list_stays_ambiguous() -> None:
    read = read_names(RESOLVER, "Phường 1, 2 Quận 4", IN_2023)
    assert [(named.text, named.outcome) for named in read.agencies] == [
        ("Phường 1", "ambiguous"),
        ("Phường 2 Quận 4", "found"),
    ]


def test_phrases_of_the_caller_go_before_names_they_hold() -> None:
    phrases = {tuple(name_key("UBND quận - huyện").split()): "HCM-QH", ("moi",): ""}
    read = read_names(RESOLVER, "Mời UBND quận - huyện, UBND quận 1", IN_2023, KEYS["HCM"], phrases)
    assert (read.phrases, [named.agency_key for named in read.agencies]) == (("HCM-QH",), [KEYS["HCM-Q-1"]])


def test_the_catalogue_of_the_tests_is_the_one_that_is_loaded() -> None:
    loaded: AgenciesFile = load_catalogue().agencies
    assert loaded == AGENCIES
