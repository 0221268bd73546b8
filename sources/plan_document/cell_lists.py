"""The members that a cell lists, one by one, where no catalogue knows their names.

A name begins with a word for an office or its head. A comma or "và" parts two names only before such a word:
"Sở Kế hoạch và Đầu tư, Sở Tài chính và UBND các huyện" are three; "sở, ban, ngành" are one.
"""

from __future__ import annotations

import re

from sources.plan_document.skeleton import skeleton
from warehouse.text import nfc

_OFFICE = (
    r"(?:Sở|Ban(?! hành| đầu)|Phòng(?!,? chống)|Ủy ban|Uỷ ban|UBND|UBMTTQ|HĐND|Hội(?! nghị| thi| thảo"
    r"| nhập)|Văn phòng|VP|Cục|Chi cục|Thanh tra|Viện|Trung tâm|Đài|Báo(?! cáo)|Công an(?! toàn)"
    r"|Bảo hiểm|BHXH|Kho bạc|Đoàn(?! kiểm)|Mặt trận|MTTQ|Liên đoàn|Học viện|Trường(?! hợp)|Ngân hàng"
    r"|Bưu điện|Tổ(?! chức)|Cổng|Bộ phận|Bộ(?! phận| chỉ| tiêu| thủ)|Chi nhánh"
    r"|Công đoàn|Tòa án|Viện kiểm sát|Điện lực|Quỹ|Tổng công ty|Công ty|Tỉnh ủy|Thành ủy|Huyện ủy|Quận ủy"
    r"|Đảng ủy"
    r"|BQL|Bệnh viện|Kiểm toán|Hải quan|Thuế)"
)
_HEAD = (
    r"(?:Giám đốc|Trưởng|Chánh|Chủ tịch|Thủ trưởng|Chủ nhiệm|Viện trưởng|Cục trưởng|Bí thư"
    r"|Tổng [Bb]iên tập|Hiệu trưởng"
    r"|thủ trưởng|chủ tịch|giám đốc|chánh|trưởng phòng)"
)
_OPEN = (
    r"(?:Các|các)\s+(?:[Cc]ơ quan|[Đđ]ơn vị|[Ss]ở|[Pp]hòng|[Bb]an|[Hh]uyện|[Qq]uận|[Xx]ã|[Pp]hường|[Tt]ổ chức"
    r"|[Đđ]oàn thể|[Đđ]ịa phương|UBND|[UỦ]y ban|[Đđ]ồng chí)"
)
_NAME = rf"(?:{_HEAD}\b|{_OPEN}|{_OFFICE}\b|(?:Cơ quan|Đơn vị)\b)"
_OF_COUNCILS = re.compile(r"\b(?:HĐND|Hội đồng nhân dân|ĐBQH|Đại biểu Quốc hội)$")
"""Văn phòng HĐND và UBND is one office."""
_STARTS = re.compile(rf"(?:{_NAME}|[Ss]ở, ban)")
_BETWEEN = re.compile(
    rf"\s*[;\n•]+\s*|\.\s+(?={_NAME})|(?:^|\s)[-+–]\s+(?=[A-ZĐÀ-Ỹ])|\s*,\s*(?:và\s+)?(?={_NAME})"
    rf"|\s+và\s+(?={_NAME})"
    r"|\s+phối hợp với\s+|\.\s+(?=Mời |Đề nghị |Giao )"
)
_AROUND = " .,;:-–+\n"
_INVITED = re.compile(r"^(?:Mời|Đề nghị|Giao|phối hợp với|Phối hợp với)\s+")
_ONE_OF_A_SET = re.compile(
    r"(?:ban|ngành|đoàn thể|phòng)\b[ ,–-]+(?:ngành|ban|đoàn thể|đơn vị|phòng)?\b", re.IGNORECASE
)
"""sở, ban, ngành: a set with one name, whatever its letters."""


def split_places(cell: str) -> list[tuple[str, tuple[int, int]]]:
    """The names in a cell, each with its place in the cell's text (`cell_text`)."""
    text = cell_text(cell)
    starts, ends = [0], []
    for match in _BETWEEN.finditer(text):
        before, after = text[: match.start()], text[match.end() :]
        link = match.group().strip()
        if link == "," and _ends_a_set(before) and _ONE_OF_A_SET.match(after):
            continue
        if link == "và" and _OF_COUNCILS.search(before):
            continue
        ends.append(match.start())
        starts.append(match.end())
    ends.append(len(text))
    found = []
    for start, end in zip(starts, ends, strict=True):
        name = _INVITED.sub("", text[start:end].strip(_AROUND)).strip(_AROUND)
        if name and skeleton(name) not in ("va", "x"):
            found.append((name, (start, end)))
    return found


def cell_text(cell: str) -> str:
    """The lines of a cell, each in normal form."""
    return "\n".join(filter(None, map(nfc, cell.split("\n"))))


def starts_with_name(text: str) -> bool:
    """Whether a text begins with the name of an office, its head, or an open list of them."""
    return bool(_STARTS.match(text))


def _ends_a_set(before: str) -> bool:
    return bool(re.search(r"\b(?:sở|ban|phòng)$", before, re.IGNORECASE))
