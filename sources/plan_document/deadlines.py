"""The grammar of deadlines: what a cell of the column of time obliges to, and by when.

trước quý IV → by the day before it begins; trong tháng 10 → by its last day; hàng quý → four times a year;
khi phát sinh → on event; theo Đề án → a date set elsewhere; X in the column of a year → in that year.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from sources.plan_document.masks import MASK
from sources.plan_document.skeleton import skeleton
from sources.plan_document.years import span_of_years
from warehouse.text import nfc

_CITED = re.compile(
    r"\b(?:so )?\d+[a-z]?(?:/\d{4})?(?:/[a-z][a-z0-9]*(?:-[a-z0-9]+)*|-[a-z]+/[a-z]+)"
    r"(?:,? ngay \d{1,2}\s*(?:thang|/|-)\s*\d{1,2}\s*(?:nam|/|-)\s*\d{4})?"
)
_COMPARED = re.compile(
    r"\bso voi[a-z ]{0,30}\d{4}|\bgiai doan \d{4}\s*-\s*\d{4}(?=.{0,300}\btheo\b)"
    r"|“[^”]{0,300}”|\"[^\"]{0,300}\""
)
_CLAUSE = re.compile(
    r"[;\n]+\s*|(?<!\d)\.\s+|\s[-+•]\s+(?=[A-ZĐ])(?!Quý|Tháng|Năm)"
    r"|(?<=[a-zà-ỹ.\d])(?<!\bvà)\s+(?=(?:Định kỳ|Hàng|Hằng|Quý|Tháng|Trước|Khi|Thường xuyên|Hoàn thành)\b)"
)
_YEAR = r"(?:\s*(?:,\s*)?(?:/|nam)\s*((?:19|20)\d{2}))?"
_BEFORE = r"(?P<before>(?:xong |hoan thanh )?truoc (?:ngay )?)?"
_QUARTER = re.compile(
    rf"{_BEFORE}(?:trong |den |het |cuoi |dau )*qu[yi] (?P<first>iv|i{{1,3}}|[1-4])\b"
    rf"(?P<more>(?:\s*(?:,|va|-|den)\s*(?:qu[yi] )?(?:iv|i{{1,3}}|[1-4])\b)*){_YEAR}"
)
_DAY = re.compile(
    rf"{_BEFORE}(?:ngay )?\b(?P<day>\d{{1,2}})\s*(?:thang|/|-|\.)\s*(?P<month>\d{{1,2}})"
    r"(?:\s*(?:nam|/+|-|\.)\s*(?P<year>(?:19|20)\d{2}))?(?!\d|\s*(?:%|/\s*nq|/\s*qd))"
)
_MONTH = re.compile(
    rf"{_BEFORE}(?:trong |den |het |cuoi |dau )*thang (?P<month>\d{{1,2}})\b(?!\s*/\s*lan){_YEAR}"
)
_HALF = re.compile(
    rf"{_BEFORE}(?:trong )?(?P<months>6|9|sau|chin) thang (?P<part>dau"
    rf"|cuoi)?(?: nam(?! \d{{4}}))?(?!\s*/\s*lan){_YEAR}"
)
_EVERY_QUARTER = re.compile(
    r"\b(?:hang|moi|tung|theo|dinh ky|01) qu[yi]\b|\bqu[yi]\s*/\s*lan|\b(?:3|03|ba) thang\s*/\s*lan"
)
_EVERY_MONTH = re.compile(r"\b(?:hang|moi|tung) thang\b|\b(?:1|01|mot) thang\s*/\s*lan")
_EVERY_HALF = re.compile(
    r"\b(?:6|06|sau) thang\s*(?:/|mot|1|01)\s*lan|\b(?:dinh ky|hang|moi) (?:6|06|sau) thang\b"
)
_EVERY_YEAR = re.compile(r"\b(?:hang|moi|tung|dinh ky) nam\b")
_EVENT = re.compile(
    r"\bkhi (?:co )?(?:phat sinh|yeu cau|nhu cau|thay doi|van ban|huong dan)|\bphat sinh\b"
    r"|\b(?:ngay )?sau khi\b|\bdot xuat\b"
)
_EXTERNAL = re.compile(
    r"\btheo (?:tien do|ke hoach|de an|chi dao|huong dan|quy dinh|chuong trinh|lo trinh|thoi gian|van ban"
    r"|yeu cau|quyet dinh"
    r"|nghi quyet|thong bao|noi dung|phan cong|cac|su)\b"
)
_ALWAYS = re.compile(r"\bthuong xuyen\b|\blien tuc\b|\bhang ngay\b|\bhang tuan\b")
_GOES_ON = re.compile(r"\b(?:va )?(?:cac|nhung) nam (?:tiep theo|sau|ke tiep)\b")
_NAMED_YEAR = re.compile(r"\b((?:19|20)\d{2})\b")
_END_OF_YEAR = re.compile(r"\b(?:cuoi|het|den cuoi|truoc) nam\b|\bcuoi nam\b")
_QUARTERS = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_MARKS = {"x", "v", "✓", "✔", "√", "*"}
_LABEL_WORDS = 14


@dataclass(frozen=True)
class ObligationRead:
    """One thing owed; see the plan file's obligation."""

    kind: str
    label: str
    due: date | None = None
    quarter: int | None = None
    year: int | None = None
    ongoing: bool = False


