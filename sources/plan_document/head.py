"""What a decision says of itself: number, date, issuer, title, years; what is lost with its head is empty."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from sources.plan_document.blocks import Document, Paragraph, Row
from sources.plan_document.skeleton import skeleton
from sources.plan_document.years import span_of_years
from warehouse.text import match_key, nfc

_OWN_NUMBER = re.compile(r"^Số ?: ?(\d+ ?/ ?[^\s,;]+)")
_ATTACHED_TO = re.compile(
    r"^\((?:Ban hành )?[Kk]èm theo (?:Quyết định|Kế hoạch|Công văn|Văn bản) số ?:? ?(\d+ ?/ ?[^\s,;]+)"
)
_DATE = re.compile(r"ngày (\d{1,2}) tháng (\d{1,2}) năm (\d{4})")
_DATED_PLACE = re.compile(r"^[A-ZĐÀ-Ỹ][^,.;:]{1,40}, ngày (\d{1,2}) tháng (\d{1,2}) năm (\d{4})$")
_TITLES = {
    "quyet dinh",
    "ke hoach",
    "chi thi",
    "cong van",
    "chuong trinh",
    "de an",
    "nghi quyet",
    "phuong an",
}
_ISSUER = re.compile(
    r"^(?:CHỦ TỊCH |TRƯỞNG BAN |GIÁM ĐỐC )?(?:ỦY BAN|UỶ BAN|UBND|HỘI ĐỒNG|SỞ|BAN (?!HÀNH)|CHÍNH PHỦ"
    r"|THỦ TƯỚNG|BỘ)\b"
)
_PREAMBLE = ("can cu", "thuc hien", "xet", "nham", "tren co so", "de ")
_ISSUING = re.compile(
    r"\b(?:[Cc]hủ tịch )?(?:[UuỦủ][ỷyỶYỦủ]?|UBND)\b(?: [Bb]an [Nn]hân [Dd]ân)? (?:[Tt]ỉnh|[Tt]hành phố"
    r"|[Qq]uận|[Hh]uyện"
    r"|[Tt]hị xã|[Pp]hường|[Xx]ã|[Tt]hị trấn)(?: [A-ZĐÀ-Ỹ]\w*){1,3}"
)
_UNIT = re.compile(r"^(?:TỈNH|THÀNH PHỐ|QUẬN|HUYỆN|THỊ XÃ|PHƯỜNG|XÃ|THỊ TRẤN|ĐẶC KHU) \S")
_YEAR = re.compile(r"\bnam ((?:19|20)\d{2})\b")


@dataclass
class Head:
    """The head as read; `confidence` of the years, which everything else leans on."""

    number: str | None = None
    attached_to: str | None = None
    signed_on: date | None = None
    issuer: str | None = None
    label: str | None = None
    first_year: int | None = None
    last_year: int | None = None
    years_confidence: float = 0.0

    @property
    def years(self) -> list[int]:
        """Every year of the plan."""
        if self.first_year is None or self.last_year is None:
            return []
        return list(range(self.first_year, self.last_year + 1))


def read_head(document: Document) -> Head:
    """The head of a document, from its first lines and from the title of what it puts into force."""
    head = Head()
    lines = [
        line
        for block in document.blocks
        for line in ([block.text] if isinstance(block, Paragraph) else _letterhead(block))
    ]
    for text in lines:
        head.number = head.number or _number(_OWN_NUMBER, text)
        head.attached_to = head.attached_to or _number(_ATTACHED_TO, text)
        if head.signed_on is None and (dated := _DATED_PLACE.match(text)):
            head.signed_on = _date(dated)
    if head.signed_on is None:
        attached = next((text for text in lines if _ATTACHED_TO.match(text)), "")
        head.signed_on = _date(_DATE.search(attached))
    titles = list(_titles(lines))
    head.label = titles[-1] if titles else None
    head.issuer = _issuer(lines)
    _read_years(head, titles, lines)
    return head


def _letterhead(row: Row) -> list[str]:
    """The lines of a letterhead, which is laid out as a table of two cells; others tell nothing here."""
    return [line for cell in row.cells for line in cell.split("\n") if line] if len(row.cells) <= 2 else []


def _titles(lines: list[str]) -> list[str]:
    """The words after QUYẾT ĐỊNH, KẾ HOẠCH …: the title of the decision, then that of the plan."""
    found = []
    for index, text in enumerate(lines):
        if match_key(text) not in _TITLES or text.endswith(":") or not text.isupper():
            continue
        title: list[str] = []
        for following in lines[index + 1 : index + 7]:
            if _ends_title(following, bool(title)):
                break
            title.append(following)
        if title:
            name = nfc(" ".join(title))
            kind = "" if match_key(name).startswith(("ban hanh", "ve ")) else f"{text.capitalize()} "
            found.append(_sentence_case(f"{kind}{name}"))
    return found


def _ends_title(text: str, has_words: bool) -> bool:
    """Whether a line is no part of a title: a preamble, an issuer, a number, a heading, another title."""
    key = match_key(text)
    if not key or key in _TITLES or key.startswith(("can cu", "phu luc", "so ")) or _is_issuer(text):
        return True
    if text.startswith("(") or re.match(r"^(?:[IVX]+|\d+|Điều|Số|Kính gửi)\b", text):
        return True
    return key.startswith(_PREAMBLE) and (has_words or text.endswith((";", ",", ":", ".")))


def _issuer(lines: list[str]) -> str | None:
    """The organ named before the first 'Căn cứ', else in the letterhead, else the first named in full."""
    for index, text in enumerate(lines):
        if index and match_key(text).startswith("can cu") and _is_issuer(lines[index - 1]):
            return _sentence_case(lines[index - 1])
    for index, text in enumerate(lines[:40]):
        if _is_issuer(text):
            following = lines[index + 1] if index + 1 < len(lines) else ""
            whole = len(text.split()) > 4 or not _UNIT.match(following)
            return _sentence_case(text if whole else f"{text} {following}")
    for text in lines:
        if found := _ISSUING.search(nfc(text)):
            return found.group()[:1].upper() + found.group()[1:]
    return None


def _is_issuer(text: str) -> bool:
    return bool(_ISSUER.match(text)) and text.isupper() and len(text) < 120


def _sentence_case(text: str) -> str:
    """Text in capitals as a sentence; names in it are for a person to set right."""
    text = nfc(text)
    if not text.isupper() and sum(char.isupper() for char in text) < len(text) * 0.5:
        return text[:1].upper() + text[1:]
    lowered = re.sub(r"^ubnd\b", "UBND", text.lower())
    names = ("hồ chí minh", "việt nam", "hà nội", "đà nẵng", "cần thơ", "hải phòng")
    for name in names:
        lowered = lowered.replace(name, name.title())
    found = re.search(
        r"\b(?:tỉnh|quận|huyện|thị xã|thành phố|phường|xã)\s+((?:(?!giai|năm|về|trên)\w+\s?){1,3})$", lowered
    )
    if found:
        lowered = lowered[: found.start(1)] + found.group(1).title() + lowered[found.end(1) :]
    lowered = lowered.replace("chủ tịch ủy ban", "chủ tịch Ủy ban").replace(
        "chủ tịch uỷ ban", "chủ tịch Uỷ ban"
    )
    return lowered[:1].upper() + lowered[1:]


def _read_years(head: Head, titles: list[str], lines: list[str]) -> None:
    """The years of the title; else those that the text names most; else the year after the date."""
    for title in reversed(titles):
        plain = skeleton(title)
        if span := span_of_years(plain):
            head.first_year, head.last_year, head.years_confidence = *span, 0.9
            return
        if years := _YEAR.findall(plain):
            head.first_year, head.last_year = int(years[0]), int(years[-1])
            head.years_confidence = 0.9 if len(years) == 1 else 0.7
            return
    named: dict[int, int] = {}
    for text in lines:
        plain = skeleton(text)
        for year in _YEAR.findall(re.sub(r"ngay \d+ thang \d+ nam \d{4}", "", plain)):
            named[int(year)] = named.get(int(year), 0) + 1
    if named:
        best = max(named, key=lambda year: (named[year], year))
        head.first_year = head.last_year = best
        head.years_confidence = 0.4
    elif head.signed_on:
        year = head.signed_on.year + (head.signed_on.month >= 11)
        head.first_year = head.last_year = year
        head.years_confidence = 0.4


def _number(pattern: re.Pattern[str], text: str) -> str | None:
    given = pattern.match(text)
    return next(filter(None, given.groups())).replace(" ", "") if given else None


def _date(found: re.Match[str] | None) -> date | None:
    if found is None:
        return None
    try:
        return date(int(found.group(3)), int(found.group(2)), int(found.group(1)))
    except ValueError:
        return None
