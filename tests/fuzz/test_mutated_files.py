"""Mutated report files through the real intake: no crash, no hang, nothing lost, everything told.

A failure names its cases and how to run one again; their files are kept in the test's folder. More of them:
`make fuzz`, or `--fuzz-count` and `--fuzz-seed`.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
import python_calamine
import sqlalchemy as sa

from sources.answers.answering import answer_deliveries
from sources.answers.places import Answers
from sources.forms.definition import FormDefinition, load_definition
from sources.intake.ingest import ingest_landing
from tests.fuzz.conftest import Choice
from tests.fuzz.ledger import Taken, forget, problems, taken_in
from tests.fuzz.mutations import Base, Case, make_case
from tests.fuzz.watch import Footprint, Meter
from warehouse import server
from warehouse.engine import engine
from warehouse.settings import Settings

RECEIVED = datetime(2023, 12, 20, 2, 0, tzinfo=UTC)
BATCH = 100
ANSWERED = 1000
"""Of so many files the first batch is answered too."""
GROWTH_BYTES = 80 * 1024 * 1024
"""What the process that takes files in may grow by over a whole run, caches included."""


@dataclass
class Run:
    """What came of the cases: counts by leading mutation, verdict and rule; what went wrong."""

    seed: int
    cases: int = 0
    outcomes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    slowest: tuple[float, str] = (0.0, "-")
    meter: Meter = field(default_factory=Meter)
    wrong: list[str] = field(default_factory=list)

    def count(self, case: Case, taken: Taken, cpu_seconds: float) -> None:
        """Count a case in."""
        self.cases += 1
        self.outcomes[case.mutations[0], taken.verdict, taken.leading_rule] += 1
        self.slowest = max(self.slowest, (cpu_seconds, str(case)))

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        verdicts = sorted({verdict for _, verdict, _ in self.outcomes})
        yield f"\n{self.cases} mutated files, seed {self.seed}"
        yield f"{'leading mutation':36}" + "".join(f"{verdict[:12]:>13}" for verdict in verdicts) + "  rules"
        for name in sorted({name for name, _, _ in self.outcomes}):
            mine = {key: n for key, n in self.outcomes.items() if key[0] == name}
            by_verdict = [sum(n for (_, verdict, _), n in mine.items() if verdict == v) for v in verdicts]
            rules: Counter[str] = Counter()
            for (_, _, rule), n in mine.items():
                rules[rule] += n
            shown = ", ".join(f"{rule} {n}" for rule, n in rules.most_common(4))
            yield f"{name:36}" + "".join(f"{n:13}" for n in by_verdict) + f"  {shown}"
        totals = [sum(n for (_, verdict, _), n in self.outcomes.items() if verdict == v) for v in verdicts]
        yield f"{'all':36}" + "".join(f"{n:13}" for n in totals)
        rules = Counter()
        for (_, verdict, rule), n in self.outcomes.items():
            rules[f"{verdict}/{rule}"] += n
        yield "leading rules: " + ", ".join(f"{rule} {n}" for rule, n in rules.most_common())
        seconds = sum(self.meter.cpu_seconds.values())
        yield (
            f"slowest file: {self.slowest[0]:.2f} s CPU, {self.slowest[1]}; all files: {seconds:.0f} s CPU; "
            f"children: {len(self.meter.children)}; peak memory of a child: {self.meter.peak_bytes >> 20} MB"
        )


@pytest.fixture
def fuzz(
    fuzzed: Settings,
    bases: list[Base],
    report_of: Callable[[str, str], bytes],
    choice: Choice,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[[int], None]:
    """Run so many cases, print what came of them, and fail with every one of which something did not hold."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    good = {
        "000000-good.xlsx": report_of("XX-P-98", "2023-Q1"),
        "999999-good.xlsx": report_of("XX-P-99", "2023-Q1"),
    }
    form = load_definition()

    def run(default: int) -> None:
        found, indices = Run(choice.seed), choice.indices(default)
        footprint: Footprint | None = None
        admin = sa.create_engine(server.admin_url(fuzzed, fuzzed.database), poolclass=sa.NullPool)
        for start in range(0, len(indices), BATCH):
            cases = [make_case(bases, choice.seed, index) for index in indices[start : start + BATCH]]
            _batch(fuzzed, form, cases, good, found, tmp_path / "failed")
            if start % ANSWERED == 0:
                found.wrong += _unanswered(fuzzed, len(cases) + len(good))
            forget(admin)
            if start == BATCH or footprint is None:  # what is kept for good is there after the first files
                footprint = Footprint.now()
        with capsys.disabled():
            print(found)
        found.wrong += _left_behind(footprint, fuzzed, temporary)
        again = f".venv/bin/pytest tests/fuzz -k some --fuzz-seed {choice.seed} --fuzz-case INDEX"
        assert found.wrong == [], "\n".join(
            [*found.wrong[:60], f"{len(found.wrong)} problems; one again: {again}"]
        )

    return run


