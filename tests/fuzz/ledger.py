"""What must hold of every file that was taken in, looked up in `raw` and compared with the file itself."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from sources.forms.definition import FormDefinition, word_key
from sources.forms.findings import load_rules
from sources.forms.values import ValueReader
from warehouse import schema
from warehouse.settings import Settings

VERDICTS = {"accepted", "accepted_with_findings", "held", "refused", "duplicate"}
LEDGER = ["delivery", "reading", "section", "held_row", "intake_finding", "delivery_decision", "answer"]
ROWS = [
    "task_row",
    "target_row",
    "dossier_row",
    "satisfaction_row",
    "feedback_row",
    "figure_row",
    "assessment_row",
]
_SEVERITIES = ["fatal", "error", "warning", "note"]
Row = dict[str, Any]


@dataclass
class Taken:
    """One delivery with everything that `raw` holds of it."""

    delivery: Row
    reading: Row | None = None
    sections: list[Row] = field(default_factory=list)
    held: list[Row] = field(default_factory=list)
    findings: list[Row] = field(default_factory=list)
    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))

    @property
    def verdict(self) -> str:
        """The verdict, '' without a reading."""
        return self.reading["verdict"] if self.reading else ""

    @property
    def leading_rule(self) -> str:
        """The rule that decided, or the gravest."""
        deciding = {rule.rule_id for rule in load_rules().rules if rule.verdict == self.verdict}
        ranked = sorted(
            self.findings,
            key=lambda f: (f["rule_id"] not in deciding, _SEVERITIES.index(f["severity"]), f["finding_no"]),
        )
        return ranked[0]["rule_id"].removeprefix("intake.") if ranked else "-"


def taken_in(connection: sa.Connection) -> dict[str, Taken]:
    """Every delivery of the warehouse by its file's name."""
    tables = {name: _all(connection, name) for name in [*LEDGER[:5], *ROWS]}
    found = {row["delivery_id"]: Taken(row) for row in tables["delivery"]}
    for row in tables["reading"]:
        found[row["delivery_id"]].reading = row
    for name, place in (("section", "sections"), ("held_row", "held"), ("intake_finding", "findings")):
        for row in tables[name]:
            getattr(found[row["delivery_id"]], place).append(row)
    for name in ROWS:
        for row in tables[name]:
            found[row["delivery_id"]].rows[name.removesuffix("_row")].append(row)
    return {taken.delivery["source_name"]: taken for taken in found.values()}


def _all(connection: sa.Connection, name: str) -> list[Row]:
    return [
        dict(row) for row in connection.execute(sa.select(schema.metadata.tables[f"raw.{name}"])).mappings()
    ]


def forget(admin: sa.Engine) -> None:
    """Empty the ledger: a batch knows nothing of the one before."""
    names = ", ".join(f"raw.{name}" for name in [*LEDGER, *ROWS])
    with admin.begin() as connection:
        connection.exec_driver_sql(f"truncate {names} cascade")


def problems(taken: Taken, data: bytes, settings: Settings, form: FormDefinition) -> Iterator[str]:
    """What does not hold of a delivery."""
    digest = sha256(data).hexdigest()
    archive = Path(settings.archive_url.removeprefix("file://"))
    if taken.delivery["sha256"] != digest or (archive / taken.delivery["archive_path"]).read_bytes() != data:
        yield "the archived bytes are not those of the file"
    if taken.verdict not in VERDICTS:
        yield f"verdict {taken.verdict!r}"
        return
    if taken.verdict in ("refused", "held", "duplicate") and not taken.reading["verdict_reason_vi"]:  # type: ignore[index]
        yield "no reason for the verdict"
    if taken.verdict != "accepted" and not taken.findings:
        yield f"{taken.verdict} without a finding"
    if any(not finding["message_vi"].strip() for finding in taken.findings):
        yield "a finding without a message"
    if "intake.file_reader_failed" in {finding["rule_id"] for finding in taken.findings}:
        yield f"the reader failed: {next(f['given'] for f in taken.findings)}"
    if taken.verdict in ("refused", "duplicate") and (taken.sections or taken.rows or taken.held):
        yield f"{taken.verdict}, and yet there are rows"
    yield from _unbalanced(taken)
    yield from _unexplained_rows(taken)
    yield from _unexplained_cells(taken, form)


def _unbalanced(taken: Taken) -> Iterator[str]:
    """Rows read = loaded + held + structure, and as many are there as are counted."""
    loaded = Counter((code, row["sheet_no"]) for code, rows in taken.rows.items() for row in rows)
    held = Counter(row["sheet_no"] for row in taken.held)
    for section in taken.sections:
        code, sheet_no = section["sheet_code"], section["sheet_no"]
        parts = [section[f"rows_{kind}"] for kind in ("loaded", "held", "structure")]
        if section["rows_read"] != sum(parts) or min(parts) < 0:
            yield f"{code}: {section['rows_read']} rows read, {parts} loaded, held, structure"
        if (loaded.pop((code, sheet_no), 0), held.pop(sheet_no, 0)) != tuple(parts[:2]):
            yield f"{code}: other rows are in raw than {parts[:2]} loaded, held"
    if loaded or held:
        yield f"rows of no section: {loaded} {held}"


def _unexplained_rows(taken: Taken) -> Iterator[str]:
    """Each held row has a finding of its rule at its row, or of the sheet as a whole."""
    said = defaultdict(set)
    for finding in taken.findings:
        row = (finding["cell"] or "").lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        said[finding["rule_id"], finding["sheet_no"]].add(row)
    for held in taken.held:
        rows = said.get((held["rule_id"], held["sheet_no"]), set())
        if str(held["sheet_row"]) not in rows and "" not in rows:
            yield f"held row {held['sheet_row']} of sheet {held['sheet_no']} has no finding"


def _unexplained_cells(taken: Taken, form: FormDefinition) -> Iterator[str]:
    """Each cell that says something and was not loaded has a finding at its place."""
    reader = ValueReader(form)
    zero = {word_key(word) for word in form.zero}
    said = {(finding["sheet_no"], finding["cell"]) for finding in taken.findings}
    maps = {section["sheet_no"]: section["column_map"] for section in taken.sections}
    for sheet in form.sheets:
        for row in taken.rows.get(sheet.code, []):
            for column in sheet.columns:
                stored = ("reported_value", "reported_date") if column.type == "by_unit" else (column.code,)
                text = row["given"].get(column.code)
                if text is None or stored[0] not in row or any(row[name] is not None for name in stored):
                    continue
                nothing = reader.is_silent(text) or (
                    column.type in ("percent", "date", "by_unit") and word_key(text) in zero
                )
                cell = f"{maps[row['sheet_no']].get(column.code)}{row['sheet_row']}"
                if not nothing and (row["sheet_no"], cell) not in said:
                    yield f"{sheet.code} {cell}: {text[:60]!r} is neither loaded nor told of"
