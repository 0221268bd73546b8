"""A draft as YAML: every item under a comment that says how sure it is and which words it was read from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from sources.plan_document.draft import Draft, DraftItem
from warehouse.errors import UsageError
from warehouse.text import nfc

_QUOTED = 170
_BARE = re.compile(r"^[A-Za-z][A-Za-z0-9_-]*$")
_NOT_BARE = {"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"}
_INLINE = {"areas", "obligations", "restated"}
_HEADER = """\
# DRAFT, read by machine from {name} (sha256 {digest}).
#
# Not reviewed. Before it goes to sources/data/plans/:
#   - every item says how sure it is, where it was read and from which words: check it against the document
#   - labels, products and numerators are the document's own words: write them short and in your own
#   - lines marked REVIEW name what could not be read or looks wrong; a field that could not be read is left
#     out, and `cchc plans register` names it with its line
#   - say in this comment how tasks and targets were counted
#
# Read: {tasks} tasks, {targets} targets; {unsure_tasks} and {unsure_targets} with a confidence below 0.7.
# Not read: {unread} sentences that look like a target; they are listed at the end.
"""


def write_draft(draft: Draft, path: Path, name: str, digest: str) -> None:
    """Write the draft to a new file. Raises `UsageError` where the file is there already."""
    text = draft_text(draft, name, digest)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path} is there already and is not overwritten: give another name") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from error


def draft_text(draft: Draft, name: str, digest: str) -> str:
    """The draft's YAML."""
    header = _HEADER.format(
        name=_comment(name),
        digest=digest,
        tasks=len(draft.tasks),
        unsure_tasks=draft.unsure_tasks,
        targets=len(draft.targets),
        unsure_targets=draft.unsure_targets,
        unread=len(draft.unread),
    )
    lines = [header.rstrip(), ""]
    lines += [*_reviewed(draft.head, ""), "plan:", *_fields(draft.head.fields, "  ")]
    for title, items in (("tasks", draft.tasks), ("targets", draft.targets)):
        lines += ["", f"{title}:" if items else f"{title}: []"]
        for item in items:
            lines += [_read_from(item), *_reviewed(item, "")]
            first, *rest = _fields(item.fields, "  ")
            lines += [f"- {first[2:]}", *rest]
    lines += ["", "findings: []", ""]
    if draft.unread:
        lines += ["# Sentences that look like a target and gave none:"]
        lines += [f"# REVIEW: not read: {_comment(text)}" for text in draft.unread] + [""]
    return "\n".join(lines)


def _read_from(item: DraftItem) -> str:
    words = _comment(item.words)
    shown = words if len(words) <= _QUOTED else f"{words[:_QUOTED]}…"
    return f'# confidence {item.confidence:.2f} · {item.place} · "{shown}"'


def _reviewed(item: DraftItem, indent: str) -> Iterator[str]:
    for text in dict.fromkeys(item.review):
        yield f"{indent}# REVIEW: {_comment(text)}"


def _fields(fields: dict[str, Any], indent: str) -> Iterator[str]:
    for name, value in fields.items():
        if isinstance(value, dict) and name not in ("years", "by_year", "index"):
            yield f"{indent}{name}:"
            yield from _fields(value, f"{indent}  ")
        elif name in _INLINE and value:
            yield f"{indent}{name}:"
            yield from (f"{indent}- {_inline(item)}" for item in value)
        else:
            yield f"{indent}{name}: {_inline(value)}"


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_inline(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    if _BARE.match(text) and text.lower() not in _NOT_BARE:
        return text
    quoted = yaml.safe_dump(text, allow_unicode=True, default_style='"', width=float("inf"))
    return str(quoted).strip()


def _comment(text: str) -> str:
    """Text that stays within one comment line, whatever a document holds."""
    return nfc(yaml.reader.Reader.NON_PRINTABLE.sub("", text))
