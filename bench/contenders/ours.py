"""The intake as it is: listing, archive, ledger, guards, reading, judging, findings, COPY."""

from __future__ import annotations

from pathlib import Path

from bench.job import Job
from sources.intake.ingest import ingest_landing
from warehouse.settings import Settings


def run(job: Job) -> None:
    """Take in everything that lies in the folder."""
    work = Path(job.work)
    summary = ingest_landing(
        Settings(
            home=Path(job.home),
            database=job.database,
            landing_url=Path(job.files).as_uri(),
            archive_url=(work / "archive").as_uri(),
            output_dir=work / "out",
            settle_seconds=0.0,
            unfinished_wait_seconds=0.0,
        ),
        "bench",
    )
    if summary.failed:
        raise RuntimeError(f"files that could not be reached: {summary.failed}")
