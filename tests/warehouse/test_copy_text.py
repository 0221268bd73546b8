"""COPY text means to the server what the values mean to us."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from decimal import Decimal
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects.postgresql import JSONB

from warehouse.copy_text import copy_lines, parse_lines
from warehouse.engine import Role, copy_text

ODD = sa.Table(
    "odd",
    sa.MetaData(),
    sa.Column("number", sa.Integer),
    sa.Column("said", sa.Text),
    sa.Column("flag", sa.Boolean),
    sa.Column("amount", sa.Numeric),
    sa.Column("day", sa.Date),
    sa.Column("moment", sa.DateTime(timezone=True)),
    sa.Column("given", JSONB),
    sa.Column("left_out", sa.Text, server_default="default"),
    schema="pg_temp",
)
NAMES = [column.name for column in ODD.columns][:-1]

text = st.text(
    st.one_of(
        st.sampled_from("\\\t\n\r\b\v\f\x01\x02\x03 N\"',{}."),
        st.characters(exclude_characters="\x00", exclude_categories=["Cs"]),
    ),
    max_size=30,
)
said = st.one_of(text, st.sampled_from(["\\N", "\\.", "", "\\", "NULL", "\\\\n", "a\r\nb", "Ủy ban\t\\t"]))
amount = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**15), max_value=10**15),
    st.decimals(min_value=-(10**30), max_value=10**30, allow_nan=False, allow_infinity=False, places=0),
    st.floats(min_value=-1e12, max_value=1e12, allow_nan=False),
    st.integers(-(10**40), 10**40),
)
row = st.tuples(
    st.none() | said,
    st.none() | st.booleans(),
    st.none() | amount,
    st.none() | st.dates(),
    st.none() | st.datetimes(timezones=st.just(UTC)),
    st.none() | st.dictionaries(text, st.none() | said | st.integers(-(10**9), 10**9), max_size=4),
)


@pytest.fixture
def loader(engine_as: Callable[[Role], sa.Engine]) -> Any:
    """A connection with an empty table of its own."""
    with engine_as("loader").connect() as connection:
        connection.execute(
            sa.text(
                "create temporary table odd (number int, said text, flag boolean, amount numeric, day date, "
                "moment timestamptz, given jsonb, left_out text default 'default')"
            )
        )
        yield connection


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(rows=st.lists(row, max_size=8))
def test_what_is_copied_is_what_was_given(loader: sa.Connection, rows: list[tuple[Any, ...]]) -> None:
    loader.execute(sa.text("delete from odd"))
    numbered = [(number, *values) for number, values in enumerate(rows)]
    half = len(numbered) // 2
    copy_text(loader, ODD, NAMES, [copy_lines(numbered[:half]), copy_lines(numbered[half:])])
    found = [tuple(values) for values in loader.execute(sa.select(ODD).order_by(ODD.c.number))]
    assert [values[:3] for values in found] == [values[:3] for values in numbered]
    assert [values[4:7] for values in found] == [values[4:] for values in numbered]
    for values, given_values in zip(found, numbered, strict=True):
        given_amount = given_values[3]
        if isinstance(given_amount, float):
            assert float(values[3]) == given_amount
        else:
            assert values[3] == given_amount
    assert {values[7] for values in found} <= {"default"}


def test_chunks_of_any_size_arrive_whole(loader: sa.Connection) -> None:
    sizes = [1, 200_000, 70_000, 70_000, 131_070, 2, 500_000, 3]
    texts = [str(number) * size for number, size in enumerate(sizes)]
    copy_text(loader, ODD, ["number", "said"], (copy_lines([row]) for row in enumerate(texts)))
    copy_text(loader, ODD, ["number"], [])
    assert list(loader.scalars(sa.select(ODD.c.said).order_by(ODD.c.number))) == texts


def test_values_before_each_row_are_its_stamp() -> None:
    assert copy_lines([(None, "a\tb"), (True, {"ô": "\n"})], (7, "x\\")) == (
        b'7\tx\\\\\t\\N\ta\\tb\n7\tx\\\\\tTrue\t{"\xc3\xb4": "\\\\n"}\n'
    )
    assert copy_lines([], (7,)) == b""


@given(rows=st.lists(st.tuples(st.none() | said, said, st.none() | st.integers()), max_size=8))
def test_what_was_written_is_read_back(rows: list[tuple[Any, ...]]) -> None:
    expected = [["7", *(None if value is None else str(value) for value in values)] for values in rows]
    assert parse_lines(copy_lines(rows, (7,))) == expected


def test_what_no_database_holds_is_refused(loader: sa.Connection) -> None:
    with pytest.raises(psycopg.DataError):
        copy_text(loader, ODD, ["said"], [copy_lines([("a\x00b",)])])
    with pytest.raises(UnicodeEncodeError):
        copy_lines([("\ud800",)])
    with pytest.raises(TypeError, match="no COPY text for bytes"):
        copy_lines([(b"raw",)])


def test_amounts_keep_their_digits(loader: sa.Connection) -> None:
    copy_text(loader, ODD, ["amount"], [copy_lines([(Decimal("1E+3"),), (Decimal("0.20"),), (0.1,)])])
    found = loader.scalars(sa.select(ODD.c.amount).order_by(ODD.c.amount)).all()
    assert [str(amount) for amount in found] == ["0.1", "0.20", "1000"]
