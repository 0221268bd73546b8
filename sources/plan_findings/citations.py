"""Documents that a decision cites: one number with two dates, two kinds or two issuers.

Numbers that carry a year (106/2020/NĐ-CP) are one document wherever they stand. The others (225/QĐ-TTg)
begin anew every year and at every issuer: of those, two dates of different years, or the committees of two
levels, are two documents and no contradiction.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from sources.plan_findings.findings import DocumentFinding, found, lines_vi, listed_vi
from sources.plan_findings.passages import Passage

KINDS = {
    "nghị định": "NĐ",
    "nghị quyết": "NQ",
    "quyết định": "QĐ",
    "chỉ thị": "CT",
    "thông tư": "TT",
    "pháp lệnh": "PL",
    "kết luận": "KL",
    "kế hoạch": "KH",
    "báo cáo": "BC",
    "tờ trình": "TTr",
    "thông báo": "TB",
    "đề án": "ĐA",
}
_SIGNED_BY = {"TTg": "Thủ tướng Chính phủ", "CP": "Chính phủ"}
_WORD = rf"(?P<word>(?i:{'|'.join(KINDS)}))\s+(?:số\s*:?\s*)+"
_STATE = (
    r"(?P<no>\d{1,5}[a-zđ]?)(?:/(?P<year>(?:19|20)\d\d))?\s?/\s?"
    r"(?:(?P<kind>[A-ZĐ][A-Za-zĐđ]*)-(?P<organ>[A-ZĐ][A-Za-zĐđ]*\d*(?:-[A-ZĐ]+)*)|(?P<house>QH)\d+)"
)
_PARTY = r"(?P<p_no>\d{1,5})\s?-\s?(?P<p_kind>[A-ZĐ][A-Za-zĐđ]*)/(?P<p_organ>[A-ZĐ][A-Za-zĐđ]+)"
_DATE = r"ngày\s+(?P<day>\d{1,2})\s?(?:/|-|\.|tháng)\s?(?P<month>\d{1,2})\s?(?:/|-|\.|năm)\s?(?P<y>\d{4})"
_LEVEL = r"(?:\s+(?P<level>tỉnh|thành phố|TP|quận|huyện|thị xã|phường|xã)\b)?"
_ISSUER = (
    r"(?i:(?P<chair>Chủ tịch\s+)?(?:[UỦ][ỷỶyY] ban nhân dân|Ủy ban nhân dân|UBND)" + _LEVEL + r"|(?P<body>"
    r"Thủ tướng Chính phủ|Văn phòng Chính phủ|Chính phủ|Ủy ban Thường vụ Quốc hội|Quốc hội|Bộ Chính trị"
    r"|Ban Bí thư|Ban Chấp hành Trung ương|(?:Ban Thường vụ )?(?:Thành|Tỉnh|Quận|Huyện) ủy"
    r"|Hội đồng nhân dân))"
)
_CITED = re.compile(
    rf"(?:{_WORD})?(?<![\d/-])(?:{_STATE}|{_PARTY})(?:\s*,?\s*{_DATE})?(?:\s*,?\s*của\s+(?P<by>{_ISSUER}))?"
)
_OWN_NUMBER = re.compile(rf"^Số ?:? ?{_STATE}")
_OWN_DATE = re.compile(rf"^[^,;]{{0,60}},\s*{_DATE}$")
_OWN_ISSUER = re.compile(rf"^{_ISSUER}")


@dataclass(frozen=True)
class Citation:
    """One mention of a document: its number, and what stands with it."""

    lines: tuple[int, ...]
    number: str
    core: tuple[str, str | None, str]
    kind: str
    word: str | None = None
    dated: date | str | None = None
    issuer: str | None = None
    level: str | None = None

    @property
    def year(self) -> str | None:
        """The year that the number itself carries."""
        return self.core[1]

    @property
    def dated_vi(self) -> str:
        """The date as people write it; a day that no calendar has stays as it stands."""
        return self.dated.strftime("%d/%m/%Y") if isinstance(self.dated, date) else str(self.dated)


def check_citations(passages: list[Passage]) -> Iterator[DocumentFinding]:
    """Every cited document that is dated, named or issued in two ways."""
    mentions = [*_own(passages), *(mention for passage in passages for mention in _citations(passage))]
    by_number: dict[tuple[str, str | None, str, str], list[Citation]] = defaultdict(list)
    by_core: dict[tuple[str, str | None, str], list[Citation]] = defaultdict(list)
    for mention in mentions:
        by_number[(*mention.core, mention.kind)].append(mention)
        by_core[mention.core].append(mention)
    for group in by_number.values():
        yield from _two_dates(group)
        yield from _two_issuers(group)
    for group in by_core.values():
        yield from _two_kinds(group)


def has_own_number(passages: list[Passage]) -> bool:
    """Whether the document gives its own number, at its head or at the head of what is attached to it."""
    attached = re.compile(rf"ban hành kèm theo {_WORD}{_STATE}", re.IGNORECASE)
    return any(_OWN_NUMBER.match(passage.text) or attached.search(passage.text) for passage in passages)


def _two_dates(group: list[Citation]) -> Iterator[DocumentFinding]:
    group = _one_document(group)
    number = group[0].number
    by_date = _places([(mention.dated_vi, mention) for mention in group if mention.dated])
    if len(by_date) > 1:
        says = f"{number} ghi {_each('ngày', by_date)}: một văn bản chỉ có một ngày ban hành"
        yield found("citation-dates", number, _all(by_date), says)
    wrong = [m for m in group if m.year and isinstance(m.dated, date) and str(m.dated.year) != m.year]
    wrong += [m for m in group if isinstance(m.dated, str)]
    if wrong and len(by_date) == 1:
        lines = [line for mention in wrong for line in mention.lines]
        reason = (
            "không có trong lịch" if isinstance(wrong[0].dated, str) else f"số lại ghi năm {wrong[0].year}"
        )
        says = f"{number} ghi ngày {wrong[0].dated_vi} ({lines_vi(lines)}): {reason}"
        yield found("citation-dates", number, lines, says)


def _two_issuers(group: list[Citation]) -> Iterator[DocumentFinding]:
    group = _one_document(group)
    number = group[0].number
    by_issuer = _places([(mention.issuer, mention) for mention in group if mention.issuer])
    signed = _SIGNED_BY.get(number.rpartition("-")[2])
    if len(by_issuer) > 1:
        says = f"{number} ghi {_each('của', by_issuer)}: một văn bản chỉ có một cơ quan ban hành"
        yield found("citation-issuer", number, _all(by_issuer), says)
    elif by_issuer and signed and signed not in by_issuer:
        says = f"{number} ghi {_each('của', by_issuer)}, nhưng ký hiệu là của {signed}"
        yield found("citation-issuer", number, _all(by_issuer), says)


def _two_kinds(group: list[Citation]) -> Iterator[DocumentFinding]:
    """A kind that the word before the number denies, or another kind under one number, word or date."""
    for mention in group:
        named = KINDS.get(mention.word or "")
        if named and mention.kind in KINDS.values() and named != mention.kind:
            same = [
                m for m in group if m.kind == named and (m.word == mention.word or m.dated == mention.dated)
            ]
            lines = [*mention.lines, *(line for other in same for line in other.lines)]
            says = f"{mention.number} gọi là {mention.word} ({lines_vi(mention.lines)})"
            says += f", nhưng ký hiệu là {mention.kind}"
            if same:
                says += f"; chỗ khác ghi {same[0].number} ({lines_vi(lines[len(mention.lines) :])})"
            yield found("citation-kind", mention.number, lines, says)
    by_kind = {mention.kind: mention for mention in group if mention.dated and not mention.word}
    dated = {mention.dated for mention in by_kind.values()}
    if len(by_kind) > 1 and len(dated) == 1:
        numbers = _places([(mention.number, mention) for mention in by_kind.values()])
        says = f"Cùng số, cùng ngày mà ghi nhiều ký hiệu: {_each('', numbers)}"
        yield found("citation-kind", next(iter(numbers)), _all(numbers), says)


def _one_document(group: list[Citation]) -> list[Citation]:
    """Mentions of one document: without a year in the number, those of the commonest year and level."""
    if group[0].year:
        return group
    for part in ("level", "calendar_year"):
        values = [value for mention in group if (value := _value(mention, part))]
        if len(set(values)) > 1 and not (part == "calendar_year" and _slip(group)):
            common = max(set(values), key=lambda value: (values.count(value), value))
            group = [mention for mention in group if _value(mention, part) in (None, common)]
    return group


def _value(mention: Citation, part: str) -> str | None:
    if part == "level":
        return mention.level
    return str(mention.dated.year) if isinstance(mention.dated, date) else None


def _slip(group: list[Citation]) -> bool:
    """Whether the dates of several years share day and month: then only the year is miswritten."""
    return len({(m.dated.day, m.dated.month) for m in group if isinstance(m.dated, date)}) == 1


def _citations(passage: Passage) -> Iterator[Citation]:
    for match in _CITED.finditer(passage.text):
        given = match.groupdict()
        word = given["word"].lower() if given["word"] else None
        yield _citation(passage.lines, given, word, _date(given), _issuer(given))


def _citation(
    lines: tuple[int, ...],
    given: dict[str, str | None],
    word: str | None,
    dated: date | str | None,
    issuer: str | None,
) -> Citation:
    if given.get("p_no"):
        no, year, kind, organ = given["p_no"], None, given["p_kind"], given["p_organ"]
        number = f"{no}-{kind}/{organ}"
    elif given["house"]:
        no, year, kind, organ = given["no"], given["year"], "QH", "QH"
        number = f"{no}/{year}/QH" if year else f"{no}/QH"
    else:
        no, year, kind, organ = given["no"], given["year"], given["kind"], given["organ"]
        number = "/".join(filter(None, (no, year, f"{kind}-{organ}")))
    level = (given.get("level") or "").lower().replace("tp", "thành phố") or None
    core = (str(no), year, str(organ))
    return Citation(lines, number, core, str(kind), word, dated, issuer, level)


def _own(passages: list[Passage]) -> Iterator[Citation]:
    """The document's own number with the date beside it and the issuer above its grounds."""
    head = passages[:40]
    for at, passage in enumerate(head):
        if own := _OWN_NUMBER.match(passage.text):
            given = own.groupdict()
            dates = [match for other in head[at + 1 : at + 4] if (match := _OWN_DATE.match(other.text))]
            dated = _date(dates[0].groupdict()) if dates else None
            issuer, lines = _above_grounds(head[at + 1 :])
            given["level"] = issuer["level"] if issuer else None
            yield _citation((*passage.lines, *lines), given, None, dated, _issuer(issuer) if issuer else None)
            return