@dataclass
class DeadlineRead:
    """How a cell was read; without obligations it was not understood."""

    label: str
    obligations: list[ObligationRead] = field(default_factory=list)
    read_as: list[str] = field(default_factory=list)
    confidence: float = 0.0
    impossible: list[str] = field(default_factory=list)
    """Days that no calendar has: 31/11/2024. A person must say what was meant."""

    def no_such_day(self, words: str) -> None:
        """Note a day that does not exist; the whole is unsure then."""
        if words not in self.impossible:
            self.impossible.append(words)

    def add(self, confidence: float, *obligations: ObligationRead, read_as: str = "") -> None:
        """Obligations of one clause; the whole is as sure as its least sure part."""
        self.confidence = min(self.confidence, confidence) if self.obligations else confidence
        self.obligations += [obligation for obligation in obligations if obligation not in self.obligations]
        if read_as and read_as not in self.read_as:
            self.read_as.append(read_as)


def read_deadline(cell: str, plan_years: Sequence[int], since: date | None = None) -> DeadlineRead:
    """The obligations of a cell of the column of time; what recurs is owed from the day `since` on."""
    found = DeadlineRead(nfc(cell).strip(" .;()-"))
    named = [int(year) for year in _NAMED_YEAR.findall(_plain(cell))]
    for clause in _clauses(cell):
        _clause(clause, named[-1:] or list(plan_years), plan_years, found)
    return _from(_doubted(found), since)


def read_years(
    cells: Mapping[int, str], plan_years: Sequence[int], since: date | None = None, task: str = ""
) -> DeadlineRead:
    """The obligations of the columns of years: a mark means that year, words are read as they are.

    Where only marks stand there, the task itself may say how often: 'định kỳ hàng quý'.
    """
    written = {year: nfc(text).strip(" .;()-") for year, text in cells.items() if text.strip()}
    label = "; ".join(dict.fromkeys(f"{year}: {text}" for year, text in written.items()))
    found = DeadlineRead(label)
    for year, text in written.items():
        if text.lower() in _MARKS:
            found.add(0.9, ObligationRead("whole_year", f"Trong năm {year}", date(year, 12, 31)), read_as="")
            continue
        inner = DeadlineRead(text)
        for clause in _clauses(cells[year]):
            _clause(clause, [year], plan_years, inner)
        for words in inner.impossible:
            found.no_such_day(words)
        if inner.obligations:
            owed = (replace(item, year=year) if item.due is None else item for item in inner.obligations)
            found.add(inner.confidence, *owed, read_as="; ".join(inner.read_as))
        elif not inner.impossible:
            found.add(
                0.7,
                ObligationRead("whole_year", _short(text), date(year, 12, 31)),
                read_as="ô không nêu thời hạn: đọc là trong năm của cột",
            )
    often = re.search(r"\bdinh ky (?:hang |moi )?(quy|thang|6 thang)\b", _plain(task))
    if often and written and all(text.lower() in _MARKS for text in written.values()):
        _clause(f"dinh ky hang {often.group(1)}", list(written), plan_years, found)
        found.read_as.append("định kỳ: theo nội dung nhiệm vụ")
        found.confidence = 0.6
    return _from(_doubted(_every_year_alike(found, plan_years)), since)


def _doubted(found: DeadlineRead) -> DeadlineRead:
    if found.impossible:
        found.confidence = min(found.confidence, 0.3)
    return found


