"""`make bench`: the intake beside the floor, pandas and dlt, on the same files, in turn, in one run."""

from __future__ import annotations

import argparse
import json
import os
import pickle
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from bench import city, data, databases
from bench.job import Job
from bench.measure import Cost, measured
from warehouse.engine import dsn
from warehouse.server import ServerInfo
from warehouse.settings import Settings, get_settings

CONTENDERS = {
    "ours": "this intake",
    "floor": "floor: calamine, COPY",
    "pandas_way": "pandas, openpyxl, to_sql",
    "dlt_way": "dlt into PostgreSQL",
}
SIZES = (1, 2, 4)
"""The memory of the intake is watched with so many times the files."""


@dataclass(frozen=True)
class Promise:
    """A ratio of CPU times that is promised: at least, or at most."""

    text: str
    over: str
    under: str
    at_least: float | None = None
    at_most: float | None = None

    def holds(self, ratio: float) -> bool:
        """Whether a measured ratio keeps it."""
        return ratio >= (self.at_least or 0) and ratio <= (self.at_most or ratio)


PROMISES = (
    Promise("at least 10 × less than pandas", "pandas_way", "ours", at_least=10),
    Promise("at least 2.5 × less than dlt", "dlt_way", "ours", at_least=2.5),
    Promise("at most 2.5 × the floor", "ours", "floor", at_most=2.5),
)
PEAK_MB = 300


class WrongRowsError(Exception):
    """A contender did not load what it had to: its time means nothing."""


class Bench:
    """One run of the measures: the files, the server, the rows that everybody has to load."""

    def __init__(self, home: Path, info: ServerInfo, source: Path) -> None:
        self.home, self.info, self.source = home, info, source
        self.rows = home / "floor-rows.pickle"
        expected: dict[str, int] = {}
        for of_file in json.loads((source / "rows.json").read_text(encoding="utf-8")).values():
            for code, number in of_file.items():
                expected[code] = expected.get(code, 0) + number
        self.total_rows = expected.pop("total")
        self.expected = {code: number for code, number in expected.items() if number}

    def run(self, contender: str, times: int = 1, *, watch_memory: bool = False) -> Cost:
        """One run in a fresh database with fresh folders; raises WrongRowsError."""
        with databases.clone(self.home) as settings, self._folder(times) as folder:
            job = Job(
                contender,
                str(self.home),
                settings.database,
                dsn(settings, "loader"),
                str(folder / "files"),
                str(folder),
                str(self.rows),
            )
            cost = measured(job, self.info, watch_memory=watch_memory)
            self.check(contender, settings, times)
            if contender == "ours" and times == 1:
                databases.write_loaded_rows(settings, self.rows)
        return cost

    def check(self, contender: str, settings: Settings, times: int) -> None:
        """Compare what lies in the database with what was in the files."""
        expected = {code: number * times for code, number in self.expected.items()}
        if contender == "ours":
            self._equal("rows of the ledger", databases.section_counts(settings), expected | {"refused": 0})
            loaded = sum(databases.table_counts(settings, "raw").values())
            self._equal("rows in raw", {"all": loaded}, {"all": sum(expected.values())})
        elif contender == "floor":
            given = {name: len(rows) for name, _, rows in pickle.loads(self.rows.read_bytes())}  # noqa: S301
            found = databases.table_counts(settings, "raw")
            self._equal("rows in raw", found, {code: given[f"raw.{code}_row"] for code in databases.SHEETS})
        else:
            found = databases.table_counts(settings, contender)
            expected["dossier"] += self.total_rows  # nobody tells them that a total is no field
            self._equal(f"rows of {contender}", {code: n for code, n in found.items() if n}, expected)

    def _equal(self, what: str, found: dict[str, int], expected: dict[str, int]) -> None:
        found = {code: number for code, number in found.items() if number or code in expected}
        if found != expected:
            raise WrongRowsError(f"{what}: {found}, expected {expected}")

    @contextmanager
    def _folder(self, times: int) -> Iterator[Path]:
        """A work folder whose `files` hold the workbooks, for as many periods as asked."""
        with tempfile.TemporaryDirectory(dir=self.home, prefix="run-") as name:
            files = Path(name) / "files"
            files.mkdir()
            labels = [city.reference().periods[period]["label_vi"] for period in city.PERIODS]
            for path in sorted(self.source.glob("*.xlsx")):
                _link(path, files / path.name)
                for label in labels[1:times]:
                    other = data.of_period(path.read_bytes(), labels[0], label)
                    (files / f"{path.stem} {label}.xlsx").write_bytes(other)
            yield Path(name)