def _batch(
    settings: Settings,
    form: FormDefinition,
    cases: list[Case],
    good: dict[str, bytes],
    run: Run,
    failed: Path,
) -> None:
    files = {case.file_name: case.data for case in cases}
    names = [next(iter(good)), *files, list(good)[-1]]
    landing = Path(settings.landing_url.removeprefix("file://"))
    for number, name in enumerate(names):
        path = landing / name
        path.write_bytes((files | good)[name])
        os.utime(path, (1_678_900_000 + number,) * 2)
    before = len(run.meter.cpu_seconds)
    with run.meter.reading():
        summary = ingest_landing(settings, "fuzz", RECEIVED)
    if summary.failed or any(landing.iterdir()):
        run.wrong.append(
            f"left in the landing zone: {sorted(p.name for p in landing.iterdir())} {summary.failed}"
        )
    with engine(settings, "loader").connect() as connection:
        taken = taken_in(connection)
    missing = set(names) - set(taken)
    if missing or len(summary.deliveries) != len(names):
        run.wrong.append(
            f"{len(summary.deliveries)} deliveries of {len(names)} files, without {sorted(missing)}"
        )
    for name, data in good.items():
        if name in taken and taken[name].verdict != "accepted":
            run.wrong.append(f"{cases[0]} and others: the good file {name} is {taken[name].verdict}")
        if name in taken:
            run.wrong += [f"{name}: {problem}" for problem in problems(taken[name], data, settings, form)]
    for number, case in enumerate(cases, start=2):
        if case.file_name not in taken:
            continue
        run.count(case, taken[case.file_name], run.meter.cpu_seconds.get(before + number, 0.0))
        found = list(problems(taken[case.file_name], case.data, settings, form))
        if found:
            failed.mkdir(exist_ok=True)
            (failed / case.file_name).write_bytes(case.data)
            run.wrong += [f"{case}: {problem}" for problem in found]


def _unanswered(settings: Settings, deliveries: int) -> Iterator[str]:
    """Each delivery of a batch has a receipt, and a workbook that opens where its own could be opened."""
    summary = answer_deliveries(settings, "fuzz")
    if summary.failed or len(summary.answers) != deliveries:
        yield f"{len(summary.answers)} answers to {deliveries} deliveries; failed: {summary.failed}"
    place = Answers(settings)
    for answer in summary.answers:
        if not place.read(answer.receipt_path).startswith(b"<!DOCTYPE html>"):
            yield f"answer to delivery {answer.delivery_id}: no receipt"
        if answer.workbook_path is not None:
            data = place.read(answer.workbook_path)
            with python_calamine.CalamineWorkbook.from_filelike(BytesIO(data)) as book:
                for name in book.sheet_names:
                    book.get_sheet_by_name(name)


def _left_behind(before: Footprint, settings: Settings, temporary: Path) -> Iterator[str]:
    """What a run must not leave: children, descriptors, files, memory."""
    after = Footprint.now()
    if after.children - before.children:
        yield f"children that still run: {sorted(after.children - before.children)}"
    if after.descriptors > before.descriptors:
        yield f"{after.descriptors} open descriptors, {before.descriptors} before"
    if after.resident_bytes - before.resident_bytes > GROWTH_BYTES:
        yield f"grown by {(after.resident_bytes - before.resident_bytes) >> 20} MB"
    left = [*temporary.iterdir(), *Path(settings.archive_url.removeprefix("file://")).glob("incoming/*")]
    if left:
        yield f"files left: {[path.name for path in left]}"


def test_some_mutated_files(fuzz: Callable[[int], None]) -> None:
    fuzz(100)


@pytest.mark.slow
def test_many_mutated_files(fuzz: Callable[[int], None]) -> None:
    fuzz(2000)
