"""What a row is about: the task, target, field, channel or topic that its cells name."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sources.forms.definition import FormDefinition, word_key
from sources.forms.reference import Reference, Row, code_key
from sources.forms.required_text import milestone_text
from sources.forms.values import Cell, Memo, ValueReader
from warehouse.copy_text import copy_value

_MEMOS = 200


@dataclass
class Identity:
    """`key` tells rows of a sheet apart; None: the row names nothing. `rule`: it is held for this.

    `values` are columns of the raw row; `remarks` are rules that the row breaks without being held.
    `is_known` is False for a name that no list holds, which may as well be the title of a part of the table.
    `is_listed` is True for what a list of the warehouse holds, which is no heading whatever else it is.
    `owed_by` are the agencies of which the row is asked, None = all; `not_owed` is the rule for others.
    One identity serves all rows and deliveries that name the same: it is never changed.
    """

    key: tuple[Any, ...] | None = None
    values: dict[str, Any] = field(default_factory=dict)
    rule: str | None = None
    given: str | None = None
    expected: str | None = None
    column: str = ""
    remarks: list[tuple[str, str, str, str]] = field(default_factory=list)
    target: Row | None = None
    is_known: bool = True
    is_listed: bool = False
    owed_by: Container[int] | None = None
    not_owed: str = ""

    @cached_property
    def is_plain(self) -> bool:
        """Whether it is what a list holds, and nothing is to be said of it, whoever owes it."""
        return self.is_listed and not self.rule and not self.remarks

    def stored(self, columns: tuple[str, ...]) -> bytes:
        """Values of some columns as COPY text, tabs between them."""
        if columns not in self._stored:
            self._stored[columns] = b"\t".join(copy_value(self.values.get(code)) for code in columns)
        return self._stored[columns]

    @cached_property
    def _stored(self) -> dict[tuple[str, ...], bytes]:
        return {}

    @property
    def unit(self) -> str | None:
        """Unit of the target that the row is about."""
        return self.target["unit"] if self.target else None


Identify = Callable[[dict[str, str]], Identity]
"""From the row's texts by column code to its identity."""


