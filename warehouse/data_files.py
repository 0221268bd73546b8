"""Reviewed YAML and CSV files: what is wrong is said by file, line and field, all of it at once."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from unicodedata import category

import yaml
from pydantic import BaseModel, ValidationError

from warehouse.errors import DataFileError
from warehouse.settings import PROJECT_ROOT

# written in C where it is there: five times as fast
_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 40
Place = tuple[str | int, ...]
Problem = tuple[Place, str]
Model = TypeVar("Model", bound=BaseModel)
Item = TypeVar("Item")


@dataclass
class MarkedFile:
    """One YAML or CSV file: its content as Python values, and the line of every key and item in it.

    `text` is the file as written, comments included (YAML alone).
    """

    path: Path
    content: Any = None
    text: str = ""
    lines: dict[Place, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def report(self, place: Place, message: str, missing: str = "") -> None:
        """Note a problem at a place, given as keys and positions from the top of the file.

        Parts of the place that are not in the file (a model's own names) are left out; `missing` names a
        field that should be there.
        """
        known: Place = ()
        for part in place:
            if (*known, part) in self.lines:
                known = (*known, part)
        field_name = _field((*known, missing) if missing else known)
        self.problems.append(f"{display_path(self.path)}:{self.lines.get(known, 1)} {field_name}: {message}")

    def check(self, found: Iterator[Problem]) -> None:
        """Note every problem that a check yields."""
        for place, message in found:
            self.report(place, message)


def read_marked(path: Path) -> MarkedFile:
    """Read a YAML file with its lines; syntax errors and keys given twice are noted as problems."""
    marked = MarkedFile(path)
    try:
        text = marked.text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        marked.report((), f"cannot be read: {error}")
        return marked
    loader = _Loader(text)
    try:
        refused = _shape_refused(text)
        node = None if refused else loader.get_single_node()
        if refused:
            marked.problems.append(f"{display_path(path)}:{refused}")
        elif node is None:
            marked.report((), "the file is empty")
        else:
            marked.content = _value(loader, node, (), marked)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        marked.problems.append(f"{display_path(path)}:{line} (YAML): {error.problem or error.context}")
    except (yaml.YAMLError, ValueError) as error:
        marked.report((), f"not valid YAML: {error}")
    finally:
        loader.dispose()
    return marked


def read_marked_csv(path: Path, rows: str) -> MarkedFile:
    """Read a CSV file with a heading row as `{rows: [{column: cell}]}`; blank cells are left out."""
    marked = MarkedFile(path, content={rows: []}, lines={(rows,): 1})
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:  # spreadsheets put a mark before the text
            reader = csv.DictReader(file, restkey="", strict=True)
            if reader.fieldnames is None:
                marked.report((rows,), "the file is empty")
            for name, times in Counter(reader.fieldnames or ()).items():
                if times > 1:
                    marked.report((rows,), f"the heading {name!r} is given {times} times")
            for number, row in enumerate(reader):
                place = (rows, number)
                marked.lines[place] = reader.line_num
                marked.lines |= {(*place, column): reader.line_num for column in row}
                if "" in row:
                    marked.report(place, "more cells than headings")
                for name, cell in row.items():
                    if isinstance(cell, str) and any(category(char) == "Cc" for char in cell):
                        marked.report((*place, name), "holds a line break or another control character")
                marked.content[rows].append({name: cell for name, cell in row.items() if name and cell})
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        marked.report((), f"cannot be read: {error}")
    return marked


def parse(marked: MarkedFile, model: type[Model]) -> Model | None:
    """The content as a model; None, with every problem noted, where it does not fit."""
    if marked.problems:
        return None
    try:
        return model.model_validate(marked.content)
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            if fault["type"] == "missing":
                marked.report(fault["loc"], "is missing", missing=str(fault["loc"][-1]))
            else:
                given = "" if isinstance(fault["input"], dict | list) else f" (given: {fault['input']!r})"
                marked.report(fault["loc"], fault["msg"] + given)
        return None


def refuse(files: list[MarkedFile]) -> None:
    """Raise `DataFileError` with every problem of the files, if there is any."""
    problems = [problem for marked in files for problem in marked.problems]
    if problems:
        raise DataFileError(problems)


def read_model(path: Path, model: type[Model]) -> Model:
    """A file that needs no checks beyond its model. Raises `DataFileError` with every problem of it."""
    marked = read_marked(path)
    content = parse(marked, model)
    refuse([marked])
    if content is None:
        raise AssertionError("a file without a model has problems, and those were raised")
    return content


def duplicates(
    items: Sequence[Item], key: Callable[[Item], object], place: Place, what: str
) -> Iterator[Problem]:
    """A problem for every item whose key an earlier one has."""
    first: dict[object, int] = {}
    for number, item in enumerate(items):
        value = key(item)
        if value in first:
            yield (*place, number), f"{what} {value!r} is given twice (first in item [{first[value]}])"
        first.setdefault(value, number)


def display_path(path: Path) -> str:
    """The path as people cite it: below the project where it lies there."""
    return str(path.relative_to(PROJECT_ROOT)) if path.is_relative_to(PROJECT_ROOT) else str(path)


def _shape_refused(text: str) -> str | None:
    """Where and why a text is refused before it is composed: nested without end, or with parts said by `*`.

    Either would let a small file use up all memory; none of ours needs them.
    """
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            return f"{line} (YAML): *{event.anchor}: write it out, aliases are not read"
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEEPEST:
            return f"{line} (YAML): nested more than {_DEEPEST} deep"
    return None


def _value(loader: yaml.SafeLoader, node: yaml.Node, place: Place, marked: MarkedFile) -> Any:
    marked.lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_value(loader, child, (*place, number), marked) for number, child in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        content: dict[Any, Any] = {}
        for key_node, child in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                marked.lines[place] = key_node.start_mark.line + 1
                marked.report(place, "a key is a word, not a list or a mapping")
                continue
            key = loader.construct_object(key_node, deep=True)
            inner = (*place, key if isinstance(key, str | int) else str(key))
            if key in content:
                marked.report(inner, f"given twice (again on line {key_node.start_mark.line + 1})")
            marked.lines[inner] = key_node.start_mark.line + 1
            content[key] = _value(loader, child, inner, marked)
        return content
    try:
        return loader.construct_object(node, deep=True)
    except ValueError:  # 2023-06-31 looks like a date to YAML: as text, the model says what is wrong with it
        return node.value


def _field(place: Place) -> str:
    text = ""
    for part in place:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text or "(file)"
