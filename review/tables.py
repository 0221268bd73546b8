"""Tables of the review, described once and shown twice: on the page and in the workbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal[
    "text", "small", "count", "score", "ratio", "measured", "share", "day", "moment", "state", "marks", "file"
]
"""What a column holds.

text, small: words (small: secondary); count: a whole number; score: one with two decimals;
ratio: a Ratio; measured: a Measured; share: a Ratio shown as counts alone; day, moment: a date, a time;
state: a code of `vocabulary`; marks: a list of (tone, text); file: the number of a delivery, linked to its
file.
"""


@dataclass(frozen=True)
class Column:
    """One column: the key of the row's value, its heading, what it holds and where it is shown."""

    key: str
    label: str
    kind: Kind = "text"
    vocabulary: str = ""
    sub: str = ""
    """Key of a second, smaller line on the page."""
    link: str = ""
    """Key of the row's evidence key: the figure links to the rows that it was computed from."""
    marks: str = ""
    """Key of a list of (tone, text) that the page shows under the value."""
    quiet: bool = False
    """An empty value says nothing: a narrow page leaves it out."""
    width: int = 14
    """Width in the workbook, in characters; the page divides the room of words in the same proportions."""
    where: Literal["both", "page", "book"] = "both"


@dataclass(frozen=True)
class Table:
    """Rows under columns. `sheet` names the workbook's sheet; without one the table is on the page only."""

    key: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[dict[str, Any]]
    sheet: str = ""
    note: str = ""
    empty: str = "Không có dòng nào."
    group: str = ""
    """Key of the text under which the page groups rows; the workbook has a column for it."""
    folded: bool = False
    """The page shows the table closed; a click opens it."""
    total_row: dict[str, Any] | None = None
    limit: int | None = None
    """The page shows this many rows and points to the workbook for the others."""
    on_page: bool = True

    def page_columns(self) -> list[Column]:
        """The columns that the page shows."""
        return [column for column in self.columns if column.where != "book"]

    def book_columns(self) -> list[Column]:
        """The columns that the workbook shows."""
        return [column for column in self.columns if column.where != "page"]


@dataclass(frozen=True)
class Chart:
    """Counts by category and series, for a stacked bar. Both outputs draw it, each with its own means."""

    key: str
    title: str
    categories: Sequence[str]
    series: Sequence[tuple[str, str, Sequence[int]]]
    """(name, tone, one count per category)"""
    unit: str
    """What is counted: nhiệm vụ, hồ sơ …"""

    @property
    def names_its_bars(self) -> bool:
        """Every bar is a series of its own and bears its name: there is one count each, and no legend."""
        return [name for name, _, _ in self.series] == list(self.categories)


@dataclass(frozen=True)
class Chapter:
    """One numbered chapter: sentences, charts, tables."""

    key: str
    title: str
    sentences: Sequence[str] = ()
    charts: Sequence[Chart] = ()
    tables: Sequence[Table] = field(default_factory=tuple)
