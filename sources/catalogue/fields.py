"""The schema of fields.yml and areas.yml. Field names are those of the files; codes are explained there."""

from __future__ import annotations

from sources.catalogue.model import AgencyKind, FieldGroup, Strict, Text


class ProcedureField(Strict):
    """A procedure field and who handles it."""

    code: Text
    name: Text
    group: FieldGroup | None = None
    kinds: list[AgencyKind]
    agencies: list[Text]
    names: list[Text] = []


class FieldsFile(Strict):
    """sources/data/fields.yml."""

    source: Text
    assumed: bool
    fields: list[ProcedureField]


class Area(Strict):
    """A reform area."""

    code: Text
    label_vi: Text
    label_en: Text


class AreasFile(Strict):
    """sources/data/areas.yml."""

    source: Text
    areas: list[Area]
