"""Readers of numbers, dates, periods and names: from a value to every style people write, and back.

And whatever stands in a cell, a reader answers: a value, a rule that the cell breaks, or nothing.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from calendar import monthrange
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sources.catalogue import Catalogue
from sources.catalogue.agency_rows import agency_keys, agency_rows
from sources.catalogue.calendar_rows import calendar_rows
from sources.encodings import mend
from sources.forms.definition import Column, heading_key, is_column_number, load_definition, word_key
from sources.forms.identity import Identifier
from sources.forms.info import recognise_period
from sources.forms.reference import Reference, code_key, index_reference
from sources.forms.values import ValueReader, parse_date, parse_number, plain
from sources.names import name_key
from tests.sources.intake.conftest import small_datasets
from warehouse import schema
from warehouse.text import match_key, nfc, sort_key

FORM = load_definition()
READER = ValueReader(FORM)
COUNT = Column(code="c", heading="", type="count")
NUMBER = Column(code="n", heading="", type="number")
PERCENT = Column(code="p", heading="", type="percent", low=0, high=100)
BY_UNIT = Column(code="u", heading="", type="by_unit")
DATE = Column(code="d", heading="", type="date")
STATUS = Column(code="s", heading="", type="status")
TEXT = Column(code="t", heading="", type="text")
COLUMNS = (COUNT, NUMBER, PERCENT, BY_UNIT, DATE, STATUS, TEXT)
TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")

thorough = settings(deadline=None, max_examples=300)


# ---------------------------------------------------------------- how people write what they mean
def _full_width(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if char.isdigit() else char for char in text)


def _no_accents(text: str) -> str:
    letters = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(char for char in letters if not unicodedata.combining(char))


def _other_tone_place(text: str) -> str:
    """hòa as hoà and the other way, at the end of words."""
    words = []
    for word in text.split(" "):
        parts = unicodedata.normalize("NFD", word)
        bare = "".join(mark for mark in parts if mark not in TONES)
        tone = next((mark for mark in parts if mark in TONES), "")
        if tone and bare[-2:].lower() in ("oa", "oe", "uy") and not bare.lower().startswith("qu"):
            on_last = parts.index(tone) == len(bare)
            word = bare[:-1] + tone + bare[-1:] if on_last else bare + tone
        words.append(unicodedata.normalize("NFC", word))
    return " ".join(words)


AROUND: list[Callable[[str], str]] = [
    str,
    lambda text: f" {text} ",
    lambda text: f"\u00a0{text}\u00a0",
    lambda text: f"\t{text}\n",
    lambda text: f"\u202f{text}",
    _full_width,
]
SPELLINGS: list[Callable[[str], str]] = [
    str,
    str.upper,
    str.lower,
    str.title,
    _other_tone_place,
    lambda text: unicodedata.normalize("NFD", text),
    lambda text: text.replace(" ", "\u00a0"),
    lambda text: f"  {text.replace(' ', '   ')}.",
    lambda text: f"- {text}",
]
"""What changes nothing of what a Vietnamese text says."""


def _grouped(digits: str, by: str) -> str:
    return f"{int(digits):,}".replace(",", by)


def integers_as_written(value: int) -> list[Any]:
    """Every way to write a whole number that can only mean this one."""
    sign, digits = ("-" if value < 0 else ""), str(abs(value))
    written = [sign + digits, f"{sign}{digits},0", f"{sign}{digits},00"]
    written += [sign + _grouped(digits, by) for by in (".", " ", "\u00a0", "\u202f")]
    written += [f"{sign}{_grouped(digits, '.')},0"]
    if abs(value) >= 10**6:  # a single comma before three digits may be a decimal one
        written += [sign + _grouped(digits, ","), f"{sign}{_grouped(digits, ',')}.0"]
    if value < 0:
        written += ["−" + digits]
    elif value:
        written += ["+" + digits]
    return [*written, value, float(value)]


def decimals_as_written(whole: int, decimals: str) -> list[Any]:
    """Every way to write a figure with decimals that can only mean this one."""
    written = [f"{whole},{decimals}"]
    written += [f"{_grouped(str(whole), by)},{decimals}" for by in (".", " ", "\u00a0")]
    if len(decimals) != 3 or whole >= 1000:  # 1.234 is a thousand and more
        written += [f"{whole}.{decimals}"]
    if whole >= 1000:
        written += [f"{_grouped(str(whole), ',')}.{decimals}"]
    return [*written, float(f"{whole}.{decimals}")]


def days_as_written(day: dt.date) -> list[Any]:
    """Every way to write a day."""
    d, m, y = day.day, day.month, day.year
    written = [f"{d}{by}{m}{by}{y}" for by in ("/", "-", ".", " / ", "//")]
    written += [f"{d:02}{by}{m:02}{by}{y}" for by in ("/", "-", ".")]
    written += [f"{d}/{m}//{y}", f"ngày {d} tháng {m} năm {y}", f"Ngày {d:02} tháng {m:02} năm {y}"]
    written += [f"{d} tháng {m} năm {y}", f"ngày {d}/{m}/{y}", f"{d}/{m}/{y}."]
    written += [f"{y}-{m:02}-{d:02}", f"{y}-{m:02}-{d:02} 00:00:00"]
    if y >= 2000 and y < 2100:
        written += [f"{d}/{m}/{y % 100:02}", f"{d:02}-{m:02}-{y % 100:02}"]
    serial = (day - dt.date(1899, 12, 30)).days
    cells: list[Any] = [day, dt.datetime(y, m, d), dt.datetime(y, m, d, 8, 30), float(serial)]  # noqa: DTZ001
    return [*written, *cells, serial + 0.5, str(serial)]


def months_as_written(year: int, month: int) -> list[str]:
    return [
        f"tháng {month}/{year}",
        f"Tháng {month:02}/{year}",
        f"tháng {month} năm {year}",
        f"{month}/{year}",
        f"{month:02}-{year}",
    ]


def quarters_as_written(year: int, quarter: int) -> list[str]:
    roman = ["I", "II", "III", "IV"][quarter - 1]
    return [
        f"{word} {number}{by}{year}"
        for word in ("Quý", "quí", "QUÝ")
        for number in (roman, str(quarter))
        for by in ("/", " năm ", "-")
    ] + [f"Q{quarter}/{year}", f"Q{quarter} năm {year}"]


# ---------------------------------------------------------------- numbers
@thorough
@given(st.integers(-(10**12), 10**12), st.sampled_from(AROUND), st.data())
def test_whole_numbers_come_back_from_every_style(
    value: int, around: Callable[[str], str], data: st.DataObject
) -> None:
    cell = data.draw(st.sampled_from(integers_as_written(value)))
    cell = around(cell) if isinstance(cell, str) else cell
    assert READER.read(NUMBER, cell) == (Decimal(value), None, None)
    expected = (value, None, None) if value >= 0 else (None, "intake.cell_negative", None)
    assert READER.read(COUNT, cell) == expected


@thorough
@given(
    st.integers(0, 10**9),
    st.from_regex(r"[0-9]{1,4}", fullmatch=True),
    st.sampled_from(AROUND),
    st.data(),
)
def test_decimals_come_back_from_every_style(
    whole: int, decimals: str, around: Callable[[str], str], data: st.DataObject
) -> None:
    cell = data.draw(st.sampled_from(decimals_as_written(whole, decimals)))
    cell = around(cell) if isinstance(cell, str) else cell
    assert READER.read(NUMBER, cell).value == Decimal(f"{whole}.{decimals}")


@thorough
@given(
    st.decimals(0, 100, places=2),
    st.sampled_from(["%", " %", "\u00a0%", "％", ""]),
    st.booleans(),
    st.booleans(),
    st.sampled_from(AROUND),
)
def test_percentages_come_back_from_every_style(
    value: Decimal, sign: str, is_number: bool, is_vietnamese: bool, around: Callable[[str], str]
) -> None:
    if is_number:  # Excel keeps the fraction and shows percent
        assert READER.read(PERCENT, float(value / 100), None, True).value == value
        return
    assume(sign or value >= 1 or not value)  # a bare fraction is a finding: ruling 1
    text = f"{value.normalize():f}".replace(".", "," if is_vietnamese else ".")
    assert READER.read(PERCENT, around(text + sign)).value == value
    assert READER.read(BY_UNIT, around(text + sign), "percent").value == value


@pytest.mark.parametrize("written", ["0,985", "0.985", 0.985])
def test_a_bare_fraction_is_asked_about_and_never_guessed(written: Any) -> None:
    assert READER.read(PERCENT, written) == (None, "intake.cell_fraction", None)


# ---------------------------------------------------------------- dates
@thorough
@given(
    st.dates(dt.date(1990, 1, 1), dt.date(2099, 12, 31)),
    st.sampled_from([*AROUND, *SPELLINGS[:7]]),
    st.data(),
)
def test_days_come_back_from_every_style(
    day: dt.date, around: Callable[[str], str], data: st.DataObject
) -> None:
    cell = data.draw(st.sampled_from(days_as_written(day)))
    cell = around(cell) if isinstance(cell, str) else cell
    assert READER.read(DATE, cell) == (day, None, "day")
    assert READER.read(BY_UNIT, cell, "date").value == day


@thorough
@given(st.integers(1990, 2099), st.integers(1, 12), st.sampled_from(SPELLINGS[:7]), st.data())
def test_months_quarters_and_years_stand_for_their_last_day(
    year: int, month: int, spell: Callable[[str], str], data: st.DataObject
) -> None:
    quarter = (month + 2) // 3
    end = dt.date(year, month, monthrange(year, month)[1])
    last = dt.date(year, quarter * 3, monthrange(year, quarter * 3)[1])
    wordings: list[tuple[Any, dt.date, str]] = [(w, end, "month") for w in months_as_written(year, month)]
    wordings += [(w, last, "quarter") for w in quarters_as_written(year, quarter)]
    wordings += [(w, dt.date(year, 12, 31), "year") for w in (f"năm {year}", f"Năm {year}", str(year), year)]
    written, value, precision = data.draw(st.sampled_from(wordings))
    cell = spell(written) if isinstance(written, str) else written
    assert READER.read(DATE, cell) == (value, None, precision)


@thorough
@given(st.integers(1990, 2099), st.data())
def test_a_day_that_never_was_is_a_finding(year: int, data: st.DataObject) -> None:
    month = data.draw(st.sampled_from([2, 4, 6, 9, 11]))
    day = data.draw(st.integers(monthrange(year, month)[1] + 1, 31))
    assert READER.read(DATE, f"{day}/{month}/{year}") == (None, "intake.cell_date", None)


# ---------------------------------------------------------------- periods
@pytest.fixture(scope="session")
def known(catalogue: Catalogue) -> Reference:
    """Agencies and periods of the real catalogue."""
    keys = agency_keys(catalogue.agencies)
    tables = agency_rows(catalogue.agencies) | calendar_rows(catalogue.calendar, keys)
    empty: dict[str, list[dict[str, Any]]] = {
        table.name: [] for table in schema.metadata.tables.values() if table.name.startswith("ref_")
    }
    blank = {table.name: dict.fromkeys(table.columns.keys()) for table in tables}
    return index_reference(
        empty
        | {table.name: [blank[table.name] | dict(row) for row in rows] for table, rows in tables.items()}
    )


def periods_as_written(words: str, year: int) -> list[str]:
    if not words:
        return [f"Năm {year}", f"năm {year}", str(year), f"Báo cáo năm {year}", f"Kỳ báo cáo: năm {year}"]
    return [
        f"{words} năm {year}",
        f"{words}/{year}",
        f"{words} - {year}",
        f"{words} {year}",
        f"Báo cáo {words} năm {year}",
        f"Kỳ báo cáo: {words} năm {year}",
        f"Kì {words} của năm {year}",
    ]


@thorough
@given(data=st.data(), spell=st.sampled_from([*SPELLINGS, _no_accents]))
def test_periods_come_back_from_every_wording(
    known: Reference, data: st.DataObject, spell: Callable[[str], str]
) -> None:
    reported = sorted(
        (p for p in known.periods.values() if not p["is_derived"]), key=lambda p: p["period_id"]
    )
    period = data.draw(st.sampled_from(reported))
    wordings = [period["label_vi"], period["period_id"]]
    for words in FORM.period_words[period["period_kind"]]:
        wordings += periods_as_written(words, period["year"])
    text = spell(data.draw(st.sampled_from(wordings)))
    assert [p["period_id"] for p in recognise_period(text, FORM, known)] == [period["period_id"]]


# ---------------------------------------------------------------- names of agencies
SHORT_FORMS = {
    "Ủy ban nhân dân": ["UBND", "Uỷ ban nhân dân", "U.B.N.D", "ủy ban  nhân dân", "Chủ tịch UBND"],
    "Phường ": ["P. ", "P."],
    "Quận ": ["Q. ", "Q."],
    "Huyện ": ["H. ", "H."],
    "Thành phố ": ["TP. ", "TP ", "T.P "],
    "Thị trấn ": ["TT. ", "TT "],
    "Thị xã ": ["TX. ", "Tx "],
    " và ": [" ", ", ", " - "],
}


@thorough
@given(data=st.data(), spell=st.sampled_from(SPELLINGS))
def test_agencies_come_back_from_every_spelling_of_their_names(
    known: Reference, data: st.DataObject, spell: Callable[[str], str]
) -> None:
    agency = data.draw(st.sampled_from(known.agencies))
    on = data.draw(st.sampled_from([agency["valid_from"], agency["valid_to"] or dt.date(2026, 1, 15)]))
    text = agency["agency_name"]
    for word, shorts in SHORT_FORMS.items():
        written = data.draw(st.sampled_from([word, *shorts]))
        text = text.replace(word, written).replace(word[0].lower() + word[1:], written)
    found = known.named(spell(text), on)
    assert (found.outcome, found.agency_key) == ("found", agency["agency_key"]), text


@thorough
@given(data=st.data())
def test_a_name_without_accents_means_its_agency_or_is_asked_about(
    known: Reference, data: st.DataObject
) -> None:
    agency = data.draw(st.sampled_from(known.agencies))
    found = known.named(_no_accents(agency["agency_name"]), agency["valid_from"])
    assert agency["agency_key"] in {candidate.agency_key for candidate in found.candidates}
    assert found.outcome in ("found", "ambiguous")


# ---------------------------------------------------------------- whatever stands in a cell
ODD = (
    "0123456789０１²½Ⅳ٣+-−–—.,;:/\\|%‰％#@=()[]{}<>&'\"`~^$€_*?! \t\n\r\x0b\x0c\x00\x1b\x7f\u00a0\u200b\u202e"
    "\u2028\ufeff\ud7ff\ue000\ufffd\uffff\u0301\u0300\u0323\u031b\u0306eEiIxXvVnNaAqQyYđĐăâêôơưỆÆ°»¸Þï"
    "\U0001f600\U00020000"
)
SCRAPS = [
    "ngày",
    "tháng",
    "năm",
    "quý",
    "Quý I",
    "2023",
    "15",
    "9",
    "/",
    "-",
    ".",
    ",",
    "%",
    "00",
    "31",
    "#",
    " ",
]
SCRAPS += [
    "e9",
    "1e400",
    "inf",
    "nan",
    "0x1F",
    "1_000",
    "9" * 4400,
    "BT-2022-7679/1.2",
    "UBND",
    "Phường",
    "1",
]
odd_text = st.one_of(
    st.text(max_size=60),
    st.text(alphabet=ODD, max_size=60),
    st.lists(st.sampled_from(SCRAPS), max_size=8).map("".join),
    st.builds(
        lambda part, times: part * times, st.text(alphabet=ODD, min_size=1, max_size=4), st.integers(1, 9000)
    ),
)
odd_cell = st.one_of(
    odd_text,
    st.floats(),
    st.sampled_from([1e308, -1e308, 5e-324, -0.0, 1e15, 1e16, 0.1 + 0.2, 2**53 + 1.0, 59.0, 60.0, 2958466.0]),
    st.integers(-(2**63), 2**63 - 1),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
)


@settings(deadline=None, max_examples=600)
@given(odd_cell, st.booleans(), st.sampled_from([None, "percent", "date", "count", "rank"]))
def test_no_cell_breaks_a_reader(cell: Any, is_percent: bool, unit: str | None) -> None:
    for column in COLUMNS:
        read = READER.read(column, cell, unit, is_percent and isinstance(cell, float))
        assert read.value is None or read.rule is None
        assert read.rule is None or read.rule.startswith("intake.")
        if isinstance(read.value, Decimal):
            assert read.value.is_finite()
        if column is COUNT and read.value is not None:
            assert 0 <= read.value <= 10**12
        if isinstance(read.value, dt.date):
            assert 1990 <= read.value.year <= 2100
        if isinstance(read.value, str):
            read.value.encode()
            assert "\x00" not in read.value
    READER.text(cell)
    plain(cell)


@settings(deadline=None, max_examples=600)
@given(odd_text)
def test_no_text_breaks_a_reader(text: str) -> None:
    parse_number(text)
    parse_number(text, point_is_decimal=True)
    parse_date(text)
    for kind in ("status", "content", "channel", "feedback_kind"):
        READER.word(kind, text)
    mended = mend(text)
    assert mended.encoding is None or mended.is_certain
    for key in (nfc, match_key, word_key, heading_key, sort_key, name_key, code_key):
        assert isinstance(key(text), str)
    is_column_number(text)


@settings(deadline=None, max_examples=300)
@given(odd_text)
def test_no_text_breaks_what_establishes_who_reports_what(known: Reference, text: str) -> None:
    recognise_period(text, FORM, known)
    known.named(text, dt.date(2023, 3, 14))
    known.named(text, dt.date.max)
    known.agency_by_code(text)


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_no_text_breaks_what_tells_rows_apart(reference: Reference, data: st.DataObject) -> None:
    period = reference.periods["2023-Q1"]
    identifier = Identifier(FORM, reference, READER, period)
    tasks = [row["task_code"] for row in small_datasets()["plan:XX-2023-1"][schema.ref_task]]
    codes = st.builds(
        "{}{}{}".format, st.sampled_from([*tasks, ""]), st.sampled_from(["", "#", "/"]), odd_text
    )
    for sheet in FORM.sheets:
        texts = {c.code: data.draw(st.one_of(odd_text, codes)) for c in sheet.columns}
        found = identifier.by_sheet[sheet.code](texts)
        assert found.rule is None or found.rule.startswith("intake.")
