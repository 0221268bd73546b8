"""What somebody may put into the landing zone to harm the intake, and what that costs: nothing but itself."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sources.intake import reading
from sources.intake.ingest import ingest_landing
from sources.intake.landing import LandedFile, Landing
from warehouse.settings import Settings

RECEIVED = datetime(2023, 3, 16, 2, 0, tzinfo=UTC)


def test_links_and_pipes_in_the_landing_zone_are_not_read(
    small: Settings, drop: Callable[[str, bytes], Path], tmp_path: Path
) -> None:
    secret = tmp_path / "secret.xlsx"
    secret.write_bytes(b"secret")
    folder = drop("a.xlsx", b"junk").parent
    (folder / "link.xlsx").symlink_to(secret)
    (folder / "folder").symlink_to(tmp_path)
    (folder / "lost.xlsx").symlink_to("/nowhere")
    os.mkfifo(folder / "pipe.xlsx")
    summary = ingest_landing(small, "run", RECEIVED)
    assert [o.source_name for o in summary.deliveries] == ["a.xlsx"]
    assert summary.failed == {}
    assert secret.exists()
    assert (folder / "link.xlsx").is_symlink()


def test_a_name_that_is_no_utf8_is_taken_in(small: Settings, drop: Callable[[str, bytes], Path]) -> None:
    folder = drop("b.xlsx", b"junk").parent
    odd = Path(os.fsdecode(os.fsencode(folder) + b"/a\xff.xlsx"))
    odd.write_bytes(b"other junk")
    summary = ingest_landing(small, "run", RECEIVED)
    assert sorted(o.source_name for o in summary.deliveries) == ["a\\xff.xlsx", "b.xlsx"]
    assert not odd.exists()


def test_a_name_that_steers_a_terminal_is_written_out(
    small: Settings, drop: Callable[[str, bytes], Path]
) -> None:
    path = drop("a\x1b[31m\n\u202exslx.xlsx", b"junk")
    summary = ingest_landing(small, "run", RECEIVED)
    assert [o.source_name for o in summary.deliveries] == [r"a\x1b[31m\n\u202exslx.xlsx"]
    assert not path.exists()


def test_what_the_database_cannot_hold_costs_only_its_file(
    small: Settings, drop: Callable[[str, bytes], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    drop("a.xlsx", b"junk")
    drop("b.xlsx", b"more junk")

    honest = reading.read_report

    def spoilt(data: bytes, *rest: Any) -> Any:
        report = honest(data, *rest)
        if data == b"junk":
            report.findings.items.append(replace(report.findings.items[0], message_vi="\x00"))
        return report

    monkeypatch.setattr(reading, "read_report", spoilt)
    summary = ingest_landing(small, "run", RECEIVED)
    found = {o.source_name: o for o in summary.deliveries}
    assert {name: o.verdict for name, o in found.items()} == {"a.xlsx": "refused", "b.xlsx": "refused"}
    assert "Bộ đọc gặp lỗi" in (found["a.xlsx"].verdict_reason_vi or "")
    assert "Bộ đọc gặp lỗi" not in (found["b.xlsx"].verdict_reason_vi or "")


def test_a_file_that_cannot_be_taken_away_is_named_and_the_others_go_on(
    small: Settings, drop: Callable[[str, bytes], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    drop("a.xlsx", b"junk")
    drop("b.xlsx", b"more junk")
    honest = Landing.remove

    def stuck(landing: Landing, file: LandedFile) -> None:
        if file.name == "a.xlsx":
            raise PermissionError(f"cannot remove {file.path}")
        honest(landing, file)

    monkeypatch.setattr(Landing, "remove", stuck)
    summary = ingest_landing(small, "run", RECEIVED)
    assert len(summary.deliveries) == 2
    assert summary.failed == {"a.xlsx": "cannot remove a.xlsx"}
