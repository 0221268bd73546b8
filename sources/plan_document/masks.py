"""Numbers that are no targets: document numbers, dates, laws, standards, levels of service, articles."""

from __future__ import annotations

import re

MASK = "\u00a4"
_NUMBERS = [
    re.compile(r"\b\d+[a-z]?(?:/\d{4})?/[a-z][a-z0-9]*(?:[-&][a-z0-9]+)*"),  # 62/2020/NĐ-CP, 36a/NQ-CP
    re.compile(r"\b\d+-[a-z]{2,}/[a-z]+\b"),  # 18-CTrHĐ/TU
    re.compile(r"\bngay\s+\d{1,2}\s*(?:thang|[/.-]+)\s*\d{1,2}\s*(?:nam|[/.-]+)\s*\d{4}"),
    re.compile(r"\b\d{1,2}[/.-]\d{1,2}[/.-]+\d{4}\b"),
    re.compile(r"\b(?:tcvn|iso)[ a-z]{0,40}\d{3,5}(?:\s*:\s*\d{4})?(?:\s*[,;]\s*\d{3,5}\s*:\s*\d{4})*"),
    re.compile(
        r"\bmuc(?: do)? \d(?![\d.,]*\s*%|\d)(?:\s*(?:,|va|-)\s*(?:muc(?: do)? )?\d(?![\d.,]*\s*%|\d))*"
    ),
    re.compile(
        r"\b(?:dieu|khoan|diem|chuong|mau so|bieu(?: mau)? so|phu luc|noi dung|tieu chi|to so"
        r"|so)\s+\d{1,4}\b(?!\s*%)"
    ),
    re.compile(
        r"\b(?<!ty le )(?<!dat )\d{1,3}\s*/\s*\d{1,3}\s+"
        r"(?:tinh|thanh|dia phuong|quan|huyen|so|don vi|co quan)\b"
    ),
]
_YEARS = [
    re.compile(
        r"\b(?:bo luat|luat|phap lenh|nghi dinh|nghi quyet|thong tu|chi thi)\b[^.;,\u00a4]{0,90}?\bnam \d{4}"
    ),
    re.compile(r"\b(?:nhiem ky|khoa)\s+\d{4}\s*-\s*\d{4}"),
]


def mask_numbers(plain: str) -> str:
    """A skeleton of the same length whose numbers are figures of the plan: all others are struck out."""
    for pattern in _NUMBERS:
        plain = pattern.sub(_struck, plain)
    return plain


def mask_years(plain: str) -> str:
    """The same for years: those of laws and terms of office are struck out."""
    for pattern in (*_NUMBERS, *_YEARS):
        plain = pattern.sub(_struck, plain)
    return plain


def _struck(found: re.Match[str]) -> str:
    return MASK * len(found.group())
