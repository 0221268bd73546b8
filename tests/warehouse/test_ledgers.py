"""Reference versions, the run ledger, and the order that builds keep."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from warehouse import builds, runs
from warehouse.engine import Role
from warehouse.errors import BuildSuperseded, GateFailed
from warehouse.reference import current_rows, load_version
from warehouse.schema import build_step, ref_area, run_event
from warehouse.settings import Settings

Engines = Callable[[Role], sa.Engine]
AS_OF = datetime(2023, 3, 20, tzinfo=UTC)


def _area(label: str) -> dict[str, object]:
    return {"area_code": "1", "label_vi": label, "label_en": "x", "sort_order": 1}


def test_the_same_content_twice_is_one_version_and_the_newest_is_in_force(engine_as: Engines) -> None:
    with engine_as("loader").begin() as connection:
        first = load_version(connection, "areas", {ref_area: [_area("Thể chế")]}, "r1")
        again = load_version(connection, "areas", {ref_area: [_area("Thể chế")]}, "r2")
        second = load_version(connection, "areas", {ref_area: [_area("Cải cách thể chế")]}, "r3")
        other = load_version(connection, "other", {ref_area: [_area("Khác") | {"area_code": "2"}]}, "r3")
        rows = {row["area_code"]: row["label_vi"] for row in current_rows(connection, ref_area)}
    assert (first.is_new, again.is_new, second.is_new, other.is_new) == (True, False, True, True)
    assert again.version_id == first.version_id
    assert rows == {"1": "Cải cách thể chế", "2": "Khác"}


def test_a_run_leaves_how_it_ended(settings: Settings, engine_as: Engines) -> None:
    with runs.run(settings, "ingest", AS_OF) as good:
        good.detail["files"] = 3
    with pytest.raises(ValueError, match="broken"), runs.run(settings, "ingest", AS_OF):
        raise ValueError("broken")
    with engine_as("builder").connect() as connection:
        events = connection.execute(sa.select(run_event).order_by(run_event.c.event_id)).all()
    assert [event.event for event in events] == ["started", "finished", "started", "failed"]
    assert events[1].detail == {"files": 3}
    assert events[3].detail == {"error": "broken", "type": "ValueError"}
    assert events[0].as_of == AS_OF


def _promote(settings: Settings, build_id: int) -> None:
    with builds.step(settings, build_id, "promote"):
        pass


def test_nothing_changed_opens_no_build(settings: Settings, engine_as: Engines) -> None:
    first = builds.open_build(settings, AS_OF, "test", "r")
    assert first is not None
    assert builds.open_build(settings, AS_OF, "not promoted yet", "r") is not None
    second = builds.open_build(settings, AS_OF, "test", "r")
    assert second is not None
    _promote(settings, second)
    assert builds.open_build(settings, AS_OF + timedelta(hours=1), "same day", "r") is None
    assert builds.open_build(settings, AS_OF + timedelta(days=1), "next day", "r") is not None
    assert builds.open_build(settings, AS_OF, "asked for", "r", full_refresh=True) is not None
    with engine_as("loader").begin() as connection:
        load_version(connection, "areas", {ref_area: [_area("Mới")]}, "r")
    assert builds.open_build(settings, AS_OF, "reference data changed", "r") is not None


def test_serving_is_the_last_promoted_build(settings: Settings) -> None:
    assert builds.serving(settings) is None
    build_id = builds.open_build(settings, AS_OF, "test", "r")
    assert build_id is not None
    _promote(settings, build_id)
    served = builds.serving(settings)
    assert served is not None
    assert (served.build_id, served.as_of) == (build_id, AS_OF)


def test_a_newer_build_supersedes_an_older_one(settings: Settings) -> None:
    old = builds.open_build(settings, AS_OF, "old", "r")
    new = builds.open_build(settings, AS_OF, "new", "r")
    assert old is not None
    assert new is not None
    with (
        pytest.raises(BuildSuperseded, match=f"build {new} was opened since"),
        builds.step(settings, old, "core"),
    ):
        pass
    with builds.step(settings, new, "core"):
        pass


def test_a_failed_step_is_recorded_with_its_error(settings: Settings, engine_as: Engines) -> None:
    build_id = builds.open_build(settings, AS_OF, "test", "r")
    assert build_id is not None
    with pytest.raises(GateFailed), builds.step(settings, build_id, "audit_core"):
        raise GateFailed("rule x")
    with engine_as("builder").connect() as connection:
        step = connection.execute(sa.select(build_step)).one()
        assert (step.step, step.outcome, step.detail["error"]) == ("audit_core", "failed", "rule x")


def test_other_models_make_a_full_refresh(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def is_full(build_id: int | None) -> bool:
        assert build_id is not None
        with builds.step(settings, build_id, "core") as step:
            return step.full_refresh

    assert is_full(builds.open_build(settings, AS_OF, "the first", "r"))
    assert not is_full(builds.open_build(settings, AS_OF, "the same models", "r"))
    (tmp_path / "dbt_project" / "models").mkdir(parents=True)
    (tmp_path / "dbt_project" / "models" / "m.sql").write_text("select 1", encoding="utf-8")
    monkeypatch.setattr(builds, "PROJECT_ROOT", tmp_path)
    assert is_full(builds.open_build(settings, AS_OF, "other models", "r"))
