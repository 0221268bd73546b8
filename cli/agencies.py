"""`cchc agencies`: the agencies of the catalogue on a day, and who a name means."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, get_args

import typer
from rich.markup import escape
from rich.table import Table

from cli.output import console, print_json
from sources.catalogue import load_catalogue
from sources.catalogue.agencies import AgenciesFile, Agency, KnownCount
from sources.catalogue.agency_rows import agency_keys, name_rows, span_rows
from sources.catalogue.codes import known
from sources.catalogue.model import AgencyLevel
from sources.name_lists import read_names
from sources.resolver import Candidate, Resolution, Resolver
from warehouse.clock import local_date, now
from warehouse.errors import UsageError
from warehouse.settings import get_settings

app = typer.Typer(help="Agencies over time, as the catalogue has them.", no_args_is_help=True)
JsonOption = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]
OnOption = Annotated[
    str | None, typer.Option("--on", metavar="DATE", help="A day, 2025-07-01; today if none.")
]


@app.command("list")
def list_agencies(
    on: OnOption = None,
    level: Annotated[str | None, typer.Option(help="city, district or commune.")] = None,
    parent: Annotated[str | None, typer.Option(help="Code of the agency right above.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List the agencies that were there on a day, in the administration's order."""
    agencies = load_catalogue().agencies
    day = _day(on)
    if parent is not None:
        _key(agencies, parent)
    if level is not None and level not in get_args(AgencyLevel):
        raise UsageError(f"'{level}' is no level {known(get_args(AgencyLevel))}")
    found: list[dict[str, Any]] = [
        {
            "agency_key": agency.key,
            "agency_code": agency.code,
            "name": agency.official,
            "kind": agency.kind,
            "level": agency.level,
            "parent": agency.parent,
            "valid_from": agency.valid_from,
            "valid_to": agency.valid_to,
            "assumed": agency.assumed,
            "source": agency.source,
        }
        for agency in agencies.agencies
        if agency.key and agency.is_valid(day)
        if level in (None, agency.level) and parent in (None, agency.parent)
    ]
    if as_json:
        print_json(found)
        return
    table = Table("key", "code", "name", "below", "from", "to", box=None)
    for row in found:
        table.add_row(
            str(row["agency_key"]),
            row["agency_code"],
            escape(row["name"]),
            row["parent"] or "",
            *_span(row["valid_from"], row["valid_to"]),
        )
    for column in table.columns:
        column.no_wrap = column.header != "name"
    console.print(table)
    console.print(f"{len(found)} on {day:%d/%m/%Y}")


@app.command("find")
def find(
    name: Annotated[str, typer.Argument(help="As people write it; a list of names is taken apart.")],
    on: OnOption = None,
    within: Annotated[
        str | None,
        typer.Option(
            "--within",
            "--unit",
            metavar="CODE",
            help="Code of the unit whose document says it: BT reads 'UBND quận' as its own.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say which agency a name means on a day; what may mean several is listed, never guessed."""
    agencies = load_catalogue().agencies
    day = _day(on)
    unit = _key(agencies, within) if within is not None else None
    resolver = Resolver(span_rows(agencies), name_rows(agencies))
    whole = resolver.resolve(name, day, unit)
    read = read_names(resolver, name, day, unit) if whole.outcome == "unknown" else None
    named = list(read.agencies) if read and read.agencies else [whole]
    unread = list(read.unread) if read and read.agencies else []
    if as_json:
        print_json({"on": day, "names": [_as_dict(item) for item in named], "unread": unread})
        return
    for item in named:
        console.print(f"[bold]{escape(item.text)}[/] on {day:%d/%m/%Y}: {item.outcome}")
        for agency in item.candidates:
            spans = "; ".join(" - ".join(_span(*span)) for span in agency.spans)
            above = f" (of {escape(agency.parent_name)})" if agency.parent_name else ""
            console.print(f"  {agency.agency_code}  {escape(agency.name)}{above}, {spans}", soft_wrap=True)
        if item.unit is not None:
            codes = ", ".join(agency.agency_code for agency in item.elsewhere)
            told = f"no agency of that name in {item.unit.agency_code}; by that name elsewhere: {codes}"
            console.print(f"  {told}", soft_wrap=True)
    if unread:
        console.print(f"not read: {escape(' '.join(unread))}")


@app.command("counts")
def counts(as_json: JsonOption = False) -> None:
    """Hold the lists against the counts that their sources give."""
    agencies = load_catalogue().agencies
    found = [_counted(count, agencies.agencies) for count in agencies.counts]
    if as_json:
        print_json(found)
        return
    table = Table("", "level", "kind", "on", "known", "listed", "beside", "missing", box=None)
    for row in found:
        shown = [row[name] for name in ("jurisdiction", "level", "kind", "on", "known", "listed", "beside")]
        table.add_row(*(str("" if value is None else value) for value in shown), str(row["missing"] or ""))
    console.print(table)
    for row in found:
        if row["missing"]:
            console.print(f"missing from {row['jurisdiction']} on {row['on']}: {escape(row['missing_vi'])}")


def _counted(count: KnownCount, agencies: list[Agency]) -> dict[str, Any]:
    listed = {agency.code for agency in agencies if count.counts(agency)}
    return {
        "jurisdiction": count.jurisdiction,
        "level": count.level,
        "kind": count.kind,
        "on": count.counted_on,
        "known": count.known,
        "listed": len(listed),
        "beside": count.beside,
        "missing": count.missing,
        "missing_vi": count.missing_vi,
        "source": count.source,
    }


def _as_dict(named: Resolution) -> dict[str, Any]:
    return {
        "text": named.text,
        "outcome": named.outcome,
        "candidates": [_candidate(agency) for agency in named.candidates],
        "not_in": named.unit.agency_code if named.unit else None,
        "elsewhere": [_candidate(agency) for agency in named.elsewhere],
    }


def _candidate(agency: Candidate) -> dict[str, Any]:
    return {
        "agency_key": agency.agency_key,
        "agency_code": agency.agency_code,
        "name": agency.name,
        "parent": agency.parent_name,
        "spans": [{"from": first, "to": last} for first, last in agency.spans],
    }


def _key(agencies: AgenciesFile, code: str) -> int:
    keys = agency_keys(agencies)
    if code not in keys:
        raise UsageError(f"unknown agency {code!r} {known(keys, code)}")
    return keys[code]


def _day(on: str | None) -> date:
    if on is None:
        return local_date(now(get_settings()))
    try:
        return date.fromisoformat(on)
    except ValueError:
        raise UsageError(f"'{on}' is no date. Write it as 2025-07-01.") from None


def _span(first: date, last: date | None) -> tuple[str, str]:
    return f"{first:%d/%m/%Y}", f"{last:%d/%m/%Y}" if last else "open"
