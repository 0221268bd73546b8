"""Files made to do harm in the real intake: refused or read, in bounded time and memory, and answered."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import openpyxl
import psutil
import pytest

from sources.answers.answering import answer_deliveries
from sources.answers.places import Answers
from sources.forms.definition import load_definition
from sources.intake.ingest import ingest_landing
from tests.fuzz.books import read_book
from tests.fuzz.ledger import Taken, problems, taken_in
from tests.fuzz.watch import Footprint, Meter
from tests.sources.intake.hostile_files import HOSTILE, Hostile
from warehouse.engine import engine
from warehouse.settings import Settings

RECEIVED = datetime(2023, 3, 16, 2, 0, tzinfo=UTC)
CPU_SECONDS, MEMORY_BYTES = 10, 512 * 1024 * 1024
SPARE = 60 * 1024 * 1024
"""Code that a child maps, which its bound does not count."""
pytestmark = pytest.mark.slow


def _land(settings: Settings, files: dict[str, bytes]) -> None:
    folder = Path(settings.landing_url.removeprefix("file://"))
    for number, (name, data) in enumerate(files.items()):
        path = folder / name.replace("/", "_").replace("\\", "_")
        path.write_bytes(data)
        os.utime(path, (1_678_900_000 + number,) * 2)


def _taken(settings: Settings) -> dict[str, Taken]:
    with engine(settings, "loader").connect() as connection:
        return taken_in(connection)


def _wrong(one: Hostile, taken: Taken, data: bytes, settings: Settings) -> Iterator[str]:
    yield from problems(taken, data, settings, load_definition())
    rules = [finding["rule_id"] for finding in taken.findings]
    if one.rule and (taken.verdict, rules) != ("refused", [one.rule]):
        yield f"{taken.verdict} with {rules[:3]}, not refused for {one.rule}"


@pytest.mark.parametrize("part", range(4))
def test_hostile_files_harm_nobody(
    small: Settings, filled: Callable[..., bytes], capsys: pytest.CaptureFixture[str], part: int
) -> None:
    pages = read_book(filled())
    hostile = HOSTILE[part::4]
    files = {one.name: one.make([page.copy() for page in pages]) for one in hostile}
    good = filled("XX-P-B")
    middle = len(files) // 2
    _land(
        small,
        {
            **dict(list(files.items())[:middle]),
            "good.xlsx": good,
            **dict(list(files.items())[middle:]),
            "again.xlsx": good,
        },
    )
    meter, before = Meter(), Footprint.now()
    with meter.reading():
        summary = ingest_landing(small, "run", RECEIVED)
    after = Footprint.now()
    taken = _taken(small)
    assert summary.failed == {}
    assert (taken["good.xlsx"].verdict, taken["again.xlsx"].verdict) == ("accepted", "duplicate")
    answers = answer_deliveries(small, "run")
    assert answers.failed == {}
    receipts = {answer.delivery_id: answer for answer in answers.answers}
    lines, wrong = [], []
    for number, one in enumerate(hostile, start=1):
        found = taken[one.name.replace("/", "_").replace("\\", "_")]
        answer = receipts[found.delivery["delivery_id"]]
        page = Answers(small).read(answer.receipt_path).decode()
        wrong += [f"{one.name}: {problem}" for problem in _wrong(one, found, files[one.name], small)]
        if one.name not in page and one.name.isprintable() and "'" not in one.name and "\\" not in one.name:
            wrong.append(f"{one.name}: its receipt does not name it")
        if answer.workbook_path is not None and len(found.findings) < 2000:
            book = Answers(small).read(answer.workbook_path)
            openpyxl.load_workbook(BytesIO(book), read_only=True).close()
        seconds = meter.cpu_seconds.get(number + (number > middle), 0.0)
        if seconds > CPU_SECONDS + 1:
            wrong.append(f"{one.name}: {seconds:.1f} s CPU")
        lines.append(
            f"{one.name[:48]:50}{len(files[one.name]):>10}{seconds:7.2f} s  {found.verdict:24}"
            f"{found.leading_rule:24}{len(found.findings):>7}  {answer.workbook_kind or '-'}"
        )
    with capsys.disabled():
        print(f"\n{'file':50}{'bytes':>10}{'CPU':>9}  {'verdict':24}{'leading rule':24}findings  workbook")
        print("\n".join(lines))
        peak, grown = meter.peak_bytes >> 20, (after.resident_bytes - before.resident_bytes) >> 20
        print(
            f"{len(meter.children)} children for {meter.files} files; peak of a child {peak} MB; "
            f"parent +{grown} MB, now {psutil.Process().memory_info().rss >> 20} MB"
        )
    assert wrong == []
    assert meter.peak_bytes < before.resident_bytes + MEMORY_BYTES + SPARE  # a child begins as its parent is
    assert after.children == before.children
    assert after.descriptors <= before.descriptors + 1  # a connection of the pool


def test_ordinary_files_share_one_child(small: Settings, filled: Callable[..., bytes]) -> None:
    _land(small, {f"{n}.xlsx": filled(info={"document_number": f"{n}/BC"}) for n in range(30)})
    meter = Meter()
    with meter.reading():
        summary = ingest_landing(small, "run", RECEIVED)
    assert len(summary.deliveries) == 30
    assert len(meter.children) == 1
