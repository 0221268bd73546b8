"""What each column of a table holds: by the words of its head, or by its cells where the head is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from warehouse.text import match_key

_FILE = Path(__file__).with_name("columns.yml")
_YEAR = re.compile(r"^(?:nam |ke hoach(?: nam)? |muc tieu(?: nam)? |chi tieu(?: nam)? )?(20\d\d)$")
_NUMBER = re.compile(r"^(?:\d{1,3}(?: \d{1,3})*|[ivx]+|[a-h])$")
_COLUMN_NUMBER = re.compile(r"^(?:\d{1,2}|[a-h])$")
_LONGEST_HEAD = 70


@dataclass(frozen=True)
class Column:
    """The role of a column; a column of role `year` is one year of the deadline or the target."""

    role: str
    year: int | None = None


@dataclass(frozen=True)
class Columns:
    """The columns of a table and how sure their roles are."""

    columns: tuple[Column, ...]
    confidence: float

    def of(self, role: str) -> list[int]:
        """The places of the columns of a role."""
        return [place for place, column in enumerate(self.columns) if column.role == role]

    @property
    def kind(self) -> str:
        """task: work with somebody or some time beside it; target: figures to reach; other: neither."""
        roles = {column.role for column in self.columns}
        if "task" in roles and roles & {"lead", "cooperate", "implement", "deadline", "year"}:
            return "task"
        return "target" if "target" in roles and roles & {"year", "value"} else "other"


def is_header(cells: Sequence[str]) -> bool:
    """Whether a row is the head of a table: short cells, most of which name a role."""
    keys = [match_key(cell) for cell in cells if cell.strip()]
    if len(keys) < 2 or any(len(key) > _LONGEST_HEAD for key in keys):
        return False
    roles = [_role(key) for key in keys]
    named = {role for role in roles if role}
    return (
        len(named) >= 2
        and sum(map(bool, roles)) * 3 >= len(keys) * 2
        and bool(named & {"task", "target", "stt", "lead"})
    )


def is_sub_header(cells: Sequence[str]) -> bool:
    """Whether the row under a head goes on with it: years, or roles under a head that spans them."""
    keys = [match_key(cell) for cell in cells if cell.strip()]
    if not keys or any(len(key) > _LONGEST_HEAD for key in keys):
        return False
    return all(_role(key) for key in keys)


def numbers_columns(cells: Sequence[str]) -> bool:
    """Whether a row only numbers the columns: (1) (2) (3)."""
    keys = [match_key(cell) for cell in cells if cell.strip()]
    return len(keys) > 2 and all(_COLUMN_NUMBER.match(key) for key in keys)


def by_header(heads: Sequence[Sequence[str]], width: int) -> Columns:
    """The roles that the head's rows name, column by column; a lower row says more than an upper one."""
    columns: list[Column] = []
    for place in range(width):
        texts = [match_key(row[place]) for row in heads if place < len(row) and row[place].strip()]
        columns.append(_column(texts))
    roles = [column.role for column in columns]
    if "lead" not in roles and "implement" in roles:  # who does it, where nobody else is in charge
        columns[roles.index("implement")] = Column("lead")
    if "task" not in roles and "target" not in roles and "group" in roles:
        columns[roles.index("group")] = Column("task")
    if "target" in roles and "task" in roles and roles.index("target") > roles.index("task"):
        columns[roles.index("target")] = Column("value" if "year" not in roles else "product")
    if "target" in roles and "task" not in roles and "year" not in roles:
        later = [
            place
            for place in range(roles.index("target") + 1, width)
            if columns[place].role in ("", "target")
        ]
        if later:
            columns[later[0]] = Column("value")
        elif set(roles) & {"lead", "deadline"}:
            columns[roles.index("target")] = Column("task")
    return Columns(tuple(column if column.role else Column("note") for column in columns), 0.95)


def by_content(rows: Sequence[Sequence[str]], width: int, plan_years: Sequence[int]) -> Columns:
    """The roles that the cells suggest: agencies in order lead, cooperate, implement; X stands for a year."""
    cells = [[match_key(row[place]) for row in rows if place < len(row)] for place in range(width)]
    shares = [_shares(column) for column in cells]
    roles: dict[int, Column] = {}
    scores: list[float] = []

    def give(place: int, role: str, score: float, year: int | None = None) -> None:
        roles[place] = Column(role, year)
        scores.append(score)

    agencies = [place for place, share in enumerate(shares) if share["agency"] >= 0.6]
    for place, role in zip(agencies, ("lead", "cooperate", "implement"), strict=False):
        give(place, role, shares[place]["agency"])
    numbered = [place for place, share in enumerate(shares) if share["number"] >= 0.7]
    if numbered and numbered[0] == 0:
        give(0, "stt", shares[0]["number"])
    years = [place for place, share in enumerate(shares) if share["x"] >= 0.2 and place not in roles]
    if len(years) > 1 and len(years) == len(plan_years):
        for place, year in zip(years, plan_years, strict=True):
            give(place, "year", min(1.0, 0.4 + shares[place]["x"] + shares[place]["deadline"] / 2), year)
    else:
        timed = [place for place in range(width) if place not in roles and shares[place]["deadline"] >= 0.5]
        if timed:
            best = max(timed, key=lambda place: shares[place]["deadline"])
            give(best, "deadline", shares[best]["deadline"])
    left = [place for place in range(width) if place not in roles and shares[place]["written"]]
    if left:
        longest = max(left, key=lambda place: shares[place]["length"])
        give(longest, "task", 0.9 if shares[longest]["length"] > 30 else 0.5)
        left.remove(longest)
    products = [place for place in left if shares[place]["product"] >= 0.3]
    if products:
        best = max(products, key=lambda place: shares[place]["product"])
        give(best, "product", 0.5 + shares[best]["product"] / 2)
        left.remove(best)
    for place in left:
        if shares[place]["written"] < 0.6 and place < min(agencies, default=width):
            give(place, "group", 0.8)
    columns = tuple(roles.get(place, Column("note")) for place in range(width))
    return Columns(columns, round(min(scores, default=0.0) * 0.9, 2))


def _column(texts: list[str]) -> Column:
    for text in reversed(texts):
        if year := _YEAR.match(text):
            return Column("year", int(year.group(1)))
        if role := _role(text):
            return Column(role)
    return Column("")


def _role(key: str) -> str:
    if _YEAR.match(key):
        return "year"
    for rule in _rules()["roles"]:
        if rule.get("whole"):
            if key in rule["words"]:
                return str(rule["role"])
        elif any(f" {word} " in f" {key} " for word in rule["words"]):
            return str(rule["role"])
    return ""


def _shares(keys: list[str]) -> dict[str, float]:
    written = [key for key in keys if key]
    count = max(len(written), 1)
    begins = _rules()["begins"]
    return {
        "written": len(written) / max(len(keys), 1),
        "length": sum(map(len, written)) / count,
        "x": sum(key == "x" for key in written) / count,
        "number": sum(bool(_NUMBER.match(key)) for key in written) / count,
        **{
            role: sum(any(_begins(key, word) for word in words) for key in written) / count
            for role, words in begins.items()
        },
    }


def _begins(key: str, word: str) -> bool:
    return key == word or key.startswith(f"{word} ")


@cache
def _rules() -> dict[str, Any]:
    return dict(yaml.safe_load(_FILE.read_text(encoding="utf-8")))


def roles_of(columns: Columns) -> Iterator[tuple[str, int | None, int]]:
    """Role, year and place of each column."""
    for place, column in enumerate(columns.columns):
        yield column.role, column.year, place
