"""Rows of raw.ref_agency and its kin made from agencies.yml."""

from __future__ import annotations

from typing import Any

from sources.catalogue.agencies import AgenciesFile
from warehouse import schema
from warehouse.reference import Rows
from warehouse.text import match_key, nfc, sort_key


def agency_rows(file: AgenciesFile) -> Rows:
    """Rows of ref_agency (one a span), ref_agency_name (one a spelling) and ref_collective (one a kind)."""
    keys = agency_keys(file)
    agencies = [
        {
            "agency_key": agency.key,
            "agency_code": agency.code,
            "jurisdiction_code": file.jurisdiction,
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
    names: dict[tuple[int, str], dict[str, Any]] = {}
    for agency in file.agencies:
        if agency.key == 0:
            continue
        spellings = [(agency.official, "official"), (agency.short, "variant")]
        spellings += [(name, "variant") for name in agency.variants]
        spellings += [(name, "head_title") for name in agency.head_titles]
        for name, kind in spellings:
            row = {"agency_key": agency.key, "name": nfc(name), "match_key": match_key(name)}
            row |= {"name_kind": kind, "source": agency.source, "assumed": agency.assumed}
            row |= {"valid_from": agency.valid_from, "valid_to": agency.valid_to}
            names.setdefault((agency.key, match_key(name)), row)
    collectives = [
        {
            "collective_code": collective.code,
            "collective_label": nfc(collective.label),
            "parent_agency_key": keys[collective.parent],
            "agency_kind": kind,
            "source": collective.source,
            "assumed": collective.assumed,
        }
        for collective in file.collectives
        for kind in collective.kinds
    ]
    return {
        schema.ref_agency: agencies,
        schema.ref_agency_name: list(names.values()),
        schema.ref_collective: collectives,
    }


def agency_keys(file: AgenciesFile) -> dict[str, int]:
    """agency_code → agency_key."""
    return {agency.code: agency.key for agency in file.agencies}
