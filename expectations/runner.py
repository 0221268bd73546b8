"""Great Expectations runs the rules of one gate: an ephemeral context, one checkpoint, the role builder.

Its verdicts are about the data alone. Whatever goes wrong inside it, a query that does not run for instance,
comes back from it as an expectation that did not succeed; here it is raised as a build error instead.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from expectations.catalogue import Rule
from warehouse.engine import url
from warehouse.errors import CchcError
from warehouse.settings import Settings

_BIND = re.compile(r"(?<![:\\\w]):(?=\w)")


class AuditError(CchcError):
    """A rule could not be judged: an error of the build, never a finding about the data."""


def escape_colons(sql: str) -> str:
    """SQL for `sqlalchemy.text` in which no colon stands for a parameter."""
    return _BIND.sub(r"\\:", sql)


def escaped(sql: str) -> str:
    """The SQL of a rule as Great Expectations wants it, which fills `{names}` and then binds `:names`.

    The comment names the batch: about a query that does not, it prints a notice on the standard output.
    """
    return "/* {batch} */ " + escape_colons(sql).replace("{", "{{").replace("}", "}}")


def judge(settings: Settings, rules: Sequence[Rule], snapshot: str) -> dict[str, bool]:
    """Run the rules of one gate in one checkpoint; returns by rule id whether it found nothing.

    `snapshot` is an exported snapshot of the database: every query sees the state that the recorder sees.
    Raises AuditError naming the rules that could not be judged.
    """
    import great_expectations as gx

    with _quiet():
        context = gx.get_context(mode="ephemeral")
        context.enable_analytics(False)
        context.variables.progress_bars = {"globally": False}
        target = url(settings, "builder").render_as_string(hide_password=False)
        source = context.data_sources.add_postgres("warehouse", connection_string=target)
        database = source.get_execution_engine().engine
        _pin(database, snapshot)
        try:
            definitions = _definitions(context, source, rules)
            checkpoint = context.checkpoints.add(
                gx.Checkpoint(
                    name="gate",
                    validation_definitions=definitions,
                    result_format={"result_format": "BASIC"},
                )
            )
            outcome = checkpoint.run()
        finally:
            database.dispose()
            source.get_engine().dispose()  # a second one, with which it tests tables before it uses them
    verdicts: dict[str, bool] = {}
    faults: list[str] = []
    for run in outcome.run_results.values():
        for result in run.results:
            rule_id = str(result.expectation_config.meta["rule_id"])
            message = _exception(result.exception_info)
            if message:
                faults.append(f"{rule_id}: {message}")
            verdicts[rule_id] = verdicts.get(rule_id, True) and bool(result.success)
    missing = [rule.id for rule in rules if rule.id not in verdicts]
    faults += [f"{rule_id}: Great Expectations returned no result" for rule_id in missing]
    if faults:
        raise AuditError(
            "These rules could not be judged (expectations/rules/<id>.sql):\n" + "\n".join(faults)
        )
    return verdicts


def _definitions(context: Any, source: Any, rules: Sequence[Rule]) -> list[Any]:
    """One suite per table: the rules in SQL on the builds' own table, built-in expectations on theirs."""
    import great_expectations as gx
    import great_expectations.expectations as gxe

    by_table: dict[str, list[Any]] = {}
    for rule in rules:
        meta = {"rule_id": rule.id}
        if not rule.built_in:
            expectation = gxe.UnexpectedRowsExpectation(unexpected_rows_query=escaped(rule.sql), meta=meta)
            by_table.setdefault("audit.build", []).append(expectation)
        for built_in in rule.built_in:
            kind = getattr(gxe, built_in.expectation, None)
            if kind is None:
                raise AuditError(f"{rule.id}: Great Expectations has no {built_in.expectation}")
            by_table.setdefault(built_in.table, []).append(kind(**built_in.arguments, meta=meta))
    definitions = []
    for table, expectations in by_table.items():
        schema, name = table.split(".")
        asset = source.add_table_asset(table, schema_name=schema, table_name=name)
        batch = asset.add_batch_definition_whole_table("whole")
        suite = context.suites.add(gx.ExpectationSuite(name=table, expectations=expectations))
        definition = gx.ValidationDefinition(name=table, data=batch, suite=suite)
        definitions.append(context.validation_definitions.add(definition))
    return definitions


def _pin(database: sa.Engine, snapshot: str) -> None:
    """Make every transaction of the engine see the exported snapshot."""

    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("set transaction isolation level repeatable read")
        connection.exec_driver_sql(f"set transaction snapshot '{snapshot}'")

    sa.event.listen(database, "begin", begin)


def _exception(info: Mapping[str, Any] | None) -> str | None:
    """The message of an exception in a result: given at the top, or by metric below."""
    if not info:
        return None
    if "raised_exception" in info:
        return _without_sql(str(info.get("exception_message"))) if info["raised_exception"] else None
    messages = [_exception(part) for part in info.values() if isinstance(part, Mapping)]
    return next((message for message in messages if message), None)


def _without_sql(message: str) -> str:
    """What the database says, without the statement: that one is in the rule's file."""
    return message.split("\n[SQL:")[0].strip()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the library's own log of its steps out of ours; what matters is raised."""
    logger = logging.getLogger("great_expectations")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
