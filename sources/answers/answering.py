"""Answers to agencies: which deliveries are to be answered, what is written where, what the ledger keeps."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from sources.answers.facts import BESIDE_OTHERS, Facts
from sources.answers.marking import Marked, Marker
from sources.answers.places import RECEIPT, WORKBOOK, Answers, folder_of
from sources.answers.receipt import Workbook, render_receipt
from sources.answers.told import Told
from sources.forms.definition import load_definition
from sources.intake.archive import Archive
from sources.intake.ledger import LARGEST_ID, already_read
from warehouse.engine import engine
from warehouse.errors import UsageError
from warehouse.schema import (
    answer,
    build,
    build_step,
    delivery_decision,
    expectation_finding,
    hold,
    intake_finding,
    reading,
)
from warehouse.settings import Settings

BATCH = 100
"""Deliveries whose facts are asked for together."""
_DATABASE_FAULTS = (sa.exc.OperationalError, sa.exc.InterfaceError)
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class AnswerOutcome:
    """One answer that was written: paths below the place of answers; no workbook where none could be made."""

    delivery_id: int
    answer_no: int
    receipt_path: str
    workbook_path: str | None
    workbook_kind: str | None
    remark_vi: str


@dataclass
class AnswerSummary:
    """What a run answered. `failed`: deliveries that still lack their answer, with the reason."""

    answers: list[AnswerOutcome] = field(default_factory=list)
    failed: dict[int, str] = field(default_factory=dict)

    @property
    def detail(self) -> dict[str, Any]:
        """What the run ledger keeps."""
        odd = {str(a.delivery_id): a.remark_vi for a in self.answers if a.workbook_kind in (None, "fallback")}
        return {
            "answers": len(self.answers),
            "without_own_workbook": {number: text for number, text in odd.items() if text},
            "failed": {str(number): text for number, text in self.failed.items()},
        }


def answer_deliveries(
    settings: Settings, run_id: str, build_id: int | None = None, progress: Progress | None = None
) -> AnswerSummary:
    """Answer every delivery that was read and has no answer; after a build, also those it has news for.

    `build_id`: the build whose findings are told; without it that which is served, to new deliveries alone.
    `progress` is called with how many of how many are done. Raises for faults of the database alone: what
    goes wrong with one delivery is in the summary, and the next run tries again.
    """
    with engine(settings, "loader").connect() as connection:
        wanted = _unanswered(connection)
        if build_id is not None:
            wanted = sorted({*wanted, *_with_news(connection, build_id)})
    return _answer(settings, run_id, wanted, build_id, progress)


def return_deliveries(
    settings: Settings, delivery_ids: list[int], folder: Path, run_id: str
) -> dict[int, list[Path]]:
    """Write the newest answers to deliveries into a folder; by delivery the files: the receipt, the workbook.

    Answers first those that have no answer, or that there is something to tell anew. Raises UsageError when
    one of them is no delivery, is not read, or could not be answered.
    """
    with engine(settings, "loader").connect() as connection:
        possible = [number for number in delivery_ids if 0 < number <= LARGEST_ID]
        read = already_read(connection, possible)
    for number in delivery_ids:
        if number not in read:
            raise UsageError(
                f"There is no delivery {number} that has been read. See which there are: cchc deliveries list"
            )
    summary = _answer(settings, run_id, delivery_ids, None, None)
    for number, reason in summary.failed.items():
        raise UsageError(f"Delivery {number} could not be answered: {reason}")
    with engine(settings, "loader").connect() as connection:
        newest = connection.execute(
            sa.select(answer)
            .distinct(answer.c.delivery_id)
            .where(answer.c.delivery_id.in_(delivery_ids))
            .order_by(answer.c.delivery_id, answer.c.answer_no.desc())
        ).all()
    place = Answers(settings)
    return {row.delivery_id: _brought(settings, place, row, folder) for row in newest}


def _brought(settings: Settings, place: Answers, row: Any, folder: Path) -> list[Path]:
    """The files of one answer, copied from the place of answers."""
    written = []
    for path in filter(None, (row.receipt_path, row.workbook_path)):
        target = folder / f"{row.delivery_id}-{row.answer_no}" / path.rpartition("/")[2]
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_suffix(".part")
        try:
            draft.write_bytes(place.read(path))
        except FileNotFoundError:
            raise UsageError(
                f"The answer {path} is not at {settings.answers_url}, where answers are kept now. "
                "Bring the files of the former place there, or set CCHC_ANSWERS_URL back."
            ) from None
        draft.replace(target)
        written.append(target)
    return written


def _answer(
    settings: Settings, run_id: str, wanted: list[int], build_id: int | None, progress: Progress | None
) -> AnswerSummary:
    summary = AnswerSummary()
    if not wanted:
        return summary
    form, place, archive = load_definition(), Answers(settings), Archive(settings)
    bind, done = engine(settings, "loader"), 0
    with bind.connect() as connection:
        told_build = build_id if build_id is not None else _served(connection)
        facts = Facts(connection, form, settings.data_label)
    with Marker(form) as marker:
        for batch in _batches(wanted):
            with bind.connect() as connection:
                every = facts.told(connection, batch, told_build)
                known = _newest_answers(connection, batch)
            rows = []
            for told in every:
                number, digest = known.get(told.delivery_id, (0, ""))
                if digest != told.digest() and not (number and told.is_history):
                    try:
                        rows.append(_write(told, number + 1, place, archive, marker, summary))
                    except _DATABASE_FAULTS:
                        raise
                    except Exception as error:  # one delivery's failure is never another's
                        summary.failed[told.delivery_id] = f"{type(error).__name__}: {error}"[:500]
                done += 1
                if progress is not None:
                    progress(done, len(wanted))
            if rows:
                with bind.begin() as connection:
                    connection.execute(
                        insert(answer).on_conflict_do_nothing(), [row | {"run_id": run_id} for row in rows]
                    )
    return summary


def _write(
    told: Told, number: int, place: Answers, archive: Archive, marker: Marker, summary: AnswerSummary
) -> dict[str, Any]:
    """Write the files of one answer; returns its row of the ledger, which is written after them."""
    folder = folder_of(told, number)
    marked = marker.mark(archive.read(told.archive_path), told) if told.can_be_opened else _NONE
    workbook_path = None
    if marked.kind != "none":
        workbook_path = f"{folder}/{WORKBOOK}"
        place.write(workbook_path, marked.data)
    page = render_receipt(told, Workbook(WORKBOOK, marked.remark_vi) if workbook_path else None)
    receipt_path = f"{folder}/{RECEIPT}"
    place.write(receipt_path, page)
    kind = marked.kind if workbook_path else None
    summary.answers.append(
        AnswerOutcome(told.delivery_id, number, receipt_path, workbook_path, kind, marked.remark_vi)
    )
    return {
        "delivery_id": told.delivery_id,
        "answer_no": number,
        "build_id": told.build_id,
        "findings_sha256": told.digest(),
        "receipt_path": receipt_path,
        "receipt_sha256": hashlib.sha256(page).hexdigest(),
        "workbook_path": workbook_path,
        "workbook_sha256": hashlib.sha256(marked.data).hexdigest() if workbook_path else None,
        "workbook_kind": kind,
    }


_NONE = Marked("none", b"", "")


def _batches(ids: list[int]) -> Iterable[list[int]]:
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


def _unanswered(connection: sa.Connection) -> list[int]:
    answered = sa.exists().where(answer.c.delivery_id == reading.c.delivery_id)
    return list(
        connection.scalars(sa.select(reading.c.delivery_id).where(~answered).order_by(reading.c.delivery_id))
    )


def _with_news(connection: sa.Connection, build_id: int) -> set[int]:
    """Answered deliveries that a build may have news for.

    It found something, what an earlier one or the intake found beside other periods may be gone, it placed a
    hold, or a person has decided.
    """
    newest = (
        sa.select(answer.c.delivery_id, sa.func.max(answer.c.build_id).label("build_id"))
        .group_by(answer.c.delivery_id)
        .subquery()
    )
    of_builds = sa.exists().where(
        expectation_finding.c.build_id.in_([build_id, newest.c.build_id]),
        expectation_finding.c.delivery_id == newest.c.delivery_id,
        expectation_finding.c.scope != "build",
    )
    held = sa.exists().where(hold.c.build_id == build_id, hold.c.delivery_id == newest.c.delivery_id)
    beside = sa.exists().where(
        intake_finding.c.rule_id.startswith(BESIDE_OTHERS, autoescape=True),
        intake_finding.c.delivery_id == newest.c.delivery_id,
    )
    decided = sa.exists().where(delivery_decision.c.delivery_id == newest.c.delivery_id)
    news = sa.or_(of_builds, held, beside, decided)
    return set(connection.scalars(sa.select(newest.c.delivery_id).where(news)))


def _newest_answers(connection: sa.Connection, ids: list[int]) -> dict[int, tuple[int, str]]:
    """By delivery: number of its newest answer, and the digest of what that told."""
    query = (
        sa.select(answer.c.delivery_id, answer.c.answer_no, answer.c.findings_sha256)
        .where(answer.c.delivery_id.in_(ids))
        .order_by(answer.c.delivery_id, answer.c.answer_no)
    )
    return {row.delivery_id: (row.answer_no, row.findings_sha256) for row in connection.execute(query)}


def _served(connection: sa.Connection) -> int | None:
    """The build that is served: the newest whose findings agencies have reason to hear."""
    return connection.scalar(
        sa.select(build.c.build_id)
        .join(build_step, build_step.c.build_id == build.c.build_id)
        .where(build_step.c.step == "promote", build_step.c.outcome == "done")
        .order_by(build_step.c.event_id.desc())
        .limit(1)
    )
