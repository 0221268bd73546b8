"""The form definition: what `cchc_q_v1.yml` says, checked, with the keys by which its words are matched."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from warehouse.data_files import read_model
from warehouse.text import match_key

FORM_FILE = Path(__file__).with_name("cchc_q_v1.yml")

ColumnType = Literal[
    "ordinal",
    "code",
    "text",
    "status",
    "percent",
    "count",
    "number",
    "date",
    "field",
    "content",
    "channel",
    "feedback_kind",
    "by_unit",
    "shown",
]
VALUE_TYPES: frozenset[str] = frozenset({"status", "percent", "count", "number", "date", "by_unit"})
"""Types whose cells hold what is reported; the others say what the row is about, or are free text."""

_ROMAN = frozenset(["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"])
_NUMBERS_ONLY = re.compile(r"[(\[]?\s*(?:[0-9]{1,2}|[A-D])\s*[)\]]?\s*(?:=[\s()\[\]=+0-9-]*)?")
_LONGEST_NUMBERS, _LONGEST_WORDS = 60, 500
"""Texts beyond are no column numbers, headings or words of a list, and cost too much to look at."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Word(_Model):
    """One entry of a list of words: how it is written by us, and how else it is met."""

    label: str
    synonyms: list[str] = []
    prefilled: bool = False
    type: Literal["text", "date"] = "text"
    per_field: bool = False
    fields: list[str] | None = None

    @property
    def spellings(self) -> list[str]:
        """The label and its synonyms."""
        return [self.label, *self.synonyms]


class Column(_Model):
    """One column of a sheet. `number` is its number in the State's form, `width` is in characters."""

    code: str
    heading: str
    synonyms: list[str] = []
    group: str | None = None
    type: ColumnType
    low: float | None = None
    high: float | None = None
    number: int | None = None
    width: float = 12
    needed: bool = False
    optional: bool = False
    prefilled: bool = False
    blank_means: str | None = None


class Identity(_Model):
    """`total` must equal the sum of `parts`."""

    total: str
    parts: list[str]
    text_vi: str


class Order(_Model):
    """`smaller` may not exceed `larger`."""

    smaller: str
    larger: str


class Carry(_Model):
    """`opens` holds what the period before closed with: its `closes`, or the sum of its `parts`."""

    opens: str
    closes: str
    parts: list[str]


class Sheet(_Model):
    """One table sheet of the form."""

    code: str
    name: str
    synonyms: list[str] = []
    optional: bool = False
    identity: list[str]
    row_lines: int = 1
    guidance_vi: str
    groups: dict[str, Word] = {}
    columns: list[Column]
    identities: list[Identity] = []
    orders: list[Order] = []
    carry: Carry | None = None
    flows: dict[str, list[str]] = {}

    def __hash__(self) -> int:
        return hash(self.code)  # what is worked out of a sheet once is kept by it

    def column(self, code: str) -> Column:
        """The column of a code; KeyError when there is none."""
        for column in self.columns:
            if column.code == code:
                return column
        raise KeyError(code)


class InfoSheet(_Model):
    """The sheet of labels and values that says who reports what."""

    code: str
    name: str
    synonyms: list[str] = []
    labels: dict[str, Word]


class Limits(_Model):
    """Bounds of what is read; see the form definition."""

    cell_characters: int
    file_bytes: int
    zip_entries: int
    unpacked_bytes: int
    inflation_ratio: int
    sheet_rows: int
    sheet_columns: int
    sheets: int
    reader_cpu_seconds: int
    reader_memory_bytes: int
    long_after_days: int
    rate_difference_points: float


class FileKinds(_Model):
    """The kinds of file that this version reads."""

    accepted_vi: str


class LandingNames(_Model):
    """Names of files in the landing zone that are left alone."""

    ignored_prefixes: list[str]
    ignored_suffixes: list[str]
    ignored_names: list[str]


class Texts(_Model):
    """Sentences of the issued workbook."""

    lead_tasks_vi: str
    cooperate_tasks_vi: str
    role_vi: dict[str, str]
    milestone_vi: str
    due_vi: str
    due_moved_vi: str
    window_vi: str
    window_not_set_vi: str
    fill_white_vi: str
    blank_vi: str
    resend_vi: str
    assumed_vi: str
    assumed_row_vi: str
    assumed_fields_vi: str
    no_rows_vi: str
    numerator_vi: str
    denominator_vi: str


class FormDefinition(_Model):
    """A version of the report form."""

    form_code: str
    form_synonyms: list[str]
    texts: Texts
    title_vi: str
    basis_vi: str
    not_reported: list[str]
    zero: list[str]
    limits: Limits
    file_kinds: FileKinds
    landing: LandingNames
    statuses: dict[str, Word]
    survey_contents: dict[str, Word]
    survey_content_default: str
    channels: dict[str, Word]
    feedback_kinds: dict[str, Word]
    feedback_kind_default: str
    report_kinds: dict[str, Word]
    period_words: dict[str, list[str]]
    total_words: list[str]
    total_parts: list[str]
    comparators: dict[str, str]
    units: dict[str, str]
    answer_sheet: str
    info: InfoSheet
    sheets: list[Sheet] = Field(min_length=1)

    def __hash__(self) -> int:
        return hash(self.form_code)  # what is worked out of a form once is kept by it

    def sheet(self, code: str) -> Sheet:
        """The table sheet of a code; KeyError when there is none."""
        for sheet in self.sheets:
            if sheet.code == code:
                return sheet
        raise KeyError(code)

    def words(self, column_type: str) -> Mapping[str, Word]:
        """The list of words that cells of a type are taken from."""
        return {
            "status": self.statuses,
            "content": self.survey_contents,
            "channel": self.channels,
            "feedback_kind": self.feedback_kinds,
        }[column_type]


@cache
def load_definition(path: Path = FORM_FILE) -> FormDefinition:
    """Read a form definition. Raises DataFileError that names the file, line and field of each fault."""
    return read_model(path, FormDefinition)


def word_key(text: str) -> str:
    """Key of a word or phrase of the form: like `match_key`, and i and y are one letter (kỳ, kì).

    >>> word_key("Quí III") == word_key("QUÝ  iii")
    True
    """
    return match_key(text[:_LONGEST_WORDS]).replace("y", "i")


def heading_key(text: str) -> str:
    """Key of a heading, label or sheet name: `word_key` without leading numbers and trailing column numbers.

    >>> heading_key("2. Tổng số (3)=(4)+(5)+(6)")
    'tong so'
    """
    return _heading_key(text[:_LONGEST_WORDS])


@lru_cache(maxsize=16384)
def _heading_key(text: str) -> str:
    tokens = word_key(text).split()
    while len(tokens) > 1 and (tokens[0].isdigit() or tokens[0] in _ROMAN):
        tokens.pop(0)
    while len(tokens) > 1 and tokens[-1].isdigit():
        tokens.pop()
    return " ".join(tokens)


def is_column_number(text: str) -> bool:
    """Whether a cell's text is a column number of the form: 3, (3), (3)=(4)+(5)+(6), A."""
    return len(text) <= _LONGEST_NUMBERS and _NUMBERS_ONLY.fullmatch(text.strip()) is not None


def spelling_index(words: Mapping[str, Word]) -> dict[str, str]:
    """Word key of every spelling → code."""
    return {word_key(spelling): code for code, word in words.items() for spelling in word.spellings}


def heading_keys(spellings: Iterable[str]) -> frozenset[str]:
    """Heading keys of several spellings."""
    return frozenset(heading_key(s) for s in spellings)
