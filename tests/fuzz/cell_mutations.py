"""What stands in the cells of what people send: other spellings, other styles, mistakes, and attempts."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import yaml

from sources import encodings
from tests.fuzz.books import Book, Fault, Formula, Page, Percent

Mutation = Callable[[Book, Random], None]
_TCVN3 = yaml.safe_load(Path(encodings.__file__).with_name("encodings.yml").read_text(encoding="utf-8"))[
    "tcvn3"
]
_TO_TCVN3 = str.maketrans(_TCVN3["to"], _TCVN3["from"])
ODD_NUMBERS: list[Any] = [
    "585.336",
    "99,96",
    "99.96",
    "98,5%",
    "1.234",
    1.234,
    "1,234",
    "1.234.567,8",
    "- 5",
    "-5",
    "(5)",
]
ODD_NUMBERS += [
    "Không phát sinh",
    "KPS",
    "-",
    "–",
    "…",
    "x",
    "K",
    "0",
    0,
    "1 234",
    "1\u00a0234",
    "１２",
    "²",
    "12 hồ sơ",
    "~10",
]
ODD_NUMBERS += [
    -1,
    1e15,
    1e300,
    5e-324,
    float(2**53 + 1),
    0.985,
    Percent(0.985),
    Percent(12.5),
    True,
    "TRUE",
    "1e5",
    "0x1F",
]
ODD_NUMBERS += [
    Fault("#DIV/0!"),
    Fault("#REF!"),
    Formula("SUM(A1:A9)"),
    Formula("B1*2", 7.0),
    dt.date(2023, 1, 2),
    "9" * 400,
]
ODD_DATES: list[Any] = [
    "15/9/2023",
    "15-02-2018",
    "ngày 10 tháng 9 năm 2018",
    "tháng 2/2018",
    "Quý I/2018",
    "quý 3/2025",
]
ODD_DATES += [
    "10/11//2025",
    "31/2/2023",
    "29/02/2024",
    "1/1/23",
    "2023",
    2023,
    45000,
    45000.7,
    "45000",
    59,
    60,
    -1,
    2958466,
]
ODD_DATES += [
    "15.9.2023",
    "Q1/2023",
    "hôm nay",
    dt.date(1899, 12, 31),
    dt.datetime(9999, 12, 31, 23, 59),  # noqa: DTZ001 (a cell knows no zone)
    "9/15/2023",
    "",
]
INJECTIONS = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    '=HYPERLINK("http://127.0.0.1:9","x")',
    "\t=1",
    "\r=1",
]
INJECTIONS += [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "'; drop table raw.reading; --",
    "{0}",
    "{cell}",
    "%s",
]
INJECTIONS += [
    "${jndi:ldap://x}",
    "\x1b[31m",
    "\u202egnp.exe",
    "\\copy",
    "\\N",
    "\\.",
    "$$",
    '"',
    "a\tb\nc",
    "__import__('os')",
]
ODD_TEXTS = [
    "",
    " ",
    "\u00a0",
    "\u200b",
    "\ufeffx",
    "Ệ" * 500,
    "a" * 40_000,
    "1 " * 4000,
    "\u0301" * 50,
    "\U0001f600",
    "_x000D_",
]
NAMES = [
    "UBND P. Hòa An",
    "ubnd phường hoà bình",
    "Phòng TCKH",
    "Văn phòng chung",
    "UBND quận Thử",
    "Sở Khác",
    "Phường",
    "???",
]
NAMES += [
    "Ủy ban nhân dân phường Hòa An, quận Thử",
    "Phòng Tài chính - Kế hoạch phường Hòa An",
    "UBND " * 300,
    "1",
    "",
]
PERIODS = [
    "Quý I năm 2023",
    "quí 1/2023",
    "6 tháng đầu năm 2023",
    "06 tháng 2023",
    "9 tháng năm 2023",
    "Năm 2023",
    "2023-Q1",
]
PERIODS += [
    "Quý II năm 2023",
    "Quý V năm 2023",
    "Quý I",
    "2022 2023",
    "15/11 năm 2023",
    "Quý I năm 2023 và Quý II năm 2023",
    2023,
    "",
]
KINDS = ["Lần đầu", "Thay thế", "Bổ sung", "thay the", "lần 2", "", "Báo cáo bổ sung"]
LABELS = {"Cơ quan báo cáo": NAMES, "Kỳ báo cáo": PERIODS, "Loại báo cáo": KINDS, "Ngày báo cáo": ODD_DATES}
LABELS |= {
    "Mã cơ quan": ["XX-P-A", "XX-P-B", "XX-TCKH", "YY-SO", "xx-p-a", "???", ""],
    "Mẫu biểu": ["CCHC-Q v2", "x", ""],
}
CODES = [
    "XX-2023-1/1.1",
    "XX-2023-1/1.2",
    "XX-2023-1/1.2#2",
    "XX-2023-1/1.2#9",
    "XX-2023-1/9",
    "xx-2023-1/ 2.",
    "XX–2023–1/3",
]
CODES += [
    "XX-2023-1/1.2#" + "9" * 5000,
    "XX-2023-1/CT-II.1",
    "XX-2023-1/CT-II.4",
    "XX-2022-1/CT-II.5",
    "#",
    "/",
    "BT-2022-7679/1.2.1",
]
HEADINGS = [
    "Tổng số",
    "Mã",
    "Lĩnh vực",
    "STT",
    "Ghi chú",
    "Số liệu",
    "Quá hạn",
    "Mã nhiệm vụ",
    "Trong kỳ",
    "(3)",
    "1 " * 400,
    "",
]
TOTALS = ["Tổng cộng", "TỔNG SỐ", "Cộng", "Tổng cộng I", "Toàn quận", "I. Lĩnh vực đất đai", "Tổng hợp"]


def _pages(book: Book, rng: Random) -> Page:
    """A page: mostly one of the tables."""
    return rng.choice(book[1:] or book)


def _cells(page: Page, kind: type | tuple[type, ...]) -> list[tuple[int, int]]:
    return [
        (r, c)
        for r, row in enumerate(page.rows)
        for c, cell in enumerate(row)
        if isinstance(cell, kind) and cell != ""
    ]


def _texts(book: Book) -> Iterator[tuple[Page, int, int]]:
    for page in book:
        for r, c in _cells(page, str):
            yield page, r, c


def _first_row(page: Page) -> int:
    """Where data may begin: after the last row that is mostly text."""
    wide = [r for r, row in enumerate(page.rows) if sum(isinstance(c, str) and bool(c) for c in row) > 3]
    return min((wide[-1] if wide else 0) + 1, len(page.rows) - 1) if page.rows else 0


def _respell(book: Book, rng: Random, spell: Callable[[str], str]) -> None:
    """Every text, or every third one."""
    share = rng.choice([1.0, 0.3])
    for page, r, c in list(_texts(book)):
        if rng.random() <= share:
            page.rows[r][c] = spell(page.rows[r][c])
    for page in book:
        if rng.random() < 0.3:
            page.name = spell(page.name)


def decomposed(book: Book, rng: Random) -> None:
    _respell(book, rng, lambda text: unicodedata.normalize("NFD", text))


def without_accents(book: Book, rng: Random) -> None:
    def plain(text: str) -> str:
        letters = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
        return "".join(char for char in letters if not unicodedata.combining(char))

    _respell(book, rng, plain)


def other_case_and_spaces(book: Book, rng: Random) -> None:
    spell = rng.choice(
        [
            str.upper,
            str.lower,
            str.swapcase,
            lambda text: text.replace(" ", "\u00a0"),
            lambda text: f"  {text.replace(' ', '  ')} .",
            lambda text: text.replace(" ", "\n"),
            lambda text: text.replace(" ", "\u200b "),
            lambda text: f"- {text}",
        ]
    )
    _respell(book, rng, spell)


def in_tcvn3(book: Book, rng: Random) -> None:
    _respell(book, rng, lambda text: text.translate(_TO_TCVN3))


def in_mojibake(book: Book, rng: Random) -> None:
    encoding = rng.choice(["cp1252", "latin-1", "cp1258"])
    _respell(book, rng, lambda text: text.encode("utf-8").decode(encoding, "replace"))


def in_vni(book: Book, rng: Random) -> None:
    """VNI writes the mark after the letter; a mixture of all of them is met too."""
    marks = {
        "\u0301": "ù",
        "\u0300": "ø",
        "\u0309": "û",
        "\u0303": "õ",
        "\u0323": "ï",
        "\u0302": "â",
        "\u0306": "ê",
    }

    def vni(text: str) -> str:
        letters = unicodedata.normalize("NFD", text.replace("đ", "ñ").replace("ơ", "ô").replace("ư", "ö"))
        return "".join(marks.get(char, char) for char in letters)

    _respell(book, rng, vni)


def control_characters(book: Book, rng: Random) -> None:
    odd = rng.choice(
        ["\x00", "\x01", "\x07", "\x0b", "\x1b", "\x7f", "\x85", "\u2028", "\ufffe", "\ud7ff", "\u200f", "\r"]
    )
    _respell(book, rng, lambda text: text[: len(text) // 2] + odd + text[len(text) // 2 :])


def odd_numbers(book: Book, rng: Random) -> None:
    for _ in range(rng.randint(1, 12)):
        page = _pages(book, rng)
        places = _cells(page, (int, float)) or _cells(page, object)
        if places:
            r, c = rng.choice(places)
            page.rows[r][c] = rng.choice(ODD_NUMBERS)


def odd_dates(book: Book, rng: Random) -> None:
    for page in book:
        for r, c in _cells(page, dt.date):
            page.rows[r][c] = rng.choice(ODD_DATES)


def _anywhere(book: Book, rng: Random, values: list[Any], most: int = 10) -> None:
    for _ in range(rng.randint(1, most)):
        page = rng.choice(book)
        if not page.rows:
            continue
        row = rng.choice(page.rows)
        place = rng.randrange(max(1, len(row) + 1))
        row += [""] * (place + 1 - len(row))
        row[place] = rng.choice(values)


def odd_cells_anywhere(book: Book, rng: Random) -> None:
    _anywhere(book, rng, ODD_NUMBERS + ODD_DATES, 25)


def injections(book: Book, rng: Random) -> None:
    _anywhere(book, rng, INJECTIONS)


def odd_texts(book: Book, rng: Random) -> None:
    _anywhere(book, rng, ODD_TEXTS)


def blank_cells(book: Book, rng: Random) -> None:
    blank = rng.choice(["", " ", "\u00a0", "-", "…", None])
    for page in book:
        for r, c in _cells(page, object):
            if rng.random() < 0.15:
                page.rows[r][c] = blank


def numbers_as_texts(book: Book, rng: Random) -> None:
    style = rng.choice(["{:.0f}", "{:,.0f}", " {:.0f} ", "{:.1f}", "'{:.0f}"])
    for page in book:
        for r, c in _cells(page, (int, float)):
            text = style.format(page.rows[r][c])
            page.rows[r][c] = text.replace(",", ".") if rng.random() < 0.5 else text


def swap_columns(book: Book, rng: Random) -> None:
    page = _pages(book, rng)
    width = max((len(row) for row in page.rows), default=0)
    if width > 1:
        order = list(range(width))
        rng.shuffle(order)
        page.rows = [[(row[at] if at < len(row) else "") for at in order] for row in page.rows]


def swap_rows(book: Book, rng: Random) -> None:
    page = _pages(book, rng)
    first = _first_row(page) if rng.random() < 0.6 else 0
    tail = page.rows[first:]
    rng.shuffle(tail)
    page.rows[first:] = tail


def shift_tables(book: Book, rng: Random) -> None:
    """Tables begin lower and more to the right, or without what stands above them."""
    for page in book:
        down, right, up = rng.choice([0, 1, 5, 70]), rng.choice([0, 1, 3]), rng.choice([0, 0, 1, 3])
        page.rows = [[]] * down + [[""] * right + row for row in page.rows[up:]]
        move = down - up
        page.merged = [
            (t + move, a + right, b + move, z + right) for t, a, b, z in page.merged if t + move >= 0
        ]


def other_headings(book: Book, rng: Random) -> None:
    page = _pages(book, rng)
    row = page.rows[max(0, _first_row(page) - rng.choice([1, 1, 2]))] if page.rows else []
    for place in range(len(row)):
        if rng.random() < 0.3:
            row[place] = rng.choice(HEADINGS)


def extra_columns(book: Book, rng: Random) -> None:
    page, heading = _pages(book, rng), rng.choice([*HEADINGS, "Cột khác", "x" * 3000])
    count = rng.choice([1, 1, 3, 60, 300])
    for number, row in enumerate(page.rows):
        row += [heading if number == _first_row(page) - 1 else rng.choice(["", 1, "ghi thêm"])] * count


def total_rows(book: Book, rng: Random) -> None:
    page = _pages(book, rng)
    if not page.rows:
        return
    like = rng.choice(page.rows)
    for _ in range(rng.choice([1, 1, 3, 60])):
        row = [
            rng.choice([cell, rng.randint(0, 500)]) if isinstance(cell, int | float) else "" for cell in like
        ]
        if row:
            row[rng.choice([0, min(1, len(row) - 1)])] = rng.choice(TOTALS)
        page.rows.insert(rng.randint(_first_row(page), len(page.rows)), row)


def repeated_rows(book: Book, rng: Random) -> None:
    page = _pages(book, rng)
    if page.rows:
        at = rng.randrange(len(page.rows))
        more = [list(page.rows[at]) for _ in range(rng.choice([1, 2, 50]))]
        for row in more[: rng.randrange(2)]:
            if row:
                row[-1] = rng.choice(ODD_NUMBERS)
        page.rows[at:at] = more


def many_rows(book: Book, rng: Random) -> None:
    """More rows than anybody needs: fields of their own name, each with figures."""
    page = _pages(book, rng)
    width = max((len(row) for row in page.rows), default=4)
    for number in range(rng.choice([30, 300])):
        page.rows.append(
            [number, f"Lĩnh vực {number}", *(rng.choice([1, 2, "", "x"]) for _ in range(width - 2))]
        )


def wrong_codes(book: Book, rng: Random) -> None:
    for page, r, c in list(_texts(book)):
        if "XX-2023-1/" in page.rows[r][c] and rng.random() < 0.6:
            page.rows[r][c] = rng.choice(CODES)


def other_labels(book: Book, rng: Random) -> None:
    """Another agency, period, kind, date or code than the form was issued for."""
    chosen = rng.sample(sorted(LABELS), rng.randint(1, 3))
    for row in book[0].rows:
        for place, cell in enumerate(row[:-1]):
            if cell in chosen:
                row[place + 1] = rng.choice(LABELS[cell])


def labels_elsewhere(book: Book, rng: Random) -> None:
    """Labels twice, missing, with their value in the same cell, or on another sheet."""
    page, kind = book[0], rng.randrange(5)
    labelled = [row for row in page.rows if len(row) > 2 and row[1] and row[2]]
    if not labelled:
        return
    row = rng.choice(labelled)
    if kind == 0:
        page.rows.append([row[0], row[1], rng.choice(NAMES + PERIODS)])
    elif kind == 1:
        page.rows.remove(row)
    elif kind == 2:
        for one in labelled:
            one[1:3] = [f"{one[1]}: {one[2]}", ""]
    elif kind == 3:
        page.name = rng.choice(["Sheet1", "Hồ sơ TTHC", "Thông tin ", ""])
    else:
        book[1].rows[0:0] = [list(one) for one in labelled]
        del book[0]


def sheets_themselves(book: Book, rng: Random) -> None:
    """Sheets that are missing, doubled, hidden, renamed, empty, in another order, or many."""
    kind, page = rng.randrange(8), _pages(book, rng)
    if kind == 0 and len(book) > 1:
        book.remove(page)
    elif kind == 1:
        book.append(page.copy())
        book[-1].name = rng.choice([f"{page.name} (2)", page.name.upper(), "Sheet9", f"2. {page.name}"])
    elif kind == 2:
        book.append(page.copy())
        book[-1].name, book[-1].hidden = f"{page.name} 2", True
    elif kind == 3:
        page.hidden = True
    elif kind == 4:
        page.name = rng.choice(["Sheet1", "CT", "NV", "Hồ sơ", "Đánh giá", "x" * 31, "Thông tin chung"])
    elif kind == 5:
        page.rows, page.merged = [], []
    elif kind == 6:
        rng.shuffle(book)
    else:
        book += [Page(f"Trang {n}", [["x", n]]) for n in range(rng.choice([3, 60, 120]))]


def hidden_rows(book: Book, rng: Random) -> None:
    for page in book:
        page.hidden_rows = {r for r in range(len(page.rows)) if rng.random() < 0.3}


def merged_names(book: Book, rng: Random) -> None:
    page = _pages(book, rng)
    first, last = _first_row(page), len(page.rows) - 1
    if last > first:
        top = rng.randint(first, last - 1)
        bottom, left = rng.randint(top + 1, last), rng.choice([0, 1, 1, 2])
        page.merged.append((top, left, bottom, left + rng.choice([0, 0, 3])))
        for row in page.rows[top + 1 : bottom + 1]:
            if left < len(row):
                row[left] = ""


CELL_MUTATIONS: list[Mutation] = [
    decomposed,
    without_accents,
    other_case_and_spaces,
    in_tcvn3,
    in_mojibake,
    in_vni,
    control_characters,
    odd_numbers,
    odd_dates,
    odd_cells_anywhere,
    injections,
    odd_texts,
    blank_cells,
    numbers_as_texts,
    swap_columns,
    swap_rows,
    shift_tables,
    other_headings,
    extra_columns,
    total_rows,
    repeated_rows,
    many_rows,
    wrong_codes,
    other_labels,
    labels_elsewhere,
    sheets_themselves,
    hidden_rows,
    merged_names,
]
