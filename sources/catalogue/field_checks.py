"""What no schema can say about fields and areas: references, names that would mean two."""

from __future__ import annotations

from collections.abc import Iterator

from sources.catalogue.agencies import AgenciesFile
from sources.catalogue.codes import known
from sources.catalogue.fields import AreasFile, FieldsFile
from warehouse.data_files import Problem, duplicates
from warehouse.text import match_key


def check_fields(file: FieldsFile, agencies: AgenciesFile) -> Iterator[Problem]:
    """Handlers that exist, and names that mean one field."""
    codes = {agency.code for agency in agencies.agencies}
    kinds = {agency.kind for agency in agencies.agencies}
    yield from duplicates(file.fields, lambda item: item.code, ("fields",), "code")
    holders: dict[str, str] = {}
    for number, item in enumerate(file.fields):
        place = ("fields", number)
        for position, code in enumerate(item.agencies):
            if code not in codes:
                yield (*place, "agencies", position), f"unknown agency {code!r} {known(codes, code)}"
        for position, kind in enumerate(item.kinds):
            if kind not in kinds:
                yield (*place, "kinds", position), f"no agency is of the kind {kind!r}"
        for name in (item.name, *item.names):
            holder = holders.setdefault(match_key(name), item.code)
            if holder != item.code:
                yield (*place, "names"), f"{name!r} would also mean {holder!r}"


def check_areas(file: AreasFile) -> Iterator[Problem]:
    """Codes given once."""
    yield from duplicates(file.areas, lambda area: area.code, ("areas",), "code")