def _above_grounds(head: list[Passage]) -> tuple[dict[str, str | None] | None, tuple[int, ...]]:
    for before, passage in pairwise(head):
        if passage.text.startswith(("Căn cứ", "Xét", "Thực hiện")):
            match = _OWN_ISSUER.match(before.text) if before.text.isupper() else None
            return ({**match.groupdict(), "by": match.group()}, before.lines) if match else (None, ())
    return None, ()


def _date(given: dict[str, str | None]) -> date | str | None:
    if not given.get("day"):
        return None
    year, month, day = int(given["y"] or 0), int(given["month"] or 0), int(given["day"] or 0)
    try:
        return date(year, month, day)
    except ValueError:
        return f"{day:02d}/{month:02d}/{year}"


def _issuer(given: dict[str, str | None]) -> str | None:
    if not given.get("by"):
        return None
    if given.get("body"):
        body = str(given["body"])
        return next((known for known in _SIGNED_BY.values() if known.lower() == body.lower()), body)
    level = (given.get("level") or "").lower().replace("tp", "thành phố")
    name = "Chủ tịch Ủy ban nhân dân" if given.get("chair") else "Ủy ban nhân dân"
    return f"{name} {level}".strip()


def _places(named: list[tuple[str, Citation]]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = defaultdict(list)
    for name, mention in named:
        places[name] += mention.lines
    return dict(places)


def _each(word: str, places: dict[str, list[int]]) -> str:
    return listed_vi(f"{word} {name} ({lines_vi(lines)})".strip() for name, lines in places.items())


def _all(places: dict[str, list[int]]) -> list[int]:
    return [line for lines in places.values() for line in lines]