def _every_year_alike(found: DeadlineRead, plan_years: Sequence[int]) -> DeadlineRead:
    """What is owed without a date in every year of the plan alike is one obligation of no single year."""
    undated = {replace(owed, year=None) for owed in found.obligations if owed.due is None}
    for owed in undated:
        if {item.year for item in found.obligations if replace(item, year=None) == owed} == set(plan_years):
            kept = [item for item in found.obligations if replace(item, year=None) != owed]
            found.obligations = [*kept, owed]
    return found


def _from(found: DeadlineRead, since: date | None) -> DeadlineRead:
    """Nothing recurs before the plan was made."""
    if since is not None:
        found.obligations = [
            owed
            for owed in found.obligations
            if owed.kind != "recurring" or owed.due is None or owed.due >= since
        ]
    return found


def _plain(text: str) -> str:
    """A skeleton of the same length without numbers and dates of other documents and years of comparison."""
    plain = _CITED.sub(_struck, skeleton(text))
    return _COMPARED.sub(_struck, plain)


def _struck(found: re.Match[str]) -> str:
    return MASK * len(found.group())


def _clauses(cell: str) -> Iterator[str]:
    for part in _CLAUSE.split(cell):
        text = nfc(part or "").strip(" .;()-")
        if text:
            yield text


def _clause(text: str, years: list[int], plan_years: Sequence[int], found: DeadlineRead) -> None:
    plain = _plain(text)
    dated = list(_dated(plain, text, years, found))
    if not dated and found.impossible:
        return  # the year in it is part of a day that does not exist
    if dated:
        found.add(
            0.85, *(item for item, _ in dated), read_as="; ".join(dict.fromkeys(r for _, r in dated if r))
        )
        return
    several = _GOES_ON.search(plain) is not None
    if _EVERY_MONTH.search(plain):
        owed = [item for year in years for item in _monthly(year)]
        found.add(0.8, *owed, read_as="mỗi tháng một lần")
    elif _EVERY_QUARTER.search(plain):
        found.add(0.85, *(item for year in years for item in _quarterly(year)), read_as="mỗi quý một lần")
    elif _EVERY_HALF.search(plain):
        owed = [item for year in years for item in _quarterly(year) if item.quarter in (2, 4)]
        found.add(0.8, *owed, read_as="sáu tháng một lần")
    elif _EVENT.search(plain):
        found.add(0.85, ObligationRead("on_event", _short(text)))
    elif _EXTERNAL.search(plain):
        found.add(0.8, ObligationRead("external", _short(text)))
    elif _EVERY_YEAR.search(plain):
        found.add(0.75, *(_whole_year(year) for year in plan_years), read_as="mỗi năm một lần")
    elif span := span_of_years(plain):
        owed = [_whole_year(year) for year in plan_years if span[0] <= year <= span[1]]
        found.add(0.6, *owed, read_as="một khoảng năm: đọc là trong từng năm của kế hoạch")
    elif named := [int(year) for year in _NAMED_YEAR.findall(plain)]:
        if _END_OF_YEAR.search(plain):
            owed = [ObligationRead("milestone", f"Đến hết năm {year}", date(year, 12, 31)) for year in named]
            found.add(0.8, *owed)
        else:
            found.add(0.9, *(replace(_whole_year(year), ongoing=several) for year in dict.fromkeys(named)))
    elif re.search(r"\b(?:trong|ca) nam\b", plain):
        found.add(0.8, *(_whole_year(year) for year in years))
    elif _ALWAYS.search(plain) or several:
        found.add(0.7, ObligationRead("ongoing", _short(text), ongoing=True))


def _dated(
    plain: str, text: str, years: list[int], found: DeadlineRead
) -> Iterator[tuple[ObligationRead, str]]:
    """Milestones by a day, a month, a quarter or a half of the year, in their order."""
    taken: list[tuple[int, int]] = []
    matches = [
        match
        for pattern in (_QUARTER, _DAY, _MONTH, _HALF)
        for match in pattern.finditer(plain)
        if not (match.re is _HALF and not match.group("part") and not match.group("before"))
    ]
    matches = [match for match in matches if not _EVERY_MONTH.search(match.group())]
    for match in sorted(matches, key=lambda one: (one.start(), -one.end())):
        if any(match.start() < end and start < match.end() for start, end in taken):
            continue
        taken.append(match.span())
        given = match.group("year") if match.re is _DAY else match.group(match.re.groups)
        for year in [int(given)] if given else years:
            if _is_no_day(match, year):
                words = nfc(text[match.start() : match.end()]).strip(" .;,()-")
                found.no_such_day(words if given else f"{words} ({year})")
            yield from _milestone(match, year, text, len(matches) == 1)


