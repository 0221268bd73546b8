"""The demo keeps away from live components and from deliveries that are not its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from cli import demo
from sources.catalogue import register_catalogue
from sources.synthetic.generate import Generator
from sources.synthetic.scenario import load_scenario
from warehouse.engine import Role
from warehouse.errors import UsageError
from warehouse.schema import delivery
from warehouse.settings import Settings


def test_live_components_are_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo.live, "running", lambda _: ["scheduler", "api-server"])
    with pytest.raises(UsageError, match=r"scheduler, api-server.*make down"):
        demo.run_demo(settings)


def test_real_deliveries_are_not_mixed_with_synthetic_ones(
    settings: Settings, engine_as: Callable[[Role], sa.Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo.live, "running", lambda _: [])
    monkeypatch.setattr(demo, "remember", lambda *_, **__: pytest.fail("the label was kept"))
    with engine_as("loader").begin() as connection:
        connection.execute(
            sa.insert(delivery).values(
                delivery_id=1,
                channel="cli",
                source_name="bao cao.xlsx",
                source_path="bao cao.xlsx",
                sha256="0" * 64,
                size_bytes=1,
                archive_path="00/00",
                received_at=datetime(2023, 3, 16, 2, tzinfo=UTC),
                received_stated=True,
                run_id="test",
            )
        )
    with pytest.raises(UsageError, match=r"deliveries that are not the demo's \(1\).*CCHC_HOME"):
        demo.run_demo(settings)


def test_files_of_others_are_not_taken_in_as_files_of_2023(settings: Settings) -> None:
    register_catalogue(settings, "test", [load_scenario().plan])
    generator = Generator.of(settings, load_scenario())
    landing = settings.landing_folder
    assert landing is not None
    (landing / "BT-VP 2023-Q1.xlsx").write_bytes(b"left by a demo that was stopped")
    demo._refuse_other_files(settings, generator)
    (landing / "bao cao quy 2.xlsx").write_bytes(b"an agency's own")
    with pytest.raises(UsageError, match=r"not the demo's: bao cao quy 2\.xlsx\."):
        demo._refuse_other_files(settings, generator)
