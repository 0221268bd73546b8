"""The schema of indices.yml. Field names are those of the file; codes are explained there."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from sources.catalogue.model import Number, Strict, Text

IndexUnit = Literal["score", "percent"]
ContentNumber = Annotated[int, Field(ge=1)]
Rank = Annotated[int, Field(ge=1)]


class Content(Strict):
    """A part that an index is made of."""

    content: ContentNumber
    label_vi: Text
    label_en: Text


class Index(Strict):
    """An external index: as a whole, and the contents that make it up."""

    code: Text
    label_vi: Text
    label_en: Text
    unit: IndexUnit
    publisher: Text
    contents: list[Content] = []
    source: Text
    assumed: bool = False


class Ranked(Strict):
    """How many provinces there are to be ranked, from a day on."""

    start: date = Field(alias="from")
    provinces: Annotated[int, Field(ge=1)]
    source: Text


class Score(Strict):
    """A score and its rank, where the document gives them; `read_as` where it contradicts itself."""

    score: Number | None = None
    rank: Rank | None = None
    read_as: Text | None = None


class ContentScore(Score):
    """What a jurisdiction scored in one content."""

    content: ContentNumber


class Result(Score):
    """What a jurisdiction scored in a year, as a whole and by content.

    `sum_differs` says why the contents do not add up to the whole.
    """

    index: Text
    jurisdiction: Text
    year: int
    contents: list[ContentScore] = []
    sum_differs: Text | None = None
    source: Text

    def sum_of_contents(self) -> Decimal | None:
        """The scores of the contents added up; None where one has no score, or none is given."""
        scores = [part.score for part in self.contents if part.score is not None]
        return sum(scores, Decimal(0)) if scores and len(scores) == len(self.contents) else None


class IndicesFile(Strict):
    """sources/data/indices.yml."""

    indices: list[Index]
    ranked: list[Ranked]
    results: list[Result]

    def codes(self) -> set[tuple[str, int]]:
        """Index and content; content 0 is the index as a whole."""
        return {
            (index.code, number)
            for index in self.indices
            for number in (0, *(part.content for part in index.contents))
        }

    def ranked_of(self, year: int) -> int | None:
        """How many provinces are ranked for a year: those there are at its end; None where unknown."""
        counts = [entry for entry in self.ranked if entry.start <= date(year, 12, 31)]
        return max(counts, key=lambda entry: entry.start).provinces if counts else None
