"""Two workers on one landing zone give what one would: the same rows, the same current versions."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sources.intake import ingest
from tests.conftest import clone_settings
from tests.sources.intake import arrivals
from tests.sources.intake.conftest import load_small_reference
from warehouse.settings import PROJECT_ROOT, Settings

REPETITIONS = 6
WORKER = """
import pathlib, sys
from sources.intake import ingest
from warehouse.settings import Settings
settings = Settings.model_validate_json(sys.argv[1])
ingest.BATCH_FILES = int(sys.argv[2])
pathlib.Path(sys.argv[3]).touch()
while not pathlib.Path(sys.argv[4]).exists():
    pass
ingest.ingest_landing(settings, sys.argv[3])
"""


@pytest.mark.slow
def test_two_workers_give_what_one_gives(
    server_home: Path, template_database: str, filled: Callable[..., bytes], tmp_path: Path
) -> None:
    as_of = {"as_of": arrivals.RECEIVED}
    for settings in clone_settings(server_home, template_database, tmp_path / "one", **as_of):
        load_small_reference(settings)
        arrivals.land(settings, arrivals.files(filled))
        ingest.ingest_landing(settings, "one")
        expected, in_force = arrivals.content(settings), arrivals.current_versions(settings)
    assert len(expected["delivery"]) == len(arrivals.files(filled))
    assert {r["verdict"] for r in expected["reading"]} > {"accepted", "held", "refused"}
    shared = 0
    for repetition in range(REPETITIONS):
        folder = tmp_path / str(repetition)
        for settings in clone_settings(server_home, template_database, folder, **as_of):
            load_small_reference(settings)
            arrivals.land(settings, arrivals.files(filled))
            runs = _two_workers(settings, folder, batch_files=1 + repetition % 3)
            assert arrivals.content(settings) == expected
            assert arrivals.current_versions(settings) == in_force
            assert arrivals.left_in_landing(settings) == []
            shared += len(runs) > 1
    assert shared  # else one of them was always too late, and nothing was shown


def _two_workers(settings: Settings, folder: Path, batch_files: int) -> set[str]:
    """Run two processes at once; the run ids that the ledger of readings names."""
    ready = [folder / name for name in ("first", "second")]
    go = folder / "go"
    given = settings.model_dump_json(exclude={"warehouse_dsn"}, exclude_none=True)
    arguments = [[given, str(batch_files), str(path), str(go)] for path in ready]
    workers = [
        subprocess.Popen([sys.executable, "-c", WORKER, *words], cwd=PROJECT_ROOT, stderr=subprocess.PIPE)
        for words in arguments
    ]
    while not all(path.exists() for path in ready):
        assert not any(worker.poll() for worker in workers)
    go.touch()
    for worker in workers:
        _, said = worker.communicate(timeout=120)
        assert worker.returncode == 0, said.decode()
    return arrivals.runs_that_wrote(settings)
