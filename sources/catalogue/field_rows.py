"""Rows of raw.ref_field and its kin and of raw.ref_area made from fields.yml and areas.yml."""

from __future__ import annotations

from typing import Any

from sources.catalogue.fields import AreasFile, FieldsFile
from warehouse import schema
from warehouse.reference import Rows
from warehouse.text import match_key, nfc


def field_rows(file: FieldsFile, keys: dict[str, int]) -> Rows:
    """Rows of ref_field and ref_field_name."""
    same = {"source": file.source, "assumed": file.assumed}
    fields: list[dict[str, Any]] = []
    names: dict[str, dict[str, Any]] = {}
    for number, item in enumerate(file.fields):
        fields.append(
            {
                "field_code": item.code,
                "field_name": nfc(item.name),
                "field_group": item.group,
                "handled_by_kinds": item.kinds,
                "handled_by_agency_keys": [keys[code] for code in item.agencies],
                "sort_order": (number + 1) * 10,
                **same,
            }
        )
        for name in (item.name, *item.names):
            row = {"field_code": item.code, "name": nfc(name), "match_key": match_key(name), **same}
            names.setdefault(match_key(name), row)
    return {schema.ref_field: fields, schema.ref_field_name: list(names.values())}


def area_rows(file: AreasFile) -> Rows:
    """Rows of ref_area."""
    areas = [
        {
            "area_code": area.code,
            "label_vi": nfc(area.label_vi),
            "label_en": area.label_en,
            "sort_order": (number + 1) * 10,
            "source": file.source,
        }
        for number, area in enumerate(file.areas)
    ]
    return {schema.ref_area: areas}
