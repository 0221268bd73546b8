"""What the models of the catalogue's data files share: strictness, texts, numbers, kinds of agencies."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

AgencyKind = Literal["people_committee", "department", "public_service", "vertical", "ward", "unknown"]
AgencyLevel = Literal["city", "district", "commune", "unknown"]
FieldGroup = Literal["land", "construction", "investment", "complaints"]

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Year = Annotated[int, Field(ge=1986, le=2100)]
"""A year that plans and calendars are written for; others are slips, and would be written out one by one."""
Number = Annotated[Decimal, Field(strict=False)]


class Strict(BaseModel):
    """A mapping of a data file: no unknown fields, no guessed types, not changed once read."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
