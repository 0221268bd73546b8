"""The bench stays alive: every contender loads the right rows, and wrong ones are told. Never a timing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from bench import data, databases
from bench.__main__ import CONTENDERS, PROMISES, Bench, WrongRowsError, report
from bench.measure import Cost
from warehouse.engine import engine
from warehouse.settings import Settings


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """The bench over three agencies, one of a kind, with a server of its own."""
    home = tmp_path_factory.mktemp("bench")
    source = data.workbooks(home / "data", 3, lambda _: None)
    with databases.running_server(home) as info:
        yield Bench(home, info, source)


@pytest.mark.slow
def test_every_contender_loads_the_rows_that_are_in_the_files(bench: Bench) -> None:
    assert sum(bench.expected.values()) > 500
    for contender in CONTENDERS:  # the intake first: the floor loads the rows that it wrote
        cost = bench.run(contender)
        assert cost.work_cpu > 0
        assert cost.server_cpu > 0


@pytest.mark.slow
def test_more_files_are_the_same_reports_of_other_periods(bench: Bench) -> None:
    assert (bench.run("ours", times=2, watch_memory=True).peak_mb or 0) > 1


@pytest.mark.slow
def test_a_run_that_lost_a_row_is_no_measure(bench: Bench) -> None:
    with databases.clone(bench.home) as settings:
        with pytest.raises(WrongRowsError, match="rows of the ledger"):
            bench.check("ours", settings, 1)
        with pytest.raises(WrongRowsError, match="rows of pandas_way"):
            bench.check("pandas_way", settings, 1)
    bench.run("ours")
    with databases.clone(bench.home) as settings:
        _copy_all_but_one(bench, settings)
        with pytest.raises(WrongRowsError, match="rows in raw"):
            bench.check("floor", settings, 1)


def test_the_files_are_the_same_for_the_same_seed(tmp_path: Path) -> None:
    first, second = (data.workbooks(tmp_path / name, 3, lambda _: None) for name in ("a", "b"))
    names = [path.name for path in sorted(first.glob("*.xlsx"))]
    assert len(names) == 3
    assert all((first / name).read_bytes() == (second / name).read_bytes() for name in names)
    assert json.loads((first / "rows.json").read_text(encoding="utf-8")).keys() == set(names)


def test_a_missed_promise_is_said() -> None:
    costs = {name: [Cost(1.0, 0.1, 1.0, 0.1)] for name in CONTENDERS}
    assert report(costs, {3: 100.0}, 3, 500).count("MISSED") == 2  # equal times keep only the floor's promise
    assert report(costs, {3: 100.0, 6: 200.0}, 3, 500).count("MISSED") == 3  # memory that grows
    assert [promise.holds(2.5) for promise in PROMISES] == [False, True, True]


def _copy_all_but_one(bench: Bench, settings: Settings) -> None:
    import pickle

    lost = False
    with engine(settings, "loader").begin() as connection:
        for table, columns, rows in pickle.loads(bench.rows.read_bytes()):  # noqa: S301 (our own file)
            if rows and not lost and table.endswith("_row"):
                rows, lost = rows[1:], True
            names, marks = ", ".join(columns), ", ".join(f":{name}" for name in columns)
            for row in rows:
                statement = sa.text(f"insert into {table} ({names}) values ({marks})")
                connection.execute(statement, dict(zip(columns, row, strict=True)))