def _is_no_day(match: re.Match[str], year: int) -> bool:
    """Whether a match is a day or a month that no calendar has; 16/16 alone is no day at all."""
    if match.re not in (_DAY, _MONTH) or not 1990 <= year <= 2100 or _span(match, year) is not None:
        return False
    return bool(match.re is _MONTH or match.group("year") or re.search(r"\b(?:ngay|thang)\b", match.group()))


def _milestone(
    match: re.Match[str], year: int, text: str, is_only: bool
) -> Iterator[tuple[ObligationRead, str]]:
    before = bool(match.group("before"))
    span = _span(match, year)
    if span is None:
        return
    first, last, name, several = span
    if name == "quý I, II, III, IV" and not before:
        yield from ((item, "bốn quý: mỗi quý một lần") for item in _quarterly(year))
        return
    due = first - timedelta(days=1) if before else last
    rest = nfc(f"{text[: match.start()]} {text[match.end() :]}") if is_only else ""
    rest = re.sub(
        r"^(?:Hoàn thành|Xong|Trong|Năm \d{4})\b|\b(?:hoàn thành|trong)$", "", rest.strip(" :,.()-")
    ).strip(" :,.()-")
    if several and not before and not rest and _names_each(match):
        for item in _quarterly(year):
            if item.quarter in _quarters(match):
                yield ObligationRead("milestone", item.label, item.due), "mỗi quý được nêu: một mốc riêng"
        return
    label = _short(rest) if rest else f"Hoàn thành {'trước' if before else 'trong'} {name}"
    read_as = "trước: đến ngày liền trước" if before else "nhiều quý: đến hết quý cuối" if several else ""
    yield ObligationRead("milestone", label[:1].upper() + label[1:], due), read_as


def _span(match: re.Match[str], year: int) -> tuple[date, date, str, bool] | None:
    """First and last day of a quarter, month, day or part of the year, and what it is called."""
    if not 1990 <= year <= 2100:
        return None
    if match.re is _QUARTER:
        quarters = _quarters(match)
        name = f"quý {', '.join('I' * q if q < 4 else 'IV' for q in quarters)}"
        last = max(quarters) * 3
        return date(year, min(quarters) * 3 - 2, 1), _last_day(year, last), name, len(quarters) > 1
    if match.re is _HALF:
        months = {"6": 6, "sau": 6, "9": 9, "chin": 9}[match.group("months")]
        if match.group("part") == "cuoi":
            return date(year, 13 - months, 1), date(year, 12, 31), f"{months} tháng cuối năm", False
        return date(year, 1, 1), _last_day(year, months), f"{months} tháng đầu năm", False
    month = int(match.group("month"))
    if not 1 <= month <= 12:
        return None
    if match.re is _MONTH:
        return date(year, month, 1), _last_day(year, month), f"tháng {month}", False
    day = int(match.group("day"))
    if not 1 <= day <= monthrange(year, month)[1]:
        return None
    return date(year, month, day), date(year, month, day), f"ngày {day}/{month}/{year}", False


def _quarters(match: re.Match[str]) -> list[int]:
    more = re.findall(r"\b(iv|i{1,3}|[1-4])\b", match.group("more"))
    return [_QUARTERS[name] for name in (match.group("first"), *more)]


def _names_each(match: re.Match[str]) -> bool:
    """Whether three are each called a quarter, so each is a day of its own; two are one span of work."""
    more, quarters = match.group("more"), _quarters(match)
    each = len(re.findall(r"\bqu[yi] ", more)) == len(quarters) - 1
    return each and len(quarters) > 2 and not re.search(r"-|\bden\b", more)


def _whole_year(year: int) -> ObligationRead:
    return ObligationRead("whole_year", f"Trong năm {year}", date(year, 12, 31))


def _quarterly(year: int) -> Iterator[ObligationRead]:
    for quarter, name in enumerate(("I", "II", "III", "IV"), start=1):
        yield ObligationRead("recurring", f"Quý {name}", _last_day(year, quarter * 3), quarter)


def _monthly(year: int) -> Iterator[ObligationRead]:
    for month in range(1, 13):
        yield ObligationRead("recurring", f"Tháng {month}", _last_day(year, month), (month + 2) // 3)


def _last_day(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _short(text: str) -> str:
    words = nfc(text).split()
    return " ".join(words) if len(words) <= _LABEL_WORDS else " ".join([*words[:_LABEL_WORDS], "…"])
