"""The live marts beside the candidate ones: created where missing, widened, commented, granted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from expectations.runner import escape_colons
from warehouse.engine import role_name
from warehouse.errors import CchcError

_READERS = f"{role_name('analyst')}, {role_name('bi')}"
_LOCK_TIMEOUT = "5s"

_TABLES = """
select
    c.relname as name,
    obj_description(c.oid, 'pg_class') as comment,
    a.attname as column_name,
    format_type(a.atttypid, a.atttypmod) as column_type,
    col_description(c.oid, a.attnum) as column_comment
from pg_class as c
join pg_namespace as n on n.oid = c.relnamespace
join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where
    n.nspname = :schema
    and c.relkind in ('r', 'p')
    and c.relname not like '%\\_\\_dbt\\_%'
    and c.relname <> 'serving'
order by c.relname, a.attnum
"""


@dataclass
class Mart:
    """One mart: its columns in order with their types, and its comments."""

    name: str
    comment: str | None
    columns: dict[str, str] = field(default_factory=dict)
    column_comments: dict[str, str | None] = field(default_factory=dict)

    @property
    def live(self) -> str:
        """The live table, quoted."""
        return f"marts.{_quote(self.name)}"

    @property
    def candidate(self) -> str:
        """The candidate table, quoted."""
        return f"candidate.{_quote(self.name)}"

    @property
    def quoted_columns(self) -> list[str]:
        """The columns in order, quoted."""
        return [_quote(name) for name in self.columns]

    @property
    def column_list(self) -> str:
        """The columns as SQL lists them."""
        return ", ".join(self.quoted_columns)


def candidates(connection: sa.Connection) -> list[Mart]:
    """The candidate marts. Raises CchcError when there is none."""
    marts = _tables(connection, "candidate")
    if not marts:
        raise CchcError("There is no candidate mart to promote: build the layer candidate first.")
    return list(marts.values())


def live_marts(connection: sa.Connection) -> dict[str, Mart]:
    """The live marts by name; none before the first promotion."""
    return _tables(connection, "marts")


def align(connection: sa.Connection, marts: Sequence[Mart]) -> None:
    """Give every candidate mart a live table with its columns and comments, in the connection's transaction.

    A new column is added. A column that changed its type or went away, and a live mart without a candidate,
    are refused: readers and views build on them, and rewriting a table would show it empty to an open reader.
    """
    live = live_marts(connection)
    problems = [
        f"marts.{name} has no candidate any more. Where the mart is retired: drop table marts.{_quote(name)};"
        for name in sorted(set(live) - {mart.name for mart in marts})
    ]
    for mart in marts:
        if mart.name in live:
            problems += _conflicts(connection, mart, live[mart.name])
    if problems:
        raise CchcError(
            "The candidate marts do not fit the live ones; what is being served stays as it was.\n"
            + "\n".join(problems)
        )
    for mart in marts:
        _create_or_widen(connection, mart, live.get(mart.name))


def ensure_serving(connection: sa.Connection) -> None:
    """Create marts.serving, which says what the live marts hold, where it is missing."""
    if connection.scalar(sa.text("select to_regclass('marts.serving')")) is not None:
        return
    run = connection.exec_driver_sql
    run(
        "create table marts.serving (build_id bigint not null, as_of timestamptz not null,"
        " promoted_at timestamptz not null)"
    )
    run("create unique index serving_is_one_row on marts.serving ((true))")
    comments = {
        "table marts.serving": "Lần dựng đang được sử dụng, một dòng. / The build the marts hold, one row.",
        "column marts.serving.build_id": "Mã lần dựng. / Build, see audit.build.",
        "column marts.serving.as_of": "Thời điểm dữ liệu. / The moment that the marts are made for.",
        "column marts.serving.promoted_at": "Lúc đưa ra sử dụng. / When the marts were promoted.",
    }
    for target, text in comments.items():
        _comment(connection, target, text)
    run(f"grant select on marts.serving to {_READERS}")


def _conflicts(connection: sa.Connection, mart: Mart, live: Mart) -> list[str]:
    problems = []
    for name, live_type in live.columns.items():
        if mart.columns.get(name) == live_type:
            continue
        if name in mart.columns:
            what = f"has the type {live_type}, its candidate {mart.columns[name]}"
        else:
            what = "has no candidate any more"
        views = _dependent_views(connection, live, name)
        drop = "".join(f"drop view {view}; " for view in views)
        problems.append(
            f"{live.live}.{_quote(name)} {what}. Views on it: {', '.join(views) or 'none'}. "
            f"Where that is meant, run as the role {role_name('builder')} and promote again: "
            f"{drop}alter table {live.live} drop column {_quote(name)};"
        )
    return problems


def _dependent_views(connection: sa.Connection, live: Mart, column: str) -> list[str]:
    found = connection.execute(
        sa.text(
            "select distinct r.ev_class::regclass::text from pg_depend as d"
            " join pg_rewrite as r on r.oid = d.objid"
            " join pg_attribute as a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid"
            " where d.classid = 'pg_rewrite'::regclass and d.refobjid = cast(:table as regclass)"
            " and a.attname = :column and r.ev_class <> d.refobjid order by 1"
        ),
        {"table": live.live, "column": column},
    )
    return [str(name) for name in found.scalars()]


def _create_or_widen(connection: sa.Connection, mart: Mart, live: Mart | None) -> None:
    run = connection.exec_driver_sql
    if live is None:
        run(f"create table {mart.live} as select {mart.column_list} from {mart.candidate} with no data")
        run(f"grant select on {mart.live} to {_READERS}")
    else:
        added = {name: kind for name, kind in mart.columns.items() if name not in live.columns}
        if added:
            # The one lock that readers wait for: it is given up rather than queued behind a long reader.
            run(f"set local lock_timeout = '{_LOCK_TIMEOUT}'")
            for name, kind in added.items():
                run(f"alter table {mart.live} add column {_quote(name)} {kind}")
            run("set local lock_timeout = 0")
    known = live or Mart(mart.name, None)
    if mart.comment != known.comment:
        _comment(connection, f"table {mart.live}", mart.comment)
    for name, comment in mart.column_comments.items():
        if comment != known.column_comments.get(name):
            _comment(connection, f"column {mart.live}.{_quote(name)}", comment)


def _tables(connection: sa.Connection, schema: str) -> dict[str, Mart]:
    marts: dict[str, Mart] = {}
    for row in connection.execute(sa.text(_TABLES), {"schema": schema}):
        mart = marts.setdefault(row.name, Mart(row.name, row.comment))
        mart.columns[row.column_name] = row.column_type
        mart.column_comments[row.column_name] = row.column_comment
    return marts


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _comment(connection: sa.Connection, target: str, text: str | None) -> None:
    """COMMENT ON takes no parameters: the text is a literal, its colons and percent signs mean themselves."""
    literal = "null" if text is None else "'" + text.replace("'", "''") + "'"
    connection.execute(sa.text(escape_colons(f"comment on {target} is {literal}")))
