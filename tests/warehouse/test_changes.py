"""What asks for a build: read from the database, so that a run cut short asks again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from warehouse import builds
from warehouse.builds import open_build
from warehouse.changes import deliveries_read, reasons_to_build
from warehouse.engine import Role
from warehouse.reference import load_version
from warehouse.schema import delivery, delivery_decision, next_delivery_id, reading, ref_area
from warehouse.settings import Settings

Engines = Callable[[Role], sa.Engine]
TODAY = datetime(2023, 3, 20, 9, tzinfo=UTC)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"as_of": TODAY})


def _deliver(engine_as: Engines, period_id: str | None, run_id: str) -> int:
    with engine_as("loader").begin() as connection:
        row = {
            "channel": "landing",
            "source_name": "a.xlsx",
            "source_path": f"{run_id}-{period_id}.xlsx",
            "sha256": "0" * 64,
            "size_bytes": 1,
            "archive_path": "a",
            "received_at": TODAY,
            "received_stated": True,
            "run_id": run_id,
        }
        delivery_id = connection.execute(
            sa.insert(delivery)
            .values(row | {"delivery_id": next_delivery_id()})
            .returning(delivery.c.delivery_id)
        ).scalar_one()
        connection.execute(
            sa.insert(reading).values(
                delivery_id=delivery_id, agency_key=0, period_id=period_id, verdict="accepted", run_id=run_id
            )
        )
    return int(delivery_id)


def _build(settings: Settings) -> None:
    assert open_build(settings, TODAY, "test", "test", full_refresh=True)


def test_an_empty_warehouse_asks_for_nothing(settings: Settings) -> None:
    assert reasons_to_build(settings, "run") == []


def test_a_run_names_the_periods_that_it_touched(settings: Settings, engine_as: Engines) -> None:
    _deliver(engine_as, "2023-Q1", "run")
    _deliver(engine_as, "2023-H1", "run")
    _deliver(engine_as, None, "run")
    assert deliveries_read(settings, "run") == 3
    assert reasons_to_build(settings, "run") == ["2023-H1", "2023-Q1"]


def test_what_a_run_that_was_cut_short_read_is_asked_for_by_the_next(
    settings: Settings, engine_as: Engines
) -> None:
    _build(settings)
    _deliver(engine_as, "2023-Q1", "cut short")
    assert deliveries_read(settings, "next") == 0
    assert reasons_to_build(settings, "next") == ["2023-Q1"]


def test_a_build_that_was_opened_since_is_not_asked_for_again(settings: Settings, engine_as: Engines) -> None:
    _deliver(engine_as, "2023-Q1", "earlier")
    _build(settings)
    assert reasons_to_build(settings, "next") == []


def test_a_decision_asks_for_a_build_of_its_period(settings: Settings, engine_as: Engines) -> None:
    delivery_id = _deliver(engine_as, "2023-Q3", "earlier")
    _build(settings)
    with engine_as("loader").begin() as connection:
        connection.execute(
            sa.insert(delivery_decision).values(
                delivery_id=delivery_id,
                decision="accept",
                reason="telephoned",
                decided_by="test",
                decided_at=sa.func.clock_timestamp(),
            )
        )
    assert reasons_to_build(settings, "next") == ["2023-Q3"]


def test_new_reference_data_ask_for_a_build(settings: Settings, engine_as: Engines) -> None:
    _build(settings)
    row = {
        "area_code": "1",
        "label_vi": "Thể chế",
        "label_en": "Institutions",
        "sort_order": 1,
        "source": "test",
    }
    with engine_as("loader").begin() as connection:
        load_version(connection, "areas", {ref_area: [{**row, "assumed": False}]}, "test")
    assert reasons_to_build(settings, "next") == ["reference"]


def test_another_day_asks_for_a_build_since_states_age_day_by_day(settings: Settings) -> None:
    _build(settings)
    # 16:59 UTC is still the same day in Vietnam, 17:00 is the next
    same_day = settings.model_copy(update={"as_of": TODAY.replace(hour=16, minute=59)})
    assert reasons_to_build(same_day, "next") == []
    next_day = settings.model_copy(update={"as_of": TODAY.replace(hour=17)})
    assert reasons_to_build(next_day, "next") == ["day"]


def test_a_mended_rule_or_model_asks_for_a_build_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _build(settings)
    assert reasons_to_build(settings, "next") == []
    (tmp_path / "expectations").mkdir()
    (tmp_path / "expectations" / "rule.sql").write_text("select 1", encoding="utf-8")
    monkeypatch.setattr(builds, "PROJECT_ROOT", tmp_path)
    assert reasons_to_build(settings, "next") == ["code"]
    _build(settings)
    assert reasons_to_build(settings, "next") == []
