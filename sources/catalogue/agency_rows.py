"""Rows of raw.ref_agency and its kin made from the files of agencies/."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from sources.catalogue.agencies import AgenciesFile, Agency
from sources.catalogue.agency_names import spellings
from sources.catalogue.days_off import ONE_DAY
from warehouse import schema
from warehouse.reference import Rows
from warehouse.text import nfc, sort_key

Row = dict[str, Any]


def agency_rows(file: AgenciesFile) -> Rows:
    """Rows of ref_agency (one a span) and of its names, codes, collectives, links and counts."""
    keys = agency_keys(file)
    return {
        schema.ref_agency: span_rows(file),
        schema.ref_agency_name: name_rows(file),
        schema.ref_agency_code: _code_rows(file, keys),
        schema.ref_collective: _collective_rows(file, keys),
        schema.ref_agency_link: _link_rows(file, keys),
        schema.ref_agency_count: _count_rows(file, keys),
    }


def agency_keys(file: AgenciesFile) -> dict[str, int]:
    """agency_code → agency_key."""
    return {agency.code: agency.key for agency in file.agencies}


def span_rows(file: AgenciesFile) -> list[Row]:
    """Rows of ref_agency, one a span."""
    keys = agency_keys(file)
    return [
        {
            "agency_key": agency.key,
            "agency_code": agency.code,
            "jurisdiction_code": agency.jurisdiction,
            "agency_name": nfc(agency.official),
            "short_name": nfc(agency.short),
            "agency_kind": agency.kind,
            "agency_level": agency.level,
            "parent_agency_key": keys[agency.parent] if agency.parent else None,
            "valid_from": agency.valid_from,
            "valid_to": agency.valid_to,
            "sort_order": (number + 1) * 10,
            "sort_key": sort_key(agency.official),
            "reports": agency.reports,
            "consolidates": agency.consolidates,
            "source": f"{agency.source}; that it reports is assumed" if agency.reports else agency.source,
            "assumed": agency.assumed,
        }
        for number, agency in enumerate(file.agencies)
    ]


def name_rows(file: AgenciesFile) -> list[Row]:
    """Rows of ref_agency_name, one a spelling and span."""
    return [
        {
            "agency_key": agency.key,
            "name": spelling.name,
            "match_key": spelling.key,
            "name_kind": spelling.kind,
            "valid_from": agency.valid_from,
            "valid_to": agency.valid_to,
            "source": agency.source,
            "assumed": agency.assumed,
        }
        for agency in file.agencies
        if agency.key
        for spelling in spellings(agency)
    ]


def _code_rows(file: AgenciesFile, keys: dict[str, int]) -> list[Row]:
    """An agency's code holds from its first span on, until a change or its end."""
    spans: dict[str, list[Agency]] = defaultdict(list)
    for agency in file.agencies:
        spans[agency.code].append(agency)
    starts: dict[str, dict[date, tuple[str, str]]] = defaultdict(dict)
    for code, of_one in spans.items():
        previous = ""
        for span in of_one:
            if span.gso and span.gso != previous:
                starts[code][span.valid_from] = (span.gso, span.source)
            previous = span.gso or previous
    for change in file.codes:
        starts[change.code][change.valid_from] = (change.gso, change.source)
    rows: list[Row] = []
    for code, changes in starts.items():
        days = sorted(changes)
        last_day = max(span.last_day for span in spans[code])
        for first, following in zip(days, [*days[1:], None], strict=True):
            end = following - ONE_DAY if following else last_day
            gso, source = changes[first]
            rows.append(
                {
                    "agency_key": keys[code],
                    "code_system": "gso",
                    "code": gso,
                    "valid_from": first,
                    "valid_to": None if end == date.max else end,
                    "source": source,
                }
            )
    return rows


def _collective_rows(file: AgenciesFile, keys: dict[str, int]) -> list[Row]:
    return [
        {
            "collective_code": collective.code,
            "collective_label": nfc(collective.label),
            "parent_agency_key": keys[collective.parent],
            "agency_kind": member.kind,
            "agency_level": member.level,
            "is_direct": collective.direct,
            "source": collective.source,
            "assumed": collective.assumed,
        }
        for collective in file.collectives
        for member in collective.members
    ]


def _link_rows(file: AgenciesFile, keys: dict[str, int]) -> list[Row]:
    return [
        {
            "predecessor_agency_key": keys[link.predecessor] if link.predecessor else None,
            "predecessor_label": nfc(link.label),
            "successor_agency_key": keys[link.successor],
            "effective_on": link.effective_on,
            "weight": link.weight,
            "is_estimated": link.is_estimated,
            "source": link.source,
        }
        for link in file.links
    ]


def _count_rows(file: AgenciesFile, keys: dict[str, int]) -> list[Row]:
    return [
        {
            "jurisdiction_code": count.jurisdiction,
            "agency_level": count.level,
            "agency_kind": count.kind,
            "counted_on": count.counted_on,
            "known_count": count.known,
            "missing_count": count.missing,
            "missing_vi": count.missing_vi,
            "beside_agency_keys": [keys[count.beside]] if count.beside else [],
            "source": count.source,
        }
        for count in file.counts
    ]
