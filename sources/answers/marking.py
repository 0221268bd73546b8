"""From a delivered file to the workbook that goes back, in a child process that the kernel bounds.

The file was read before, but by other code: what marks it may meet in it what the reader never looked at.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from typing import Literal, Self, cast

from sources.answers.copied import copy_workbook
from sources.answers.told import Told
from sources.answers.xlsx.marked import mark_workbook
from sources.forms.definition import FormDefinition
from sources.forms.files.guards import inspect
from sources.forms.files.workbook import open_workbook
from sources.intake.bounded import BoundedWorker, Bounds, ExceedsBounds
from sources.packages import RefusedError

Kind = Literal["own", "copy", "fallback", "none"]


@dataclass(frozen=True)
class Marked:
    """The workbook that goes back. `kind`: own, copy or fallback, as raw.answer has it; none = there is none.

    `remark_vi`: what the agency should know of it.
    """

    kind: Kind
    data: bytes
    remark_vi: str


class Marker:
    """Marks files one by one; a context manager. One child serves all, as long as it lives."""

    def __init__(self, form: FormDefinition) -> None:
        bounds = Bounds(form.limits.reader_cpu_seconds, form.limits.reader_memory_bytes)
        self._worker = BoundedWorker(lambda parts: _answer(parts, form), bounds)

    def mark(self, data: bytes, told: Told) -> Marked:
        """The marked workbook of a delivery. Never raises for what a file may contain."""
        if not told.can_be_opened:
            return Marked("none", b"", "")
        try:
            kind, workbook, remark = self._worker.ask([pickle.dumps(told), data])
        except ExceedsBounds as ended:
            return Marked("none", b"", f"Không lập được sổ đánh dấu: {ended.given}.")
        return Marked(cast(Kind, kind.decode()), workbook, remark.decode())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._worker.close()


def mark_file(data: bytes, told: Told, form: FormDefinition) -> Marked:
    """The marked workbook, in this process."""
    try:
        kind = inspect(data, form).kind
        reason = ""
        if kind == "xlsx":
            try:
                return Marked("own", mark_workbook(data, told), "")
            except Exception as error:  # whatever is odd in it: the copy needs nothing but its cells
                reason = f"{type(error).__name__}: {error}"[:200]
        remark = _remark(told, reason)
        return Marked(
            "fallback" if reason else "copy",
            copy_workbook(open_workbook(data, form), told, remark),
            remark[0],
        )
    except RefusedError as refusal:
        return Marked("none", b"", f"Không lập được sổ đánh dấu: {refusal.rule_id}.")
    except Exception as error:  # the receipt goes out all the same, with the findings
        return Marked("none", b"", f"Không lập được sổ đánh dấu ({type(error).__name__}: {error})"[:300])


def _answer(parts: list[bytes], form: FormDefinition) -> list[bytes]:
    told = pickle.loads(parts[0])  # noqa: S301 (written by this process's parent, never by a sender)
    marked = mark_file(parts[1], told, form)
    return [marked.kind.encode(), marked.data, marked.remark_vi.encode()]


def _remark(told: Told, reason: str) -> tuple[str, ...]:
    copied = f"Đây là bản sao có đánh dấu của tệp “{told.source_name}”; công thức được thay bằng giá trị."
    if not reason:
        return (copied,)
    return (f"{copied} Không đánh dấu được trong chính tệp đã gửi ({reason}).",)