def main() -> int:
    """Measure, print the table, keep it as JSON; 1 where a contender loaded wrong rows."""
    asked = _arguments()
    home = get_settings().home / "bench"
    home.mkdir(parents=True, exist_ok=True)
    _tell(f"Workbooks of an invented round (seed {data.SEED}) …")
    source = data.workbooks(home / "data", asked.agencies, _tell)
    with databases.running_server(home) as info:
        bench = Bench(home, info, source)
        files = len(list(source.glob("*.xlsx")))
        _tell(f"{files} files, {sum(bench.expected.values()):,} rows; {asked.rounds} rounds")
        costs: dict[str, list[Cost]] = {name: [] for name in asked.only}
        peaks: dict[int, float] = {}
        try:
            for number in range(asked.rounds):
                for name in asked.only:
                    cost = bench.run(name)
                    costs[name].append(cost)
                    _tell(
                        f"  round {number + 1}: {CONTENDERS[name]:<26} {cost.work_cpu:7.2f} s CPU, "
                        f"{cost.wall:7.2f} s wall"
                    )
            for times in SIZES if asked.memory else ():
                peaks[files * times] = bench.run("ours", times, watch_memory=True).peak_mb or 0.0
                _tell(f"  memory with {files * times} files: peak {peaks[files * times]:.0f} MB")
        except WrongRowsError as error:
            _tell(f"WRONG ROWS, no figure of this run counts: {error}")
            return 1
    text = report(costs, peaks, files, sum(bench.expected.values()))
    _tell(text)
    kept = {"costs": {name: [asdict(c) for c in of] for name, of in costs.items()}, "peaks_mb": peaks}
    (home / "last.json").write_text(json.dumps(kept, indent=1), encoding="utf-8")
    return 0


def report(costs: dict[str, list[Cost]], peaks: dict[int, float], files: int, rows: int) -> str:
    """The table of medians, and each promise with what was measured."""
    memory = psutil.virtual_memory().total / 1e9
    lines = [
        "",
        f"{files} files, {rows:,} rows; medians of {len(next(iter(costs.values())))} rounds; "
        f"{os.cpu_count()} cores, {memory:.0f} GB",
        f"{'':<26} {'CPU s':>8} {'with start':>11} {'wall s':>8} {'server CPU s':>13} {'ms a file':>10}",
    ]
    for name, of_name in costs.items():
        cpu, whole, wall, server = (
            statistics.median(getattr(c, part) for c in of_name)
            for part in ("work_cpu", "whole_cpu", "wall", "server_cpu")
        )
        lines.append(
            f"{CONTENDERS[name]:<26} {cpu:>8.2f} {whole:>11.2f} {wall:>8.2f} {server:>13.2f} "
            f"{cpu / files * 1000:>10.1f}"
        )
    for promise in PROMISES:
        if {promise.over, promise.under} <= costs.keys():
            plain, whole = (
                statistics.median(
                    getattr(over, part) / getattr(under, part)
                    for over, under in zip(costs[promise.over], costs[promise.under], strict=True)
                )
                for part in ("work_cpu", "whole_cpu")
            )
            word = "holds" if promise.holds(plain) else "MISSED"
            lines.append(f"{promise.text:<34} {plain:6.1f} × ({whole:.1f} × with start): {word}")
    if peaks:
        each = ", ".join(f"{peak:.0f} MB with {files} files" for files, peak in peaks.items())
        *before, last = peaks.values()  # what is remembered from file to file is bounded, and full by then
        flat = last <= 1.1 * (before[-1] if before else last)
        word = "holds" if flat and max(peaks.values()) < PEAK_MB else "MISSED"
        lines.append(f"peak memory under {PEAK_MB} MB and flat: {each}: {word}")
    return "\n".join(lines)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--agencies", type=int, default=None, help="only so many agencies (default: all 355)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=CONTENDERS, default=list(CONTENDERS))
    parser.add_argument("--no-memory", dest="memory", action="store_false", help="leave the memory runs out")
    return parser.parse_args()


def _link(path: Path, target: Path) -> None:
    try:
        target.hardlink_to(path)
    except OSError:
        shutil.copy2(path, target)


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
