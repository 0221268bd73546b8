"""The run ledger: every run of a step leaves when it started, how it ended, and a JSON log."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from warehouse.clock import now, wall_clock
from warehouse.engine import Role, engine
from warehouse.schema import run_event
from warehouse.settings import Settings


@dataclass(frozen=True)
class Run:
    """One run: its id, the moment it works for, its log, and what it wants to leave in the ledger."""

    run_id: str
    as_of: datetime
    log: logging.LoggerAdapter[logging.Logger]
    detail: dict[str, Any] = field(default_factory=dict)


def new_run_id(kind: str) -> str:
    """An id for a run, readable and unique: kind, time, six characters."""
    return f"{kind}-{wall_clock():%Y%m%dT%H%M%S}-{uuid4().hex[:6]}"


@contextmanager
def run(
    settings: Settings,
    kind: str,
    as_of: datetime | None = None,
    run_id: str | None = None,
    role: Role = "loader",
) -> Iterator[Run]:
    """Run a step under the ledger: `started`, then `finished` with `detail`, or `failed` with the error."""
    current = Run(
        run_id or new_run_id(kind), as_of or now(settings), logging.LoggerAdapter(_logger(settings))
    )
    current.log.extra = {"run_id": current.run_id, "run_kind": kind}
    _record(settings, role, current, kind, "started", {})
    try:
        yield current
    except BaseException as error:
        current.log.error("%s failed: %s", kind, error)
        _record(
            settings,
            role,
            current,
            kind,
            "failed",
            {"error": str(error)[:2000], "type": type(error).__name__},
        )
        raise
    _record(settings, role, current, kind, "finished", current.detail)
    current.log.info("%s finished", kind)


def _record(
    settings: Settings, role: Role, current: Run, kind: str, event: str, detail: dict[str, Any]
) -> None:
    with engine(settings, role).begin() as connection:
        connection.execute(
            sa.insert(run_event).values(
                run_id=current.run_id, run_kind=kind, event=event, as_of=current.as_of, detail=detail
            )
        )


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": wall_clock().isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "message": record.getMessage(),
        }
        line |= {
            name: getattr(record, name)
            for name in ("run_id", "run_kind", "delivery_id", "period_id", "build_id")
            if hasattr(record, name)
        }
        return json.dumps(line, ensure_ascii=False, default=str)


def _logger(settings: Settings) -> logging.Logger:
    logger = logging.getLogger("cchc")
    path = settings.home / "logs" / "cchc.jsonl"
    if not any(getattr(handler, "baseFilename", None) == str(path) for handler in logger.handlers):
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(path, encoding="utf-8")
        handler.setFormatter(_JsonLines())
        for old in logger.handlers[:]:
            logger.removeHandler(old)
            old.close()
        logger.addHandler(handler)
        logger.setLevel(settings.log_level)
        logger.propagate = False
    return logger