class Identifier:
    """Identifies the rows of reports of one period, whoever sends them."""

    def __init__(self, form: FormDefinition, reference: Reference, reader: ValueReader, period: Row) -> None:
        self._form, self._reference, self._reader = form, reference, reader
        self._period = period
        self._roles = reference.task_roles(period["closes_on"])
        self._topics = {word_key(area["label_vi"]) for area in reference.areas}
        self.by_sheet: dict[str, Identify] = {
            "task": self.task,
            "target": self.target,
            "dossier": self.dossier,
            "satisfaction": self.satisfaction,
            "feedback": self.feedback,
            "figure": self.figure,
            "assessment": self.assessment,
        }

    def memo(self, sheet_code: str, columns: tuple[str, ...]) -> Memo:
        """Identities by the cells of these columns, kept with the reference for all reports of the period."""
        known = self._reference.identities
        asked = (self._form, self._period["period_id"], sheet_code, *columns)
        if asked not in known:
            if len(known) >= _MEMOS:
                known.clear()
            identify, text = self.by_sheet[sheet_code], self._reader.text

            def of_cells(cells: tuple[Cell, ...]) -> Identity:
                texts = zip(columns, map(text, cells), strict=True)
                return identify({code: said for code, said in texts if said})

            known[asked] = Memo(of_cells)
        return known[asked]  # type: ignore[no-any-return]

    def task(self, texts: dict[str, str]) -> Identity:
        """`plan/STT`, or `plan/STT#n` for a milestone."""
        given = texts.get("task_code", "")
        if not given:
            return Identity()
        whole, mark, number = code_key(given).partition("#")
        task = self._reference.tasks.get(whole)
        if task is None:
            example = next((t["task_code"] for t in self._reference.tasks.values()), "")
            return Identity(
                (whole,), rule="intake.task_unknown", given=given, expected=example, column="task_code"
            )
        milestones = {o["obligation_no"] for o in self._reference.obligations.get(whole, [])}
        number = number.lstrip("0")
        if mark and number not in map(str, milestones):
            listed = ", ".join(f"#{n}" for n in sorted(milestones)) or "không có mốc"
            return Identity(
                (whole,), rule="intake.milestone_unknown", given=given, expected=listed, column="task_code"
            )
        return Identity(
            (whole, number),
            {"task_code": task["task_code"], "obligation_no": int(number) if mark else None},
            given=given,
            column="task_code",
            is_listed=True,
            owed_by=self._roles.get(whole, ()),
            not_owed="intake.task_without_role",
        )

    def target(self, texts: dict[str, str]) -> Identity:
        """A target of the period's year, with the field where it has one row a field."""
        given = texts.get("target_code", "")
        if not given:
            return Identity()
        year = self._period["year"]
        target = self._reference.targets.get((code_key(given), year))
        if target is None:
            of_year = (t["target_code"] for (_, y), t in self._reference.targets.items() if y == year)
            return Identity(
                (given,),
                rule="intake.target_unknown",
                given=given,
                expected=next(of_year, ""),
                column="target_code",
            )
        found = self._with_field(texts)
        found.key = (code_key(given), *(found.key or ("",)))
        found.values["target_code"] = target["target_code"]
        found.target, found.given, found.column, found.is_known = target, given, "target_code", True
        found.is_listed = True
        found.owed_by = self._reference.reporters(target, self._period["closes_on"])
        found.not_owed = "intake.target_not_asked"
        return found

    def dossier(self, texts: dict[str, str]) -> Identity:
        """A procedure field; the list is open."""
        return self._with_field(texts)

    def satisfaction(self, texts: dict[str, str]) -> Identity:
        """A survey content and a field; a survey of a whole agency names no field."""
        found = self._with_field(texts)
        found.column = "field_name"
        given = texts.get("survey_content", "")
        if not given:
            if found.key is not None:
                found.key = (*found.key, self._form.survey_content_default)
                found.values["survey_content"] = self._form.survey_content_default
            return found
        content = self._reader.word("content", given)
        if content is None:
            return self._unknown_word("content", "survey_content", given)
        found.key = (*(found.key or ("",)), content)
        found.values["survey_content"] = content
        return found

    def feedback(self, texts: dict[str, str]) -> Identity:
        """A channel and a kind of feedback; the channels are open."""
        given, kind_given = texts.get("channel_name", ""), texts.get("feedback_kind", "")
        if not given:
            return Identity()
        kind: str | None = self._form.feedback_kind_default
        if kind_given:
            kind = self._reader.word("feedback_kind", kind_given)
            if kind is None:
                return self._unknown_word("feedback_kind", "feedback_kind", kind_given)
        code = self._reader.word("channel", given)
        found = Identity(
            (code or word_key(given), kind),
            {"channel_name": given, "channel_code": code, "feedback_kind": kind},
            column="channel_name",
            is_known=code is not None,
            is_listed=code is not None,
        )
        if code is None:
            channels = ", ".join(word.label for word in self._form.channels.values())
            found.remarks.append(("intake.channel_unknown", "channel_name", given, channels))
        return found

    def figure(self, texts: dict[str, str]) -> Identity:
        """An indicator code."""
        given = texts.get("indicator_code", "")
        return (
            Identity((code_key(given),), {"indicator_code": given}, column="indicator_code")
            if given
            else Identity()
        )

    def assessment(self, texts: dict[str, str]) -> Identity:
        """A topic; any will do, those of the catalogue are known."""
        given = texts.get("topic", "")
        if not given:
            return Identity()
        key = word_key(given)
        return Identity((key,), {"topic": given}, column="topic", is_listed=key in self._topics)

    def code_by_label(self, sheet_code: str, label: str, agency_key: int) -> str | None:
        """The code of the agency's only task or target that the label's first line names; None for no such.

        Forms print a task's milestone on the second line, and what a target counts.
        """
        first, _, second = label.partition("\n")
        named = self._reference.labelled(sheet_code, word_key(first))
        if sheet_code == "task":
            owed = [row for row in named if agency_key in self._roles.get(code_key(row["task_code"]), ())]
            codes = {row["task_code"] + self._milestone_mark(row, second) for row in owed}
        else:
            year, on = self._period["year"], self._period["closes_on"]
            of_year = [row for row in named if row["year"] == year]
            asked = [row for row in of_year if agency_key in self._reference.reporters(row, on)]
            codes = {row["target_code"] for row in asked}
        return codes.pop() if len(codes) == 1 else None

    def _milestone_mark(self, task: Row, text: str) -> str:
        """`#n` where a text is what forms print of a milestone of the task."""
        key = word_key(text)
        marks = (
            f"#{o['obligation_no']}"
            for o in self._reference.obligations.get(code_key(task["task_code"]), [])
            if word_key(milestone_text(self._form, o)) == key
        )
        return next(marks, "")

    def _with_field(self, texts: dict[str, str]) -> Identity:
        given = texts.get("field_name", "")
        if not given:
            return Identity()
        code = self._reference.field_code(given)
        found = Identity(
            (code or word_key(given),),
            {"field_name": given, "field_code": code},
            column="field_name",
            is_known=code is not None,
            is_listed=code is not None,
        )
        if code is None:
            found.remarks.append(("intake.field_unknown", "field_name", given, ""))
        return found

    def _unknown_word(self, kind: str, column: str, given: str) -> Identity:
        words = ", ".join(word.label for word in self._form.words(kind).values())
        return Identity((given,), rule="intake.row_word_unknown", given=given, expected=words, column=column)
